"""One performance of the band, from its first key to its last sound, and where in it a moment lies."""

from __future__ import annotations

from dataclasses import dataclass, field

from composerd.engine.clicks import Clicks
from composerd.engine.form import Form
from composerd.engine.left_hand import LeftHand
from composerd.engine.pulse import Pulse
from composerd.engine.settings import EngineSettings
from composerd.engine.timeline import Timeline
from composerd.music.chords import ChordPlan
from composerd.music.feel import swung, unswung
from composerd.music.genre import Genre
from composerd.music.melody import MelodyRecorder
from composerd.music.metre import STEPS_PER_BEAT, BarGrid
from composerd.music.notes import NotesRoll
from composerd.music.roll import BandRoll
from composerd.music.tempo import Tempo

BAND_STEPS = 64
"""how much of its own past a generator is shown"""
LATEST_GRACE_BEATS = 0.4 / STEPS_PER_BEAT
"""a key later than this belongs to no step's decision, however long the grace is"""


@dataclass(slots=True)
class JamRun:
    settings: EngineSettings
    genre: Genre
    pulse: Pulse
    grid: BarGrid
    first: int
    harmony_from: int
    recorder: MelodyRecorder
    timeline: Timeline
    clicks: Clicks
    drums_until: int
    number: int
    laid_until: int = 0
    """harmony is planned up to this step"""
    asked: dict[int, tuple[int, bool]] = field(default_factory=dict)
    """serial -> (step, whether a key was heard on it)"""
    answered: int = 0
    end_step: int | None = None
    clocked: bool = False
    """whether the beat is another machine's"""
    given: bool = False
    """whether the bars are a file's"""
    end_asked: bool = False
    """whether the player asked for the end: keys do not take it back then"""
    form: Form = field(default_factory=Form)
    left_hand: LeftHand = field(default_factory=LeftHand)
    plan: ChordPlan = field(default_factory=ChordPlan)

    @property
    def tempo(self) -> Tempo:
        return self.pulse.line

    @property
    def open_step(self) -> int:
        return self.recorder.end

    @property
    def ringing(self) -> bool:
        """Past the end: only what still sounds rings."""
        return self.end_step is not None and self.open_step > self.end_step

    @property
    def ring_until(self) -> int:
        """The step at which the last chord ends."""
        assert self.end_step is not None
        if not self.settings.final_chord:
            return self.end_step
        return self.end_step + self.grid.place(self.end_step).bar_steps

    @property
    def grace(self) -> float:
        """The grace in beats."""
        grace = self.settings.grace_ms * self.pulse.line.bpm / 60_000
        return grace if grace < LATEST_GRACE_BEATS else LATEST_GRACE_BEATS

    @property
    def closes_at(self) -> float:
        """The beat at which the open step has been heard."""
        return swung(self.recorder.end, self.genre.feel) + self.grace

    def position(self, at: float) -> float:
        """The step, with its fraction, that second `at` is, swing taken out."""
        return unswung(self.tempo.beat_at(at), self.genre.feel)

    def counting_in(self, at: float) -> bool:
        return not self.given and self.tempo.beat_at(at) * STEPS_PER_BEAT < -0.5

    def state(self, now: float) -> str:
        if self.counting_in(now):
            return "count-in"
        return "ending" if self.end_step is not None else "playing"

    def paused_at(self, step: int) -> bool:
        """Whether the player has been silent for the bars that end the music."""
        if self.clocked or self.recorder.held or self.left_hand.held:
            return False
        silent = step - max(self.recorder.last_heard, self.left_hand.last_step, self.first)
        return silent >= self.settings.pause_bars * self.grid.place(step).bar_steps

    def key_expected(self) -> bool:
        """Whether the player is likely to strike on the open step a key that the harmony should wait for."""
        step = self.open_step
        if any(keyed and asked == step for asked, keyed in self.asked.values()):
            return True
        planned = self.plan.at(step)
        if planned is not None and planned.step != step:  # within a chord the key changes little: sound on the step
            return False
        bar = self.grid.place(step).bar_steps
        on_beats = [self.recorder.struck(step - STEPS_PER_BEAT * back) for back in range(1, 5)]
        regular = step % STEPS_PER_BEAT == 0 and sum(on_beats) >= 2
        return regular or self.recorder.struck(step - bar)

    def past(self, step: int, drums_from: int) -> BandRoll:
        """What the band played: harmony up to `step`, drums up to `drums_from`."""
        first = max(self.first, step - BAND_STEPS)
        parts = self.genre.parts
        notes = self.timeline.past(first, [step if part.reacts else drums_from for part in parts])
        return NotesRoll(notes, first, max(step, drums_from), len(parts))
