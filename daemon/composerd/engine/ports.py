"""The engine's interfaces, implemented in `devices`, `generators` and `takes`, and by fakes in tests/fakes.py."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from composerd.engine.output.played import Played
from composerd.engine.requests import Composed, Request
from composerd.music.genre import Genre


class Generator(Protocol):
    """Decides notes. Pure: equal requests get equal answers, whatever was asked before."""

    def compose(self, request: Request) -> Composed:
        """Answer a request. Raises ModelError if the model cannot be used."""
        ...


class Composer(Protocol):
    """Takes requests and puts the answers into the inbox later; a new request replaces an older one."""

    def ask(self, request: Request) -> None:
        """Take a request; does not block."""
        ...

    def close(self) -> None: ...


class Sink(Protocol):
    """A receiver of the music: a MIDI port, the audio process, a take, a file."""

    def play(self, played: Played) -> None:
        """Take a message; neither blocks nor raises: a sink counts its errors and recovers by itself."""
        ...

    def set_genre(self, genre: Genre) -> None:
        """Set the band's instruments: programs, channels and loudness of its parts."""
        ...

    def close(self) -> None: ...


@runtime_checkable
class Silenceable(Protocol):
    """A sink that can be silenced at once, on all sixteen channels: releasing our notes would leave tails, the room
    and what another program began sounding on."""

    def panic(self) -> None:
        """Silence all channels; neither blocks nor raises."""
        ...
