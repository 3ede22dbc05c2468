"""`composerd learn FUNCTION`: move a control of the keyboard, and it does FUNCTION from now on."""

from __future__ import annotations

import argparse
from contextlib import suppress
from pathlib import Path

from composerd.app.learning import find_keyboard, listen
from composerd.commands.options import add_settings, load_config
from composerd.config import Settings
from composerd.engine.controls import FUNCTIONS, Button, Control, Encoder, metre_problem
from composerd.engine.turning import BY_PLACE
from composerd.errors import ConfigError, DeviceError
from composerd.fields import instead
from composerd.genre_pages import genre_pages, read_genre
from composerd.keyboard_pages import GENERIC, find_page, keyboard_pages, read_keyboard
from composerd.keyboard_writing import teach
from composerd.music.genre import ROLES

PATIENCE = 60.0
"""seconds that a control is waited for"""
CLICKS = 4
"""detents of an encoder, or values of a knob, to a step"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("function", metavar="FUNCTION", nargs="?", help="what the control is to do; --list names all")
    parser.add_argument("--list", action="store_true", help="show every function and what does it on this keyboard")
    parser.add_argument(
        "--part", metavar="PART", default="", help="mute, solo, pan, part_volume: name or role of the parts meant"
    )
    parser.add_argument("--name", metavar="NAME", default="", help="genre: its name; metre: 3/4, say")
    add_settings(parser, ("--in", "--midi-api"))


def run(args: argparse.Namespace) -> int:
    settings = load_config(args).settings
    if args.list or not args.function:
        print("\n".join(_list(settings)))
        return 0
    _check(args.function, args.part, args.name)
    here = find_keyboard(settings.midi)
    read_keyboard(find_page(here.name, here.usb))  # a mistake in it is told before anybody moves anything
    function = FUNCTIONS[args.function]
    button = isinstance(function, Button)
    what = "press the button, key or key switch" if button else "turn the knob some way up, and down again,"
    print(f"{what} that is to do {args.function} (Ctrl-C gives up)", flush=True)
    found, learned = listen(settings.midi, args.function, PATIENCE)
    before = read_keyboard(find_page(found.name, found.usb)).controls
    clicks = CLICKS if isinstance(function, Encoder) else 1
    control = Control(learned.on, args.function, part=args.part, name=args.name, clicks=clicks, sends=learned.sends)
    page = teach(found.name, found.usb, control)
    how = "" if learned.sends == BY_PLACE else f" ({learned.sends.replace('_', ' ')})"
    print(f"{found.name}: {learned.on}{how} does {args.function} from its next plugging in or start on; see {page}")
    for one in before:
        if one.on.collides(learned.on) and one.do != args.function:
            print(f"for that, {one.on} does not do {one.do} any more")
    return 0


def _check(function: str, part: str, name: str) -> None:
    if function not in FUNCTIONS:
        raise ConfigError(f"found function {function!r}, {instead(function, FUNCTIONS)}")
    known = FUNCTIONS[function]
    needs = "" if isinstance(known, Encoder) else known.needs
    for option, text in (("part", part), ("name", name)):
        if needs == option and not text:
            raise ConfigError(f"{function} needs --{option} {option.upper()}")
        if text and needs != option:
            raise ConfigError(f"{function} takes no --{option}")
    if part and part not in (parts := _parts()):
        raise ConfigError(f"--part: found {part!r}, no genre has one, {instead(part, parts)}")
    if function == "genre" and name not in (genres := genre_pages()):
        raise ConfigError(f"--name: found {name!r}, no such genre, {instead(name, genres)}")
    if problem := metre_problem(name) if function == "metre" else "":
        raise ConfigError(f"--name: {problem}")


def _parts() -> list[str]:
    """Names and roles of the parts of all genres that can be read."""
    found = dict.fromkeys(ROLES)
    for page in genre_pages().values():
        with suppress(ConfigError):
            found |= dict.fromkeys(part.name for part in read_genre(page).parts)
    return list(found)


def _list(settings: Settings) -> list[str]:
    page, title = _page(settings)
    controls = read_keyboard(page).controls
    lines = [f"{title} ({page})"]
    for name, function in FUNCTIONS.items():
        found = [f"{one.on}{f' ({one.part or one.name})' if one.part or one.name else ''}" for one in controls]
        uses = [text for text, one in zip(found, controls, strict=True) if one.do == name]
        lines.append(f"  {name:<16} {', '.join(uses) or '-':<34} {function.help}")
    return lines


def _page(settings: Settings) -> tuple[Path, str]:
    """The page of the keyboard that is there, or the generic one."""
    try:
        found = find_keyboard(settings.midi)
    except DeviceError as error:
        return keyboard_pages()[GENERIC], f"any keyboard ({error})"
    return find_page(found.name, found.usb), found.name
