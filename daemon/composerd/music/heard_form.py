"""The form of a piece that is played without a chart: sections of 8, 12, 16 or 32 bars, from what repeats and cadences.

Every bar is compared with those 8, 12, 16 and 32 bars before. Bars that repeat, by their melody, or by their chords
where the melody is another (a solo), say how long a section is and where it begins; a cadence decides between
neighbouring bar lines. Sections with like melodies have one letter.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from composerd.music.roll import Steps

LENGTHS = (8, 12, 16, 32)
"""bars of a section or a chorus"""
ALIKE, SOUNDING = 0.7, 0.3
"""least share of agreeing steps in bars that are alike, and of sounding steps in bars that are compared"""
MELODY_BARS, CHORD_BARS = 2, 6
"""number of consecutive repeated bars that establish a form, by the melody and by chords alone"""
LONGEST_RUN = 8
"""number of last bars that are searched for a repetition"""
RUN = 0.75
"""share of the bars in a row that must repeat"""
CHORUS_BARS = 4
"""number of repeated bars that make a longer stretch the chorus"""
SNAP = 1
"""tolerance between the begin of a repetition and the section's bar line [bars]"""
ORDINALS = ("", "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth")


@dataclass(frozen=True, slots=True)
class _Bar:
    step: int
    pitch: Steps
    chords: tuple[tuple[int, bool], ...]
    """(root, is minor) of its halves"""


@dataclass(frozen=True, slots=True)
class HeardPlace:
    """A bar of the recognised form."""

    section: str
    """its letter, `chorus` if there is only one; empty while unknown"""
    time: int
    """number of the time it is played, from 1"""
    bar: int
    """from 1"""
    bars: int

    def __str__(self) -> str:
        ordinal = f"{ORDINALS[self.time]} time" if self.time < len(ORDINALS) else f"time {self.time}"
        name = f"{self.section}, {ordinal}, " if self.section else ""
        return f"{name}bar {self.bar} of {self.bars}"


