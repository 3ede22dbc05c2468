from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from composerd.music.chords import QUALITIES, Chord, ChordPlan, PlannedChord
from composerd.music.harmony.left_hand import chord_of


@pytest.mark.parametrize(
    ("keys", "chord"),
    [
        ((), "None"),
        ((48,), "C"),
        ((48, 60), "C"),
        ((45, 48), "Am"),
        ((48, 52), "C"),
        ((48, 58), "C7"),
        ((48, 59), "Cmaj7"),
        ((48, 55), "C"),
        ((43, 48), "C/G"),
        ((46, 48), "Cm"),
        ((47, 48), "C7"),
        ((48, 51, 55), "Cm"),
        ((48, 52, 55, 58), "C7"),
        ((50, 53, 57, 60), "Dm7"),
        ((47, 50, 53), "Bdim"),
        ((52, 55, 60), "C/E"),
        ((48, 52, 58), "C7"),
        ((48, 53, 55), "Csus4"),
        ((48, 52, 56), "Caug"),
        ((47, 50, 53, 57), "Bm7b5"),
        ((48, 52, 55, 57), "C6"),
    ],
)
def test_keys_are_read_as_arrangers_read_them(keys: tuple[int, ...], chord: str) -> None:
    assert str(chord_of(keys)) == chord


@pytest.mark.parametrize("quality", QUALITIES)
@pytest.mark.parametrize("root", range(36, 48))
def test_every_full_chord_in_root_position_is_itself(root: int, quality: str) -> None:
    found = chord_of([root + interval for interval in QUALITIES[quality]])
    assert found is not None
    assert (found.root, found.quality, found.bass) == (root % 12, quality, None)


@given(st.sets(st.integers(21, 60), min_size=1, max_size=8))
def test_any_handful_is_a_chord_of_keys_that_are_held(keys: set[int]) -> None:
    found = chord_of(keys)
    assert found is not None
    assert found.root in {key % 12 for key in keys}
    assert found.bass is None or found.bass == min(keys) % 12


def test_a_plan_is_led_by_given_chords_as_far_as_it_reaches() -> None:
    own = ChordPlan((PlannedChord(0, 8, Chord(0), 0.7), PlannedChord(8, 8, Chord(7), 0.7)), key=0)
    led = own.led_by(ChordPlan((PlannedChord(4, 4096, Chord(5)),)))
    assert [(one.step, one.length, str(one.chord)) for one in led.chords] == [(0, 4, "C"), (4, 12, "F")]
    assert led.key == 0
    assert own.led_by(None) == own
