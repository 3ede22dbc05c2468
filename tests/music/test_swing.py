from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from composerd.music.feel import swung, unswung
from composerd.music.genre import Feel

feels = st.builds(Feel, swing=st.floats(0, 1), swing_steps=st.sampled_from([1, 2]))


@given(st.floats(-8, 400), feels)
def test_what_is_swung_can_be_straightened(step: float, feel: Feel) -> None:
    assert unswung(swung(step, feel), feel) == pytest.approx(step, abs=1e-9)


@given(st.integers(0, 400), st.floats(0.05, 0.9), st.floats(0, 1))
def test_straight_sixteenths_keep_their_steps(step: int, swing: float, off: float) -> None:
    straight = step / 4 + (off - 0.5) * 0.02
    assert abs(unswung(straight, Feel(swing=swing)) - step) < 0.6


def test_full_swing_puts_the_second_eighth_on_the_triplet() -> None:
    assert swung(2, Feel(swing=1.0)) == pytest.approx(2 / 3)
    assert unswung(2 / 3, Feel(swing=1.0)) == pytest.approx(2)
    assert unswung(0.5, Feel()) == 2.0
