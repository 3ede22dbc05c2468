"""Chorale voices by rules: four-part harmony under a melody."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from composerd.library.genre_files import load_genre
from composerd.music.arranging.voices import led, voiced_parts
from composerd.music.chords import Chord
from composerd.music.genre import Part
from composerd.music.notes import PartNote, notes_to_cells
from composerd.music.roll import BandRoll
from scenes import AM, G7, C, F, held_melody, plan_of, scene_of

BACH = load_genre("bach")
VOICES = {index: part for index, part in enumerate(BACH.parts) if part.role == "voice"}
RANGES = tuple((part.low, part.high) for part in sorted(VOICES.values(), key=lambda part: -part.high))
TRIADS = st.builds(Chord, st.integers(0, 11), st.sampled_from(["", "m", "7", "m7"]))


def sung(chords: list[Chord], melody: list[int | None], **changes: object) -> list[PartNote]:
    scene = scene_of(plan_of(chords, 4), held_melody(melody), style="bach", **changes)  # type: ignore[arg-type]
    return voiced_parts(scene, VOICES, BandRoll.silent(len(BACH.parts)))


@given(TRIADS, st.integers(62, 79))
def test_a_setting_is_complete_with_the_melody_and_its_voices_do_not_cross(chord: Chord, melody: int) -> None:
    pitches = led(chord, RANGES, (None,) * len(RANGES), melody, None)
    assert all(upper > lower for upper, lower in pairwise(pitches))
    assert {pitch % 12 for pitch in pitches} <= set(chord.pitch_classes)
    third = chord.pitch_classes[1]
    assert third in {pitch % 12 for pitch in (*pitches, melody)}


@given(TRIADS)
def test_the_last_setting_stands_on_its_root(chord: Chord) -> None:
    pitches = led(chord, RANGES, (None,) * len(RANGES), 72, None, True)
    assert pitches[-1] % 12 == chord.root


def test_a_change_moves_the_inner_voices_little() -> None:
    before = led(C, RANGES, (None,) * len(RANGES), 72, None)
    after = led(F, RANGES, before, 72, 72)
    moved = [abs(a - b) for a, b in zip(before[:-1], after[:-1], strict=True)]
    assert sum(moved) <= 4


def test_parallel_fifths_and_octaves_are_rare_in_a_progression() -> None:
    chords = [C, F, G7, C, AM, F, G7, C] * 4
    melody: list[int | None] = [72, 72, 71, 72, 72, 69, 71, 72] * 4
    cells = notes_to_cells(tuple(sung(chords, melody)), 0, 4 * len(chords), len(BACH.parts))
    lines = [
        [int(cells[index, step].nonzero()[0][-1]) for step in range(0, 4 * len(chords), 4)]
        for index in sorted(VOICES, key=lambda index: -VOICES[index].high)
    ]
    lines.insert(0, [pitch for pitch in melody if pitch is not None])
    parallels = sum(
        (upper[at] - lower[at]) % 12 == (upper[at + 1] - lower[at + 1]) % 12 in (0, 7) and upper[at] != upper[at + 1]
        for first, upper in enumerate(lines)
        for lower in lines[first + 1 :]
        for at in range(len(chords) - 1)
    )
    assert parallels <= 2


@pytest.mark.parametrize("part", VOICES.values(), ids=lambda part: part.name)
def test_every_voice_stays_inside_its_range(part: Part) -> None:
    index = BACH.parts.index(part)
    notes = [note for note in sung([C, F, G7, C] * 2, [76, 77, 74, 72] * 2) if note.part == index]
    assert notes
    assert all(part.low <= note.pitch <= part.high for note in notes)


def test_a_voice_sings_one_note_at_a_time_without_gaps() -> None:
    for index in VOICES:
        notes = sorted(note for note in sung([C, F, G7, C], [72, 72, 71, 72]) if note.part == index)
        assert notes[0].step == 0
        assert all(a.end == b.step for a, b in pairwise(notes))
        assert notes[-1].end == 16


def test_passing_notes_do_not_clash_with_the_melody() -> None:
    chords, melody = [C, F, C, G7, AM, F, G7, C] * 4, [72, 69, 67, 71, 72, 69, 71, 72] * 4
    for note in sung(chords, [*melody]):
        heard = melody[note.step // 4]
        if note.step % 4:
            assert (note.pitch - heard) % 12 not in (1, 11)


def test_nothing_sounds_after_an_ending_but_its_chord() -> None:
    notes = sung([C, G7, C, F], [72, 71, 72, 69], ending_at=8)
    assert {note.pitch % 12 for note in notes if note.step == 8} <= set(C.pitch_classes)
