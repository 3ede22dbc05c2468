"""`composerd sets`: lists, shows, makes and removes set lists, and lists, shows and removes presets."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable

from composerd.cli.actions import add_action, check_action
from composerd.errors import ConfigError, instead
from composerd.library.presets import (
    PRESET,
    load_preset,
    load_set,
    preset_folder,
    preset_names,
    remove,
    save_set,
    set_folder,
    set_names,
)

ACTIONS = {
    "list": "your set lists and presets",
    "show": "print the set list or preset NAME",
    "make": "make a set list NAME of presets and songs ENTRY …",
    "remove": "remove the set list or preset NAME",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_action(parser, ACTIONS)
    parser.add_argument("name", nargs="?", default="", metavar="NAME", help="name of a set list or preset")
    parser.add_argument("entries", nargs="*", metavar="ENTRY", help="`make`: presets or songs, in order")


def run(args: argparse.Namespace) -> int:
    check_action("sets", args.action, ACTIONS, args.name, "that of a set list or a preset")
    if args.entries and args.action != "make":
        raise ConfigError(field=f"sets {args.action}", found=repr(args.entries[0]), expected="one name")
    return {"list": _list, "show": _show, "make": _make, "remove": _remove}[args.action](args)


def _list(_: argparse.Namespace) -> int:
    for name in set_names():
        print(f"{name:<24} {_described(name, _set_list)}")
    for name in preset_names():
        print(f"{name:<24} {_described(name, _preset)}")
    if not set_names() and not preset_names():
        print(f"none yet in {set_folder()} and {preset_folder()}", file=sys.stderr)
    return 0


def _described(name: str, describe: Callable[[str], str]) -> str:
    """A line about a set list or preset; a broken file does not hide the others."""
    try:
        return describe(name)
    except ConfigError as error:
        return f"cannot be read: {error}"


def _set_list(name: str) -> str:
    return f"set list, {len(load_set(name))} entries"


def _preset(name: str) -> str:
    preset = load_preset(name)
    return f"preset   {preset.genre.name if preset.genre else '-':<10} {preset.song.name}"


def _show(args: argparse.Namespace) -> int:
    if args.name in set_names():
        print("\n".join(f"{number:>3}  {entry}" for number, entry in enumerate(load_set(args.name), 1)))
        return 0
    load_preset(args.name)
    print((preset_folder() / f"{args.name}{PRESET}").read_text(encoding="utf-8"), end="")
    return 0


def _make(args: argparse.Namespace) -> int:
    from composerd.library.songs import song_names

    known = [*preset_names(), *song_names()]
    for entry in args.entries:
        if entry not in known:
            raise ConfigError(field="preset or song", found=repr(entry), hint=instead(entry, known))
    print(save_set(args.name, tuple(args.entries)))
    return 0


def _remove(args: argparse.Namespace) -> int:
    print(f"removed; the file is kept as {remove(args.name)}")
    return 0
