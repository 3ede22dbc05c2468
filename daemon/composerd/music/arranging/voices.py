"""Chorale voices under a melody: one chord a beat, led after the rules of four-part harmony, with passing notes.

The rules (Aldwell & Schachter, Harmony and Voice Leading): voices in order and near each other, thirds and sevenths
present and not doubled, little movement over a bass that prefers roots and moves against the melody, no parallel fifths
or octaves.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from composerd.music.arranging.scene import MAJOR, MINOR, Scene
from composerd.music.chords import Chord, PlannedChord
from composerd.music.genre import Part
from composerd.music.harmony.guard import SEMITONES
from composerd.music.notes import PartNote
from composerd.music.roll import BandRoll

Ranges = tuple[tuple[int, int], ...]
Pitches = tuple[int | None, ...]
"""pitch of each voice, highest first; None: silent"""
Floats = npt.NDArray[np.float64]

_MISSING, _DOUBLED = (6.0, 8.0, 1.5, 6.0), (0.0, 2.5, 1.0, 6.0)
"""Cost of root, third, fifth, seventh missing from, or sung twice in, the four voices."""
_IN_BASS = (0.0, 2.0, 6.0, 4.0)
"""Cost of the chord's root, third, fifth, seventh as the lowest note."""
_STATED = 25.0
"""Cost of another lowest note than the stated one of a slash chord."""
_CROSSED, _WIDE, _PARALLEL, _SIMILAR, _LEAP, _FINAL = 60.0, 3.0, 9.0, 1.2, 3.0, 60.0
_MOVE_INNER, _MOVE_BASS = 1.0, 0.35
MOST = 1 << 13
"""most settings of a chord that are compared: many times those of a chorale's voices"""
_ORNAMENT = (0.14, 0.3, 0.3, 0.85, 0.85, 0.5)
"""Chance of an eighth between two beats, by the semitones from one to the next (the last: a fourth and more)."""


@dataclass(frozen=True, slots=True, eq=False)
class _Candidates:
    """The settings of a chord: `pitches` (settings, voices) from the top; `counts` (settings, tones); `cost`."""

    pitches: npt.NDArray[np.int64]
    counts: Floats
    cost: Floats


