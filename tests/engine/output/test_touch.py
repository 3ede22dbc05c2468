"""Where and how loud the band's notes sound, and the metronome's clicks."""

from __future__ import annotations

from dataclasses import replace

import pytest

from composerd.engine.output.touch import FULLER, Touch
from composerd.engine.settings import EngineSettings
from composerd.library.genre_files import load_genre
from composerd.music.genre import Feel, Genre
from composerd.music.metre import BarGrid
from composerd.music.notes import PartNote

SETTINGS = EngineSettings()


def even(name: str = "pop") -> Genre:
    """A genre that plays exactly on the grid, each note at its own velocity."""
    return replace(load_genre(name), feel=Feel())


def velocity(touch: Touch, genre: Genre, variation: str = "A") -> int:
    return touch.placed(PartNote(0, 1, 48, 80, 4), genre, BarGrid(), 120.0, variation).velocity


def test_a_note_of_an_even_feel_stands_on_its_beat() -> None:
    placed = Touch(lambda: SETTINGS).placed(PartNote(6, 1, 48, 80, 4), even(), BarGrid(), 120.0)
    assert placed.on == pytest.approx(1.5)
    assert 1.5 < placed.off <= 2.5


def test_variation_b_is_louder() -> None:
    touch = Touch(lambda: replace(SETTINGS, dynamics=0.0))
    assert velocity(touch, even(), "B") == pytest.approx(FULLER * velocity(touch, even()), abs=1)


def test_the_band_grows_softer_with_a_soft_player_and_louder_with_a_loud_one() -> None:
    soft, loud = Touch(lambda: SETTINGS), Touch(lambda: SETTINGS)
    for _ in range(16):
        soft.add(30)
        loud.add(120)
    assert velocity(soft, even()) < velocity(Touch(lambda: SETTINGS), even()) < velocity(loud, even())


def test_without_dynamics_the_player_changes_nothing() -> None:
    touch = Touch(lambda: replace(SETTINGS, dynamics=0.0))
    before = velocity(touch, even())
    for _ in range(16):
        touch.add(20)
    assert velocity(touch, even()) == before


def test_changed_settings_take_effect_and_others_keep_what_was_heard() -> None:
    settings = [SETTINGS]
    touch = Touch(lambda: settings[-1])
    for _ in range(16):
        touch.add(20)
    heard = velocity(touch, even())
    settings.append(replace(SETTINGS, pause_bars=4))
    assert velocity(touch, even()) == heard
    settings.append(replace(SETTINGS, dynamics=0.0))
    assert velocity(touch, even()) != heard
