"""`composerd ctl`: talk to the composerd that runs.

status                how things stand
genre G  mode M  tempo N
start  stop  panic
mute PART             silence a part, or let it play again
volume PART N         0 to 127; a part's name or role, `band`, or `master` for player and band
save                  keep the last two minutes as a take
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from composerd.commands.options import load_config
from composerd.devices.remote.client import ask
from composerd.devices.remote.settings import RemoteSettings, client_paths
from composerd.errors import ConfigError
from composerd.fields import instead

ARGUMENTS: dict[str, tuple[tuple[str, type], ...]] = {
    "status": (),
    "genre": (("name", str),),
    "mode": (("mode", str),),
    "tempo": (("bpm", float),),
    "start": (),
    "stop": (),
    "panic": (),
    "mute": (("part", str),),
    "volume": (("part", str), ("level", int)),
    "save": (),
}
"""request -> its fields in the order of the command line; devices/remote/protocol.py says what they mean"""
KINDS = {float: "a number", int: "a whole number"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("words", nargs="+", metavar="REQUEST", help="as above")
    parser.add_argument("--json", action="store_true", help="print the answer as it came")
    parser.add_argument("--socket", type=Path, metavar="PATH", help="control socket of the daemon meant")
    parser.add_argument("--config", metavar="FILE", type=Path, help="settings page to read instead of the user's")


def run(args: argparse.Namespace) -> int:
    request = request_of(args.words)
    paths = (args.socket,) if args.socket else client_paths(_settings(args))
    answer = ask(paths, request)
    if args.json:
        print(json.dumps(answer, ensure_ascii=False))
    elif "status" in answer:
        print("\n".join(status_lines(answer["status"])))
    return 0


def request_of(words: list[str]) -> dict[str, Any]:
    """`["tempo", "120"]` as a request. Raises ConfigError."""
    name, values = words[0], words[1:]
    if name not in ARGUMENTS:
        raise ConfigError(f"ctl: found request {name!r}, {instead(name, ARGUMENTS)}")
    fields = ARGUMENTS[name]
    if len(values) != len(fields):
        wanted = " ".join(field.upper() for field, _ in fields) or "nothing more"
        raise ConfigError(f"ctl {name}: found {' '.join(values) or 'nothing'}, expected {wanted}")
    return {
        "do": name,
        **{field: _value(name, field, kind, text) for (field, kind), text in zip(fields, values, strict=True)},
    }


def status_lines(status: Mapping[str, Any]) -> list[str]:
    """`name: value` lines; nothing for what is not there."""
    return [
        f"{name.replace('_', ' ')}: {_shown(value)}" for name, value in status.items() if value not in (None, "", [])
    ]


def _shown(value: object) -> str:
    return (
        ", ".join(map(str, value))
        if isinstance(value, list)
        else f"{value:g}"
        if isinstance(value, float)
        else str(value)
    )


def _value(name: str, field: str, kind: type, text: str) -> Any:
    try:
        return kind(text)
    except ValueError:
        raise ConfigError(f"ctl {name}: {field}: found {text!r}, expected {KINDS[kind]}") from None


def _settings(args: argparse.Namespace) -> RemoteSettings:
    """A broken settings page must not keep anybody from stopping the music."""
    try:
        settings = load_config(args).settings
    except ConfigError:
        return RemoteSettings()
    return getattr(settings, "remote", RemoteSettings())
