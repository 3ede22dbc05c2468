"""`composerd genres`: lists the genres and the generator that plays each."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from composerd.config.layers import load
from composerd.errors import ConfigError
from composerd.library.genre_files import genre_pages, read_genre
from composerd.library.model_files import find_model, in_precision
from composerd.music.genre import Genre

PLAIN = "plain"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--pages", action="store_true", help="also show each genre's file and parts")


def run(args: argparse.Namespace) -> int:
    status, precision = 0, load().settings.engine.precision
    for name, page in genre_pages().items():
        try:
            genre = read_genre(page)
        except ConfigError as error:
            print(f"composerd: {error}", file=sys.stderr)
            status = error.status
            continue
        print(f"{name:<10} {genre.title:<28} {genre.bpm:5.1f} bpm  {genre.metre}  {generator(genre, precision)}")
        if args.pages:
            print("\n".join(_details(genre, page)))
    return status


def generator(genre: Genre, precision: str) -> str:
    """The generator that will play `genre`, and the reason if it is `plain` instead of a model."""
    if genre.model == PLAIN:
        return f"{PLAIN} (rules)"
    model = find_model(genre.model)
    return f"{genre.model} ({in_precision(model, precision)})" if model else f"none ({genre.model}.onnx is not there)"


def _details(genre: Genre, page: Path) -> list[str]:
    rows = (
        f"    {part.name:<12} {part.role:<6} channel {part.channel:>2}  program {part.program:>3}  "
        f"pitches {part.low}–{part.high}  voices {part.voices}"
        for part in genre.parts
    )
    return [f"  {page}", *rows]
