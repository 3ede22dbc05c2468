"""`plain` in every genre, metre and tempo: what it may never do, and what a band does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from itertools import pairwise

import numpy as np
import pytest

from composerd.engine.messages import Composed, Directions, Mode, Request
from composerd.generators.plain import PlainGenerator
from composerd.library.genre_files import genre_pages, load_genre
from composerd.music.arranging.drum_tables import CRASH, FLOOR, HIGH_TOM, KICK, MID_TOM, SNARE
from composerd.music.arranging.pattern_tables import table_of
from composerd.music.genre import Genre
from composerd.music.metre import BarGrid, Metre
from composerd.music.notes import PartNote, Section, notes_to_cells
from composerd.music.roll import ONSET, REST, BandRoll, MelodyRoll

GENRES = sorted(genre_pages())
METRES = [Metre(4, 4), Metre(3, 4), Metre(2, 4), Metre(6, 8), Metre(5, 4), Metre(7, 8), Metre(12, 8), Metre(1, 16)]


@cache
def genre(name: str) -> Genre:
    return load_genre(name)


def tune(steps: int, seed: int = 0) -> MelodyRoll:
    """A wandering melody in C with rests, held and repeated notes."""
    rng = np.random.default_rng(seed)
    pitch, onset = np.full(steps, REST, np.int16), np.zeros(steps, np.bool_)
    step, place = 0, 5
    scale = [60 + octave + tone for octave in (0, 12) for tone in (0, 2, 4, 5, 7, 9, 11)]
    while step < steps:
        length = int(rng.choice([1, 2, 4, 4, 8]))
        place = int(np.clip(place + rng.integers(-2, 3), 0, len(scale) - 1))
        if rng.random() > 0.15:
            pitch[step : step + length] = scale[place]
            onset[step] = True
        step += length
    return MelodyRoll(0, pitch, onset)


def request(name: str, melody: MelodyRoll, step: int, until: int, **changes: object) -> Request:
    base = Request(
        serial=1,
        mode=Mode.JAM,
        genre=genre(name),
        grid=BarGrid(),
        bpm=110.0,
        step=step,
        until=until,
        drums_from=step,
        drums_until=until,
        harmony_from=0,
        melody=melody,
        band=BandRoll.silent(len(genre(name).parts)),
        seed=4,
    )
    return replace(base, **changes)  # type: ignore[arg-type]


def phrase(name: str, steps: int = 128, **changes: object) -> Request:
    return request(name, tune(steps), 0, steps, mode=Mode.PHRASE, **changes)


def notes_of(answer: Composed) -> list[PartNote]:
    return [note for section in answer.sections for note in section.notes]


def laid(notes: list[PartNote], section: Section) -> list[PartNote]:
    """The notes of a band after a section was laid over them, as the timeline does."""
    tied = {(note.part, note.pitch): note for note in section.notes if note.tied}
    kept = []
    for note in notes:
        if note.part not in section.parts or note.end <= section.first:
            kept.append(note)
        elif note.step < section.first:
            on = tied.pop((note.part, note.pitch), None)
            kept.append(replace(note, length=(on.end if on else section.first) - note.step))
    broken = [replace(note, tied=False) for note in tied.values()]
    return [*kept, *broken, *(note for note in section.notes if not note.tied)]


def jam(
    name: str, steps: int = 160, metre: Metre = METRES[0], bpm: float = 110.0, seed: int = 0
) -> Iterator[tuple[Request, Composed, list[PartNote]]]:
    """Every request of a performance, its answer, and the band's notes before it."""
    generator, grid, melody = PlainGenerator(genre(name)), BarGrid.of(metre), tune(steps, seed)
    notes: list[PartNote] = []
    for step in range(steps):
        keyed = bool(melody.onset[step])
        if not keyed and step % 4:
            continue
        first = max(0, step - 64)
        band = BandRoll(first, notes_to_cells(tuple(notes), first, step, len(genre(name).parts)))
        asked = request(
            name, melody.window(0, step + keyed), step, step // 4 * 4 + 12, grid=grid, bpm=bpm, band=band,
            harmony_from=metre.bar_steps, drums_from=step, drums_until=step,
        )  # fmt: skip
        answer = generator.compose(asked)
        yield asked, answer, notes
        for section in answer.sections:
            notes = laid(notes, section)


