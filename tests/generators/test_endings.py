"""The final chord of a net's band: the bass on the root, the others on the chord, voices with the rules' cadence."""

from __future__ import annotations

from dataclasses import replace

import pytest

from composerd.engine.messages import Directions, Mode, Request
from composerd.generators.endings import closed
from composerd.library.genre_files import load_genre
from composerd.music.chords import ChordPlan
from composerd.music.genre import Genre
from composerd.music.metre import BarGrid
from composerd.music.notes import PartNote, Section, notes_to_cells
from composerd.music.roll import BandRoll
from scenes import BAR, G7, C, F, held_melody, plan_of

END = 2 * BAR
POP, BACH = load_genre("pop"), load_genre("bach")
BASS = next(i for i, part in enumerate(POP.parts) if part.role == "bass")
KEYS = next(i for i, part in enumerate(POP.parts) if part.role == "comp")


def request(genre: Genre = POP, ending_at: int | None = END) -> Request:
    return Request(
        serial=1, mode=Mode.JAM, genre=genre, grid=BarGrid(), bpm=100.0, step=BAR, until=END + BAR, drums_from=END,
        drums_until=END, harmony_from=0, melody=held_melody([72] * 12), band=BandRoll.silent(len(genre.parts)),
        directions=Directions(ending_at=ending_at),
    )  # fmt: skip


def ended(*notes: PartNote, plan: ChordPlan | None = None, genre: Genre = POP, at: int | None = END) -> list[PartNote]:
    section = Section(genre.harmony_parts, BAR, END + BAR, tuple(sorted(notes)))
    cells = notes_to_cells(section.notes, 0, END + BAR, len(genre.parts))
    found = closed(section, request(genre, at), plan or plan_of([G7, G7, C]), BandRoll(0, cells))
    return list(found.notes)


def final(notes: list[PartNote], part: int) -> list[int]:
    return [note.pitch for note in notes if (note.step, note.part) == (END, part)]


def test_the_bass_ends_on_the_root_nearest_to_where_the_net_put_it() -> None:
    assert final(ended(PartNote(END, BASS, 43, 80, 8)), BASS) == [48]
    assert final(ended(PartNote(END, BASS, 38, 80, 8)), BASS) == [36]


def test_the_others_end_on_tones_of_the_chord_without_doubling_a_key() -> None:
    pitches = final(ended(*(PartNote(END, KEYS, pitch, 80, 8) for pitch in (60, 61, 63))), KEYS)
    assert len(set(pitches)) == 3
    assert {pitch % 12 for pitch in pitches} <= {0, 4, 7}


def test_no_one_ends_below_the_bass() -> None:
    notes = ended(PartNote(END, BASS, 48, 80, 8), PartNote(END, KEYS, 40, 80, 8))
    assert min(final(notes, KEYS)) >= final(notes, BASS)[0]


def test_notes_before_the_end_stay_as_they_are() -> None:
    before = PartNote(END - 4, KEYS, 61, 80, 2)
    assert before in ended(before, PartNote(END, BASS, 43, 80, 8))


@pytest.mark.parametrize("at", [None, END + 8 * BAR])
def test_without_an_end_or_a_chord_for_it_nothing_changes(at: int | None) -> None:
    note = PartNote(END, BASS, 43, 80, 8)
    assert ended(note, at=at) == [note]


def test_a_tie_to_another_pitch_is_cut() -> None:
    moved = replace(PartNote(END, BASS, 43, 80, 8), tied=True)
    kept = replace(PartNote(END, BASS, 36, 80, 8), tied=True)
    assert not ended(moved)[0].tied
    assert ended(kept)[0].tied


def test_voices_close_with_a_cadence_on_the_tonic() -> None:
    notes = ended(plan=plan_of([F, G7, C]), genre=BACH)
    last = [note for note in notes if note.step <= END < note.end]
    assert {note.part for note in last} == set(BACH.harmony_parts)
    assert {note.pitch % 12 for note in last} <= {0, 4, 7}
    assert min(note.pitch for note in last) % 12 == 0, "the lowest voice has the root"
