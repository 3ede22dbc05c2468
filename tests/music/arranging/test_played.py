"""Parts by rules as performances: who plays when, how long notes last, and what a transposed tune changes."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from composerd.library.genre_files import load_genre
from composerd.music.arranging.band import ACCENTED, INNER, OFF_BEAT, played
from composerd.music.arranging.drum_tables import CRASH, KICK, RIDE, SNARE
from composerd.music.arranging.drums import drummed
from composerd.music.arranging.scene import Scene
from composerd.music.chords import Chord
from composerd.music.genre import Part
from composerd.music.metre import BarGrid, Metre
from composerd.music.notes import PartNote, notes_to_cells
from composerd.music.roll import BandRoll, MelodyRoll
from scenes import AM, BAR, G7, C, F, held_melody, plan_of, scene_of

GENRES = ("rock", "pop", "jazz", "symphony")
PARTS = [(genre, part) for genre in GENRES for part in load_genre(genre).parts if part.role != "drums"]
PART = st.sampled_from(PARTS)
NAMED = pytest.mark.parametrize(("genre", "part"), PARTS, ids=[f"{genre} {part.name}" for genre, part in PARTS])
METRES = st.sampled_from([Metre(*pair) for pair in ((4, 4), (3, 4), (6, 8), (5, 4), (7, 8), (2, 4))])
TUNE = st.lists(st.one_of(st.none(), st.integers(55, 84)), min_size=8, max_size=16)
CHORDS = st.lists(st.builds(Chord, st.integers(0, 11), st.sampled_from(["", "m", "7", "maj7", "dim"])), min_size=4,
                  max_size=4)  # fmt: skip
DRUMS = Part("drums", "drums", 10, loudness=90)


def notes_of(scene: Scene, part: Part, band: BandRoll | None = None) -> list[PartNote]:
    return played(scene, 0, part, band or BandRoll.silent(1))


def seeds(chords: list[Chord], genre: str, part: Part, count: int = 12, **changes: object) -> list[list[PartNote]]:
    """The part's notes by seed: what it plays by chance."""
    return [notes_of(replace(scene_of(plan_of(chords), style=genre, seed=seed), **changes), part)  # type: ignore[arg-type]
            for seed in range(count)]  # fmt: skip


@given(PART, CHORDS, TUNE, METRES, st.sampled_from("AB"), st.floats(0, 1), st.floats(40, 300), st.integers(0, 99))
def test_a_part_never_strikes_a_pitch_of_its_own_that_still_sounds(
    genre_and_part: tuple[str, Part],
    chords: list[Chord],
    tune: list[int | None],
    metre: Metre,
    variation: str,
    creativity: float,
    bpm: float,
    seed: int,
) -> None:
    genre, part = genre_and_part
    plan, grid = plan_of(chords, metre.bar_steps), BarGrid.of(metre)
    scene = scene_of(plan, held_melody(tune), style=genre, grid=grid, bpm=bpm, seed=seed, variation=variation)
    by_pitch: dict[int, list[PartNote]] = defaultdict(list)
    for note in sorted(notes_of(replace(scene, creativity=creativity), part)):
        assert scene.first <= note.step < scene.until
        assert note.length >= 1
        assert 1 <= note.velocity <= 127
        assert part.low <= note.pitch <= part.high
        assert not note.tied, "nothing sounded before"
        by_pitch[note.pitch].append(note)
    for notes in by_pitch.values():
        assert all(one.end <= other.step for one, other in pairwise(notes))


@given(PART, CHORDS, st.integers(1, 11), st.integers(0, 30))
def test_a_bass_or_pad_moved_with_its_range_moves_with_the_tune(
    genre_and_part: tuple[str, Part], chords: list[Chord], semitones: int, seed: int
) -> None:
    genre, part = genre_and_part
    low = max(52, part.low)  # below it, close chords are avoided: there height matters
    part = replace(part, low=low, high=low + 30)
    higher = replace(part, low=part.low + semitones, high=part.high + semitones)
    plan = plan_of(chords, key=2)
    scene = scene_of(plan, style=genre, seed=seed)
    moved = notes_of(replace(scene, plan=plan.transposed(semitones)), higher)
    assert moved == [replace(note, pitch=note.pitch + semitones) for note in notes_of(scene, part)]


