"""Which steps the harmony waits on: regular beats, and places where the last bar had a key."""

from __future__ import annotations

import pytest

from composerd.engine.jam.expected_keys import key_likely

BAR = 16


def likely(step: int, *struck: int, chord_begins: bool = True) -> bool:
    return key_likely(step, chord_begins, BAR, lambda past: past in struck)


@pytest.mark.parametrize(
    ("struck", "waits"),
    [((), False), ((28,), False), ((24, 28), True), ((16, 20), True), ((16, 20, 24, 28), True), ((8, 12), False)],
)
def test_a_beat_is_likely_after_two_of_the_last_four(struck: tuple[int, ...], waits: bool) -> None:
    assert likely(32, *struck) is waits


def test_an_off_beat_is_likely_only_where_the_last_bar_had_one() -> None:
    assert not likely(34, 20, 24, 28, 32)
    assert likely(34, 18)


def test_the_last_bar_alone_makes_a_beat_likely() -> None:
    assert likely(32, 16)


def test_within_a_chord_the_harmony_does_not_wait() -> None:
    assert not likely(32, 16, 20, 24, 28, chord_begins=False)
