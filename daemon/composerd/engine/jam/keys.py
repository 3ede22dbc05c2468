"""The player's keys in a jam: melody and left hand, and the keys of one chord gathered before they are answered."""

from __future__ import annotations

from dataclasses import dataclass

from composerd.engine.left_hand import LeftHand
from composerd.engine.services import ModeServices
from composerd.music.chords import ChordPlan
from composerd.music.metre import BarGrid
from composerd.music.player import PlayerRecorder

GATHER_SECONDS = 0.012
"""A key that may be the first of a chord is answered this much later, together with those that followed [s]"""


@dataclass(frozen=True, slots=True)
class _Gathering:
    """A key that waits for the rest of its chord."""

    until: float
    """second"""
    step: int


class JamKeys:
    """Records the player's keys, and returns the step for which harmony is to be requested."""

    def __init__(self, services: ModeServices, first: int) -> None:
        """Steps are recorded from `first` on."""
        settings = services.settings()
        self._services = services
        self.recorder = PlayerRecorder(first, settings.melody, settings.split_pitch)
        self.left_hand = LeftHand()
        self.opening = 0
        """pitch of the first key, 0 before it"""
        self._gathering: _Gathering | None = None

    @property
    def held(self) -> bool:
        """Whether a key is down."""
        return self.recorder.held or self.left_hand.held

    @property
    def last_step(self) -> int:
        """The step of the last key or sounding note."""
        return max(self.recorder.last_heard, self.left_hand.last_step)

    @property
    def left_hand_plan(self) -> ChordPlan | None:
        """The chords that the left hand plays; None without one."""
        return self.left_hand.plan if self.left_hand.plan.chords else None

    def chords(self, grid: BarGrid) -> ChordPlan | None:
        """The chords that the player plays: the left hand's, else those below the melody."""
        return self.left_hand_plan or self.recorder.chords(grid)

    def press(self, at: float, step: int, pitch: int) -> int | None:
        """Record a key of `step`; the step to request harmony for, None where nothing changes or a chord is gathered.

        A key too late for its own step is heard by the next one.
        """
        self.opening = self.opening or pitch
        split = self._services.settings().split_pitch
        begins_chord = self.recorder.may_begin_chord(step, pitch, split)
        if self._services.choices().left_hand and self.left_hand.takes(pitch, split, self.recorder.melody_near(step)):
            step = max(step, self.recorder.end)
            return self._gathered_or(at, step, True) if self.left_hand.press(step, pitch) else None
        return self._gathered_or(at, step, begins_chord) if self.recorder.press(step, pitch) else None

    def release(self, step: int, pitch: int) -> None:
        self.recorder.release(step, pitch)
        self.left_hand.release(pitch)

    @property
    def gathering(self) -> bool:
        """Whether a key waits for the rest of its chord."""
        return self._gathering is not None

    def gathered_at(self) -> float | None:
        """The second at which the gathered keys are to be answered; None for none."""
        return None if self._gathering is None else self._gathering.until

    def take_gathered(self) -> int | None:
        """The step of the gathered keys, which gather no longer; None for none."""
        gathered, self._gathering = self._gathering, None
        return None if gathered is None else gathered.step

    def _gathered_or(self, at: float, step: int, gathers: bool) -> int | None:
        """`step`, to be answered at once; None if the key begins a chord (`gathers`) or belongs to one."""
        if self._gathering is None and not gathers:
            return step
        self._gathering = self._gathering or _Gathering(at + GATHER_SECONDS, step)
        return None
