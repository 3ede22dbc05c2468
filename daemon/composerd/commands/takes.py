"""`composerd takes`: performances that were recorded: list them, copy one as a MIDI file, say where they lie."""

from __future__ import annotations

import argparse
import shutil
import sys
from pathlib import Path

from composerd import paths
from composerd.commands.options import add_settings, load_config
from composerd.errors import ConfigError
from composerd.fields import instead

ACTIONS = ("list", "export", "where")
NEWEST = "last"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("action", nargs="?", default="list", metavar="list|export|where", help="list (default), …")
    parser.add_argument("take", nargs="?", default=NEWEST, metavar="TAKE", help="number in the list, name, or `last`")
    parser.add_argument("-o", "--output", type=Path, metavar="OUT.mid", help="where `export` writes; default: here")
    add_settings(parser, ())


def run(args: argparse.Namespace) -> int:
    if args.action not in ACTIONS:
        raise ConfigError(f"takes: found {args.action!r}, {instead(args.action, ACTIONS)}")
    folder = paths.take_folder(load_config(args).settings.takes.folder)
    return {"list": _list, "export": _export, "where": _where}[args.action](folder, args)


def _where(folder: Path, _: argparse.Namespace) -> int:
    print(folder)
    return 0


def _list(folder: Path, _: argparse.Namespace) -> int:
    from composerd.takes.folder import list_takes, unfinished

    takes, cut_short = list_takes(folder), unfinished(folder)
    for number, take in enumerate(takes, 1):
        size = f"{take.size / 1000:7.1f} kB"
        print(f"{number:>4}  {take.started:%Y-%m-%d %H:%M:%S}  {take.genre:<10} {size}  {take.path.name}")
    for journal in cut_short:
        print(f"   -  cut short, becomes a take when composerd starts the next time: {journal.name}")
    if not takes and not cut_short:
        print(f"none yet in {folder}", file=sys.stderr)
    return 0


def _export(folder: Path, args: argparse.Namespace) -> int:
    from composerd.takes.folder import list_takes

    files = [take.path for take in list_takes(folder)]
    if not files:
        raise ConfigError(f"takes: found none in {folder}, expected a recorded performance")
    numbered = {str(number): file for number, file in enumerate(files, 1)}
    known = {NEWEST: files[-1], **numbered, **{file.name: file for file in files}}
    if args.take not in known:
        raise ConfigError(f"takes: found {args.take!r}, {instead(args.take, known)}")
    target = args.output or Path(known[args.take].name)
    if target.is_dir():
        target /= known[args.take].name
    try:
        shutil.copyfile(known[args.take], target)
    except OSError as error:
        raise ConfigError(f"{target}: cannot be written: {error.strerror or error}") from error
    print(target)
    return 0
