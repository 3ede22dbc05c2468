"""Creativity and variation as parameters of sampling."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from composerd.engine.messages import Directions
from composerd.generators.decoding_style import EVEN, groove_style, pitch_temperature

CREATIVITY = st.floats(0.0, 1.0)


def directed(creativity: float, variation: str = "A", again: int = 0) -> Directions:
    return Directions(variation, creativity, again=bool(again))


def test_at_the_usual_creativity_the_nets_are_as_they_were_trained() -> None:
    style = groove_style(directed(EVEN))
    assert style.fuller == pytest.approx(0.0)
    assert style.fresher == pytest.approx(0.0)
    assert pitch_temperature(0.6, directed(EVEN)) == pytest.approx(0.6)


@given(CREATIVITY, CREATIVITY)
def test_more_creativity_is_never_less_lively(one: float, other: float) -> None:
    low, high = sorted((one, other))
    before, after = groove_style(directed(low)), groove_style(directed(high))
    assert before.fuller <= after.fuller
    assert before.fresher <= after.fresher
    assert pitch_temperature(0.6, directed(low)) <= pitch_temperature(0.6, directed(high)) + 1e-9


def test_without_creativity_chance_has_no_say_in_pitches() -> None:
    assert pitch_temperature(0.6, directed(0.0)) == 0.0
    assert pitch_temperature(0.6, directed(1.0)) > 0.6


@given(CREATIVITY)
def test_the_fuller_variation_and_a_section_played_again_begin_more_notes(creativity: float) -> None:
    plain, fuller = groove_style(directed(creativity)), groove_style(directed(creativity, "B"))
    again = groove_style(directed(creativity, again=1))
    assert plain.fuller < again.fuller < fuller.fuller
    assert plain.fresher == fuller.fresher == again.fresher


@given(st.floats(-5.0, 5.0))
def test_creativity_beyond_its_bounds_counts_as_the_nearest(creativity: float) -> None:
    inside = min(1.0, max(0.0, creativity))
    assert groove_style(directed(creativity)) == groove_style(directed(inside))
    assert pitch_temperature(0.5, directed(creativity)) == pitch_temperature(0.5, directed(inside))
