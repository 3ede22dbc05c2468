"""Settings of chords for any number of voices: in order, of the chord, near the last one; cadences by hand."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from composerd.library.genre_files import load_genre
from composerd.music.arranging.voices import led, voiced_parts
from composerd.music.chords import QUALITIES, Chord
from composerd.music.genre import Part
from composerd.music.notes import PartNote, notes_to_cells
from composerd.music.roll import BandRoll
from scenes import AM, G7, C, F, held_melody, plan_of, scene_of

VOICES = {index: part for index, part in enumerate(load_genre("bach").parts) if part.role == "voice"}
RANGES = tuple((part.low, part.high) for part in sorted(VOICES.values(), key=lambda part: -part.high))
CHORD = st.builds(Chord, st.integers(0, 11), st.sampled_from(sorted(QUALITIES)))
ANY_RANGES = st.lists(st.tuples(st.integers(30, 70), st.integers(0, 40)), min_size=1, max_size=4).map(
    lambda pairs: tuple((low, low + span) for low, span in pairs)
)
OFFBEAT = 0.93


def silent(ranges: tuple[tuple[int, int], ...]) -> tuple[None, ...]:
    return (None,) * len(ranges)


def line(notes: list[PartNote], index: int) -> list[tuple[int, int, int]]:
    return [(note.step, note.length, note.pitch) for note in sorted(notes) if note.part == index]


@pytest.mark.parametrize("count", [1, 2, 5, 7, 9])
@pytest.mark.parametrize("chord", [C, G7, Chord(2, "m7b5")], ids=str)
def test_many_wide_voices_sing_in_order(chord: Chord, count: int) -> None:
    wide = tuple((24 + 3 * voice, 24 + 3 * voice + 48) for voice in range(count - 1, -1, -1))
    first = led(chord, wide, silent(wide), None, None)
    then = led(F, wide, first, None, None)
    for pitches, sounding in ((first, chord), (then, F)):
        assert all(upper > lower for upper, lower in pairwise(pitches))
        assert {pitch % 12 for pitch in pitches} <= set(sounding.pitch_classes)
        assert all(low <= pitch <= high for pitch, (low, high) in zip(pitches, wide, strict=True))
    assert all(abs(one - other) <= 7 for one, other in zip(first[:-1], then[:-1], strict=True))


@given(CHORD, ANY_RANGES, st.one_of(st.none(), st.integers(50, 90)))
def test_a_setting_has_a_pitch_for_every_voice_whatever_the_ranges(
    chord: Chord, ranges: tuple[tuple[int, int], ...], sung: int | None
) -> None:
    pitches = led(chord, ranges, silent(ranges), sung, None)
    assert all(low <= pitch <= high for pitch, (low, high) in zip(pitches, ranges, strict=True))


@given(CHORD, st.integers(58, 76), st.integers(1, 11), st.booleans())
def test_a_setting_moved_with_its_ranges_and_melody_is_the_same_setting_moved(
    chord: Chord, melody: int, semitones: int, final: bool
) -> None:
    higher = tuple((low + semitones, high + semitones) for low, high in RANGES)
    before = led(C, RANGES, silent(RANGES), 72, None)
    after = led(chord, RANGES, before, melody, 72, final)
    raised = tuple(pitch + semitones for pitch in before)
    moved = led(chord.transposed(semitones), higher, raised, melody + semitones, 72 + semitones, final)
    assert moved == tuple(pitch + semitones for pitch in after)


@pytest.mark.parametrize(
    ("chord", "melody", "bass"),
    [
        (C, 72, 0),
        (Chord(0, "", 4), 72, 4),
        (Chord(0, "", 7), 76, 7),
        (Chord(7, "7", 11), 74, 11),
        (Chord(0, "", 2), 67, 2),  # no tone of the chord
        (Chord(2, "m"), 69, 2),
    ],
    ids=str,
)
def test_the_lowest_voice_sings_the_chords_bass(chord: Chord, melody: int, bass: int) -> None:
    assert led(chord, RANGES, silent(RANGES), melody, None)[-1] % 12 == bass
    assert led(chord, RANGES, silent(RANGES), melody, None, final=True)[-1] % 12 == bass


@pytest.mark.parametrize(
    ("chord", "melody"),
    [
        (C, 76),
        (C, 72),
        (C, 67),
        (AM, 72),
        (AM, 76),
        (G7, 77),
        (G7, 71),
        (G7, 74),
        (Chord(2, "m7"), 72),
        (Chord(0, "maj7"), 71),
    ],
)
def test_third_and_seventh_are_sung_once_by_the_melody_or_by_a_voice(chord: Chord, melody: int) -> None:
    classes = [melody % 12, *(pitch % 12 for pitch in led(chord, RANGES, silent(RANGES), melody, None))]
    once = [chord.pitch_classes[1], *chord.pitch_classes[3:]]
    assert [classes.count(tone) for tone in once] == [1] * len(once)


@given(CHORD, st.integers(60, 80))
def test_no_voice_sings_above_the_melody_where_it_can_stay_below(chord: Chord, melody: int) -> None:
    assert led(chord, RANGES, silent(RANGES), melody, None)[0] <= melody


@pytest.mark.parametrize("melody", [[71, 72], [74, 72], [65, 64]])
def test_a_dominant_seventh_resolves_without_parallel_fifths_or_octaves(melody: list[int]) -> None:
    seventh, root = melody
    before = (seventh, *led(G7, RANGES, silent(RANGES), seventh, None))
    after = (root, *led(C, RANGES, before[1:], root, seventh, final=True))
    assert after[-1] % 12 == 0
    assert {pitch % 12 for pitch in after} >= {0, 4}
    for upper in range(len(before)):
        for lower in range(upper + 1, len(before)):
            same = (before[upper] - before[lower]) % 12 == (after[upper] - after[lower]) % 12
            assert not (same and (after[upper] - after[lower]) % 12 in (0, 7) and before[upper] != after[upper])


def test_a_chord_that_is_sung_stays_as_it_is_sung() -> None:
    plan, melody = plan_of([C, F], 4), held_melody([72, 72])
    whole = voiced_parts(scene_of(plan, melody, style="bach"), VOICES, BandRoll.silent(8))
    band = BandRoll(0, notes_to_cells(tuple(note for note in whole if note.step < 1), 0, 1, 8))
    rest = voiced_parts(replace(scene_of(plan, melody, style="bach"), first=1), VOICES, band)
    for index in VOICES:
        first = next(note for note in sorted(rest) if note.part == index)
        assert (first.step, first.tied) == (1, True)
        assert first.pitch == line(whole, index)[0][2]


@pytest.mark.parametrize("begins", [0, 1, 4, 6])
def test_voices_enter_where_harmony_begins(begins: int) -> None:
    scene = replace(scene_of(plan_of([C, F], 8), held_melody([72] * 4), style="bach"), harmony_from=begins)
    notes = voiced_parts(scene, VOICES, BandRoll.silent(8))
    assert {min(note.step for note in notes if note.part == index) for index in VOICES} == {begins}


def test_without_chords_nobody_sings() -> None:
    scene = replace(scene_of(plan_of([C])), plan=plan_of([]))
    assert voiced_parts(scene, VOICES, BandRoll.silent(8)) == []


@given(
    st.lists(st.sampled_from([C, F, G7, AM, Chord(2, "m")]), min_size=4, max_size=8), st.integers(0, 50),
    st.sampled_from("AB"), st.floats(0, 1),
)  # fmt: skip
def test_every_voice_sings_from_first_to_last_step_without_gap_or_overlap(
    chords: list[Chord], seed: int, variation: str, creativity: float
) -> None:
    melody: list[int | None] = [72, 74, 71, 69, 72, 76, 74, 72]
    scene = scene_of(plan_of(chords, 4), held_melody(melody[: len(chords)]), style="bach", seed=seed)
    notes = voiced_parts(replace(scene, variation=variation, creativity=creativity), VOICES, BandRoll.silent(8))
    for index, part in VOICES.items():
        sung = [note for note in sorted(notes) if note.part == index]
        assert [note.step for note in sung] == [0, *(note.end for note in sung[:-1])]
        assert sung[-1].end == 4 * len(chords)
        assert {note.velocity for note in sung} <= {part.loudness, round(part.loudness * OFFBEAT)}


@given(st.lists(st.sampled_from([C, F, G7, AM]), min_size=4, max_size=8), st.integers(0, 50), st.integers(1, 11))
def test_a_transposed_chorale_in_moved_ranges_is_the_chorale_transposed(
    chords: list[Chord], seed: int, semitones: int
) -> None:
    melody = [72, 71, 72, 69, 67, 72, 74, 72][: len(chords)]
    plan = plan_of(chords, 4)
    scene = scene_of(plan, held_melody(melody), style="bach", seed=seed)
    higher = {
        index: replace(part, low=part.low + semitones, high=part.high + semitones) for index, part in VOICES.items()
    }
    raised = held_melody([pitch + semitones for pitch in melody])
    moved = voiced_parts(replace(scene, plan=plan.transposed(semitones), melody=raised), higher, BandRoll.silent(8))
    notes = voiced_parts(scene, VOICES, BandRoll.silent(8))
    assert moved == [replace(note, pitch=note.pitch + semitones) for note in notes]


def test_more_passing_notes_are_sung_in_variation_b_and_with_more_creativity() -> None:
    chords = [C, F, G7, C, AM, F, G7, C] * 4

    def eighths(variation: str, creativity: float) -> int:
        scene = scene_of(plan_of(chords, 4), held_melody([72] * 32), style="bach", variation=variation)
        notes = voiced_parts(replace(scene, creativity=creativity), VOICES, BandRoll.silent(8))
        return sum(note.step % 4 == 2 for note in notes)

    assert eighths("A", 0.0) < eighths("A", 1.0)
    assert eighths("A", 0.3) < eighths("B", 0.3)


def test_a_chord_of_less_than_a_beat_has_no_passing_notes() -> None:
    scene = replace(scene_of(plan_of([C, F] * 8, 2), held_melody([72] * 8), style="bach"), creativity=1.0)
    notes = voiced_parts(scene, VOICES, BandRoll.silent(8))
    assert all(note.step % 2 == 0 for note in notes)


def test_a_choir_of_any_names_and_order_is_led_from_its_highest_range_down() -> None:
    bass, top = Part("one", "voice", 2, low=36, high=55), Part("two", "voice", 3, low=60, high=76)
    notes = voiced_parts(
        scene_of(plan_of([C], 4), held_melody([79]), style="bach"), {0: bass, 1: top}, BandRoll.silent(2)
    )
    assert {note.part: note.pitch % 12 for note in notes if note.part == 0} == {0: 0}
    assert max(note.pitch for note in notes if note.part == 0) < min(note.pitch for note in notes if note.part == 1)