def assert_playable(asked: Request, answer: Composed) -> None:
    parts = asked.genre.parts
    for section in answer.sections:
        ends: dict[tuple[int, int], int] = {}
        for note in sorted(section.notes):
            part = parts[note.part]
            assert note.part in section.parts
            assert section.first <= note.step < section.until
            assert note.length > 0
            assert 1 <= note.velocity <= 127
            assert part.low <= note.pitch <= part.high
            assert not note.tied or note.step == section.first
            assert ends.get((note.part, note.pitch), 0) <= note.step, "a pitch begins twice"
            ends[note.part, note.pitch] = note.end


@pytest.mark.parametrize("name", GENRES)
@pytest.mark.parametrize("metre", METRES, ids=str)
@pytest.mark.parametrize(("bpm", "variation"), [(40.0, "A"), (110.0, "B"), (240.0, "A")])
def test_a_phrase_is_playable_in_every_metre_and_tempo(name: str, metre: Metre, bpm: float, variation: str) -> None:
    asked = phrase(name, grid=BarGrid.of(metre), bpm=bpm, directions=Directions(variation, 0.8))
    answer = PlainGenerator(asked.genre).compose(asked)
    assert_playable(asked, answer)
    playing = {note.part for note in notes_of(answer)}
    assert len(playing) >= min(3, len(asked.genre.parts)) if metre.bar_steps > 1 else playing


@pytest.mark.parametrize("name", GENRES)
@pytest.mark.parametrize("metre", METRES[:6], ids=str)
def test_a_jam_is_playable_and_ties_only_what_sounds(name: str, metre: Metre) -> None:
    for asked, answer, _ in jam(name, metre=metre):
        assert_playable(asked, answer)
        for note in notes_of(answer):
            if note.tied:
                assert note.pitch in asked.band.sounding(note.part, asked.step - 1)
            assert note.step >= asked.harmony_from


@pytest.mark.parametrize("name", GENRES)
def test_equal_requests_get_equal_answers_whatever_was_asked_before(name: str) -> None:
    for number, (asked, answer, _) in enumerate(jam(name)):
        if number % 7 == 0:
            assert PlainGenerator(asked.genre).compose(asked) == answer


@pytest.mark.parametrize("name", GENRES)
def test_a_key_within_a_chord_does_not_strike_it_again(name: str) -> None:
    """What sounds on goes on: without a change of chord or an onset of the rhythm, no note of a pad begins anew.

    But for parts whose table tells them to follow the melody's rhythm.
    """
    restarts = 0
    steady = {
        index
        for index, part in enumerate(genre(name).parts)
        if part.role in ("pad", "voice") and not table_of(name, part.name, part.role).follow
    }
    for asked, answer, notes in jam(name, bpm=110.0, seed=2):
        planned = answer.plan.at(asked.step)
        if asked.step % 4 == 0 or planned is None or planned.step == asked.step:
            continue
        before = {(note.part, note.pitch) for note in notes if note.step < asked.step < note.end}
        again = [n for n in notes_of(answer) if n.step == asked.step and not n.tied and (n.part, n.pitch) in before]
        restarts += len([note for note in again if note.part in steady])
    assert restarts <= 2


@pytest.mark.parametrize("name", GENRES)
def test_the_seed_varies_the_music_and_the_same_seed_does_not(name: str) -> None:
    generator = PlainGenerator(genre(name))
    one, same, other = (generator.compose(phrase(name, seed=seed)) for seed in (1, 1, 2))
    assert one == same
    assert one.sections != other.sections


@pytest.mark.parametrize("name", GENRES)
def test_an_ending_is_the_tonic_on_its_bar_line_and_nothing_after(name: str) -> None:
    asked = phrase(name, 80, directions=Directions(ending_at=64))
    answer = PlainGenerator(asked.genre).compose(asked)
    last = answer.plan.at(64)
    assert last is not None
    assert last.chord.root == answer.plan.key
    final = [note for note in notes_of(answer) if note.step >= 64]
    assert {note.step for note in final} == {64}
    assert {note.part for note in final} >= asked.genre.harmony_parts
    pitched = [note.pitch % 12 for note in final if asked.genre.parts[note.part].reacts]
    assert set(pitched) <= set(last.chord.pitch_classes)
    lowest = min(note.pitch for note in final if asked.genre.parts[note.part].reacts)
    assert lowest % 12 == last.chord.root


