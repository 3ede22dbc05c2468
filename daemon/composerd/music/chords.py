"""Chords and the chord plan: what the harmonist decides and the players follow."""

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
}


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
    """`chord` rules steps [step, step + length); `certainty` is its probability, 0 to 1."""

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
    """Tonic pitch class, where one is known."""
    minor: bool = False

    def at(self, step: int) -> PlannedChord | None:
        return next((planned for planned in self.chords if planned.step <= step < planned.end), None)

    def after(self, step: int) -> PlannedChord | None:
        """The next chord that starts after `step`."""
        return next((planned for planned in self.chords if planned.step > step), None)

    def led_by(self, fixed: ChordPlan | None) -> ChordPlan:
        """The plan with the chords of `fixed` over its own, as far as it reaches."""
        end = max((planned.end for planned in self.chords), default=0)
        plan = self
        for planned in fixed.chords if fixed is not None else ():
            if planned.step < end:
                plan = plan.with_chord(replace(planned, length=min(planned.end, end) - planned.step))
        return plan

    def with_chord(self, planned: PlannedChord) -> ChordPlan:
        """The plan with `planned` laid over whatever stood there."""
        kept = []
        for old in self.chords:
            if old.step < planned.step:
                kept.append(replace(old, length=min(old.end, planned.step) - old.step))
            if old.end > planned.end:
                step = max(old.step, planned.end)
                kept.append(replace(old, step=step, length=old.end - step))
        return replace(self, chords=tuple(sorted((*kept, planned), key=lambda chord: chord.step)))
