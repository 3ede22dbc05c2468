"""Fills of the rules in a net's drums: where they are added, and where the net's own stay."""

from __future__ import annotations

from dataclasses import replace

import pytest

from composerd.engine.messages import Composed, Directions, Mode, Request
from composerd.generators.fills import filled
from composerd.library.genre_files import load_genre
from composerd.music.arranging.drum_tables import CRASH, HIGH_TOM, KICK, SNARE
from composerd.music.chords import ChordPlan
from composerd.music.metre import BarGrid
from composerd.music.notes import PartNote, Section
from composerd.music.roll import BandRoll
from scenes import BAR, held_melody

POP = load_genre("pop")
DRUMS = POP.drum_parts
(DRUM,) = DRUMS


def request(first: int, bars: int = 1, name: str = "pop", **directions: object) -> Request:
    genre = load_genre(name)
    until = first + bars * BAR
    return Request(
        serial=1, mode=Mode.JAM, genre=genre, grid=BarGrid(), bpm=110.0, step=first, until=until, drums_from=first,
        drums_until=until, harmony_from=0, melody=held_melody([60] * (first // 4 + 4)),
        band=BandRoll.silent(len(genre.parts)), directions=replace(Directions(), **directions),  # type: ignore[arg-type]
    )  # fmt: skip


def beat(first: int, bars: int = 1) -> tuple[PartNote, ...]:
    """Kick on one and three, snare on two and four."""
    steps = range(first, first + bars * BAR, 4)
    return tuple(PartNote(step, DRUM, SNARE if step % 8 else KICK, 90, 1) for step in steps)


def answered(asked: Request, notes: tuple[PartNote, ...]) -> tuple[PartNote, ...]:
    section = Section(DRUMS, asked.drums_from, asked.drums_until, tuple(sorted(notes)))
    return filled(Composed(1, (section,), ChordPlan()), asked).sections[0].notes


SECTIONS = (0, 16 * BAR, 32 * BAR)
"""bar lines on which sections of a song begin"""
LAST = 15 * BAR
"""the first step of the last bar of the first one"""


def test_an_ordinary_bar_stays_as_the_net_drew_it() -> None:
    assert answered(request(BAR), beat(BAR)) == beat(BAR)


def test_the_last_bar_of_a_section_ends_with_a_fill() -> None:
    notes = answered(request(LAST, sections=SECTIONS), beat(LAST))
    assert notes != beat(LAST)
    assert [note for note in notes if note.step < LAST + 8] == [note for note in beat(LAST) if note.step < LAST + 8]


def test_a_fill_of_the_nets_own_is_kept() -> None:
    own = (*beat(LAST), *(PartNote(LAST + 12 + i, DRUM, HIGH_TOM, 90, 1) for i in range(4)))
    assert answered(request(LAST, sections=SECTIONS), own) == tuple(sorted(own))


@pytest.mark.parametrize("bar", [7, 15, 16, 31, 32])
def test_where_no_sections_are_known_fills_and_crashes_are_the_nets(bar: int) -> None:
    assert answered(request(bar * BAR), beat(bar * BAR)) == beat(bar * BAR)


def test_the_first_bar_of_the_next_section_is_marked_by_a_crash() -> None:
    first = SECTIONS[1]
    struck = {note.pitch for note in answered(request(first, sections=SECTIONS), beat(first)) if note.step == first}
    assert struck == {KICK, CRASH}


def test_the_beginning_of_the_performance_is_not_marked() -> None:
    assert answered(request(0), beat(0)) == beat(0)


def test_a_crash_of_the_nets_own_is_not_doubled() -> None:
    first = SECTIONS[1]
    own = (*beat(first), PartNote(first, DRUM, CRASH, 100, 1))
    notes = answered(request(first, sections=SECTIONS), own)
    assert [note.pitch for note in notes].count(CRASH) == 1


def test_a_fill_that_was_asked_for_replaces_even_the_nets_own() -> None:
    own = (*beat(BAR), *(PartNote(BAR + 12 + i, DRUM, HIGH_TOM, 77, 1) for i in range(4)))
    notes = answered(request(BAR, fill_until=2 * BAR), own)
    assert all(note.velocity != 77 for note in notes)
    assert any(note.step >= 2 * BAR - 4 for note in notes)


def test_the_bar_before_the_final_chord_ends_with_a_fill_and_nothing_comes_after_it() -> None:
    notes = answered(request(BAR, bars=2, ending_at=2 * BAR), beat(BAR, 2))
    after = [note for note in notes if note.step > 2 * BAR]
    assert after == [note for note in beat(BAR, 2) if note.step > 2 * BAR], "the ending is not the fills' business"
    assert notes != beat(BAR, 2)


def test_a_section_of_any_length_ends_with_a_fill() -> None:
    sections = (0, 3 * BAR)
    assert answered(request(2 * BAR, sections=sections), beat(2 * BAR)) != beat(2 * BAR)
    assert answered(request(LAST, sections=sections), beat(LAST)) == beat(LAST)


def test_jazz_has_no_crash_at_a_section() -> None:
    asked = request(SECTIONS[1], name="jazz", sections=SECTIONS)
    assert all(note.pitch != CRASH for note in answered(asked, beat(SECTIONS[1])))


@pytest.mark.parametrize("factor", [0.01, 2.0])
def test_velocities_stay_within_midi(factor: float) -> None:
    part = POP.parts[DRUM]
    parts = tuple(replace(one, loudness=round(127 * factor)) if one == part else one for one in POP.parts)
    asked = replace(request(LAST, sections=SECTIONS), genre=replace(POP, parts=parts))
    notes = answered(asked, beat(LAST))
    assert notes != beat(LAST)
    assert all(1 <= note.velocity <= 127 for note in notes)


def test_a_band_without_drums_is_left_alone() -> None:
    bach = load_genre("bach")
    asked = replace(request(LAST, sections=SECTIONS), genre=bach, band=BandRoll.silent(len(bach.parts)))
    answer = Composed(1, (Section(frozenset((0,)), LAST, LAST + BAR, ()),), ChordPlan())
    assert filled(answer, asked) is answer