@given(PART, CHORDS, st.floats(92, 170), st.integers(0, 30))
def test_rhythms_do_not_change_with_the_tempo_between_slow_and_fast(
    genre_and_part: tuple[str, Part], chords: list[Chord], bpm: float, seed: int
) -> None:
    genre, part = genre_and_part
    plan = plan_of(chords)
    at_tempo = notes_of(scene_of(plan, style=genre, bpm=bpm, seed=seed), part)
    assert at_tempo == notes_of(scene_of(plan, style=genre, bpm=120.0, seed=seed), part)


@pytest.mark.parametrize(("genre", "own"), [("pop", 170.0), ("rock", 170.0), ("jazz", 230.0)])
def test_above_its_fastest_tempo_a_bass_plays_half_as_often(genre: str, own: float) -> None:
    part = next(part for name, part in PARTS if name == genre and part.role == "bass")
    for seed in range(4):
        scene = scene_of(plan_of([C] * 32), style=genre, seed=seed, bpm=own)
        usual = len({note.step for note in notes_of(scene, part)})
        steps = {note.step for note in notes_of(replace(scene, bpm=own + 1), part)}
        assert len(steps) < 0.75 * usual
        assert all(step % 2 == 0 for step in steps), "no sixteenths"


def test_a_waltz_is_never_played_half_as_fast() -> None:
    genre, part = next(pair for pair in PARTS if pair[0] == "pop" and pair[1].role == "bass")
    scene = scene_of(plan_of([C] * 8, 12), style=genre, grid=BarGrid.of(Metre(3, 4)), bpm=160.0)
    assert notes_of(replace(scene, bpm=240.0), part) == notes_of(scene, part)


@NAMED
def test_no_part_plays_before_its_harmony_begins(genre: str, part: Part) -> None:
    for notes in seeds([C, F, G7, C], genre, part, harmony_from=BAR + 8):
        assert all(note.step >= BAR + 8 for note in notes)
    assert any(seeds([C, F, G7, C], genre, part, harmony_from=BAR + 8))


def test_a_held_chord_enters_in_the_middle_of_its_bar() -> None:
    genre, part = next(pair for pair in PARTS if pair[0] == "pop" and pair[1].role == "pad")
    entries = [notes[0].step for notes in seeds([C] * 2, genre, part, 40, harmony_from=5) if notes]
    assert min(entries) == 5


@NAMED
def test_an_ending_is_a_chord_of_a_bar_and_the_last_thing_a_part_plays(genre: str, part: Part) -> None:
    for notes in seeds([C, F, G7, C, AM, F], genre, part, ending_at=3 * BAR):
        assert all(note.step <= 3 * BAR for note in notes)
        last = [note for note in notes if note.step == 3 * BAR]
        assert last
        assert {note.length for note in last} == {BAR}
        assert {note.velocity for note in last} == {round(part.loudness * ACCENTED)}
        assert {note.pitch % 12 for note in last} <= set(C.pitch_classes)


@pytest.mark.parametrize("metre", [Metre(3, 4), Metre(6, 8), Metre(5, 4)], ids=str)
def test_an_ending_lasts_a_bar_of_its_metre(metre: Metre) -> None:
    _, part = next(pair for pair in PARTS if pair[0] == "pop" and pair[1].role == "bass")
    bar = metre.bar_steps
    scene = scene_of(plan_of([C] * 4, bar), grid=BarGrid.of(metre), ending_at=2 * bar)
    assert [(note.length, note.pitch % 12) for note in notes_of(scene, part) if note.step == 2 * bar] == [(bar, 0)]


@NAMED
def test_notes_are_as_loud_as_their_place_and_sign_say(genre: str, part: Part) -> None:
    factors = {round(part.loudness * sign * place) for sign in (1, ACCENTED, INNER) for place in (1, OFF_BEAT)}
    for notes in seeds([C, AM, F, G7], genre, part):
        assert {note.velocity for note in notes} <= factors


