"""`composerd bench`: measures this computer and prints each figure beside its limit. Takes about six minutes."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING

from composerd.cli.options import add_settings, load_config
from composerd.config.layers import Settings
from composerd.errors import ComposerdError
from composerd.library.genre_files import genre_pages, read_genre
from composerd.library.start import chosen_genre
from composerd.music.genre import Genre

if TYPE_CHECKING:
    from composerd.bench.figure import Figure

Figures = Iterator["Figure"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print JSON, for programs")
    parser.add_argument("--only", metavar="PART", choices=tuple(PARTS), help=f"measure one part: {', '.join(PARTS)}")
    add_settings(parser, ("--genre",))


def run(args: argparse.Namespace) -> int:
    config = load_config(args)
    genre = chosen_genre(config)
    figures: list[Figure] = []
    skipped: list[str] = []
    for name, measure in PARTS.items():
        if args.only not in (None, name):
            continue
        try:
            for figure in measure(config.settings, genre):
                figures.append(figure)
                _show(figure, args.json)
        except ComposerdError as error:
            skipped.append(f"{name} skipped: {error}")
            print(skipped[-1], file=sys.stderr)
    if args.json:
        print(json.dumps(_report(figures, skipped), indent=1, ensure_ascii=False))
    return 1 if any(figure.reached is False for figure in figures) else 0


def _show(figure: Figure, as_json: bool) -> None:
    if not as_json:
        print(figure.line(), flush=True)


def _report(figures: list[Figure], skipped: list[str]) -> dict[str, object]:
    return {
        "machine": {"python": platform.python_version(), "system": platform.platform(), "cores": os.cpu_count()},
        "figures": [{**asdict(figure), "reached": figure.reached} for figure in figures],
        "skipped": skipped,
    }


def _offline(settings: Settings, genre: Genre) -> Figures:  # noqa: ARG001  # every genre is measured
    from composerd.bench.offline import render_figures

    for page in genre_pages().values():
        yield from render_figures(settings, read_genre(page))


def _growth(settings: Settings, genre: Genre) -> Figures:
    from composerd.bench.offline import growth_figures

    return growth_figures(settings, genre)


def _live(settings: Settings, genre: Genre) -> Figures:
    from composerd.bench.live import live_figures

    return live_figures(settings, genre)


def _program(settings: Settings, genre: Genre) -> Figures:  # noqa: ARG001  # the program reads its own
    from composerd.bench.program import program_figures

    return program_figures(genre)


def _thru(settings: Settings, genre: Genre) -> Figures:  # noqa: ARG001  # any genre's thru is the same
    from composerd.bench.program import thru_figures

    return thru_figures()


def _waiting(settings: Settings, genre: Genre) -> Figures:  # noqa: ARG001  # nothing plays
    from composerd.bench.idle import waiting_figures

    return waiting_figures()


def _clock(settings: Settings, genre: Genre) -> Figures:  # noqa: ARG001  # any genre's drums will do
    from composerd.bench.clock import clock_figures

    return clock_figures()


def _follow(settings: Settings, genre: Genre) -> Figures:  # noqa: ARG001  # a beat is a beat
    from composerd.bench.follow import follow_figures

    return follow_figures(settings.engine)


def _sound(settings: Settings, genre: Genre) -> Figures:
    from composerd.bench.sound import sound_figures

    return sound_figures(settings, genre)


PARTS: dict[str, Callable[[Settings, Genre], Figures]] = {
    "decisions": _offline,
    "growth": _growth,
    "follow": _follow,
    "live": _live,
    "program": _program,
    "thru": _thru,
    "waiting": _waiting,
    "clock": _clock,
    "sound": _sound,
}
