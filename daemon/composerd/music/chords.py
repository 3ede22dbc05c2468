"""Chords and the chord plan, which the harmonist makes and the parts follow."""

from __future__ import annotations

from dataclasses import dataclass, replace

NAMES = ("C", "D♭", "D", "E♭", "E", "F", "F♯", "G", "A♭", "A", "B♭", "B")
QUALITIES: dict[str, tuple[int, ...]] = {
    "": (0, 4, 7),
    "m": (0, 3, 7),
    "7": (0, 4, 7, 10),
    "maj7": (0, 4, 7, 11),
    "m7": (0, 3, 7, 10),
    "dim": (0, 3, 6),
    "m7b5": (0, 3, 6, 10),
    "sus4": (0, 5, 7),
    "6": (0, 4, 7, 9),
    "aug": (0, 4, 8),
    "dim7": (0, 3, 6, 9),
    "sus2": (0, 2, 7),
    "m6": (0, 3, 7, 9),
}
"""Intervals above the root by quality, in order of the chord's third, fifth and fourth tone."""


KEPT = 8
"""number of past chords that a plan keeps"""
FOR_EVER = 1 << 40


@dataclass(frozen=True, slots=True)
class Chord:
    """`root` and `bass` are pitch classes (0 = C), `quality` a key of QUALITIES."""

    root: int
    quality: str = ""
    bass: int | None = None

    @property
    def pitch_classes(self) -> tuple[int, ...]:
        return tuple((self.root + interval) % 12 for interval in QUALITIES[self.quality])

    @property
    def bass_class(self) -> int:
        return self.root if self.bass is None else self.bass

    @property
    def is_minor(self) -> bool:
        return QUALITIES[self.quality][1] == 3

    def transposed(self, semitones: int) -> Chord:
        bass = None if self.bass is None else (self.bass + semitones) % 12
        return Chord((self.root + semitones) % 12, self.quality, bass)

    def __str__(self) -> str:
        slash = f"/{NAMES[self.bass]}" if self.bass is not None and self.bass != self.root else ""
        return f"{NAMES[self.root]}{self.quality}{slash}"


@dataclass(frozen=True, slots=True)
class PlannedChord:
    """A chord over steps [step, step + length); `certainty` is its probability, 0 to 1."""

    step: int
    length: int
    chord: Chord
    certainty: float = 1.0

    @property
    def end(self) -> int:
        return self.step + self.length


@dataclass(frozen=True, slots=True)
class ChordPlan:
    """Chords in order, without overlap. An edit (left hand, ending, fill) is a new plan."""

    chords: tuple[PlannedChord, ...] = ()
    key: int | None = None
    """pitch class of the tonic, None if unknown"""
    minor: bool = False

    def moved(self, steps: int) -> ChordPlan:
        """The plan shifted by `steps`; to earlier steps if negative."""
        return replace(self, chords=tuple(replace(one, step=one.step + steps) for one in self.chords))

    def transposed(self, semitones: int) -> ChordPlan:
        """The plan transposed by semitones."""
        if not semitones:
            return self
        chords = tuple(replace(one, chord=one.chord.transposed(semitones)) for one in self.chords)
        return replace(self, chords=chords, key=None if self.key is None else (self.key + semitones) % 12)

    def at(self, step: int) -> PlannedChord | None:
        return next((planned for planned in self.chords if planned.step <= step < planned.end), None)

    def after(self, step: int) -> PlannedChord | None:
        """The next chord that starts after `step`."""
        return next((planned for planned in self.chords if planned.step > step), None)

    def other_after(self, step: int) -> PlannedChord | None:
        """The next chord that starts after `step` and is another one than sounds before it."""
        sounds = self.at(step)
        for planned in self.chords:
            if planned.step > step and (sounds is None or planned.chord != sounds.chord):
                return planned
        return None

    def held(self, step: int) -> ChordPlan:
        """The plan with its last chord extended over `step`, since a chord sounds until another one is decided."""
        if not self.chords or self.chords[-1].end > step:
            return self
        last = self.chords[-1]
        return replace(self, chords=(*self.chords[:-1], replace(last, length=step + 1 - last.step)))

    def between(self, first: int, until: int) -> ChordPlan:
        """The chords of steps [first, until), cut at both ends."""
        kept = (
            replace(one, step=max(one.step, first), length=min(one.end, until) - max(one.step, first))
            for one in self.chords
            if one.step < until and one.end > first
        )
        return replace(self, chords=tuple(kept))

    def then(self, later: ChordPlan, step: int) -> ChordPlan:
        """This plan up to `step`, followed by `later`."""
        before = (one for one in self.chords if one.step < step)
        kept = tuple(replace(one, length=min(one.end, step) - one.step) for one in before)[-KEPT:]
        return replace(later, chords=(*kept, *later.between(step, FOR_EVER).chords))

    def led_by(self, fixed: ChordPlan | None) -> ChordPlan:
        """The plan with the chords of `fixed` in place of its own, as far as `fixed` reaches."""
        end = max((planned.end for planned in self.chords), default=0)
        plan = self
        for planned in fixed.chords if fixed is not None else ():
            if planned.step < end:
                plan = plan.with_chord(replace(planned, length=min(planned.end, end) - planned.step))
        if fixed is not None and fixed.key is not None:
            plan = replace(plan, key=fixed.key, minor=fixed.minor)
        return plan

    def with_chord(self, planned: PlannedChord) -> ChordPlan:
        """The plan with `planned` in place of its own chords on those steps."""
        kept = []
        for old in self.chords:
            if old.step < planned.step:
                kept.append(replace(old, length=min(old.end, planned.step) - old.step))
            if old.end > planned.end:
                step = max(old.step, planned.end)
                kept.append(replace(old, step=step, length=old.end - step))
        return replace(self, chords=tuple(sorted((*kept, planned), key=lambda chord: chord.step)))