@pytest.mark.parametrize(("loudness", "least", "most"), [(1, 1, 1), (127, 107, 127)])
def test_the_loudest_and_the_softest_part_stay_within_midis_bounds(loudness: int, least: int, most: int) -> None:
    _, part = next(pair for pair in PARTS if pair[0] == "rock" and pair[1].role == "comp")
    for notes in seeds([C, G7], "rock", replace(part, loudness=loudness), variation="B"):
        assert all(least <= note.velocity <= most for note in notes)


def test_common_tones_are_held_over_a_change_inside_a_bar_and_the_others_move() -> None:
    """C major goes to A minor in the middle of a held bar: C and E stay, G gives way to A."""
    _, part = next(pair for pair in PARTS if pair[0] == "pop" and pair[1].role == "pad")
    part = replace(part, low=59, high=70, voices=3)
    held = []
    for seed in range(60):
        notes = notes_of(scene_of(plan_of([C, AM], 8), seed=seed), part)
        if {note.step for note in notes} == {0, 8} and any(note.length == BAR for note in notes):
            held.append({(note.step, note.length, note.pitch) for note in notes})
    assert held
    assert all(notes == {(0, 16, 60), (0, 16, 64), (0, 8, 67), (8, 8, 69)} for notes in held)


def test_a_chord_that_sounds_at_the_start_is_tied_and_one_that_does_not_fit_is_left() -> None:
    _, part = next(pair for pair in PARTS if pair[0] == "pop" and pair[1].role == "pad")
    sounding = tuple(PartNote(0, 0, pitch, 60, 8) for pitch in (60, 64, 67))
    band = BandRoll(0, notes_to_cells(sounding, 0, 8, 1))
    tied: dict[Chord, set[int]] = {C: set(), F: set()}
    for chord, found in tied.items():
        for seed in range(30):
            scene = replace(scene_of(plan_of([chord]), seed=seed), first=8)
            found |= {note.pitch for note in notes_of(scene, part, band) if note.tied and note.step == 8}
    assert tied[C] == {60, 64, 67}
    assert tied[F] <= {60}, "C belongs to both chords"


@given(PART, CHORDS, st.integers(1, 60), st.integers(0, 30))
def test_the_rest_of_a_stretch_lies_inside_it_and_ties_nothing_that_did_not_sound(
    genre_and_part: tuple[str, Part], chords: list[Chord], first: int, seed: int
) -> None:
    genre, part = genre_and_part
    whole = scene_of(plan_of(chords), style=genre, seed=seed)
    rest = notes_of(replace(whole, first=first), part)
    assert all(first <= note.step < whole.until and not note.tied for note in rest)


def test_a_part_strikes_its_chord_again_with_some_of_the_melodys_notes() -> None:
    _, part = next(pair for pair in PARTS if pair[0] == "symphony" and pair[1].name == "strings")
    tune = MelodyRoll(0, held_melody([72] * 16, 4).pitch, held_melody([72] * 16, 2).onset[:64])
    silent = [
        len({note.step for note in notes_of(scene_of(plan_of([C] * 4), style="symphony", seed=seed), part)})
        for seed in range(20)
    ]
    with_tune = [
        len({note.step for note in notes_of(scene_of(plan_of([C] * 4), tune, style="symphony", seed=seed), part)})
        for seed in range(20)
    ]
    assert all(more >= fewer for more, fewer in zip(with_tune, silent, strict=True))
    assert sum(with_tune) > 1.2 * sum(silent)


@pytest.mark.parametrize("genre", ["pop", "rock", "jazz", "symphony"])
def test_more_parts_play_in_variation_b(genre: str) -> None:
    silent = {"A": 0, "B": 0}
    for variation in silent:
        for _, part in (pair for pair in PARTS if pair[0] == genre and pair[1].role == "pad"):
            groups = seeds([C] * 4, genre, part, 40, variation=variation)
            silent[variation] += sum(not notes for notes in groups)
    assert silent["B"] < silent["A"]


