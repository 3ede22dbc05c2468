"""The protocol of the control socket, version 1: one JSON object a line, each answered by one line, in order.

    > {"v": 1, "id": 7, "do": "tempo", "bpm": 120}
    < {"v": 1, "id": 7, "ok": true}
    > {"v": 1, "do": "status"}
    < {"v": 1, "id": null, "ok": true, "status": {"state": "playing", "genre": "jazz", "bpm": 120.0, "bar": 3, …}}
    > {"v": 1, "id": "x", "do": "tempo", "bpm": "fast"}
    < {"v": 1, "id": "x", "ok": false, "error": "bpm: found 'fast', expected a number from 30 to 300 …"}

`v` is required and 1; `id` is any whole number or short text and is returned in the answer. `do` is the word of a
command (`engine/commands/`) or of SOCKET below; the command's fields are further entries of the object. `ok` means
that the request was understood and passed on; its effect shows in `status`, whose fields are those of
`engine.messages.Snapshot`, `pid` and `version`. Requests, and fields of answers, may be added without a new version;
unknown fields of a request are an error, so that an older daemon refuses what it cannot do.
docs/reference/control-socket.md describes the protocol for authors of other programs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from composerd.control.settings import VERSION
from composerd.engine.command_fields import number
from composerd.engine.command_table import Command, Table
from composerd.engine.commands import TABLE
from composerd.errors import Unfit, quoted

LONGEST_LINE = 4096
"""bytes, the newline included; the longest request needs about 150"""
Id = Annotated[int, Meta(ge=-(2**53), le=2**53)] | Annotated[str, Meta(max_length=64)] | None


class Status(Command, tag="status", frozen=True):
    """the current state"""


class Watch(Command, tag="watch", frozen=True):
    """receive what is played and planned, a line at a time, until the client disconnects: see control/watch.py"""


class Note(Command, tag="note", frozen=True):
    """a key of an on-screen piano: the player's, as on a keyboard; released when the client disconnects"""

    pitch: Annotated[int, number(0, 127, "MIDI pitch")]
    velocity: Annotated[int, number(0, 127, "0: let go")]


class Learn(Command, tag="learn", frozen=True):
    """ignore the keyboard until the client disconnects; then read its page of controls again"""


class Pedal(Command, tag="pedal", frozen=True):
    """the sustain pedal of an on-screen piano"""

    down: bool


SOCKET = (Status, Watch, Learn, Note, Pedal)
"""requests that the socket itself answers; all others are commands to the band"""
REQUESTS = TABLE.plus(*SOCKET)


@dataclass(frozen=True, slots=True)
class SocketRequest:
    """A request that was read: its id and its command."""

    id: Id
    what: Command


@dataclass(frozen=True, slots=True)
class Refused(Exception):
    """A request that is refused: the reason, and its id if that could be read."""

    why: str
    id: Id = None


_decoder = msgspec.json.Decoder(dict[str, Any])
_encoder = msgspec.json.Encoder()


def read_request(line: bytes, table: Table = REQUESTS) -> SocketRequest:
    """Decode a line. Raises Refused for anything that is no request."""
    try:
        found = _decoder.decode(line)
    except (ValueError, RecursionError):  # msgspec's errors are ValueErrors
        raise Refused("expected one JSON object a line") from None
    request = _id(found)
    version = found.pop("v", None)
    try:
        if type(version) is not int or version != VERSION:
            raise Unfit("v", quoted(version), str(VERSION))
        return SocketRequest(request, table.read(found))
    except Unfit as error:
        raise Refused(str(error), request) from None


def done(request: SocketRequest, status: dict[str, Any] | None = None) -> bytes:
    answer: dict[str, Any] = {"v": VERSION, "id": request.id, "ok": True}
    return _line(answer if status is None else {**answer, "status": status})


def refused(error: Refused) -> bytes:
    return _line({"v": VERSION, "id": error.id, "ok": False, "error": error.why})


def _line(answer: dict[str, Any]) -> bytes:
    return _encoder.encode(answer) + b"\n"


def _id(found: dict[str, Any]) -> Id:
    """Remove and return the request's id. Raises Refused."""
    given = found.pop("id", None)
    try:
        name: Id = msgspec.convert(given, Id)
    except ValueError:
        raise Refused(f"id: found {quoted(given)}, expected a whole number or a text of 64 characters") from None
    return name
