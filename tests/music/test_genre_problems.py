"""A genre's values are checked: each mistake is named with its part, its field and what was expected."""

from __future__ import annotations

from dataclasses import replace

import pytest

from composerd.library.genre_files import load_genre
from composerd.music.genre import Genre, Part

BAND = Genre(
    "own", "Own", "plain", 100.0, (Part("drums", "drums", 10), Part("bass", "bass", 2), Part("keys", "comp", 3))
)


def with_part(**changes: object) -> Genre:
    drums, bass, keys = BAND.parts
    return replace(BAND, parts=(drums, bass, replace(keys, **changes)))  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["rock", "pop", "jazz", "symphony", "bach"])
def test_the_shipped_genres_have_none(name: str) -> None:
    assert load_genre(name).problems() == []


def test_a_sound_band_has_none() -> None:
    assert BAND.problems() == []
    assert (sorted(BAND.drum_parts), sorted(BAND.harmony_parts)) == ([0], [1, 2])


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"role": "kazoo"}, "parts.keys.role: found 'kazoo', expected one of drums, bass, comp, pad, lead, voice"),
        ({"channel": 10}, "parts.keys.channel: found 10 for role comp, drums go on 10 and only they"),
        ({"role": "drums"}, "parts.keys.channel: found 3 for role drums, drums go on 10 and only they"),
        ({"channel": 1}, "parts.keys.channel: found 1, expected 2 to 15 (1 is the player's, 16 the metronome's)"),
        ({"channel": 16}, "parts.keys.channel: found 16, expected 2 to 15 (1 is the player's, 16 the metronome's)"),
        ({"channel": 2}, "parts.keys.channel: found 2, taken by bass"),
        ({"low": 60, "high": 50}, "parts.keys.range: found 60 to 50, expected 0 to 127, lowest first"),
        ({"high": 128}, "parts.keys.range: found 0 to 128, expected 0 to 127, lowest first"),
        ({"low": -1}, "parts.keys.range: found -1 to 127, expected 0 to 127, lowest first"),
        ({"program": 128}, "parts.keys.program: found 128, expected 0 to 127"),
        ({"loudness": 0}, "parts.keys.loudness: found 0, expected 1 to 127"),
    ],
)
def test_a_mistake_is_named_with_its_place(changes: dict[str, object], says: str) -> None:
    assert says in [str(problem) for problem in with_part(**changes).problems()]


def test_all_mistakes_are_named_at_once() -> None:
    found = with_part(program=-1, loudness=128, low=90, high=20).problems()
    assert [problem.field for problem in found] == ["range", "program", "loudness"]


def test_a_genre_without_parts_is_none() -> None:
    assert [str(problem) for problem in replace(BAND, parts=()).problems()] == [
        "parts: found none, expected at least one"
    ]


def test_another_instrument_leaves_all_else_as_it_is() -> None:
    other = BAND.with_program(1, 38)
    assert [part.program for part in other.parts] == [0, 38, 0]
    assert other.with_program(1, 0) == BAND
