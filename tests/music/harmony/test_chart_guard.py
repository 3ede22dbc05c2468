"""What a generator plays beside the chart moves to it, and nothing rings into a chord it does not belong to."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from composerd.library.genre_files import load_genre
from composerd.music.chords import Chord, ChordPlan, PlannedChord
from composerd.music.harmony.chart_guard import on_chart, tones_of
from composerd.music.notes import PartNote, Section

POP = load_genre("pop")
BASS, KEYS = 1, 2
PLAN = ChordPlan(
    (PlannedChord(0, 8, Chord(0)), PlannedChord(8, 8, Chord(5, "", 9)), PlannedChord(16, 16, Chord(7, "7")))
)


def held(*notes: PartNote) -> list[tuple[int, int, int, int]]:
    """(step, part, pitch, length) of what is left."""
    section = on_chart(Section(POP.harmony_parts, 0, 32, notes), POP, PLAN)
    return [(note.step, note.part, note.pitch, note.length) for note in section.notes]


def test_the_bass_begins_each_chord_on_its_bass_and_may_walk_afterwards() -> None:
    assert held(PartNote(0, BASS, 40, 80, 4), PartNote(4, BASS, 38, 80, 4), PartNote(8, BASS, 41, 80, 4)) == [
        (0, BASS, 36, 4), (4, BASS, 38, 4), (8, BASS, 45, 4),
    ]  # fmt: skip


def test_chords_hold_only_tones_of_the_chord_and_no_tone_twice() -> None:
    assert held(PartNote(0, KEYS, 60, 80, 4), PartNote(0, KEYS, 61, 80, 4), PartNote(0, KEYS, 65, 80, 4)) == [
        (0, KEYS, 60, 4), (0, KEYS, 64, 4),
    ]  # fmt: skip


def test_a_note_ends_where_a_chord_begins_that_it_does_not_belong_to() -> None:
    assert held(PartNote(0, KEYS, 60, 80, 30), PartNote(0, KEYS, 64, 80, 30)) == [(0, KEYS, 60, 16), (0, KEYS, 64, 8)]


def test_a_tied_note_that_the_new_chord_lacks_is_struck_again_on_its_third() -> None:
    [note] = on_chart(Section(POP.harmony_parts, 8, 16, (PartNote(8, KEYS, 64, 80, 8, tied=True),)), POP, PLAN).notes
    assert (note.pitch % 12, note.tied) == (9, False)


@given(st.integers(0, 2**32 - 1))
def test_whatever_is_played_is_on_the_chart(seed: int) -> None:
    dice = np.random.default_rng(seed)
    notes = tuple(
        PartNote(int(s), int(p), int(pitch), 80, int(length))
        for s, p, pitch, length in zip(
            dice.integers(0, 32, 20),
            dice.integers(1, 4, 20),
            dice.integers(60, 72, 20),
            dice.integers(1, 20, 20),
            strict=True,
        )
    )
    section = on_chart(Section(POP.harmony_parts, 0, 32, notes), POP, PLAN)
    for note in section.notes:
        for step in range(note.step, min(note.end, 32)):
            planned = PLAN.at(step)
            if planned is not None and POP.parts[note.part].role in ("comp", "pad"):
                assert note.pitch % 12 in tones_of(planned.chord)
