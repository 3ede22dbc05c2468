"""What the band played is kept, and can be laid over a later place."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from composerd.engine.jam.riffs import KEPT_STEPS, LONGEST_NOTE, Riffs
from composerd.music.notes import PartNote


def note(step: int, length: int = 4, pitch: int = 40) -> PartNote:
    return PartNote(step, 1, pitch, 80, length)


def riffs(*notes: PartNote) -> Riffs:
    found = Riffs()
    for one in notes:
        found.played(one)
    return found


def test_a_stretch_is_repeated_at_its_later_place() -> None:
    found = riffs(note(0), note(16, pitch=43), note(20, pitch=45), note(32)).over(16, 32, 64)
    assert [(one.step, one.pitch, one.length, one.tied) for one in found] == [(80, 43, 4, False), (84, 45, 4, False)]


def test_a_note_that_rings_into_the_stretch_is_tied_and_one_that_rings_out_of_it_is_cut() -> None:
    held = riffs(note(12, 8)).over(16, 32, 64)
    assert [(one.step, one.length, one.tied) for one in held] == [(80, 4, True)]
    cut = riffs(note(28, 16)).over(16, 32, 64)
    assert [(one.step, one.length, one.tied) for one in cut] == [(92, 4, False)]


def test_a_note_that_ends_where_the_stretch_begins_is_not_in_it() -> None:
    assert riffs(note(12, 4), note(32)).over(16, 32, 64) == ()


def test_notes_that_never_sounded_are_not_kept() -> None:
    assert riffs(note(16, 0)).over(16, 32, 0) == ()


def test_chords_keep_all_their_notes_in_order() -> None:
    found = riffs(note(16, pitch=60), note(16, pitch=64), note(16, pitch=67)).over(16, 32, 0)
    assert [one.pitch for one in found] == [60, 64, 67]


def test_the_distant_past_is_forgotten_and_what_is_cleared_is_gone() -> None:
    kept = riffs(note(0), note(KEPT_STEPS))
    assert len(kept.over(0, 4, 0)) == 1
    kept.played(note(KEPT_STEPS + 1))
    assert kept.over(0, 4, 0) == ()
    kept.clear()
    assert kept.over(KEPT_STEPS, KEPT_STEPS + 16, 0) == ()


@given(
    st.lists(st.tuples(st.integers(0, 80), st.integers(1, LONGEST_NOTE)), max_size=20),
    st.integers(0, 80), st.integers(1, 40), st.integers(0, 200),
)  # fmt: skip
def test_what_comes_again_lies_in_its_stretch_and_sounds_as_long_as_it_did_there(
    rows: list[tuple[int, int]], first: int, steps: int, later: int
) -> None:
    played = [note(step, length) for step, length in sorted(rows)]
    found = riffs(*played).over(first, first + steps, later)
    assert all(first + later <= one.step and one.end <= first + steps + later for one in found)
    assert all(one.step == first + later for one in found if one.tied)
    sounded = sum(max(0, min(one.end, first + steps) - max(one.step, first)) for one in played)
    assert sum(one.length for one in found) == sounded