@dataclass(slots=True)
class HeardForm:
    """Recognises the form of a jam; gets each bar as it ends. Bars have one length."""

    bars: list[_Bar] = field(default_factory=list)
    length: int | None = None
    """bars of a section"""
    start: int = 0
    """index of the bar that the first section begins with"""
    chorus: int | None = None
    """bars of a chorus of several sections; None before it is repeated"""
    _letters: list[str] = field(default_factory=list)
    """letters of the complete sections"""
    _firsts: dict[str, int] = field(default_factory=dict)
    """letter -> the first bar of the first section of that letter"""
    _places: dict[int, HeardPlace] = field(default_factory=dict)
    """bar of the form -> its place, of this bar and those near it"""
    _current: str = ""
    """letter of the current section; empty while it is unlike all earlier ones"""

    def bar_ended(self, step: int, pitch: Steps, chords: Sequence[tuple[int, bool]], key: int | None) -> None:
        """Add the bar that began at `step`, with its melody (steps,) and chords; `key` is the tonic."""
        if self.bars and len(self.bars[-1].pitch) != len(pitch):
            self.bars.clear()
            self._begin_anew(None, 0)
        self.bars.append(_Bar(step, pitch, tuple(chords)))
        for length in LENGTHS:
            run = self._run(length)
            if run:
                self._recognise(length, len(self.bars) - run, run, key)
                break
        self._settle()
        self._places.clear()

    def sections(self, step: int) -> tuple[int, ...]:
        """First steps of the section at `step`, the one before and the next; empty while no form is recognised."""
        if self.length is None or not self.bars:
            return ()
        bar = len(self.bars[0].pitch)
        first = self.bars[0].step + self.start * bar
        size = self.length * bar
        now = (step - first) // size
        return tuple(first + index * size for index in range(max(0, now - 1), max(0, now + 2)))

    def place(self, step: int) -> HeardPlace | None:
        """The place of `step` in the form; None while none has been recognised."""
        if self.length is None or not self.bars:
            return None
        bar = (step - self.bars[0].step) // len(self.bars[0].pitch) - self.start
        if bar < 0:
            return None
        if bar not in self._places:
            self._places[bar] = self._place(bar)
        return self._places[bar]

    def _place(self, bar: int) -> HeardPlace:
        assert self.length is not None
        number, within = divmod(bar, self.length)
        known = self._letters
        letter = known[number] if number < len(known) else self._current or self._foreseen(number)
        time = known[:number].count(letter) + 1
        alone = set(known) == {"A"} and letter == "A"
        return HeardPlace("chorus" if alone else letter, time, within + 1, self.length)

    def _recognise(self, length: int, begins: int, run: int, key: int | None) -> None:
        """Take over a repetition of the bars `length` before, which begins at bar number `begins`."""
        begins = self._line(begins, length, key)
        if self.length is not None and length % self.length == 0:
            if length > self.length and run >= CHORUS_BARS:
                self.chorus = length
            return
        if self.length is None or run >= CHORUS_BARS:
            self._begin_anew(length, (begins - length) % length)

    def _begin_anew(self, length: int | None, start: int) -> None:
        self.length, self.start, self.chorus = length, start, None
        self._letters.clear()
        self._firsts.clear()
        self._current = ""

    def _line(self, begins: int, length: int, key: int | None) -> int:
        """The bar that the repeated section begins with: the one noticed, or its neighbour where a cadence leads."""
        near = [bar for bar in range(begins - SNAP, begins + SNAP + 1) if length <= bar <= len(self.bars)]

        def worth(bar: int) -> float:
            led = self._cadence(bar, key) + self._cadence(bar - length, key)
            return 0.5 * led + 0.9 * (bar == begins) + 0.5 * (bar % 4 == 0)

        return max(near, key=worth, default=begins)

    def _cadence(self, bar: int, key: int | None) -> float:
        """Whether the bar before ends on the dominant, or rests on the tonic after it; the first bar counts as such."""
        if bar <= 0 or key is None:
            return float(bar == 0)
        before = [chord for one in self.bars[max(0, bar - 2) : bar] for chord in one.chords]
        last = self.bars[bar - 1].chords
        rests = {root for root, _ in last} == {key} and len(before) > len(last)
        return float(bool(last) and (last[-1][0] if not rests else before[-len(last) - 1][0]) == (key + 7) % 12)

    def _run(self, length: int) -> int:
        """The number of last bars that repeat those `length` bars before; 0 if it is too small."""
        for alike, least in ((self._melody_alike, MELODY_BARS), (self._chords_alike, CHORD_BARS)):
            best = hits = said = 0
            for back in range(min(LONGEST_RUN, len(self.bars) - length)):
                same = alike(len(self.bars) - 1 - back, len(self.bars) - 1 - back - length)
                if same is not None:
                    said, hits = said + 1, hits + same
                if said and hits < RUN * said:
                    break
                if same:
                    best = back + 1
            if hits >= least and best >= least and (least == MELODY_BARS or self._moves(best)):
                return best
        return 0

    def _melody_alike(self, one: int, other: int) -> bool | None:
        """Whether a share of ALIKE of the melodies' steps agree; None if there are too few notes."""
        a, b = self.bars[one].pitch, self.bars[other].pitch
        mine, sounds = np.count_nonzero(a >= 0), np.count_nonzero((a >= 0) | (b >= 0))
        if sounds < SOUNDING * len(a) or mine < SOUNDING / 2 * len(a):
            return None
        return bool(np.count_nonzero((a == b) & (a >= 0)) >= ALIKE * sounds)

    def _chords_alike(self, one: int, other: int) -> bool | None:
        a, b = self.bars[one].chords, self.bars[other].chords
        return a == b if a and b else None

    def _moves(self, run: int) -> bool:
        """Whether the last `run` bars have at least two chords and are not a repeated figure of four bars."""
        chords = [bar.chords for bar in self.bars[-run:]]
        distinct = {chord for bar in chords for chord in bar}
        return len(distinct) >= 2 and any(a != b for a, b in zip(chords, chords[4:], strict=False))

    def _settle(self) -> None:
        """Name the complete sections, and the current one if its melody is already like another's."""
        if self.length is None:
            return
        while self.start + (len(self._letters) + 1) * self.length <= len(self.bars):
            self._letters.append(self._letter(len(self._letters)) or self._new_letter(len(self._letters)))
        self._current = self._letter(len(self._letters))

    def _letter(self, number: int) -> str:
        """The letter of the earlier section that section `number` is like, so far; empty for none."""
        assert self.length is not None
        at = self.start + number * self.length
        return next((letter for letter, first in self._firsts.items() if self._section_alike(at, first)), "")

    def _new_letter(self, number: int) -> str:
        assert self.length is not None
        letter = chr(65 + min(25, len(self._firsts)))
        self._firsts[letter] = self.start + number * self.length
        return letter

    def _section_alike(self, one: int, other: int) -> bool:
        assert self.length is not None
        found = [
            same
            for bar in range(self.length)
            if one + bar < len(self.bars) and (same := self._melody_alike(one + bar, other + bar)) is not None
        ]
        return bool(found) and sum(found) >= RUN * len(found)

    def _foreseen(self, number: int) -> str:
        """The letter of a section that is still ambiguous: that of the chorus before, or empty."""
        if self.chorus is None or self.length is None:
            return ""
        before = number - self.chorus // self.length
        return self._letters[before] if 0 <= before < len(self._letters) else ""
