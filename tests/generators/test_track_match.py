"""A genre's parts and a model's tracks: who plays what, and what is refused by name."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from composerd.contract.card import Card, Grid
from composerd.contract.layout import Layout
from composerd.errors import Line, ModelError
from composerd.generators.track_match import match, ranges, voiced
from composerd.music.genre import Genre, Part
from layouts import BAND

LAYOUT = Layout(BAND)
CARD = Card(
    name="m", family="unet", genre="mine", tracks=BAND, inputs=LAYOUT.inputs, outputs=LAYOUT.outputs, grid=Grid()
)
DRUMS = Part("drums", "drums", 10)
BASS = Part("bass", "bass", 2, low=28, high=52)
KEYS = Part("keys", "comp", 3, low=48, high=80, voices=3)


def genre(*parts: Part) -> Genre:
    return Genre("mine", "Mine", "m", 110.0, parts)


def test_parts_find_their_tracks_by_name_in_any_order() -> None:
    assert match(CARD, genre(KEYS, DRUMS, BASS), "m.onnx") == (1, 2, 0)


def test_a_part_may_name_another_track() -> None:
    assert match(CARD, genre(DRUMS, BASS, replace(KEYS, name="organ", track="keys")), "m.onnx") == (0, 1, 2)


def test_a_track_without_a_part_is_silent() -> None:
    assert match(CARD, genre(DRUMS, BASS), "m.onnx") == (0, 1, -1)


def test_a_part_without_a_track_is_refused_by_name() -> None:
    with pytest.raises(ModelError) as caught:
        match(CARD, genre(DRUMS, replace(BASS, name="tuba")), "m.onnx")
    error = caught.value
    assert (error.place, error.field, error.found) == (Line("m.onnx"), "tracks", "drums, bass, keys")
    assert error.expected == "'tuba' for genre mine"


def test_drums_are_no_pitched_part() -> None:
    with pytest.raises(ModelError) as caught:
        match(CARD, genre(replace(DRUMS, name="bass")), "m.onnx")
    assert (caught.value.field, caught.value.found) == ("tracks.bass.kind", "mono")


def test_notes_outside_the_pages_range_are_ruled_out() -> None:
    parts = genre(DRUMS, BASS, KEYS)
    bias = ranges(LAYOUT, parts, match(CARD, parts, "m.onnx"), "m.onnx")
    onset = bias[LAYOUT.output_columns["bass.onset"]]
    pitches = np.arange(28, 56)
    assert (onset[pitches <= 52] == 0).all()
    assert (onset[pitches > 52] < -1e3).all()
    assert not bias[LAYOUT.output_columns["drums.onset"]].any()


def test_a_range_that_leaves_less_than_an_octave_is_refused() -> None:
    parts = genre(DRUMS, replace(BASS, low=50, high=60), KEYS)
    with pytest.raises(ModelError) as caught:
        ranges(LAYOUT, parts, (0, 1, 2), "m.onnx")
    assert (caught.value.field, caught.value.found) == ("tracks.bass", "28 to 55")
    assert "12 semitones in common with part bass" in caught.value.expected


@pytest.mark.parametrize(("voices", "polyphony"), [(1, 1), (3, 3), (9, 4)])
def test_a_track_has_no_more_voices_than_the_page_allows(voices: int, polyphony: int) -> None:
    parts = genre(DRUMS, BASS, replace(KEYS, voices=voices))
    assert voiced(BAND[2], parts, 2).polyphony == polyphony


def test_a_silent_track_stays_as_it_is() -> None:
    assert voiced(BAND[2], genre(DRUMS), -1) is BAND[2]