@pytest.mark.parametrize("name", ["rock", "pop", "jazz"])
def test_a_fill_leads_to_the_bar_line_it_was_asked_for(name: str) -> None:
    strokes = {}
    for fill_until in (None, 32):
        asked = phrase(name, 64, directions=Directions(creativity=0.0, fill_until=fill_until))
        drums = [note for note in notes_of(PlainGenerator(asked.genre).compose(asked)) if note.part == 0]
        assert all(note.length == 1 for note in drums)
        strokes[fill_until] = [note for note in drums if 16 <= note.step < 32]
    toms = (HIGH_TOM, MID_TOM, FLOOR, SNARE)
    filled, plain = ([note for note in strokes[at] if note.pitch in toms] for at in (32, None))
    assert len(filled) > len(plain)


def test_a_section_ends_with_a_fill_and_the_next_begins_with_a_crash() -> None:
    asked = phrase("rock", 160)
    drums = [note for note in notes_of(PlainGenerator(asked.genre).compose(asked)) if note.part == 0]
    crashes = [note.step for note in drums if note.pitch == CRASH]
    assert crashes == [128]
    last_beats = [note.pitch for note in drums if 120 <= note.step < 128]
    assert {HIGH_TOM, SNARE, FLOOR} & set(last_beats)
    assert KICK in [note.pitch for note in drums if note.step == 0]


def test_chorale_voices_stay_in_order_and_mostly_move_by_step() -> None:
    asked = phrase("bach", 256)
    cells = notes_to_cells(tuple(notes_of(PlainGenerator(asked.genre).compose(asked))), 0, 256, 3)
    lines = np.where((cells != 0).any(2), (cells != 0).argmax(2), -1)
    assert (lines >= 0).all()
    assert (lines[0] > lines[1]).mean() > 0.99
    assert (lines[1] > lines[2]).mean() > 0.99
    moves = np.concatenate([np.abs(np.diff(line[np.append(True, np.diff(line) != 0)])) for line in lines[:2]])
    assert np.median(moves) <= 2
    assert (moves > 7).mean() < 0.1


@pytest.mark.parametrize("metre", METRES[:6], ids=str)
def test_chorale_voices_never_fall_silent_in_a_jam(metre: Metre) -> None:
    notes: list[PartNote] = []
    for _, answer, before in jam("bach", 128, metre):
        notes = laid(before, answer.sections[0])
    sounding = notes_to_cells(tuple(notes), metre.bar_steps, 124, 3).any(2)
    assert sounding.all()


def test_walking_basses_reach_new_roots_by_a_step_or_a_fifth() -> None:
    asked = phrase("jazz", 256, bpm=140.0)
    answer = PlainGenerator(asked.genre, guard=False).compose(asked)
    bass = [note for note in notes_of(answer) if asked.genre.parts[note.part].role == "bass"]
    assert len(bass) >= 40
    reached = 0
    changes = [(one, two) for one, two in pairwise(answer.plan.chords) if one.chord != two.chord and two.step < 256]
    for _, new in changes:
        before = max((note for note in bass if note.step < new.step), key=lambda note: note.step)
        at = next((note for note in bass if note.step == new.step), None)
        reached += at is not None and abs(at.pitch - before.pitch) <= 7
    assert reached >= 0.8 * len(changes)


@pytest.mark.parametrize("name", GENRES)
def test_no_onset_of_the_guarded_band_rubs_against_the_melody(name: str) -> None:
    asked = phrase(name, 256)
    for note in notes_of(PlainGenerator(asked.genre).compose(asked)):
        sung = int(asked.melody.pitch[note.step])
        if sung != REST and asked.genre.parts[note.part].reacts:
            assert (note.pitch - sung) % 12 not in (1, 11)


@pytest.mark.parametrize("name", GENRES)
def test_repeated_notes_are_onsets_of_their_own(name: str) -> None:
    asked = phrase(name, 128)
    notes = notes_of(PlainGenerator(asked.genre).compose(asked))
    cells = notes_to_cells(tuple(notes), 0, 128, len(asked.genre.parts))
    assert int((cells == ONSET).sum()) == len(notes)


def test_a_genre_without_tables_of_its_own_plays_too() -> None:
    own = replace(genre("rock"), name="surf")
    asked = replace(phrase("rock"), genre=own)
    assert notes_of(PlainGenerator(own).compose(asked))
