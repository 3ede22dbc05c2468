"""`composerd ctl`: talk to the composerd that runs.

status                  how things stand
genre G  next_genre  previous_genre
mode M                  jam or phrase
tempo N  tap            quarter notes a minute; tap twice or more
half_time  double_time  from the next bar line on; again: back
metre M                 4/4, 3/4, 2/4, 6/8: from the next bar line on
follow [on|off]         the band's tempo follows the player's
start  end  stop        end: at the next bar line; stop: on the next beat, twice: panic
panic                   silence everything
fill  break             a drum fill into the next bar line; a bar of silence
variation [A|B|auto]    nothing: the other one; auto: by how the player plays
mute PART [on|off]      silence a part, or let it play again; a part's name or role
solo PART [on|off]      hear such parts alone
volume PART N           0 to 127, 100 is ordinary; also of `band`, `metronome`, or `master` for all
pan PART N              0 left, 64 the middle, 127 right
creativity X            0 the safest notes, 1 the boldest
swing [X]               0 straight, 1 on the triplet; nothing: as the genre has it
left_hand [on|off]      keys below the split are chords for the band
metronome [on|off]      click the beat
save                    keep the last two minutes as a take
quit                    end the program, with a last chord
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Any

from composerd.commands.options import load_config
from composerd.devices.remote.client import ask
from composerd.devices.remote.settings import RemoteSettings, client_paths
from composerd.errors import ConfigError
from composerd.fields import instead


@dataclass(frozen=True, slots=True)
class Field:
    """A word after the request."""

    name: str
    kind: Callable[[str], Any] = str
    needed: bool = True


def _switch(text: str) -> bool:
    return {"on": True, "off": False}[text.lower()]


def _number(text: str) -> float:
    """JSON has no word for infinity, nor for what is no number."""
    number = float(text)
    if not isfinite(number):
        raise ValueError(text)
    return number


def _mode(text: str) -> str:
    return {"jam": "jam", "phrase": "phrase"}[text.lower()]


def _variation(text: str) -> str:
    return {"a": "A", "b": "B", "auto": "auto"}[text.lower()]


NAME, PART, ON = Field("name"), Field("part"), Field("on", _switch, needed=False)
ARGUMENTS: dict[str, tuple[Field, ...]] = {
    "status": (),
    "genre": (NAME,),
    "next_genre": (),
    "previous_genre": (),
    "mode": (Field("mode", _mode),),
    "tempo": (Field("bpm", _number),),
    "tap": (),
    "half_time": (),
    "double_time": (),
    "metre": (NAME,),
    "follow": (ON,),
    "start": (),
    "end": (),
    "stop": (),
    "panic": (),
    "fill": (),
    "break": (),
    "variation": (Field("name", _variation, needed=False),),
    "mute": (PART, ON),
    "solo": (PART, ON),
    "volume": (PART, Field("level", int)),
    "pan": (PART, Field("place", int)),
    "creativity": (Field("amount", _number),),
    "swing": (Field("amount", _number, needed=False),),
    "left_hand": (ON,),
    "metronome": (ON,),
    "save": (),
    "quit": (),
}
"""request -> its fields in the order of the command line; devices/remote/protocol.py says what they mean"""
ALWAYS_SENT: dict[str, dict[str, Any]] = {"swing": {"amount": None}}
"""what is said of a field that was left out, where the protocol wants it said"""
KINDS: dict[Callable[[str], Any], str] = {
    _number: "a number",
    int: "a whole number",
    _switch: "on or off",
    _mode: "jam or phrase",
    _variation: "A, B or auto",
}


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
    if not sum(field.needed for field in fields) <= len(values) <= len(fields):
        wanted = " ".join(field.name.upper() if field.needed else f"[{field.name.upper()}]" for field in fields)
        raise ConfigError(f"ctl {name}: found {' '.join(values) or 'nothing'}, expected {wanted or 'nothing more'}")
    said = {field.name: _value(name, field, text) for field, text in zip(fields, values, strict=False)}
    return {"do": name, **ALWAYS_SENT.get(name, {}), **said}


def status_lines(status: Mapping[str, Any]) -> list[str]:
    """`name: value` lines; nothing for what is not there or off."""
    return [
        f"{name.replace('_', ' ')}: {_shown(value)}"
        for name, value in status.items()
        if value is not None and value is not False and value not in ("", [])
    ]


def _shown(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if isinstance(value, bool):
        return "on" if value else "off"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _value(name: str, field: Field, text: str) -> Any:
    try:
        return field.kind(text)
    except (ValueError, KeyError):
        raise ConfigError(f"ctl {name}: {field.name}: found {text!r}, expected {KINDS[field.kind]}") from None


def _settings(args: argparse.Namespace) -> RemoteSettings:
    """A broken settings page must not keep anybody from stopping the music."""
    try:
        settings = load_config(args).settings
    except ConfigError:
        return RemoteSettings()
    return getattr(settings, "remote", RemoteSettings())