@lru_cache(maxsize=512)
def _candidates(chord: Chord, ranges: Ranges) -> _Candidates:
    tones = [chord.pitch_classes] * (len(ranges) - 1) + [(*chord.pitch_classes, chord.bass_class)]
    rows = [
        [pitch for pitch in range(low, high + 1) if pitch % 12 in classes] or [(low + high) // 2]
        for (low, high), classes in zip(ranges, tones, strict=True)
    ]  # a range without a tone of the chord: its middle
    pitches = _in_order(rows)
    counts = np.stack([(pitches % 12 == tone).sum(1) for tone in chord.pitch_classes], 1).astype(np.float64)
    gaps = pitches[:, :-2] - pitches[:, 1:-1]
    in_bass = np.array([_bass_cost(chord, int(pitch)) for pitch in pitches[:, -1]])
    return _Candidates(pitches, counts, in_bass + _WIDE * np.maximum(gaps - 12, 0).sum(1))


def _in_order(rows: list[list[int]]) -> npt.NDArray[np.int64]:
    """Settings (settings, voices) whose voices do not cross, of each voice's `rows`; the lowest tones if all cross.

    Of more than MOST those of the middle of the ranges are kept.
    """
    reach = [rows[-1]]
    for row in reversed(rows[:-1]):  # tones above the lowest that the voices below can sing
        reach.insert(0, [pitch for pitch in row if pitch > reach[0][0]])
        if not reach[0]:
            return np.array([[row[0] for row in rows]], np.int64)
    ways = np.array(reach[0], np.int64)[:, None]
    for row in reach[1:]:
        tones = np.array(row, np.int64)
        upper, lower = np.nonzero(ways[:, -1:] > tones)
        ways = np.column_stack((ways[upper], tones[lower]))
        if len(ways) > MOST:
            middles = np.array([(tones[0] + tones[-1]) / 2 for tones in reach[: ways.shape[1]]])
            ways = ways[np.sort(np.argsort(np.abs(ways - middles).sum(1), kind="stable")[:MOST])]
    return ways


def _bass_cost(chord: Chord, pitch: int) -> float:
    if chord.bass is not None:
        return 0.0 if pitch % 12 == chord.bass else _STATED
    if pitch % 12 not in chord.pitch_classes:
        return 0.0
    return _IN_BASS[chord.pitch_classes.index(pitch % 12)]


@lru_cache(maxsize=8192)
def led(
    chord: Chord, ranges: Ranges, before: Pitches, sung: int | None, sung_before: int | None, final: bool = False
) -> tuple[int, ...]:
    """The best setting of a chord under the melody's pitch `sung`, coming from `before`; highest voice first.

    `final`: the last one, which stands on its root.
    """
    ways = _candidates(chord, ranges)
    cost = (
        ways.cost + _FINAL * final * (ways.pitches[:, -1] % 12 != chord.bass_class) + _completeness(ways, chord, sung)
    )
    known = [(voice, pitch) for voice, pitch in enumerate(before) if pitch is not None]
    bass = len(ranges) - 1
    for voice, pitch in known:
        moved = np.abs(ways.pitches[:, voice] - pitch)
        weight = _MOVE_BASS if voice == bass else _MOVE_INNER
        cost = cost + weight * moved + _LEAP * (moved > 7) + 4 * _LEAP * (moved > 12)
    if not known:
        cost = cost + 0.2 * np.abs(ways.pitches - np.array([(low + high) / 2 for low, high in ranges])).sum(1)
    if sung is not None:
        top = ways.pitches[:, 0]
        cost = cost + _CROSSED * (top > sung) + _WIDE * (top == sung) + _WIDE * np.maximum(sung - top - 12, 0)
    cost = cost + _parallels(ways.pitches, before, sung, sung_before)
    return tuple(ways.pitches[int(cost.argmin())].tolist())


def _completeness(ways: _Candidates, chord: Chord, sung: int | None) -> Floats:
    tones = np.array(chord.pitch_classes)
    counts = ways.counts + (tones == (sung % 12 if sung is not None else -1))
    missing, doubled = np.array(_MISSING[: len(tones)]), np.array(_DOUBLED[: len(tones)])
    cost: Floats = (counts == 0) @ missing + np.maximum(counts - 1, 0) @ doubled
    return cost


def _parallels(pitches: npt.NDArray[np.int64], before: Pitches, sung: int | None, sung_before: int | None) -> Floats:
    """Fifths and octaves in parallel, with the melody too, and bass and melody going the same way."""
    cost = np.zeros(len(pitches))
    voices = [(old, pitches[:, voice]) for voice, old in enumerate(before) if old is not None]
    if sung is not None and sung_before is not None:
        voices.insert(0, (sung_before, np.full(len(pitches), sung)))
        if before[-1] is not None:
            cost += _SIMILAR * ((pitches[:, -1] - before[-1]) * (sung - sung_before) > 0)
    for at, (old_upper, upper) in enumerate(voices):
        for old_lower, lower in voices[at + 1 :]:
            interval = (old_upper - old_lower) % 12
            if interval in (0, 7):
                cost += _PARALLEL * (((upper - lower) % 12 == interval) & (upper != old_upper))
    return cost


def voiced_parts(scene: Scene, parts: dict[int, Part], band: BandRoll) -> list[PartNote]:
    """The notes of all voices (`parts`: index -> part) in [scene.first, scene.until)."""
    order = sorted(parts, key=lambda index: -parts[index].high)
    ranges = tuple((parts[index].low, parts[index].high) for index in order)
    cells = _cells(scene)
    settings = _settings(scene, cells, ranges, order, band)
    notes: list[PartNote] = []
    for voice, index in enumerate(order):
        notes += _sung_line(scene, cells, settings, voice, index, parts[index], _at(band, index, scene.first - 1))
    return notes


def _cells(scene: Scene) -> list[PlannedChord]:
    """The chords that sound in [first, until) and the one after, from where harmony begins, none after an ending."""
    found = []
    for planned in scene.plan.chords:
        start = max(planned.step, scene.harmony_from)
        if planned.end > scene.first and planned.end > start and planned.step < scene.until + 4:
            found.append(replace(planned, step=start, length=planned.end - start))
    return found


def _settings(
    scene: Scene, cells: list[PlannedChord], ranges: Ranges, order: list[int], band: BandRoll
) -> list[tuple[int, ...]]:
    """The pitches of every cell at its start; of one that already sounds, those that sounded there."""
    settings: list[tuple[int, ...]] = []
    before: Pitches = tuple(None for _ in order)
    if cells:
        before = tuple(_at(band, index, min(cells[0].step, scene.first) - 1) for index in order)
    for cell in cells:
        if cell.step < scene.first and None not in (sounded := tuple(_at(band, index, cell.step) for index in order)):
            setting = tuple(pitch for pitch in sounded if pitch is not None)
        else:
            sung, sung_before = scene.sung(cell.step), scene.sung(cell.step - 1)
            setting = led(cell.chord, ranges, before, sung, sung_before, cell.step == scene.ending_at)
        settings.append(setting)
        before = setting
    return settings


def _at(band: BandRoll, index: int, step: int) -> int | None:
    sounding = band.sounding(index, step)
    return sounding[-1] if sounding else None


def _sung_line(
    scene: Scene,
    cells: list[PlannedChord],
    settings: list[tuple[int, ...]],
    voice: int,
    index: int,
    part: Part,
    sounding: int | None,
) -> list[PartNote]:
    """One voice: a note a cell, held or struck again where it stays, with eighths on the way to the next."""
    notes: list[PartNote] = []
    for at, cell in enumerate(cells):
        if cell.step >= scene.until:
            break
        middle = cell.step + cell.length // 2
        open_yet = scene.first <= middle < scene.until
        eighth = _between(scene, cells, settings, at, voice, part) if open_yet else None
        stop = cell.end if eighth is None else middle
        start, pitch = max(cell.step, scene.first), settings[at][voice]
        goes_on = sounding is not None
        if cell.step < scene.first:
            pitch = sounding if sounding is not None else pitch
        else:
            goes_on = pitch == sounding and not _struck_again(scene, cell.step, voice)
        if start < stop:
            _sing(scene, notes, PartNote(start, index, pitch, _velocity(part, cell.step), stop - start), goes_on)
            sounding = pitch
        if eighth is not None:
            notes.append(PartNote(middle, index, eighth, _velocity(part, middle), cell.end - middle))
            sounding = eighth
    return notes


def _sing(scene: Scene, notes: list[PartNote], note: PartNote, goes_on: bool) -> None:
    if goes_on and notes:
        notes[-1] = replace(notes[-1], length=note.end - notes[-1].step)
    else:
        notes.append(replace(note, tied=goes_on and note.step == scene.first))


def _struck_again(scene: Scene, step: int, voice: int) -> bool:
    if step == scene.ending_at:
        return True
    if step < scene.melody.end:
        return scene.strikes(step) and scene.draw(step, voice, 21) < 0.93
    return scene.draw(step, voice, 21) < 0.75


def _velocity(part: Part, step: int) -> int:
    return max(1, min(127, round(part.loudness * (1.0 if step % 4 == 0 else 0.93))))


def _between(
    scene: Scene, cells: list[PlannedChord], settings: list[tuple[int, ...]], at: int, voice: int, part: Part
) -> int | None:
    """The passing note of a voice in the second half of a cell on its way to the next pitch; None: it stays."""
    cell, pitch = cells[at], settings[at][voice]
    if at + 1 >= len(settings) or cell.length < 4:
        return None
    coming = settings[at + 1][voice]
    way = min(abs(coming - pitch), len(_ORNAMENT) - 1)
    chance = _ORNAMENT[way] + (0.25 if scene.variation == "B" else 0.0) + 0.3 * (scene.creativity - 0.3)
    if not _ORNAMENT[way] or scene.draw(cell.step, voice, 22) >= chance:
        return None
    low = max(settings[at][voice + 1 : voice + 2] + settings[at + 1][voice + 1 : voice + 2], default=0) + 1
    high = min(
        settings[at][voice - 1 : voice] + settings[at + 1][voice - 1 : voice], default=scene.sung(cell.step) or 127
    )
    sung = scene.sung(cell.step + cell.length // 2)
    around = [other for other in (*settings[at][:voice], *settings[at][voice + 1 :], sung) if other is not None]
    fits = [
        tone
        for tone in _options(scene, cell, pitch, coming)
        if max(low, part.low) <= tone < min(high, part.high + 1)
        and tone not in (pitch, coming)
        and all((tone - other) % 12 not in SEMITONES for other in around)
    ]
    return fits[int(scene.draw(cell.step, voice, 23) * len(fits))] if fits else None


def _options(scene: Scene, cell: PlannedChord, pitch: int, coming: int) -> list[int]:
    """Scale tones within a third between; chord tones within a larger leap; beside a step or a repeated note."""
    key = scene.plan.key or 0
    scale = MINOR if scene.plan.minor else MAJOR
    low, high = min(pitch, coming), max(pitch, coming)
    if high - low in (3, 4):
        return [tone for tone in range(low + 1, high) if (tone - key) % 12 in scale]
    if high - low > 4:
        return [tone for tone in range(low + 1, high) if tone % 12 in cell.chord.pitch_classes]
    if high == low:
        return [tone for tone in (pitch - 2, pitch - 1, pitch + 1, pitch + 2) if (tone - key) % 12 in scale]
    return [tone for tone in range(low - 4, high + 5) if tone % 12 in cell.chord.pitch_classes]
