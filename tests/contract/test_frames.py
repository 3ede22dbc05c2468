"""What is not known never reaches the net."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from composerd.contract.frames import Window, encode, fold, phases
from composerd.contract.layout import DRUMS, MELODY_LOW, Layout
from composerd.music.roll import HELD, ONSET, REST
from layouts import BAND

STEPS = 8
LAYOUT = Layout(BAND)


def a_window(seed: int) -> Window:
    rng = np.random.default_rng(seed)
    shape = (1, STEPS)
    cells = tuple(
        rng.choice([0, ONSET] if track.kind == DRUMS else [0, HELD, ONSET], (*shape, track.rows)).astype(np.uint8)
        for track in BAND
    )
    chord = rng.integers(-1, 120, shape)
    return Window(
        rng.integers(-1, 128, shape), rng.random(shape) < 0.5, np.ones(shape, bool), rng.integers(0, 28, shape),
        chord, np.where(chord < 0, -1, chord % 12), np.ones(shape, bool), cells, np.ones((*shape, 3), bool),
    )  # fmt: skip


@given(st.integers(0, 10**6), st.integers(0, STEPS))
def test_nothing_after_the_known_steps_changes_a_frame(seed: int, cut: int) -> None:
    time = np.arange(STEPS)[None] < cut
    one, other = a_window(seed), a_window(seed + 1)

    cells = tuple(np.where(time[..., None], a, b) for a, b in zip(one.cells, other.cells, strict=True))
    cut_off = replace(one, melody_known=time, chord_known=time, known=np.repeat(time[..., None], 3, 2))
    changed = replace(
        cut_off,
        melody=np.where(time, one.melody, other.melody),
        melody_onset=np.where(time, one.melody_onset, other.melody_onset),
        chord=np.where(time, one.chord, other.chord),
        chord_bass=np.where(time, one.chord_bass, other.chord_bass),
        cells=cells,
    )
    assert np.array_equal(encode(LAYOUT, cut_off), encode(LAYOUT, changed))


def test_a_frame_holds_the_melody_the_plan_and_the_parts() -> None:
    window = replace(
        a_window(1),
        melody=np.array([[60, 60, REST, 24, 110, 72, 72, 72]]),
        melody_onset=np.array([[1, 0, 0, 1, 1, 1, 0, 1]], bool),
        phase=np.arange(STEPS)[None],
        chord=np.array([[0, 0, 0, 0, 17, 17, -1, -1]]),
        chord_bass=np.array([[0, 0, 0, 0, 5, 5, -1, -1]]),
    )
    frames, columns = encode(LAYOUT, window)[0], LAYOUT.input_columns
    sound = frames[:, columns["melody.sound"]]
    assert np.flatnonzero(sound[0]).tolist() == [60 - MELODY_LOW]
    assert not sound[2].any()
    assert frames[2, columns["melody.rest"]] == 1
    assert np.flatnonzero(sound[3]).tolist() == [48 - MELODY_LOW], "too low: up by octaves"
    assert np.flatnonzero(sound[4]).tolist() == [86 - MELODY_LOW], "too high: down by octaves"
    plan = frames[:, columns["plan"]]
    assert np.flatnonzero(plan[0, :12]).tolist() == [0, 4, 7]
    assert plan[:, 24].tolist() == [0, 0, 0, 0, 1, 0, 0, 0], "the chord changes once"
    assert plan[:, 25].tolist() == [1, 1, 1, 1, 1, 1, 0, 0]


@given(st.lists(st.integers(0, 127), min_size=1))
def test_folding_keeps_the_pitch_class_and_reaches_the_range(pitches: list[int]) -> None:
    folded = fold(np.array(pitches), 40, 60)
    assert (folded >= 40).all()
    assert (folded <= 60).all()
    assert ((folded - np.array(pitches)) % 12 == 0).all()


@pytest.mark.parametrize(
    ("bar", "steps", "expected"), [(16, [0, 15], [0, 15]), (12, [0, 11], [16, 27]), (20, [17], [1])]
)
def test_bars_of_sixteen_and_of_twelve_steps_have_their_own_phases(
    bar: int, steps: list[int], expected: list[int]
) -> None:
    assert phases(bar, np.array(steps)).tolist() == expected
