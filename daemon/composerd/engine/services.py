"""The services of a performance: output, composer, current settings and choices, counters."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from composerd.engine.choices import Choices
from composerd.engine.output.stage import Stage
from composerd.engine.output.touch import Touch
from composerd.engine.ports import Composer
from composerd.engine.settings import EngineSettings


@dataclass(slots=True)
class AnswerCounts:
    """Requests and answers of one way to play."""

    serial: int = 0
    """of the last request"""
    late: int = 0
    """answers that came after their step"""
    dropped: int = 0
    """answers that were no longer expected"""


@dataclass(frozen=True, slots=True)
class ModeServices:
    """Shared by a mode and its performances; settings and choices are read anew at every use."""

    stage: Stage
    composer: Composer
    settings: Callable[[], EngineSettings]
    choices: Callable[[], Choices]
    report: Callable[[float], None]
    """called with the moment [s] at every beat and change of state"""
    touch: Touch
    counts: AnswerCounts = field(default_factory=AnswerCounts)

    def next_serial(self) -> int:
        self.counts.serial += 1
        return self.counts.serial
