"""The language of the control socket, version 1: one JSON object a line, each answered by one line, in order.

    > {"v": 1, "id": 7, "do": "tempo", "bpm": 120}
    < {"v": 1, "id": 7, "ok": true}
    > {"v": 1, "do": "status"}
    < {"v": 1, "id": null, "ok": true, "status": {"state": "playing", "genre": "jazz", "bpm": 120.0, "bar": 3, …}}
    > {"v": 1, "id": "x", "do": "tempo", "bpm": "fast"}
    < {"v": 1, "id": "x", "ok": false, "error": "Expected `float`, got `str` - at `$.bpm`"}

`v` is needed and 1; `id` is any whole number or short text and comes back. `ok` says that the request was understood
and passed on; what came of it shows in `status`, whose fields are those of `engine.messages.Snapshot`, `pid` and
`version`. Requests, and fields of answers, may be added without a new version; what is unknown in a request is an
error, so that an older daemon says so. docs/controls.md tells the same to other people's programs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Union

import msgspec
from msgspec import Meta

from composerd.devices.remote.settings import VERSION
from composerd.engine.messages import (
    Break,
    ChooseGenre,
    EndBand,
    Fill,
    Finish,
    Message,
    Mode,
    Mute,
    Panic,
    SaveTake,
    SetCreativity,
    SetFollow,
    SetLeftHand,
    SetMetre,
    SetMetronome,
    SetMode,
    SetPace,
    SetPan,
    SetSwing,
    SetTempo,
    SetVariation,
    SetVolume,
    Solo,
    StartBand,
    StepGenre,
    StopBand,
    Tap,
)
from composerd.music.metre import parse_metre
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
    """The band ends with a last chord on the next beat; twice in a moment: panic."""


class End(Request, tag="end", frozen=True):
    """The band ends at the next bar line."""


class Silence(Request, tag="panic", frozen=True):
    """All notes off, at once."""


class MutePart(Request, tag="mute", frozen=True, kw_only=True):
    part: Name
    """name or role"""
    on: bool | None = None
    """null turns it over"""


class SoloPart(Request, tag="solo", frozen=True, kw_only=True):
    """Hear only such parts."""

    part: Name
    on: bool | None = None


class Volume(Request, tag="volume", frozen=True, kw_only=True):
    part: Name
    """name or role, `band`, `metronome`, or `master` for all of them and the player"""
    level: Annotated[int, Meta(ge=0, le=127)]
    """controller 7"""


class Pan(Request, tag="pan", frozen=True, kw_only=True):
    part: Name
    """name or role"""
    place: Annotated[int, Meta(ge=0, le=127)]
    """controller 10: 0 left, 64 the middle, 127 right"""


class FillIn(Request, tag="fill", frozen=True):
    """The drums fill to the next bar line."""


class Rest(Request, tag="break", frozen=True):
    """The band is silent for a bar."""


class TapBeat(Request, tag="tap", frozen=True):
    """A tap of the tempo."""


class Variation(Request, tag="variation", frozen=True, kw_only=True):
    name: Literal["A", "B", "auto", ""] = ""
    """auto: by how the player plays; nothing: the other one"""


class Follow(Request, tag="follow", frozen=True, kw_only=True):
    on: bool | None = None


class LeftHand(Request, tag="left_hand", frozen=True, kw_only=True):
    on: bool | None = None


class Metronome(Request, tag="metronome", frozen=True, kw_only=True):
    on: bool | None = None


class HalfTime(Request, tag="half_time", frozen=True):
    """From the next bar line on; again: back."""


class DoubleTime(Request, tag="double_time", frozen=True):
    """From the next bar line on; again: back."""


class Metre(Request, tag="metre", frozen=True, kw_only=True):
    name: Annotated[str, Meta(pattern=r"^[0-9]{1,2}/[0-9]{1,2}$")]
    """4/4, 3/4, …: from the next bar line on"""


class Creativity(Request, tag="creativity", frozen=True, kw_only=True):
    amount: Annotated[float, Meta(ge=0, le=1)]
    """0 the safest notes, 1 the boldest"""


class Swing(Request, tag="swing", frozen=True, kw_only=True):
    amount: Annotated[float, Meta(ge=0, le=1)] | None
    """0 straight, 1 on the triplet; null: as the genre has it"""


class NextGenre(Request, tag="next_genre", frozen=True):
    """The genre after this one in the list."""


class PreviousGenre(Request, tag="previous_genre", frozen=True):
    """The genre before this one in the list."""


class Save(Request, tag="save", frozen=True):
    """Keep the last two minutes as a take."""


class Quit(Request, tag="quit", frozen=True):
    """End the program, with a last chord where the band plays."""


COMMANDS: dict[type[Request], Callable[[Any, float], Message]] = {
    Genre: lambda asked, _: ChooseGenre(asked.name),
    NextGenre: lambda _, __: StepGenre(1),
    PreviousGenre: lambda _, __: StepGenre(-1),
    SwitchMode: lambda asked, _: SetMode(asked.mode),
    Tempo: lambda asked, _: SetTempo(asked.bpm),
    TapBeat: lambda _, at: Tap(at),
    Metre: lambda asked, _: SetMetre(parse_metre(asked.name)),
    HalfTime: lambda _, __: SetPace(0.5),
    DoubleTime: lambda _, __: SetPace(2.0),
    Follow: lambda asked, _: SetFollow(asked.on),
    Start: lambda _, at: StartBand(at),
    End: lambda _, __: EndBand(),
    Stop: lambda _, at: StopBand(at),
    Silence: lambda _, __: Panic(),
    FillIn: lambda _, __: Fill(),
    Rest: lambda _, __: Break(),
    Variation: lambda asked, _: SetVariation(asked.name),
    LeftHand: lambda asked, _: SetLeftHand(asked.on),
    MutePart: lambda asked, _: Mute(asked.part, asked.on),
    SoloPart: lambda asked, _: Solo(asked.part, asked.on),
    Volume: lambda asked, _: SetVolume(asked.part, asked.level / 127),
    Pan: lambda asked, _: SetPan(asked.part, (asked.place - 64) / 64),
    Creativity: lambda asked, _: SetCreativity(asked.amount),
    Swing: lambda asked, _: SetSwing(asked.amount),
    Metronome: lambda asked, _: SetMetronome(asked.on),
    Save: lambda _, at: SaveTake(at),
    Quit: lambda _, __: Finish("asked by ctl"),
}
"""request -> the engine's command, of the request and the moment"""


@dataclass(frozen=True, slots=True)
class Refused(Exception):
    """A request that is not carried out: why, and its id where it could be read."""

    why: str
    id: Id = None


_decoder: msgspec.json.Decoder[Request] = msgspec.json.Decoder(Union[(Status, *COMMANDS)])
_encoder = msgspec.json.Encoder()


class _Named(msgspec.Struct):
    id: Id = None


_name_decoder = msgspec.json.Decoder(_Named)


def read_request(line: bytes) -> Request:
    """Raises Refused, whatever the bytes are."""
    try:
        return _decoder.decode(line)
    except (ValueError, RecursionError) as error:  # msgspec's errors are ValueErrors
        raise Refused(str(error) or type(error).__name__, _id_of(line)) from None


def command(request: Request, at: float) -> Message | None:
    """What the engine is told; nothing for `status`. Raises Refused."""
    make = COMMANDS.get(type(request))
    try:
        return make(request, at) if make else None
    except ValueError as error:
        raise Refused(str(error), request.id) from None


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
