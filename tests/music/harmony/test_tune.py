"""What a plan is made from: only what is known of the melody counts, and a key that is set is the key."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from composerd.music.harmony.encoding import Below, BelowRoll
from composerd.music.harmony.key import Key
from composerd.music.harmony.tune import Tune, tune_of, view_of
from composerd.music.metre import BarGrid, Metre
from composerd.music.roll import MelodyRoll

COMMON = BarGrid.of(Metre())
PITCHES = st.lists(st.one_of(st.just(-1), st.integers(48, 84)), min_size=1, max_size=16)


def melody(pitches: list[int]) -> MelodyRoll:
    """Quarter notes."""
    pitch = np.repeat(np.array(pitches, np.int16), 4)
    onset = np.zeros(len(pitch), np.bool_)
    onset[::4] = pitch[::4] >= 0
    return MelodyRoll(0, pitch, onset)


def tune(known: MelodyRoll, below: BelowRoll | None = None, key: Key | None = None, until: int = 64) -> Tune:
    return tune_of(view_of(COMMON, 0, until), known, below, key)


def test_a_view_is_the_slots_and_their_ends() -> None:
    view = view_of(COMMON, 3, 24)
    assert view.starts.tolist() == [0, 4, 8, 12, 16, 20]
    assert (view.ends - view.starts).tolist() == [4] * 6
    assert view.end == 24


def test_a_slot_has_begun_with_its_first_step_and_is_over_with_its_last() -> None:
    known = melody([60, 64, 67, 72]).window(0, 9)
    found = tune(known)
    assert found.begun == 3, "the third slot's first step is known"
    assert found.rows.first[2].any()
    assert not found.rows.first[3:].any()
    assert not found.rows.whole[2:].any(), "the third slot is not over"
    assert found.rows.whole[1].any()


@given(PITCHES, st.integers(1, 63))
def test_what_comes_later_changes_nothing_of_what_is_known(pitches: list[int], end: int) -> None:
    whole = melody([*pitches, *[-1] * 16]).window(0, 64)
    cut, other = whole.window(0, end), melody([61] * 16).window(0, 64)
    mixed = MelodyRoll(
        0,
        np.concatenate([whole.pitch[:end], other.pitch[end:]]),
        np.concatenate([whole.onset[:end], other.onset[end:]]),
    )
    one, two = tune(cut), tune(mixed.window(0, end))
    assert (one.rows.whole == two.rows.whole).all()
    assert (one.rows.first == two.rows.first).all()
    assert (one.tonic, one.key, one.begun) == (two.tonic, two.key, two.begun)


@given(PITCHES, st.integers(0, 11), st.booleans())
def test_a_key_that_is_set_is_the_key_and_gives_the_tonic(pitches: list[int], tonic: int, minor: bool) -> None:
    found = tune(melody(pitches), key=Key(tonic, minor))
    assert found.key == Key(tonic, minor)
    assert found.tonic == (tonic + 3 * minor) % 12


@given(PITCHES, st.integers(1, 11))
def test_a_melody_that_is_moved_has_a_key_that_is_moved(pitches: list[int], up: int) -> None:
    here, there = tune(melody(pitches)), tune(melody([one if one < 0 else one + up for one in pitches]))
    if all(one < 0 for one in pitches):
        return
    assert there.tonic == (here.tonic + up) % 12
    assert there.key == Key((here.key.tonic + up) % 12, here.key.minor)


def test_the_last_slot_is_the_last_that_sounds() -> None:
    assert tune(melody([60, 62, -1, -1])).last == 1
    assert tune(melody([-1] * 4)).last == 0


def test_a_single_low_note_is_a_bass_and_a_chord_is_none() -> None:
    tones, bass = np.zeros((16, 12), np.bool_), np.full(16, -1, np.int16)
    tones[0:4, 7], bass[0:4] = True, 7
    tones[4:8, [0, 4]], bass[4:8] = True, 0
    found = tune(melody([72] * 4), BelowRoll(0, Below(tones, bass)), until=16)
    assert found.bass.tolist() == [7, -1, -1, -1]


def test_low_notes_after_the_melodys_end_are_not_known_yet() -> None:
    tones, bass = np.zeros((16, 12), np.bool_), np.full(16, -1, np.int16)
    tones[:, 7], bass[:] = True, 7
    found = tune(melody([72] * 4).window(0, 5), BelowRoll(0, Below(tones, bass)), until=16)
    assert found.bass.tolist() == [7, 7, -1, -1], "two slots have begun"
