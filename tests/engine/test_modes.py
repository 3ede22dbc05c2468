"""A mode: idle, or forwarding to a performance, which is taken apart once it is over."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import inf

import pytest

from composerd.engine.choices import Choices
from composerd.engine.messages import Composed, Snapshot
from composerd.engine.mode import End, IdleOr
from composerd.engine.outlook import Outlook
from composerd.engine.output.stage import Stage
from composerd.engine.output.touch import Touch
from composerd.engine.services import ModeServices
from composerd.engine.settings import EngineSettings
from composerd.engine.virtual import VirtualInbox
from composerd.music.chords import ChordPlan
from composerd.music.tempo import Tempo
from fakes import InstantComposer, duo, echo_bass

ANSWER = Composed(1, (), ChordPlan())


@dataclass
class Ticking:
    """A performance with something due at given moments; it ends itself after the last one."""

    moments: list[float]
    tempo: Tempo = field(default_factory=lambda: Tempo(90.0))
    over: bool = False
    done: list[tuple[float, float]] = field(default_factory=list)
    answers: list[Composed] = field(default_factory=list)

    def beat_at(self, second: float) -> float | None:
        return self.tempo.beat_at(second)

    def deadline(self) -> float:
        return self.moments[0] if self.moments else inf

    def advance(self, moment: float, now: float) -> None:
        self.done.append((moment, now))
        self.moments.pop(0)
        self.over = not self.moments

    def release(self, at: float, pitch: int) -> None: ...

    def composed(self, answer: Composed, now: float) -> None:  # noqa: ARG002 - as a performance is called
        self.answers.append(answer)

    def end(self, when: End, now: float) -> None:  # noqa: ARG002
        self.over = when is End.NOW

    def finish(self, now: float) -> None:  # noqa: ARG002
        self.over = True

    def snapshot(self, now: float, keyboard: str | None) -> Snapshot:  # noqa: ARG002
        return Snapshot("playing", "duo", 90.0, keyboard=keyboard)

    def outlook(self, now: float) -> Outlook:
        return Outlook(now, 90.0, beat=1.0)


class Mode(IdleOr[Ticking]):
    """A mode whose performances are given."""

    def __init__(self, performance: Ticking | None = None) -> None:
        settings, choices = EngineSettings(), Choices()
        self.reports: list[float] = []
        composer = InstantComposer(VirtualInbox(), echo_bass)
        touch = Touch(lambda: settings)
        services = ModeServices(
            Stage([], duo()), composer, lambda: settings, lambda: choices, self.reports.append, touch
        )
        super().__init__(services, Tempo(100.0))
        self.performance = performance
        self.services = services
        self.ended: list[Ticking] = []

    def _ended(self, performance: Ticking, now: float) -> None:  # noqa: ARG002
        self.ended.append(performance)


def test_idle_nothing_is_due_and_the_tempo_that_was_set_is_shown() -> None:
    mode = Mode()
    assert (mode.playing, mode.deadline(), mode.tick(5.0)) == (False, inf, inf)
    assert mode.beat_at(3.0) is None
    assert mode.tempo.bpm == 100.0
    shown = mode.snapshot(1.0, "keys")
    assert (shown.state, shown.genre, shown.bpm, shown.keyboard) == ("ready", "duo", 100.0, "keys")
    assert mode.outlook(1.0) == Outlook(1.0, 100.0)


def test_an_answer_that_comes_while_idle_is_counted_as_dropped() -> None:
    mode = Mode()
    mode.composed(ANSWER, 1.0)
    mode.composed(ANSWER, 2.0)
    assert mode.services.counts.dropped == 2
    assert mode.snapshot(2.0, None).dropped == 2


def test_all_that_is_due_is_done_in_order_and_with_the_moment_of_now() -> None:
    running = Ticking([1.0, 2.0, 3.0, 9.0])
    mode = Mode(running)
    assert mode.tick(3.5) == 9.0
    assert running.done == [(1.0, 3.5), (2.0, 3.5), (3.0, 3.5)]
    assert mode.playing


def test_a_performance_that_is_over_leaves_the_mode_idle_and_is_reported() -> None:
    running = Ticking([1.0, 2.0])
    mode = Mode(running)
    assert mode.tick(5.0) == inf
    assert (mode.playing, mode.ended, mode.reports) == (False, [running], [5.0])
    assert mode.tempo.bpm == 100.0


@pytest.mark.parametrize(("when", "playing"), [(End.NOW, False), (End.NEXT_BEAT, True), (End.BAR_LINE, True)])
def test_the_end_is_the_performances_own_decision(when: End, playing: bool) -> None:
    mode = Mode(Ticking([9.0]))
    mode.end(when, 1.0)
    assert mode.playing is playing


def test_ending_while_idle_does_nothing() -> None:
    mode = Mode()
    mode.end(End.NOW, 1.0)
    assert (mode.playing, mode.reports) == (False, [])


def test_an_answer_is_forwarded_and_what_is_due_by_then_is_played() -> None:
    running = Ticking([1.0, 9.0])
    mode = Mode(running)
    mode.composed(ANSWER, 2.0)
    assert (running.answers, running.done) == ([ANSWER], [(1.0, 2.0)])


def test_while_it_plays_the_performance_is_shown() -> None:
    mode = Mode(Ticking([9.0]))
    assert mode.tempo.bpm == 90.0
    assert mode.beat_at(2.0) == pytest.approx(3.0)
    assert mode.snapshot(1.0, "keys").state == "playing"
    assert mode.outlook(1.0).beat == 1.0
