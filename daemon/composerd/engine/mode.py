"""The interface of jam and phrase mode: idle, or forwarding everything to a running performance."""

from __future__ import annotations

from enum import Enum
from math import inf
from typing import Generic, Protocol, TypeVar

from composerd.engine.outlook import Outlook
from composerd.engine.requests import Composed
from composerd.engine.services import ModeServices
from composerd.engine.snapshot import Snapshot
from composerd.engine.song.loaded import SongLoaded
from composerd.music.genre import Genre
from composerd.music.metre import Metre
from composerd.music.midi import Midi
from composerd.music.tempo import Tempo


class End(Enum):
    """When a performance ends."""

    BAR_LINE = "at the next bar line"
    NEXT_BEAT = "on the next beat"
    NOW = "now"


class Cue(Enum):
    """What the player asks of the performance, now or from the next beat or bar line on; the values are for people."""

    START = "start the band"
    START_OR_END = "start the band, or end it at the next bar line"
    END = "end at the next bar line"
    STOP = "end with a last chord on the next beat"
    FILL = "a drum fill"
    BREAK = "a bar of rest"
    HALF_TIME = "half time, or the set tempo again"
    DOUBLE_TIME = "double time, or the set tempo again"
    NEXT_SECTION = "on to the song's next section"
    STAY = "stay in this section of the song"
    ENDING = "to the song's ending"
    TOP = "from the top of the song"


class PerformanceMode(Protocol):
    """Jam or phrase mode, driven by the conductor; moments are seconds of the inbox's clock."""

    @property
    def playing(self) -> bool: ...
    @property
    def tempo(self) -> Tempo:
        """The tempo line, which maps seconds to beats."""
        ...

    @property
    def bpm(self) -> float:
        """The set tempo [quarter notes a minute]; the line may be faster or slower."""
        ...

    def beat_at(self, second: float) -> float | None:
        """Quarter notes since bar 1; None while nothing plays."""
        ...

    def deadline(self) -> float:
        """The next moment at which something is due; infinity for none."""
        ...

    def tick(self, now: float) -> float:
        """Do everything due up to `now`, in musical order, and return the next deadline."""
        ...

    def heard(self, at: float, message: Midi) -> None:
        """Take a message of the player's keyboard, which has already been sent to the sinks."""
        ...

    def composed(self, answer: Composed, now: float) -> None:
        """Take an answer of the composer."""
        ...

    def retune(self, bpm: float, now: float, beat_at: float | None = None) -> None:
        """Play at `bpm` from now on; `beat_at` is a moment on which the player tapped a beat."""
        ...

    def lead(self, line: Tempo | None, now: float) -> None:
        """Follow the tempo line of another machine's clock from now on; None: no longer."""
        ...

    def change(self, what: Genre | Metre | SongLoaded, now: float) -> None:
        """Change genre, metre or song at the next moment that suits the music."""
        ...

    def carry_out(self, cue: Cue, at: float) -> None:
        """Do what the player asks, or nothing where it does not apply."""
        ...

    def end(self, when: End, now: float) -> None:
        """End the performance; ignored if it already ends as early."""
        ...

    def snapshot(self, now: float, keyboard: str | None) -> Snapshot: ...
    def outlook(self, now: float) -> Outlook: ...


class Performance(Protocol):
    """A running performance, to which a mode forwards everything."""

    over: bool

    @property
    def tempo(self) -> Tempo: ...
    def beat_at(self, second: float) -> float | None: ...
    def deadline(self) -> float: ...
    def advance(self, moment: float, now: float) -> None: ...
    def release(self, at: float, pitch: int) -> None: ...
    def composed(self, answer: Composed, now: float) -> None: ...
    def end(self, when: End, now: float) -> None: ...
    def finish(self, now: float) -> None: ...
    def snapshot(self, now: float, keyboard: str | None) -> Snapshot: ...
    def outlook(self, now: float) -> Outlook: ...


P = TypeVar("P", bound=Performance)


class IdleOr(Generic[P]):
    """Base class of the modes: idle, or forwarding to a performance."""

    def __init__(self, services: ModeServices, idle_tempo: Tempo) -> None:
        self._services, self._tempo = services, idle_tempo
        self.performance: P | None = None

    @property
    def playing(self) -> bool:
        return self.performance is not None

    @property
    def tempo(self) -> Tempo:
        return self._tempo if self.performance is None else self.performance.tempo

    def beat_at(self, second: float) -> float | None:
        return None if self.performance is None else self.performance.beat_at(second)

    def deadline(self) -> float:
        return inf if self.performance is None else self.performance.deadline()

    def tick(self, now: float) -> float:
        moment = inf
        while self.performance is not None and (moment := self.performance.deadline()) <= now:
            self.performance.advance(moment, now)
            self._settle(now)
        return moment if self.performance is not None else inf

    def composed(self, answer: Composed, now: float) -> None:
        if self.performance is None:
            self._services.counts.dropped += 1
        else:
            self.performance.composed(answer, now)
            self.tick(now)

    def end(self, when: End, now: float) -> None:
        if self.performance is not None:
            self.performance.end(when, now)
            self._settle(now)

    def snapshot(self, now: float, keyboard: str | None) -> Snapshot:
        if self.performance is not None:
            return self.performance.snapshot(now, keyboard)
        genre, counts = self._services.stage.genre, self._services.counts
        return Snapshot(
            "ready", genre.name, self._tempo.bpm, keyboard=keyboard, late=counts.late, dropped=counts.dropped
        )

    def outlook(self, now: float) -> Outlook:
        return Outlook(now, self._tempo.bpm) if self.performance is None else self.performance.outlook(now)

    def _settle(self, now: float) -> None:
        """Become idle if the performance is over."""
        ended = self.performance
        if ended is not None and ended.over:
            self.performance = None
            self._ended(ended, now)
            self._services.report(now)

    def _ended(self, performance: P, now: float) -> None:
        """Take over the tempo and bars that the next performance starts with from the ended one."""
        raise NotImplementedError
