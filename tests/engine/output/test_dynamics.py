from __future__ import annotations

from math import log10

from composerd.engine.output.dynamics import Dynamics
from composerd.engine.settings import EngineSettings


def heard(*velocities: int, amount: float = 1.0) -> Dynamics:
    dynamics = Dynamics(amount)
    for velocity in velocities:
        dynamics.add(velocity)
    return dynamics


def test_an_ordinary_touch_leaves_the_band_as_written() -> None:
    assert heard(*[80] * 20).shaped(90) == 90


def test_accents_do_not_pump_the_band() -> None:
    assert {heard(*[80, 110, 80, 60] * 5, *[80] * i).shaped(90) for i in range(8)} == {90}


def test_playing_softly_for_a_while_makes_the_band_soft_and_loudly_loud() -> None:
    assert heard(*[40] * 60).shaped(90) < 60
    assert heard(*[120] * 60).shaped(80) > 105
    assert heard(*[40] * 60, amount=0.0).shaped(90) == 90


def test_a_soft_player_is_not_buried_by_the_usual_setting() -> None:
    """MIDI velocity is loudness by its square (General MIDI): 40 log10 of the ratio, in decibels."""
    amount = EngineSettings().dynamics
    player = 40 * log10(40 / 80)
    band = 40 * log10(heard(*[40] * 60, amount=amount).shaped(120) / 120)
    assert band - player < 1.0
    louder = heard(*[120] * 60, amount=amount).shaped(80)
    assert 90 < louder < 105


def test_what_was_reached_is_kept_until_the_touch_has_plainly_changed() -> None:
    soft = heard(*[50] * 60)
    level = soft.shaped(90)
    for _ in range(3):
        soft.add(70)
    assert soft.shaped(90) == level
    for _ in range(40):
        soft.add(80)
    assert soft.shaped(90) > level + 15


def test_velocities_stay_in_range() -> None:
    assert heard(*[127] * 99).shaped(127) == 127
    assert heard(*[1] * 99).shaped(1) == 1
