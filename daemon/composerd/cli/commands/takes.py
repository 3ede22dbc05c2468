"""`composerd takes`: lists recorded performances, plays one, or exports one as a MIDI or sound file."""

from __future__ import annotations

import argparse
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from composerd.cli.actions import add_action, check_action
from composerd.cli.options import add_settings, load_config
from composerd.cli.progress import terminal_bar
from composerd.config import paths
from composerd.config.layers import Config
from composerd.errors import ConfigError, DeviceError, Option, instead

if TYPE_CHECKING:
    from composerd.takes.folder import Take

ACTIONS = {
    "list": "the recorded takes, the oldest first",
    "play": "play TAKE on the loudspeaker or synth",
    "export": "write TAKE as a MIDI or sound file",
    "where": "print the folder of the takes",
}
NEWEST = "last"
FLAGS = ("--out", "--midi-api", "--audio", "--no-audio", "--soundfont")
MIDI_ENDINGS, SOUND_ENDINGS = (".mid", ".midi"), (".wav", ".flac")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_action(parser, ACTIONS)
    parser.add_argument(
        "take", nargs="?", default=NEWEST, metavar="TAKE", help="number in the list, name, or `last` (the default)"
    )
    parser.add_argument(
        "-o",
        "--output",
        type=Path,
        metavar="OUT",
        help="file that `export` writes: .mid, .wav or .flac; default: the take's name, in this folder",
    )
    add_settings(parser, FLAGS)


def run(args: argparse.Namespace) -> int:
    check_action("takes", args.action, ACTIONS)
    config = load_config(args)
    folder = paths.take_folder(config.settings.takes.folder)
    if args.action == "where":
        print(folder)
        return 0
    _recover(folder)
    return {"list": _list, "play": _play, "export": _export}[args.action](folder, args, config)


def _recover(folder: Path) -> None:
    """Turn performances that a crash cut short into takes."""
    from composerd.takes.folder import unfinished

    if unfinished(folder):
        from composerd.takes.recovery import recover

        for path in recover(folder):
            print(f"composerd: recovered a performance that was cut short: {path.name}", file=sys.stderr)


def _list(folder: Path, _args: argparse.Namespace, _config: Config) -> int:
    from composerd.takes.facts import facts_in
    from composerd.takes.folder import list_takes

    takes = list_takes(folder)
    for take in takes:
        facts = facts_in(take.path)
        length = f"{facts.seconds / 60:5.1f} min  {facts.bars:>4} bars  {facts.bpm:5.1f} bpm" if facts else "damaged"
        print(f"{take.number or '-':>4}  {take.started:%Y-%m-%d %H:%M:%S}  {take.genre:<10} {length}  {take.path.name}")
    if not takes:
        print(f"none yet in {folder}", file=sys.stderr)
    return 0


def _chosen(folder: Path, wanted: str) -> Take:
    from composerd.takes.folder import list_takes

    takes = list_takes(folder)
    if not takes:
        raise ConfigError(field="takes", found=f"none in {folder}", expected="a recorded performance")
    numbered = {str(take.number): take for take in takes if take.number}
    known = {NEWEST: takes[-1], **numbered, **{take.path.name: take for take in takes}}
    if wanted not in known:
        raise ConfigError(field="take", found=repr(wanted), hint=instead(wanted, known))
    return known[wanted]


def _play(folder: Path, args: argparse.Namespace, config: Config) -> int:
    from composerd.app.take_player import play_take
    from composerd.cli.commands.demo import why_silent
    from composerd.cli.performance import check_ports, check_soundfont
    from composerd.takes.facts import facts_in

    take = _chosen(folder, args.take)
    check_soundfont(config)
    check_ports(config)
    silence = why_silent(config.settings)
    if silence:
        raise DeviceError(
            f"nothing to play it on ({silence}); `composerd takes export {args.take} -o NAME.wav` writes a file"
        )
    print(f"{take.path.name}: {facts_in(take.path)}, {take.genre}; Ctrl-C ends", flush=True)
    play_take(take, config.settings)
    return 0


def _export(folder: Path, args: argparse.Namespace, config: Config) -> int:
    take = _chosen(folder, args.take)
    target: Path = args.output or Path(take.path.name)
    if target.is_dir():
        target /= take.path.name
    ending = target.suffix.lower()
    if ending in SOUND_ENDINGS:
        from composerd.app.take_player import read_take
        from composerd.devices.audio.render import check_audio, render_audio

        check_audio(target, config.settings.audio)
        recorded = read_take(take)
        bar = terminal_bar(f"{target.name}, the sound")
        render_audio(recorded.played, recorded.genre, target, config.settings.audio, bar)
    elif ending in MIDI_ENDINGS:
        _copy(take.path, target)
    else:
        possible = ", ".join((*MIDI_ENDINGS, *SOUND_ENDINGS))
        raise ConfigError(place=Option("-o"), found=f"{target.name!r}", expected=f"a name that ends in {possible}")
    print(target)
    return 0


def _copy(source: Path, target: Path) -> None:
    from composerd.files.atomic import whole_file

    try:
        with source.open("rb") as file, whole_file(target) as out:
            shutil.copyfileobj(file, out)
    except OSError as error:
        raise ConfigError.unwritable(target, error) from error
