"""What holds of every decision, whatever the net says: random logits, all kinds of parts, many seeds."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from composerd.contract.decoding import Decoder, Style, chance_width
from composerd.contract.layout import DRUMS, MONO, Layout
from composerd.contract.part_decoding import GOES_ON, LONG_AGO, RESTS, STRIKES, ages, last_notes, with_sentinel
from composerd.music.roll import HELD, ONSET, SILENT
from layouts import BAND, CHORALE

SEEDS, STEPS, FIRST = st.integers(0, 10_000), 16, 4
FREE = Style(temperature=1.0, rhythm=0.6)


class Scene:
    """Random logits, past, melody and chance for some windows of a band."""

    def __init__(self, layout: Layout, seed: int, windows: int = 2) -> None:
        dice = np.random.default_rng(seed)
        self.layout = layout
        self.logits = dice.normal(0, 3, (windows, STEPS, layout.out_width)).astype(np.float32)
        self.chance = dice.random((windows, STEPS, chance_width(layout)), np.float32)
        self.melody = dice.integers(-1, 128, (windows, STEPS))
        self.cells = tuple(np.zeros((windows, STEPS, track.rows), np.uint8) for track in layout.tracks)
        for cells, track in zip(self.cells, layout.tracks, strict=True):
            if track.kind != DRUMS:
                cells[:, FIRST - 2, dice.integers(track.rows)] = ONSET
                cells[:, FIRST - 1] = cells[:, FIRST - 2] // 2  # HELD

    def decided(self, style: Style = FREE, windows: slice = slice(None), **more: object) -> dict[int, np.ndarray]:
        cells = tuple(one[windows] for one in self.cells)
        return Decoder(self.layout).harmony(
            self.logits[windows],
            cells,
            self.melody[windows],
            FIRST,
            STEPS,
            style,
            self.chance[windows],
            **more,  # type: ignore[arg-type]
        )


@pytest.fixture(params=[BAND, CHORALE], ids=["band", "chorale"])
def layout(request: pytest.FixtureRequest) -> Layout:
    return Layout(request.param)


@given(SEEDS)
@settings(max_examples=40)
def test_a_note_is_only_held_where_it_sounded_a_step_before(seed: int) -> None:
    for band in (BAND, CHORALE):
        scene = Scene(Layout(band), seed)
        for index, found in scene.decided().items():
            before = np.concatenate([scene.cells[index][:, FIRST - 1 : FIRST], found[:, :-1]], 1)
            assert not ((found == HELD) & (before == SILENT)).any()
            assert set(np.unique(found).tolist()) <= {SILENT, HELD, ONSET}


@given(SEEDS)
@settings(max_examples=40)
def test_no_part_plays_more_notes_at_once_than_it_can(seed: int) -> None:
    for band in (BAND, CHORALE):
        for index, found in Scene(Layout(band), seed).decided().items():
            most = 1 if band[index].kind == MONO else band[index].polyphony
            assert ((found > 0).sum(2) <= most).all()


@given(SEEDS)
@settings(max_examples=20)
def test_windows_are_decided_independently_of_each_other(seed: int) -> None:
    scene = Scene(Layout(BAND), seed, windows=3)
    together = scene.decided()
    for window in range(3):
        alone = scene.decided(windows=slice(window, window + 1))
        assert all((alone[index][0] == together[index][window]).all() for index in together)


def test_equal_chance_gives_equal_notes_and_without_noise_chance_decides_nothing(layout: Layout) -> None:
    scene, other = Scene(layout, 1), Scene(layout, 1)
    other.chance = 1 - other.chance
    assert all((a == b).all() for a, b in zip(scene.decided().values(), scene.decided().values(), strict=True))
    calm, calm_too = scene.decided(Style()), other.decided(Style())
    assert all((calm[index] == calm_too[index]).all() for index in calm)
    free, free_too = scene.decided(), other.decided()
    assert any((free[index] != free_too[index]).any() for index in free)


@given(SEEDS)
@settings(max_examples=40)
def test_a_rhythm_that_is_given_is_kept_to_the_step(seed: int) -> None:
    for band in (BAND, CHORALE):
        scene = Scene(Layout(band), seed)
        dice = np.random.default_rng(seed + 1)
        rhythm = {
            index: dice.integers(0, 3, (2, STEPS - FIRST)).astype(np.uint8)
            for index, track in enumerate(band)
            if track.kind != DRUMS
        }
        for index, found in scene.decided(rhythm=rhythm).items():
            state, begins, sounds = rhythm[index], np.asarray((found == ONSET).any(2)), np.asarray((found > 0).any(2))
            before = np.concatenate([(scene.cells[index][:, FIRST - 1 : FIRST] > 0).any(2), sounds[:, :-1]], 1)
            assert not sounds[state == RESTS].any()
            assert begins[state == STRIKES].all()
            assert not begins[state == GOES_ON].any()
            assert (sounds == before)[state == GOES_ON].all(), "what sounds goes on, and nothing comes of nothing"


def test_a_part_that_is_fixed_is_not_decided_and_conditions_the_others() -> None:
    scene = Scene(Layout(BAND), 3)
    free = scene.decided()
    fixed = scene.decided(fixed=frozenset({1}))
    assert sorted(free) == [1, 2]
    assert sorted(fixed) == [2]


def test_a_bias_moves_a_pitch_into_every_chord_that_begins() -> None:
    scene = Scene(Layout(BAND), 5)
    keys = BAND[2]
    bias = np.zeros((2, STEPS - FIRST, keys.rows), np.float32)
    bias[..., 60 - keys.low] = 100.0
    strikes = np.full((2, STEPS - FIRST), STRIKES, np.uint8)
    found = scene.decided(bias={2: bias}, rhythm={1: strikes, 2: strikes})[2]
    assert (found[..., 60 - keys.low] == ONSET).all()


def test_drums_sound_where_their_logit_is_positive() -> None:
    scene = Scene(Layout(BAND), 7)
    found = Decoder(scene.layout).drums(scene.logits, FIRST, STEPS, Style(), scene.chance)
    columns = scene.layout.output_columns["drums.onset"]
    assert ((found == ONSET) == (scene.logits[:, FIRST:STEPS, columns] > 0)).all()
    with pytest.raises(KeyError):
        Decoder(Layout(CHORALE)).drums(scene.logits, FIRST, STEPS, Style(), scene.chance)


def test_the_last_note_is_the_lowest_of_the_last_step_that_sounds() -> None:
    cells = np.zeros((3, 4, 5), np.uint8)
    cells[0, 1, [2, 4]] = ONSET
    cells[0, 2, [2]] = HELD
    cells[1, 0, [3, 1]] = ONSET
    assert last_notes(with_sentinel(cells)).tolist() == [2, 1, 5], "5: none sounds"


def test_an_age_counts_steps_from_the_last_onset_to_the_end() -> None:
    cells = np.zeros((3, 4, 5), np.uint8)
    cells[0, 3, 0] = ONSET
    cells[1, 0, 0], cells[1, 1:, 0] = ONSET, HELD
    assert ages(cells).tolist() == [1, 4, LONG_AGO]


def test_the_sentinel_row_is_always_on() -> None:
    cells = np.zeros((1, 2, 3), np.uint8)
    wide = with_sentinel(cells)
    assert wide.shape == (1, 2, 4)
    assert (wide[..., -1] > 0).all()
    assert not wide[..., :-1].any()
