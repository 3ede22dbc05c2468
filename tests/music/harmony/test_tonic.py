"""The tonic and key of pitch-class counts: exactly as high as the notes are, also where several fit equally well."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from composerd.music.chords import ChordPlan
from composerd.music.harmony.key import Key, heard_key
from composerd.music.harmony.key import key_of as named_key
from composerd.music.harmony.tonic import key_of, relative_major

COUNTS = st.lists(st.integers(0, 40), min_size=12, max_size=12).map(lambda one: np.array(one, np.int64))
MAJOR, HARMONIC_MINOR = (0, 2, 4, 5, 7, 9, 11), (0, 2, 3, 5, 7, 8, 11)


def counts_of(tones: tuple[int, ...], weight: int = 4) -> np.ndarray:
    """Counts of a scale whose first tone sounds most."""
    found = np.zeros(12, np.int64)
    found[list(tones)] = weight
    found[tones[0]] += 2 * weight
    return found


@given(COUNTS, st.integers(0, 11), st.integers(1, 11))
def test_notes_a_semitone_higher_have_a_tonic_a_semitone_higher(counts: np.ndarray, nearest: int, up: int) -> None:
    higher = np.roll(counts, up)
    assert relative_major(higher, (nearest + up) % 12) == (relative_major(counts, nearest) + up) % 12
    (tonic, minor), found = key_of(counts, nearest), key_of(higher, (nearest + up) % 12)
    assert found == ((tonic + up) % 12, minor)


@pytest.mark.parametrize("tonic", range(12))
def test_scales_are_recognised_in_every_key(tonic: int) -> None:
    major, minor = (np.roll(counts_of(scale), tonic) for scale in (MAJOR, HARMONIC_MINOR))
    assert key_of(major, 0) == (tonic, False)
    assert key_of(minor, 0) == (tonic, True)
    assert relative_major(major, 0) == tonic
    assert relative_major(minor, 0) == (tonic + 3) % 12, "a minor key is read against its relative major"


@given(st.integers(0, 11))
def test_without_notes_the_tonic_is_where_the_melody_begins(nearest: int) -> None:
    assert relative_major(np.zeros(12, np.int64), nearest) == nearest
    assert key_of(np.zeros(12, np.int64), nearest) == (nearest, False)


@given(st.integers(0, 11), st.integers(1, 1000))
def test_how_often_all_is_played_does_not_matter(tonic: int, times: int) -> None:
    counts = np.roll(counts_of(MAJOR), tonic)
    assert key_of(times * counts, 0) == key_of(counts, 0)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("C", Key(0)),
        ("Eb", Key(3)),
        ("F#m", Key(6, True)),
        (" bb ", Key(10)),
        ("am", Key(9, True)),
        ("C#m", Key(1, True)),
    ],
)
def test_a_key_is_read_from_its_name(text: str, key: Key) -> None:
    assert named_key(text) == key
    assert named_key(str(key)) == key, "and from its own text"


@pytest.mark.parametrize("text", ["", "  ", "none", "None"])
def test_none_is_no_key(text: str) -> None:
    assert named_key(text) is None


@pytest.mark.parametrize("text", ["X", "C7", "major", "5", "Cmm", "#"])
def test_what_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="key"):
        named_key(text)


def test_the_key_that_was_set_is_shown_else_the_plans() -> None:
    plan = ChordPlan((), key=9, minor=True)
    assert heard_key(Key(2), plan) == "D"
    assert heard_key(None, plan) == "Am"
    assert heard_key(None, ChordPlan()) == ""
