"""Requests to the generators and their answers; all frozen."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from composerd.music.chords import ChordPlan
from composerd.music.genre import Genre
from composerd.music.harmony.encoding import BelowRoll
from composerd.music.harmony.key import Key
from composerd.music.metre import BarGrid
from composerd.music.notes import PartNote, Section
from composerd.music.recall import extended
from composerd.music.roll import BandRoll, MelodyRoll


class Mode(Enum):
    """How the band plays: along with the player, or after a phrase."""

    JAM = "jam"
    PHRASE = "phrase"


@dataclass(frozen=True, slots=True)
class Directions:
    """Directions for the generator over the steps of a request."""

    variation: str = "A"
    """A: ordinary, B: fuller"""
    creativity: float = 0.3
    """0 = the safest choice, 1 = the boldest: sampling temperature and density, and above 0.3 substitute chords"""
    fill_until: int | None = None
    """bar line (step) that a requested fill leads to"""
    ending_at: int | None = None
    """step of the final chord, once the end is requested"""
    sections: tuple[int, ...] = ()
    """steps on which a song's sections begin, in order; empty: no song is played, groups of bars count from bar 1"""
    key: Key | None = None
    """the key, if the player has set it"""
    again: bool = False
    """whether the section is played a second time, or more often: a little fuller"""


@dataclass(frozen=True, slots=True, eq=False)
class Request:
    """The inputs of a generator's decision, which it answers with `Composed` of the same serial.

    Harmony parts (`genre.harmony_parts`) are decided over [step, until), drums over [drums_from, drums_until): an empty
    range asks for nothing. `genre.parts` index i is row i of `band.cells`.
    Every step of `melody` up to `melody.end` has been heard; nothing later is known. In jam `melody.end` is `step + 1`
    when the key of the step was heard, `step` when not; in phrase mode it is the end of the phrase.
    """

    serial: int
    mode: Mode
    genre: Genre
    grid: BarGrid
    bpm: float
    step: int
    until: int
    drums_from: int
    drums_until: int
    harmony_from: int
    """no harmony sounds before this step (the harmony enters a bar after the drums)"""
    melody: MelodyRoll
    band: BandRoll
    """the band's own past, up to `step` (drums: up to `drums_from`)"""
    ahead: MelodyRoll | None = None
    """the expected melody from `melody.end` on, taken from an earlier passage, which plans may use"""
    returning: tuple[PartNote, ...] = ()
    """the pitched parts' notes of the repeated passage, moved to the steps of this request"""
    performance: int = 0
    """number of the performance, since key and form are estimated for each anew"""
    opening: int = 0
    """pitch of its first key, part of the generators' seeds, so that another tune has another groove; 0 before it"""
    directions: Directions = Directions()
    seed: int = 0
    plan: ChordPlan | None = None
    """chords that the player plays: as far as they reach, the generator's own plan is to follow them
    (`ChordPlan.led_by`)"""
    below: BelowRoll | None = None
    """what the player plays below the melody; None for nothing"""
    sounded: ChordPlan = field(default_factory=ChordPlan)
    """the latest chords that sounded before `step`, so that a chord that goes on does not count as a new one"""

    @property
    def repeats(self) -> bool:
        """Whether the pitched parts play the notes of the repeated passage in place of new ones."""
        return bool(self.returning) and self.directions.ending_at is None

    @property
    def foreseen(self) -> MelodyRoll:
        """The known melody, followed by its expected continuation."""
        return self.melody if self.ahead is None else extended(self.melody, self.ahead)

    @property
    def foreseen_until(self) -> int:
        """The step up to which the melody is known or expected."""
        return max(self.until, self.drums_until, 0 if self.ahead is None else self.ahead.end)


@dataclass(frozen=True, slots=True)
class Composed:
    """A generator's answer."""

    serial: int
    sections: tuple[Section, ...]
    plan: ChordPlan = field(default_factory=ChordPlan)
    seconds: float = 0.0
    """time the generator took, 0 on a virtual clock"""
    problem: str = ""
    """the reason why the rules of `plain` answered instead of the genre's model; empty if the model did"""
