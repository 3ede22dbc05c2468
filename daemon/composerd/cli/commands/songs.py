"""`composerd songs`: lists, adds, shows, removes and exports the chord charts that the band can play by."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from composerd.cli.actions import add_action, check_action
from composerd.cli.options import add_settings, load_config
from composerd.config import paths
from composerd.errors import ConfigError, Option, instead

if TYPE_CHECKING:
    from composerd.music.charts.chart import Chart
    from composerd.takes.folder import Take

ACTIONS = {
    "list": "the songs of your list",
    "add": "add every chart in FILE (text, ChordPro, iReal Pro, MusicXML, MIDI) to your list",
    "learn": "make a song of a take (`last`, its number or its name) or of a MIDI file",
    "show": "print the chart of NAME, FILE or a take, or draw it with -o OUT.svg",
    "remove": "remove NAME from your list",
    "export": "write the chart of NAME, FILE or a take to -o OUT, in the format of OUT's ending",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_action(parser, ACTIONS)
    parser.add_argument("song", nargs="?", default="", metavar="NAME|FILE", help="a song of your list, or a file")
    parser.add_argument("--name", default="", help="`add`, `learn`: name in your list; default: the title")
    parser.add_argument("-o", "--output", type=Path, metavar="OUT", help="file to write: .svg; `export`: any format")
    parser.add_argument("--transpose", type=int, default=0, metavar="N", help="transpose by N semitones, -11 to 11")
    add_settings(parser, ())
    parser.add_argument("--numbers", action="store_true", help="`show`: Nashville numbers instead of chord names")


def run(args: argparse.Namespace) -> int:
    check_action("songs", args.action, ACTIONS, args.song, "a song or a file")
    if not -11 <= args.transpose <= 11:
        raise ConfigError(place=Option("--transpose"), found=f"{args.transpose}", expected="-11 to 11")
    return {"list": _list, "add": _add, "learn": _learn, "show": _show, "remove": _remove, "export": _export}[
        args.action
    ](args)


def _list(_: argparse.Namespace) -> int:
    from composerd.library.songs import load_song, song_folder, song_names
    from composerd.music.charts.spelling import key_name

    names = song_names()
    for name in names:
        try:
            chart = load_song(name)
        except ConfigError as error:
            print(f"{name:<24} cannot be read: {error}")
            continue
        key = key_name(chart.key, chart.minor) if chart.key is not None else "-"
        print(
            f"{name:<24} {key:<4} {chart.metre!s:<5} {len(chart.bars):>4} bars  {chart.genre or '-':<9} {chart.title}"
        )
    if not names:
        print(f"none yet in {song_folder()}", file=sys.stderr)
    return 0


def _add(args: argparse.Namespace) -> int:
    from composerd.files.charts.formats import read_charts
    from composerd.library.songs import add_song, titled

    charts = read_charts(Path(args.song))
    if args.name and len(charts) > 1:
        raise ConfigError(
            place=Option("--name"), found=f"one name for {len(charts)} songs", expected="a file with one song"
        )
    for chart in charts:
        print(add_song(titled(chart, Path(args.song)).transposed(args.transpose), args.name))
    return 0


def _learn(args: argparse.Namespace) -> int:
    """Make a song of a take and add it to the user's songs."""
    from composerd.app.learned_song import learned
    from composerd.library.songs import add_song

    path, genre = _take(args)
    chart = learned(path, args.name or path.stem, genre)
    print(add_song(chart.transposed(args.transpose), args.name))
    return 0


def _take(args: argparse.Namespace) -> tuple[Path, str]:
    """The file of the take, or a MIDI file, and its genre."""
    if Path(args.song).is_file():
        return Path(args.song), ""
    known = _takes(args)
    if args.song not in known:
        raise ConfigError(field="take", found=repr(args.song), hint=instead(args.song, known))
    return known[args.song].path, known[args.song].genre


def _takes(args: argparse.Namespace) -> dict[str, Take]:
    """The takes by their numbers and names, and the last one as `last`."""
    from composerd.takes.folder import list_takes

    takes = list_takes(paths.take_folder(load_config(args).settings.takes.folder))
    known = {str(take.number): take for take in takes if take.number} | {take.path.name: take for take in takes}
    return known | {"last": takes[-1]} if takes else known


def _chart(args: argparse.Namespace) -> Chart:
    """The song of this name, the first one in the file, or the one that a take makes."""
    from composerd.library.songs import load_song, song_names

    if args.song not in song_names() and not Path(args.song).is_file() and (take := _takes(args).get(args.song)):
        from composerd.app.learned_song import learned

        return learned(take.path, take.path.stem, take.genre).transposed(args.transpose)
    return load_song(args.song).transposed(args.transpose)


def _show(args: argparse.Namespace) -> int:
    from composerd.files.charts.text import write_text

    chart = _chart(args)
    if args.output is None:
        print(write_text(chart, nashville=args.numbers), end="")
        return 0
    if args.output.suffix.lower() != ".svg":
        raise ConfigError(place=Option("-o"), found=f"{args.output.name!r}", expected="a name that ends in .svg")
    from composerd.files.charts.picture import draw

    return _write(args.output, draw(chart).encode())


def _remove(args: argparse.Namespace) -> int:
    from composerd.library.songs import remove_song

    print(f"removed; the file is kept as {remove_song(args.song)}")
    return 0


def _export(args: argparse.Namespace) -> int:
    if args.output is None:
        raise ConfigError(
            field="songs export", found="no -o", expected="-o OUT.txt, .cho, .html, .musicxml, .mxl, .mid or .svg"
        )
    if args.output.suffix.lower() == ".svg":
        return _show(args)
    from composerd.files.charts.formats import write_charts

    return _write(args.output, write_charts(args.output.name, [_chart(args)]))


def _write(path: Path, data: bytes) -> int:
    from composerd.files.atomic import write_bytes

    try:
        write_bytes(path, data)
    except OSError as error:
        raise ConfigError.unwritable(path, error) from None
    print(path)
    return 0
