"""Pending requests of a jam performance, and the plan made of their answers."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

from composerd.engine.output.timeline import Timeline
from composerd.engine.requests import Composed
from composerd.music.chords import ChordPlan
from composerd.music.metre import STEPS_PER_BEAT
from composerd.music.notes import Section, remainder

FIRST_ANSWER_STEPS = 2.0
"""largest delay of a performance's first answer [steps]: there is no earlier plan to play instead"""
KEYED_ANSWER_STEPS = 0.5
"""largest delay of the answer to a key [steps]"""
PATIENCE = 16
"""number of later requests after which an answer is no longer expected"""


@dataclass(frozen=True, slots=True)
class Judged:
    """An answer, classified on arrival."""

    step: int
    """the step that its request was for"""
    keyed: bool
    """whether a key press caused its request"""
    late: bool
    """whether it came after its step"""
    stale: bool
    """whether its harmony is out of date: it is late, or a later request was answered before"""


class Answers:
    """Matches answers to requests and puts their notes on the timeline."""

    def __init__(self, timeline: Timeline, first: int) -> None:
        """Steps of the performance count from `first`."""
        self.timeline = timeline
        self.plan = ChordPlan()
        self.drums_until = first
        """drums are planned up to this step"""
        self._laid_until = 0
        """harmony is planned up to this step"""
        self._asked: dict[int, tuple[int, bool]] = {}
        """serial -> (step, whether a key was heard on it)"""
        self._answered = 0

    def expect(self, serial: int, step: int, keyed: bool) -> None:
        """Note a request for `step`; `keyed`: the key of the step is included in it."""
        self._asked[serial] = (step, keyed)
        self._asked.pop(serial - PATIENCE - 1, None)

    def expects_key(self, step: int) -> bool:
        """Whether the answer to a key of `step` is still to come."""
        return any(keyed and asked == step for asked, keyed in self._asked.values())

    def judged(self, answer: Composed, position: float) -> Judged | None:
        """Classify `answer` on its arrival at `position` (step with fraction); None if it is not expected."""
        if (asked := self._asked.pop(answer.serial, None)) is None:
            return None
        step, keyed = asked
        patience = FIRST_ANSWER_STEPS if self._answered == 0 else KEYED_ANSWER_STEPS if keyed else 0.0
        late = position > step + patience + 1e-6
        return Judged(step, keyed, late, late or answer.serial < self._answered)

    def lay(self, answer: Composed, judged: Judged, beat: float, drums: frozenset[int], harmony: bool) -> None:
        """Put the notes of `answer` on the timeline at `beat`: those of the parts `drums`, others if `harmony`."""
        for section in answer.sections:
            if section.parts <= drums:
                self._lay_drums(section, beat)
            elif harmony and not judged.stale:
                self.timeline.lay(section, beat, at_once=judged.keyed)
                self._laid_until = section.until
            elif harmony:
                self._lay_unplanned(section, beat)
        if not judged.stale:
            self._answered, self.plan = answer.serial, self.plan.then(answer.plan, judged.step)

    def forget_drums(self, drums: frozenset[int], step: int) -> None:
        """Remove the plan of the drums from `step` on."""
        if self.drums_until > step:
            self.timeline.lay(Section(drums, step, self.drums_until, ()), step / STEPS_PER_BEAT)
            self.drums_until = step

    def rest(self, parts: int, step: int) -> None:
        """Remove the plan of all `parts` from `step` on: nothing begins there."""
        self.timeline.lay(Section(frozenset(range(parts)), step, step, ()), step / STEPS_PER_BEAT)
        self._laid_until, self.drums_until = min(self._laid_until, step), min(self.drums_until, step)

    def begin_anew(self, timeline: Timeline, step: int) -> None:
        """Drop all plans and expected answers, since other parts play from `step` on."""
        self.timeline = timeline
        self.drums_until = self._laid_until = step
        self._asked.clear()

    def _lay_drums(self, section: Section, beat: float) -> None:
        """Put drums on the timeline once for each bar; a section that begins before `drums_until` is ignored."""
        if section.first >= self.drums_until and section.until > self.drums_until:
            self.timeline.lay(section, beat)
            self.drums_until = section.until

    def _lay_unplanned(self, section: Section, beat: float) -> None:
        """Put the steps of a late answer for which nothing is planned on the timeline, so that slow machines play
        harmony."""
        first = max(self._laid_until, ceil(beat * STEPS_PER_BEAT))
        if section.until > first:
            self.timeline.lay(remainder(section, first), beat)
            self._laid_until = section.until