def test_an_unknown_style_plays_as_pop() -> None:
    _, part = next(pair for pair in PARTS if pair[0] == "pop" and pair[1].role == "comp")
    plan = plan_of([C, AM, F, G7])
    assert notes_of(scene_of(plan, style="polka"), part) == notes_of(scene_of(plan, style="pop"), part)
    assert drummed(scene_of(plan, style="polka"), 0, DRUMS) == drummed(scene_of(plan, style="pop"), 0, DRUMS)


@given(st.sampled_from([*GENRES, "bach"]), METRES, st.integers(1, 80), st.sampled_from("AB"), st.integers(0, 30))
def test_drums_composed_in_two_stretches_are_those_of_one(
    style: str, metre: Metre, cut: int, variation: str, seed: int
) -> None:
    plan, grid = plan_of([C] * 12, metre.bar_steps), BarGrid.of(metre)
    scene = scene_of(plan, style=style, grid=grid, seed=seed, variation=variation)
    parts = [*drummed(replace(scene, until=cut), 0, DRUMS), *drummed(replace(scene, first=cut), 0, DRUMS)]
    assert parts == drummed(scene, 0, DRUMS)


@given(st.sampled_from(GENRES), METRES, st.floats(40, 300), st.integers(0, 30), st.integers(1, 127))
def test_drums_strike_within_their_steps_and_midis_bounds(
    style: str, metre: Metre, bpm: float, seed: int, loudness: int
) -> None:
    scene = scene_of(plan_of([C] * 8, metre.bar_steps), style=style, grid=BarGrid.of(metre), bpm=bpm, seed=seed)
    strokes = drummed(replace(scene, first=3), 0, replace(DRUMS, loudness=loudness))
    assert strokes
    assert all(3 <= note.step < scene.until and note.length == 1 and 1 <= note.velocity <= 127 for note in strokes)
    assert strokes == sorted(strokes, key=lambda note: (note.step, note.pitch))


@pytest.mark.parametrize(("bpm", "back_beat"), [(170.0, {4, 12}), (171.0, {8})])
def test_above_170_bpm_the_back_beat_of_rock_falls_on_beat_three(bpm: float, back_beat: set[int]) -> None:
    for seed in range(5):
        notes = drummed(scene_of(plan_of([C] * 3), style="rock", bpm=bpm, seed=seed), 0, DRUMS)
        assert {note.step % BAR for note in notes if note.pitch == SNARE and note.velocity > 90} == back_beat


@pytest.mark.parametrize(("bpm", "beats"), [(230.0, {0, 4, 8, 12}), (231.0, {0, 8, 12})])
def test_jazz_rides_on_every_beat_up_to_230_bpm(bpm: float, beats: set[int]) -> None:
    notes = drummed(scene_of(plan_of([C] * 3), style="jazz", bpm=bpm), 0, DRUMS)
    rides = {note.step for note in notes if note.pitch == RIDE and note.step < BAR}
    assert rides & {0, 4, 8, 12} == beats


@pytest.mark.parametrize(("style", "crashes"), [("rock", [6 * BAR]), ("pop", [6 * BAR]), ("jazz", [])])
def test_a_songs_sections_begin_with_a_crash_in_place_of_the_cymbals_except_in_jazz(
    style: str, crashes: list[int]
) -> None:
    notes = drummed(replace(scene_of(plan_of([C] * 10), style=style), sections=(0, 6 * BAR)), 0, DRUMS)
    assert [note.step for note in notes if note.pitch == CRASH] == crashes
    for step in crashes:
        assert {note.pitch for note in notes if note.step == step} <= {CRASH, KICK, SNARE}


def test_an_ending_beyond_the_stretch_is_left_to_the_next_stretch() -> None:
    scene = scene_of(plan_of([C] * 4), ending_at=3 * BAR)
    first = drummed(replace(scene, until=2 * BAR), 0, DRUMS)
    assert first
    assert all(note.pitch != CRASH for note in first)
    assert [note.pitch for note in drummed(replace(scene, first=3 * BAR), 0, DRUMS)] == [KICK, CRASH]
