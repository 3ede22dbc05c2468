"""The language of the control socket, version 1: one JSON object a line, each answered by one line, in order.

    > {"v": 1, "id": 7, "do": "tempo", "bpm": 120}
    < {"v": 1, "id": 7, "ok": true}
    > {"v": 1, "do": "status"}
    < {"v": 1, "id": null, "ok": true, "status": {"state": "playing", "genre": "jazz", "bpm": 120.0, "bar": 3, …}}
    > {"v": 1, "id": "x", "do": "tempo", "bpm": "fast"}
    < {"v": 1, "id": "x", "ok": false, "error": "Expected `float`, got `str` - at `$.bpm`"}

`v` is needed and 1; `id` is any whole number or short text and comes back. `ok` says that the request was understood
and passed on; what came of it shows in `status`, whose fields are those of `engine.messages.Snapshot`, `pid` and
`version`. Fields may be added to answers without a new version; unknown fields in requests are errors.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from composerd.devices.remote.settings import VERSION
from composerd.engine.messages import (
    ChooseGenre,
    Message,
    Mode,
    Mute,
    Panic,
    SaveTake,
    SetMode,
    SetTempo,
    SetVolume,
    StartBand,
    StopBand,
)
from composerd.music.tempo import MAX_BPM, MIN_BPM

LONGEST_LINE = 4096
"""bytes, the newline included; the longest request needs about 150"""
Name = Annotated[str, Meta(min_length=1, max_length=64)]
Id = Annotated[int, Meta(ge=-(2**53), le=2**53)] | Annotated[str, Meta(max_length=64)] | None


class Request(msgspec.Struct, tag_field="do", forbid_unknown_fields=True, frozen=True):
    v: Literal[1]
    id: Id = None


class Status(Request, tag="status", frozen=True):
    """How things stand."""


class Genre(Request, tag="genre", frozen=True, kw_only=True):
    name: Name


class SwitchMode(Request, tag="mode", frozen=True, kw_only=True):
    mode: Mode


class Tempo(Request, tag="tempo", frozen=True, kw_only=True):
    bpm: Annotated[float, Meta(ge=MIN_BPM, le=MAX_BPM)]


class Start(Request, tag="start", frozen=True):
    """The band starts now, as at a first key."""


class Stop(Request, tag="stop", frozen=True):
    """The band ends with a last chord."""


class Silence(Request, tag="panic", frozen=True):
    """All notes off, at once."""


class MutePart(Request, tag="mute", frozen=True, kw_only=True):
    part: Name
    """name or role"""
    on: bool | None = None
    """null turns it over"""


class Volume(Request, tag="volume", frozen=True, kw_only=True):
    part: Name
    """name or role, `band`, or `master` for player and band"""
    level: Annotated[int, Meta(ge=0, le=127)]
    """controller 7"""


class Save(Request, tag="save", frozen=True):
    """Keep the last two minutes as a take."""


AnyRequest = Status | Genre | SwitchMode | Tempo | Start | Stop | Silence | MutePart | Volume | Save

COMMANDS: dict[type[Request], Callable[[Any, float], Message]] = {
    Genre: lambda asked, _: ChooseGenre(asked.name),
    SwitchMode: lambda asked, _: SetMode(asked.mode),
    Tempo: lambda asked, _: SetTempo(asked.bpm),
    Start: lambda _, at: StartBand(at),
    Stop: lambda _, at: StopBand(at),
    Silence: lambda _, __: Panic(),
    MutePart: lambda asked, _: Mute(asked.part, asked.on),
    Volume: lambda asked, _: SetVolume(asked.part, asked.level / 127),
    Save: lambda _, at: SaveTake(at),
}
"""request -> the engine's command, of the request and the moment"""


@dataclass(frozen=True, slots=True)
class Refused(Exception):
    """A request that is not carried out: why, and its id where it could be read."""

    why: str
    id: Id = None


_decoder: msgspec.json.Decoder[AnyRequest] = msgspec.json.Decoder(AnyRequest)
_encoder = msgspec.json.Encoder()


class _Named(msgspec.Struct):
    id: Id = None


_name_decoder = msgspec.json.Decoder(_Named)


def read_request(line: bytes) -> AnyRequest:
    """Raises Refused, whatever the bytes are."""
    try:
        return _decoder.decode(line)
    except (ValueError, RecursionError) as error:  # msgspec's errors are ValueErrors
        raise Refused(str(error) or type(error).__name__, _id_of(line)) from None


def command(request: Request, at: float) -> Message | None:
    """What the engine is told; nothing for `status`."""
    make = COMMANDS.get(type(request))
    return make(request, at) if make else None


def done(request: Request, status: dict[str, Any] | None = None) -> bytes:
    answer: dict[str, Any] = {"v": VERSION, "id": request.id, "ok": True}
    return _line(answer if status is None else {**answer, "status": status})


def refused(error: Refused) -> bytes:
    return _line({"v": VERSION, "id": error.id, "ok": False, "error": error.why})


def _line(answer: dict[str, Any]) -> bytes:
    return _encoder.encode(answer) + b"\n"


def _id_of(line: bytes) -> Id:
    try:
        return _name_decoder.decode(line).id
    except (ValueError, RecursionError):
        return None
