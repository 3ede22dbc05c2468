"""Notes and rolls are two views of one thing: what is drawn is read again, tied and repeated notes included."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from composerd.music.notes import MIDDLING, NotesRoll, PartNote, Section, cells_to_notes, notes_to_cells, remainder
from composerd.music.roll import HELD, ONSET, REST, SILENT, BandRoll, MelodyRoll

PARTS, STEPS = 2, 24


@st.composite
def lines(draw: st.DrawFn) -> tuple[PartNote, ...]:
    """Notes of two parts in steps [0, STEPS), none of which overlaps another of its pitch."""
    found = []
    for part in range(PARTS):
        for pitch in draw(st.sets(st.integers(0, 127), max_size=3)):
            step = draw(st.integers(0, 6))
            while step < STEPS:
                length = min(draw(st.integers(1, 8)), STEPS - step)
                found.append(PartNote(step, part, pitch, MIDDLING, length))
                step += length + draw(st.integers(0, 6))
    return tuple(sorted(found))


@given(lines())
def test_notes_drawn_and_read_again_are_the_same(notes: tuple[PartNote, ...]) -> None:
    assert cells_to_notes(notes_to_cells(notes, 0, STEPS, PARTS), 0, (0, 1)) == notes


@given(lines(), st.integers(0, STEPS), st.integers(0, STEPS))
def test_a_window_of_the_drawing_is_the_drawing_of_a_window(notes: tuple[PartNote, ...], one: int, other: int) -> None:
    first, until = sorted((one, other))
    whole = notes_to_cells(notes, 0, STEPS, PARTS)
    assert (notes_to_cells(notes, first, until, PARTS) == whole[:, first:until]).all()


@given(lines(), st.integers(0, STEPS), st.integers(-4, STEPS), st.integers(0, STEPS + 8))
def test_a_roll_that_is_drawn_late_has_the_same_windows(
    notes: tuple[PartNote, ...], settled: int, first: int, length: int
) -> None:
    """Its beginning is drawn before, and needs no notes that ended there."""
    whole = BandRoll(0, notes_to_cells(notes, 0, STEPS, PARTS))
    later = tuple(note for note in notes if note.end > settled)
    late = NotesRoll(whole.window(0, settled), later, STEPS)
    assert late.end == whole.end == STEPS
    assert (late.window(first, first + length).cells == whole.window(first, first + length).cells).all()
    assert (late.cells == whole.cells).all()


def test_a_note_that_is_struck_again_is_two_notes() -> None:
    notes = (PartNote(0, 0, 60, MIDDLING, 2), PartNote(2, 0, 60, MIDDLING, 2))
    cells = notes_to_cells(notes, 0, 4, 1)
    assert cells[0, :, 60].tolist() == [ONSET, HELD, ONSET, HELD]
    assert cells_to_notes(cells, 0, (0,)) == notes


def test_what_sounds_already_at_the_beginning_is_a_tied_note() -> None:
    cells = np.zeros((1, 4, 128), np.uint8)
    cells[0, :3, 60] = HELD
    (note,) = cells_to_notes(cells, 16, (5,))
    assert note == PartNote(16, 5, 60, MIDDLING, 3, tied=True)
    assert (notes_to_cells((note,), 16, 20, 6)[5] == cells[0]).all()


def test_a_held_cell_after_silence_begins_a_note() -> None:
    cells = np.zeros((1, 4, 128), np.uint8)
    cells[0, 2:, 60] = HELD
    assert cells_to_notes(cells, 0, (0,)) == (PartNote(2, 0, 60, MIDDLING, 2),)


def test_velocities_are_by_part() -> None:
    cells = notes_to_cells((PartNote(0, 0, 60, 1, 1), PartNote(0, 1, 62, 1, 1)), 0, 1, 2)
    assert [note.velocity for note in cells_to_notes(cells, 0, (3, 4), (70, 80))] == [70, 80]


def test_a_note_of_another_length_is_otherwise_the_same() -> None:
    note = PartNote(4, 1, 60, 90, 3, tied=True)
    assert note.lasting(5) == PartNote(4, 1, 60, 90, 5, tied=True)
    assert (note.end, note.lasting(5).end) == (7, 9)


@given(lines(), st.integers(0, STEPS + 4))
def test_the_rest_of_a_section_sounds_as_the_section_does_from_there_on(
    notes: tuple[PartNote, ...], first: int
) -> None:
    section = Section(frozenset({0, 1}), 0, STEPS, notes)
    rest = remainder(section, first)
    assert all(note.step >= first and not note.tied for note in rest.notes)
    assert (rest.first, rest.until) == (first, max(first, STEPS))
    whole, cut = (notes_to_cells(one.notes, first, STEPS, PARTS) != SILENT for one in (section, rest))
    assert (whole == cut).all()


@given(st.lists(st.integers(-1, 127), max_size=20), st.integers(-5, 30), st.integers(0, 30), st.integers(-5, 5))
def test_a_melody_outside_of_what_is_known_is_a_rest(pitches: list[int], first: int, length: int, at: int) -> None:
    roll = MelodyRoll(at, np.array(pitches, np.int16), np.array(pitches, np.int16) >= 0)
    window = roll.window(first, first + length)
    assert (window.first, window.end) == (first, first + length)
    for step in range(first, first + length):
        known = roll.first <= step < roll.end
        assert window.pitch[step - first] == (pitches[step - at] if known else REST)
        assert window.onset[step - first] == (known and pitches[step - at] >= 0)


def test_sounding_pitches_are_told_step_by_step() -> None:
    roll = BandRoll(8, notes_to_cells((PartNote(8, 0, 60, 90, 2), PartNote(9, 0, 64, 90, 1)), 8, 12, 1))
    assert [roll.sounding(0, step) for step in (7, 8, 9, 10, 12)] == [(), (60,), (60, 64), (), ()]
    assert BandRoll.silent(1, 0, 4).sounding(0, 2) == ()
