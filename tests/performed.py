"""A performance on the virtual clock: what it was given, and everything that came of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from composerd.engine.conductor import Conductor, Start
from composerd.engine.controls.page import ControlMap
from composerd.engine.messages import (
    Composed,
    Delegated,
    KeyboardChanged,
    KeyboardMessage,
    Message,
    Mode,
    Request,
    Snapshot,
    Stop,
)
from composerd.engine.output.stage import Stage
from composerd.engine.settings import EngineSettings
from composerd.engine.virtual import VirtualInbox
from composerd.music.genre import Genre
from composerd.music.metre import BarGrid, Metre
from composerd.music.midi import note_off, note_on
from fakes import InstantComposer, ListeningSink, duo, echo_bass

BEAT = 0.5
"""seconds, at 120 quarter notes a minute"""
BAR = 4 * BEAT
Line = tuple[float, Message]
"""second, message"""


class Performed:
    """A duo at 120 bpm, whose bass echoes the melody, that heard `lines` until second `until`."""

    def __init__(
        self,
        lines: Iterable[Line],
        until: float,
        settings: EngineSettings | None = None,
        rule: Callable[[Request], Composed] = echo_bass,
        delay: float = 0.0,
        start: Start | None = None,
        genre: Genre | None = None,
        page: ControlMap | None = None,
    ) -> None:
        """`rule` answers requests, `delay` seconds late; `page`: the controls of the keyboard."""
        inbox = VirtualInbox()
        self.sink, self.shown, self.delegated = ListeningSink(), list[Snapshot](), list[Delegated]()
        self.composer = InstantComposer(inbox, rule, delay)
        self.stage = Stage([self.sink], genre or duo())
        self.conductor = Conductor(
            inbox,
            self.composer,
            self.stage,
            settings or EngineSettings(),
            start or Start(bpm=120.0),
            self.shown.append,
            delegate=self.delegated.append,
        )
        if page is not None:
            inbox.post(0.0, KeyboardChanged(0.0, "a keyboard", controls=page))
        for at, message in lines:
            inbox.post(at, message)
        inbox.post(until, Stop())
        self.conductor.run()

    def drums(self) -> list[float]:
        """Seconds of the drums' notes."""
        return [at for at, _ in self.sink.onsets(0)]

    def bass(self) -> list[float]:
        """Seconds of the bass's notes."""
        return [at for at, _ in self.sink.onsets(1)]


def keys(*presses: tuple[float, int], length: float = 0.4) -> list[Line]:
    """Keys as (second, pitch), each held for `length` seconds."""
    found: list[Line] = []
    for at, pitch in presses:
        found.append((at, KeyboardMessage(at, note_on(1, pitch, 80))))
        found.append((at + length, KeyboardMessage(at + length, note_off(1, pitch))))
    return found


def performance(
    lines: Sequence[Line],
    until: float,
    *,
    mode: Mode = Mode.JAM,
    metre: Metre | None = None,
    bpm: float = 120.0,
    options: EngineSettings | None = None,
) -> Performed:
    """A performance in `mode` that begins in `metre` (4/4) and at `bpm`."""
    return Performed(lines, until, options, start=Start(mode, bpm, BarGrid.of(metre or Metre())))
