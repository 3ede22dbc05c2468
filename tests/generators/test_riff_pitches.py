"""A repeated passage has its pitches again, moved to where the harmony is now."""

from __future__ import annotations

import numpy as np
import pytest

from composerd.contract.layout import Layout
from composerd.contract.part_decoding import GOES_ON, RESTS, STRIKES
from composerd.generators.riff_pitches import SAME_PITCH_BIAS, RiffPitches
from composerd.music.chords import Chord, ChordPlan, PlannedChord
from composerd.music.roll import ONSET, BandRoll
from layouts import BAND

LAYOUT, PARTS, BAR = Layout(BAND), (0, 1, 2), 16
BASS, KEYS = 1, 2
C, G, F, A_MINOR = Chord(0), Chord(7), Chord(5), Chord(9, "m")


def band(*struck: tuple[int, int, int], first: int = 0) -> BandRoll:
    """Notes as (step, part, pitch) that last a bar."""
    cells = np.zeros((3, BAR, 128), np.uint8)
    for step, part, pitch in struck:
        cells[part, step - first : step - first + 8, pitch] = 1
        cells[part, step - first, pitch] = ONSET
    return BandRoll(first, cells)


def wished(
    past: BandRoll, now: Chord | None, part: int, step: int = 16, rhythm: int = STRIKES, back: int = BAR
) -> list[int]:
    """The pitches that are pushed on a step, `back` steps after those of the past."""
    plan = ChordPlan((PlannedChord(16, 16, now),) if now else ())
    rhythms = {i: np.full(1, rhythm, np.uint8) for i in (BASS, KEYS)}
    sources = {i: np.full(1, back) for i in (BASS, KEYS)}
    found = RiffPitches(LAYOUT, PARTS, past, plan).pitch_bias(step, rhythms, sources)[part][0, 0]
    assert set(np.unique(found).tolist()) <= {0.0, SAME_PITCH_BIAS}
    return (np.flatnonzero(found) + BAND[part].low).tolist()


TRIAD = [(0, KEYS, 60), (0, KEYS, 64), (0, KEYS, 67)]


def test_over_the_same_chord_the_same_notes_come_again() -> None:
    past = band((0, BASS, 36), *TRIAD)
    assert wished(past, C, KEYS) == [60, 64, 67]
    assert wished(past, C, BASS) == [36]


@pytest.mark.parametrize(("now", "by"), [(F, 5), (G, -5)])
def test_over_another_chord_they_move_with_it_the_shorter_way(now: Chord, by: int) -> None:
    past = band((0, BASS, 36), *TRIAD)
    assert wished(past, now, KEYS) == [pitch + by for pitch in (60, 64, 67)]
    assert wished(past, now, BASS) == [36 + by if 36 + by >= BAND[BASS].low else 36 + by + 12]


def test_a_note_beside_a_chord_tone_settles_on_it_where_the_chord_is_of_another_kind() -> None:
    past = band((0, BASS, 36), *TRIAD)
    assert wished(past, Chord(0, "m"), KEYS) == [60, 63, 67]


def test_what_leaves_the_range_comes_back_by_octaves() -> None:
    past = band((0, BASS, 36), (0, KEYS, BAND[KEYS].high - 1))
    (pitch,) = wished(past, F, KEYS)
    assert BAND[KEYS].low <= pitch <= BAND[KEYS].high
    assert pitch % 12 in F.pitch_classes


@pytest.mark.parametrize("rhythm", [RESTS, GOES_ON])
def test_only_notes_that_begin_have_a_wish(rhythm: int) -> None:
    assert wished(band((0, BASS, 36), *TRIAD), C, KEYS, rhythm=rhythm) == []


def test_without_a_source_a_chord_or_a_note_there_is_no_wish() -> None:
    past = band((0, BASS, 36), *TRIAD)
    assert wished(past, C, KEYS, back=0) == []
    assert wished(past, None, KEYS) == []
    assert wished(past, C, KEYS, step=17) == [], "on the step before, the note only went on"
    assert wished(past, C, KEYS, back=64) == [], "before the past that is known"


def test_the_past_is_found_by_its_own_first_step() -> None:
    assert wished(band((0, KEYS, 64), (0, BASS, 36)), C, KEYS) == [64]
    later = band((20, KEYS, 64), (20, BASS, 36), first=20)
    assert wished(later, C, KEYS, step=24, back=4) == [64]


def test_a_part_that_the_genre_has_not_is_left_out() -> None:
    plan = ChordPlan((PlannedChord(16, 16, C),))
    found = RiffPitches(LAYOUT, (0, -1, 2), band(*TRIAD), plan).pitch_bias(
        16, {i: np.full(1, STRIKES, np.uint8) for i in (BASS, KEYS)}, {i: np.full(1, BAR) for i in (BASS, KEYS)}
    )
    assert set(found) == {KEYS}
