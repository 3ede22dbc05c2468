"""Bass, comping, pads and timpani by rules: their notes belong to the plan, their ranges and their roles."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from composerd.library.genre_files import load_genre
from composerd.music.arranging.band import RECENT_STEPS, played, recent
from composerd.music.arranging.pattern_tables import table_of
from composerd.music.chords import QUALITIES, Chord
from composerd.music.genre import Part
from composerd.music.notes import PartNote, Section, notes_to_cells
from composerd.music.roll import BandRoll
from scenes import AM, BAR, G7, C, F, held_melody, plan_of, scene_of

GENRES = ("rock", "pop", "jazz", "symphony")
CHANGES = [C, AM, F, G7] * 2
QUALITY = st.sampled_from(sorted(QUALITIES))
CHORDS = st.lists(st.builds(Chord, st.integers(0, 11), QUALITY), min_size=4, max_size=4)


def part_of(genre: str, role: str) -> Part:
    return next(part for part in load_genre(genre).parts if part.role == role)


def notes_of(genre: str, part: Part, chords: list[Chord], **changes: object) -> list[PartNote]:
    scene = scene_of(plan_of(chords), style=genre, **changes)  # type: ignore[arg-type]
    return played(scene, 0, part, BandRoll.silent(1))


@pytest.mark.parametrize("genre", GENRES)
def test_every_part_stays_inside_its_range(genre: str) -> None:
    for part in load_genre(genre).parts:
        if part.role != "drums":
            assert all(part.low <= note.pitch <= part.high for note in notes_of(genre, part, CHANGES)), part.name


@pytest.mark.parametrize("genre", GENRES)
def test_the_bass_has_the_chords_root_at_every_change(genre: str) -> None:
    part = part_of(genre, "bass")
    notes = notes_of(genre, part, CHANGES)
    at_changes = [next((note.pitch % 12 for note in notes if note.step == bar * BAR), None) for bar in range(8)]
    assert at_changes == [chord.root for chord in CHANGES]


def test_the_bass_has_the_stated_bass_of_a_slash_chord() -> None:
    notes = notes_of("pop", part_of("pop", "bass"), [Chord(0, "", 4), Chord(5, "", 9)])
    assert [note.pitch % 12 for note in notes if note.step in (0, BAR)] == [4, 9]


def test_the_jazz_bass_plays_in_two_in_variation_a() -> None:
    beats = {note.step for note in notes_of("jazz", part_of("jazz", "bass"), CHANGES)}
    assert {8 * half for half in range(16)} <= beats


def test_the_jazz_bass_walks_in_quarters_in_variation_b() -> None:
    notes = notes_of("jazz", part_of("jazz", "bass"), CHANGES, variation="B")
    beats = {note.step for note in notes}
    assert len([step for step in range(0, 8 * BAR, 4) if step in beats]) >= 28


def test_a_walking_line_reaches_the_next_root_by_step_or_fifth() -> None:
    notes = sorted(notes_of("jazz", part_of("jazz", "bass"), CHANGES))
    leaps = [abs(b.pitch - a.pitch) for a, b in pairwise(notes) if b.step % BAR == 0]
    assert all(leap <= 7 for leap in leaps)


@given(CHORDS, st.integers(0, 20))
def test_comping_sounds_only_tones_of_the_chord_or_a_neighbour_of_the_scale(chords: list[Chord], seed: int) -> None:
    part = part_of("pop", "comp")
    for note in notes_of("pop", part, chords, seed=seed):
        chord = chords[min(note.step // BAR, 3)]
        inside = note.pitch % 12 in chord.pitch_classes
        neighbour = any((note.pitch + by) % 12 in chord.pitch_classes for by in (-2, -1, 1, 2))
        assert inside or neighbour


@given(CHORDS)
def test_pads_hold_tones_of_the_chord(chords: list[Chord]) -> None:
    part = part_of("pop", "pad")
    for note in notes_of("pop", part, chords):
        assert note.pitch % 12 in chords[min(note.step // BAR, 3)].pitch_classes


def test_no_part_sounds_more_voices_than_the_genre_allows() -> None:
    for genre in GENRES:
        for part in load_genre(genre).parts:
            if part.role == "drums":
                continue
            section = Section(frozenset({0}), 0, 8 * BAR, tuple(notes_of(genre, part, CHANGES)))
            cells = notes_to_cells(section.notes, 0, 8 * BAR, 1)
            assert int((cells[0] > 0).sum(1).max(initial=0)) <= part.voices, (genre, part.name)


def test_a_chord_that_stays_keeps_its_voicing() -> None:
    part = part_of("pop", "pad")
    notes = notes_of("pop", part, [C, C, C, C])
    assert len({note.pitch for note in notes}) <= part.voices


def test_comping_stays_below_a_low_melody_where_there_is_room() -> None:
    part = part_of("pop", "comp")
    scene = scene_of(plan_of([C] * 4), held_melody([64] * 16))
    chords = [note.pitch for note in played(scene, 0, part, BandRoll.silent(1))]
    assert max(chords) <= 64


def test_timpani_play_tonic_and_dominant_where_the_chord_has_them() -> None:
    part = next(part for part in load_genre("symphony").parts if part.name == "timpani")
    notes = notes_of("symphony", part, [C, G7] * 4)
    assert notes
    assert {note.pitch % 12 for note in notes} <= {0, 7}


def test_the_same_seed_gives_the_same_notes_and_another_seed_gives_others() -> None:
    part = part_of("rock", "comp")
    assert notes_of("rock", part, CHANGES, seed=3) == notes_of("rock", part, CHANGES, seed=3)
    assert len({tuple(notes_of("rock", part, CHANGES, seed=seed)) for seed in range(8)}) > 1


def test_recent_pitches_are_those_of_the_last_steps_before_a_bar() -> None:
    notes = (PartNote(0, 0, 48, 80, 4), PartNote(16, 0, 60, 80, 4), PartNote(20, 0, 64, 80, 4))
    band = BandRoll(0, notes_to_cells(notes, 0, 32, 1))
    assert recent(band, 0, 32) == tuple(
        pitch for pitch, end in ((48, 4), (60, 20), (64, 24)) if end > 32 - RECENT_STEPS
    )


def test_every_part_of_the_shipped_genres_has_a_row_in_the_tables() -> None:
    for genre in GENRES:
        for part in load_genre(genre).parts:
            if part.role != "drums":
                assert table_of(genre, part.name, part.role).texture
