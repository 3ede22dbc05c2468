"""`composerd ctl`: sends a command to the running composerd."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from composerd.cli.options import load_config
from composerd.control.client import ask
from composerd.control.settings import RemoteSettings, client_paths
from composerd.engine.command_table import Table
from composerd.engine.commands import TABLE
from composerd.errors import ConfigError, Unfit, instead, wording

STATUS = "status"
WIDTH = 28
"""columns of the usage in the list of requests"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.epilog = "\n".join(overview())
    parser.add_argument(
        "words",
        nargs="+",
        metavar="REQUEST",
        help="a command with its values, such as `tempo 120`, or `status`; listed below",
    )
    parser.add_argument("--json", action="store_true", help="print the answer as JSON")
    parser.add_argument("--socket", type=Path, metavar="PATH", help="control socket of another composerd")
    parser.add_argument("--config", metavar="FILE", type=Path, help="settings file to read instead of your own")


def run(args: argparse.Namespace) -> int:
    request = request_of(args.words)
    paths = (args.socket,) if args.socket else client_paths(_settings(args))
    answer = ask(paths, request)
    if args.json:
        print(json.dumps(answer, ensure_ascii=False))
    elif STATUS in answer:
        print("\n".join(status_lines(answer[STATUS])))
    else:
        print("ok")
    return 0


def overview(table: Table = TABLE) -> Iterator[str]:
    """The list of all requests with usage and help, by groups; fields are explained once."""
    told = set[str]()
    yield "requests:"
    yield f"  {STATUS:<{WIDTH}} the current state"
    for group, words in table.groups.items():
        yield f"{group}:"
        for word in words:
            yield f"  {word.usage:<{WIDTH}} {word.help}"
            details = [f"{one.name.upper()}: {one.explained}" for one in word.fields if one.explained]
            yield from (f"  {'':<{WIDTH}}   {text}" for text in details if text not in told)
            told |= {*details}


def request_of(words: list[str], table: Table = TABLE) -> dict[str, Any]:
    """`["tempo", "120"]` as a request. Raises ConfigError."""
    if words == [STATUS]:
        return {"do": STATUS}
    name = words[0]
    if name not in table.words:
        raise ConfigError(wording("request", repr(name), hint=instead(name, [STATUS, *table.words])))
    try:
        request: dict[str, Any] = msgspec.to_builtins(table.parse(words))
    except Unfit as error:
        raise ConfigError(f"ctl {name}: {error}") from None
    return request


def status_lines(status: Mapping[str, Any]) -> list[str]:
    """The status as lines `name: value`, without empty and ordinary values."""
    controls = {name: _parts(name, value) for name, value in status.get("controls", {}).items()}
    return [
        f"{name.replace('_', ' ')}: {_shown(value)}"
        for name, value in (controls | {**status, "controls": None}).items()
        if value is not None and value is not False and value not in ("", [])
    ]


def _parts(name: str, value: object) -> object:
    """The parts for which a command's value is not the default, with the values."""
    if not isinstance(value, dict):
        return value
    main = TABLE.words[name].main if name in TABLE.words else None
    moved = {part: one for part, one in value.items() if main is None or one != main.middle}
    return [f"{part} {_shown(one)}" for part, one in moved.items() if not isinstance(one, bool)]  # mutes have a line


def _shown(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if isinstance(value, bool):
        return "on" if value else "off"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _settings(args: argparse.Namespace) -> RemoteSettings:
    """The settings of the socket; the defaults if a settings page is broken, so that the music can still be stopped."""
    try:
        settings = load_config(args).settings
    except ConfigError:
        return RemoteSettings()
    return getattr(settings, "remote", RemoteSettings())
