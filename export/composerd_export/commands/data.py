"""`composerd-export data`: imports folders of MIDI files, and shows corpora."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from composerd.errors import ConfigError
from composerd_export.data.importing.folder import import_folder, reasons, write_import
from composerd_export.data.importing.parts import LAYOUTS

NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    rows = parser.add_subparsers(dest="what", required=True, metavar="WHAT")
    _importing(rows.add_parser("import", help="convert a folder of MIDI files to a corpus"))
    _showing(rows.add_parser("show", help="print statistics of a corpus, and draw piano rolls"))


def _importing(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("folder", type=Path, metavar="FOLDER", help="folder with MIDI files, also in folders below it")
    add("--name", required=True, metavar="NAME", help="name of the dataset and its genre, of a-z, 0-9, - and _")
    add(
        "-o",
        "--output",
        type=Path,
        default=Path("data"),
        metavar="DIR",
        help="folder in which the folder NAME is created (default: data)",
    )
    add(
        "--layout",
        choices=tuple(LAYOUTS),
        default="band",
        help="the parts: those of a band, of an orchestra, or four voices",
    )
    add(
        "--valid",
        type=float,
        default=0.1,
        metavar="SHARE",
        help="share of the songs for validation, 0 to 0.5 (default: 0.1)",
    )
    add("--track", default="", metavar="NAME|N", help="the melody's track in every file (default: the likeliest)")
    add("--licence", default="", metavar="TEXT", help="licence of the files, stored with each piece")
    add("--seed", type=int, default=0, metavar="N", help="seed of the choice of songs for validation (default: 0)")


def _showing(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("corpus", type=Path, metavar="FILE", help="corpus file, .npz")
    parser.add_argument(
        "--rolls", type=Path, metavar="DIR", help="draw the first bars of some pieces, as PNG files in DIR"
    )
    parser.add_argument("--pieces", type=int, default=4, metavar="N", help="number of pieces to draw (default: 4)")
    parser.add_argument("--bars", type=int, default=8, metavar="N", help="number of bars of each (default: 8)")


def run(args: argparse.Namespace) -> int:
    """Runs `data import` or `data show`. Raises ConfigError for a file or folder that cannot be read."""
    return {"import": _import, "show": _show}[args.what](args)


def _import(args: argparse.Namespace) -> int:
    if not NAME.fullmatch(args.name):
        raise ConfigError(f"--name: found {args.name!r}, expected up to 40 of a-z, 0-9, - and _")
    if not 0 <= args.valid <= 0.5:
        raise ConfigError(f"--valid: found {args.valid}, expected 0 to 0.5")
    with _files_read() as progress:
        imported = import_folder(
            args.folder, args.name, args.layout, args.licence, args.valid, args.seed, progress, args.track
        )
    folder = args.output / args.name
    write_import(imported, folder)
    for line in reasons(imported):
        print(f"left out  {line}")
    if args.valid and "valid" in imported.splits and not len(imported.splits["valid"]):
        note = "one song cannot be divided: training needs another one for validation"
        print(f"composerd-export: {folder}: {note}", file=sys.stderr)
    for split, corpus in imported.splits.items():
        works = len({piece.work for piece in corpus})
        print(f"{folder / split}.npz: {len(corpus)} pieces of {works} songs")
    print(f"left out: {len(imported.rejected)} files, listed in {folder / 'rejected.tsv'}")
    print(
        f"read: {len(imported.read)} files; the melody chosen in each, and what was passed over: {folder / 'read.tsv'}"
    )
    return 0


@contextmanager
def _files_read() -> Iterator[Callable[[int, int], None]]:
    """A bar on the terminal: call with the number of files done and of all. None where tqdm is not installed."""
    try:
        from tqdm import tqdm
    except ModuleNotFoundError:  # of the optional dependencies `export`, of which an import needs nothing else
        yield lambda _done, _total: None
        return
    with tqdm(unit="file", disable=None) as bar:

        def progress(_done: int, total: int) -> None:
            bar.total = total
            bar.update()

        yield progress


def _show(args: argparse.Namespace) -> int:
    from composerd_export.data.corpus import read_corpus
    from composerd_export.data.show import draw_pieces, statistics

    corpus = read_corpus(args.corpus)
    print(statistics(corpus))
    if args.rolls is not None:
        for path in draw_pieces(corpus, args.rolls, max(0, args.pieces), max(1, args.bars)):
            print(path)
    return 0
