"""The band's genre as its page has it, but with the swing that the player chose."""

from __future__ import annotations

from dataclasses import replace

from composerd.engine.output.band_state import BandState
from composerd.music.genre import Feel
from fakes import duo

SWUNG = replace(duo(), name="swung", feel=Feel(swing=0.6))


def test_without_a_choice_each_genre_swings_as_its_page_says() -> None:
    state = BandState(duo())
    assert state.genre == duo()
    state.set_genre(SWUNG)
    assert state.genre.feel.swing == 0.6


def test_a_chosen_swing_holds_for_every_genre_until_it_is_given_back() -> None:
    state = BandState(SWUNG)
    state.set_swing(0.25)
    assert state.genre.feel.swing == 0.25
    state.set_genre(duo())
    assert (state.genre.name, state.genre.feel.swing) == (duo().name, 0.25)
    state.set_swing(None)
    assert state.genre == duo()


def test_straight_is_a_choice_and_not_none() -> None:
    state = BandState(SWUNG)
    state.set_swing(0.0)
    assert state.genre.feel.swing == 0.0
