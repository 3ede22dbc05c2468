"""`composerd learn FUNCTION`: assigns a function to a key, knob, button or pedal, which you move when asked to."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from composerd.app.midi_learn import find_keyboard, listen
from composerd.cli.options import add_settings, load_config
from composerd.config import paths
from composerd.config.layers import Settings
from composerd.control.client import held
from composerd.control.settings import SYSTEM as SERVICE
from composerd.control.settings import client_paths
from composerd.engine.command_table import Kind, Table
from composerd.engine.commands import TABLE
from composerd.engine.controls.encoders import BY_PLACE
from composerd.engine.controls.page import Control
from composerd.engine.output.mixer import BAND, MASTER, METRONOME
from composerd.errors import ConfigError, DeviceError, instead, wording
from composerd.library.genre_files import genre_pages, read_genre
from composerd.library.keyboard_editor import write_control
from composerd.library.keyboard_files import GENERIC, find_page, keyboard_pages, read_keyboard
from composerd.music.genre import ROLES

FADERS = (BAND, MASTER, METRONOME)
PATIENCE = 60.0
"""seconds to wait for a control"""
CLICKS = 4
"""detents of an encoder, or values of a knob, to a step"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "function", metavar="FUNCTION", nargs="?", help="what the control is to do; --list shows all functions"
    )
    parser.add_argument(
        "--list", action="store_true", help="list all functions and the controls of this keyboard that have them"
    )
    parser.add_argument(
        "--part",
        metavar="PART",
        default="",
        help="for mute, solo, pan, volume and instrument: name or role of the part",
    )
    parser.add_argument(
        "--name", metavar="NAME", default="", help="for functions with a choice: a genre's name, 3/4, phrase, B"
    )
    add_settings(parser, ("--in", "--midi-api"))


def run(args: argparse.Namespace) -> int:
    settings = load_config(args).settings
    if args.list or not args.function:
        print("\n".join(_list(settings)))
        return 0
    _check(args.function, args.part, args.name)
    here = find_keyboard(settings.midi)
    read_keyboard(find_page(here.name, here.usb))  # reports errors in it before a control is moved
    kind = TABLE.words[args.function].kind
    turned = kind in (Kind.VALUE, Kind.STEPS)
    what, how = ("turn the knob", ": up a little, then down again") if turned else ("press the button, key or keys", "")
    with held(client_paths(settings.remote), {"do": "learn"}) as running:
        print(f"{what} for {args.function}{how} (Ctrl-C cancels)", flush=True)
        found, learned = listen(settings.midi, args.function, PATIENCE)
        for_service = running == SERVICE  # which reads the machine's pages, not ours
        environ = {"HOME": "/nonexistent"} if for_service else os.environ
        before = read_keyboard(find_page(found.name, found.usb, environ)).controls
        clicks = CLICKS if kind is Kind.STEPS else 1
        control = Control(learned.on, args.function, part=args.part, name=args.name, clicks=clicks, sends=learned.sends)
        page = write_control(
            found.name, found.usb, control, environ, paths.SYSTEM / "keyboards" if for_service else None
        )
    sends = "" if learned.sends == BY_PLACE else f" ({learned.sends.replace('_', ' ')})"
    since = "now" if running else "the next start"
    print(f"{found.name}: {learned.on}{sends} does {args.function} from {since} on; see {page}")
    for one in before:
        if one.on.collides(learned.on) and one.do != args.function:
            print(f"{one.on} no longer does {one.do}")
    return 0


def _check(function: str, part: str, name: str) -> None:
    if function not in TABLE.words:
        raise ConfigError(wording("function", repr(function), hint=instead(function, TABLE.words)))
    word = TABLE.words[function]
    if (why := word.unfit(part, name)) is not None:
        raise ConfigError(f"--{why}")
    if part and part not in (parts := [*_parts(), *FADERS]):
        raise ConfigError(f"--{wording('part', repr(part), 'one of a genre', instead(part, parts))}")
    if word.main is not None and word.main.of == "genre" and name not in (genres := genre_pages()):
        raise ConfigError(f"--{wording('name', repr(name), word.main.expected, instead(name, genres))}")


def _parts() -> list[str]:
    """Names and roles of the parts of all genres that can be read."""
    found = dict.fromkeys(ROLES)
    for page in genre_pages().values():
        with suppress(ConfigError):
            found |= dict.fromkeys(part.name for part in read_genre(page).parts)
    return list(found)


def _list(settings: Settings, table: Table = TABLE) -> list[str]:
    page, title = _page(settings)
    return [f"{title} ({page})", *listed(read_keyboard(page).controls, table)]


def listed(controls: Sequence[Control], table: Table = TABLE) -> Iterator[str]:
    """All commands by groups, with the controls in `controls` that give them, and their help."""
    for group, words in table.groups.items():
        yield f"{group}:"
        for word in words:
            uses = [f"{one.on}{_named(one)}" for one in controls if one.do == word.name]
            yield f"  {word.name:<16} {', '.join(uses) or '-':<34}  {word.help}"


def _named(control: Control) -> str:
    which = control.part or control.name
    return f" ({which})" if which else ""


def _page(settings: Settings) -> tuple[Path, str]:
    """The page of the connected keyboard, or the generic one."""
    try:
        found = find_keyboard(settings.midi)
    except DeviceError as error:
        return keyboard_pages()[GENERIC], f"any keyboard ({error})"
    return find_page(found.name, found.usb), found.name
