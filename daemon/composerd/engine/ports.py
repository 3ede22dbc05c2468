"""The engine's three doors. Adapters live in `devices`, `generators` and `takes`; working fakes in tests/fakes.py."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from composerd.engine.messages import Composed, Message, Played, Request
from composerd.music.genre import Genre


class Inbox(Protocol):
    """The program's only clock and its only wait."""

    def now(self) -> float:
        """Seconds on a clock that never goes back."""
        ...

    def receive(self, until: float) -> Message | None:
        """The next message, or None once `until` has come. A message that is there wins over the moment."""
        ...


class Generator(Protocol):
    """Decides notes. Pure: equal requests get equal answers, whatever was asked before."""

    def compose(self, request: Request) -> Composed:
        """Raises ModelError when its model cannot answer."""
        ...


class Composer(Protocol):
    """Takes requests and answers into the inbox, some time later. The latest request wins."""

    def ask(self, request: Request) -> None:
        """Never waits."""
        ...

    def close(self) -> None: ...


class Sink(Protocol):
    """A listener: a MIDI port, the audio process, a take, a file."""

    def play(self, played: Played) -> None:
        """Never waits and never raises: a sink that fails counts and recovers by itself."""
        ...

    def set_genre(self, genre: Genre) -> None:
        """The band's instruments from now on: programs, channels and loudness of its parts."""
        ...

    def close(self) -> None: ...


@runtime_checkable
class Silenceable(Protocol):
    """A sink that can be silenced at once, on all sixteen channels: releasing our notes would leave tails, the room
    and what another program began sounding on."""

    def panic(self) -> None:
        """Never waits and never raises."""
        ...
