"""Replaces some chords of a plan by substitutes of the same function, at a creativity above BEST.

Substitutes are the relative chord, the secondary dominant before the next chord, and in jazz the tritone substitute.
None lies a semitone from a longer melody note on its slots.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from composerd.music.chords import Chord, ChordPlan, PlannedChord
from composerd.music.harmony.encoding import Heard
from composerd.music.harmony.slots import Slot
from composerd.music.harmony.styles import HarmonyStyle

BEST = 0.3
"""creativity up to which nothing is replaced"""
SHARE = 0.45
"""share of the chords that are replaced at creativity 1, if they have a substitute"""
LEAST_SLOTS = 2
"""shortest chord that is replaced"""
SEMITONE = (1, 11)


def substituted(
    plan: ChordPlan,
    slots: Sequence[Slot],
    heard: Heard,
    tonic: int,
    creativity: float,
    seed: int,
    style: HarmonyStyle,
) -> ChordPlan:
    """The plan with some chords replaced; equal seeds replace the same ones, in every key."""
    share = SHARE * max(0.0, creativity - BEST) / (1.0 - BEST)
    if share == 0.0:
        return plan
    found: list[PlannedChord] = []
    for index, planned in enumerate(plan.chords):
        after = plan.chords[index + 1].chord if index + 1 < len(plan.chords) else None
        found += _replaced(planned, after, slots, heard, tonic, share, seed, style)
    return replace(plan, chords=tuple(found))


def _replaced(
    planned: PlannedChord,
    after: Chord | None,
    slots: Sequence[Slot],
    heard: Heard,
    tonic: int,
    share: float,
    seed: int,
    style: HarmonyStyle,
) -> list[PlannedChord]:
    within = [index for index, slot in enumerate(slots) if planned.step <= slot.start < planned.end]
    slashed = planned.chord.bass not in (None, planned.chord.root)
    dice = np.random.default_rng((seed, 4177, planned.step))
    if len(within) < LEAST_SLOTS or slashed or after is None or dice.random() >= share:
        return [planned]
    for split, chord in _candidates(planned.chord, after, style, dice, len(within)):
        at = slots[within[split]].start
        if _suits(chord, heard, within[split:], tonic):
            new = PlannedChord(at, planned.end - at, chord, planned.certainty)
            return [replace(planned, length=at - planned.step), new] if split else [new]
    return [planned]


def _candidates(
    chord: Chord, after: Chord | None, style: HarmonyStyle, dice: np.random.Generator, count: int
) -> Iterator[tuple[int, Chord]]:
    """(index of the chord's slot that the substitute begins on, substitute), in the order to try them."""
    found: list[tuple[int, Chord]] = []
    if after is not None and after.root != chord.root:
        found.append((count // 2, Chord((after.root + 7) % 12, "7")))
        if style.tritone:
            found.append((count // 2, Chord((after.root + 1) % 12, "7")))
    if style.tritone and chord.quality == "7":
        found.insert(0, (0, Chord((chord.root + 6) % 12, "7")))
    if chord.quality in ("", "maj7", "6"):
        found.append((0, Chord((chord.root + 9) % 12, "m7" if style.tritone else "m")))
    elif chord.quality in ("m", "m7"):
        found.append((0, Chord((chord.root + 3) % 12, "maj7" if style.tritone else "")))
    order = dice.permutation(len(found))
    yield from (found[index] for index in order)


def _suits(chord: Chord, heard: Heard, slots: Sequence[int], tonic: int) -> bool:
    """Whether none of the melody's longer notes lies a semitone from a tone of the chord without being one."""
    tones = {(tone - tonic) % 12 for tone in chord.pitch_classes}
    share = heard.whole[list(slots), :12].max(0)
    sung: npt.NDArray[np.int64] = np.flatnonzero((share >= 0.25) | (heard.first[list(slots), :12].max(0) > 0))
    return all(pitch in tones or all((pitch - tone) % 12 not in SEMITONE for tone in tones) for pitch in sung.tolist())
