"""What the measurement of MIDI clock makes of the frames that it heard."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from composerd.bench.audio_exactness import dropouts
from composerd.bench.jack_recorder import RATE, onsets
from composerd.bench.midi_clock import SETTLED, _kept, spread
from composerd.errors import DeviceError

BPM, SECONDS, STARTED = 120.0, 20.0, 1000
BEATS = int(SECONDS * BPM / 60)
TICK, HI_HAT = [0xF8], [0x99, 42, 80]


def heard(late_ms: float = 0.0, jitter_ms: float = 0.0, lost: int = 0, notes: bool = True) -> dict[str, object]:
    """A program that sends 24 ticks and four hits a beat, all `late_ms` late or a little more or less."""
    dice = random.Random(1)

    def frame(beat: float) -> float:
        return STARTED + (beat * 60 / BPM + (late_ms + dice.uniform(-jitter_ms, jitter_ms)) / 1000) * RATE

    ticks = [(frame(number / 24), TICK) for number in range(24 * BEATS)]
    del ticks[240 : 240 + lost]
    if lost > len(ticks):
        ticks.clear()
    hits = [(frame(number / 4), HI_HAT) for number in range(4 * BEATS)] if notes else []
    off = [(frame(number / 4 + 0.1), [0x99, 42, 0]) for number in range(4 * BEATS)]
    return {"rate": RATE, "started": STARTED, "heard": sorted([*ticks, *hits, *off])}


def test_a_program_that_keeps_the_clock_exactly_deviates_by_nothing() -> None:
    kept = _kept(heard(), BPM, SECONDS)
    for values in (kept.notes, kept.ticks, kept.gaps):
        assert max(map(abs, values)) == pytest.approx(0.0, abs=1e-6)
    assert kept.lost == 0
    assert len(kept.notes) == 4 * (BEATS - SETTLED) - 2, "from when it has settled to half a beat before the end"


@pytest.mark.parametrize("late", [-4.0, 3.0, 9.0])
def test_a_program_that_is_late_throughout_has_even_gaps(late: float) -> None:
    kept = _kept(heard(late), BPM, SECONDS)
    assert spread(kept.notes) == pytest.approx((late, 0.0), abs=1e-6)
    assert spread(kept.ticks) == pytest.approx((late, 0.0), abs=1e-6)
    assert max(map(abs, kept.gaps)) == pytest.approx(0.0, abs=1e-6)


def test_uneven_ticks_show_in_the_gaps() -> None:
    kept = _kept(heard(jitter_ms=2.0), BPM, SECONDS)
    assert 0.5 < spread(kept.gaps)[1] <= 4.0
    assert max(map(abs, kept.ticks)) <= 2.0 + 1e-6


@pytest.mark.parametrize("lost", [0, 1, 17])
def test_ticks_that_never_came_are_counted(lost: int) -> None:
    assert _kept(heard(lost=lost), BPM, SECONDS).lost == lost


@pytest.mark.parametrize("answer", [heard(notes=False), {**heard(), "heard": []}, heard(lost=24 * BEATS)])
def test_a_program_that_did_not_play_or_sent_no_clock_is_no_figure(answer: dict[str, object]) -> None:
    with pytest.raises(DeviceError, match="the program did not keep the clock"):
        _kept(answer, BPM, SECONDS)


@given(st.lists(st.integers(20, 3000), min_size=1, max_size=6), st.lists(st.integers(16, 2000), max_size=5))
def test_every_hole_of_a_tone_counts_once_wherever_the_recording_begins_and_ends(
    tones: list[int], holes: list[int]
) -> None:
    holes = holes[: len(tones) - 1]
    pieces = [np.zeros((2, 500), np.float32)]
    for number, frames in enumerate(tones[: len(holes) + 1]):
        pieces.append(np.full((2, frames), 0.5, np.float32))
        if number < len(holes):
            pieces.append(np.zeros((2, holes[number]), np.float32))
    assert dropouts(np.concatenate(pieces, axis=1)) == len(holes)
    assert dropouts(np.concatenate(pieces[1:], axis=1)) == len(holes)
    assert dropouts(np.concatenate([*pieces, np.zeros((2, 700), np.float32)], axis=1)) == len(holes)


@given(st.lists(st.integers(300, 4000), min_size=1, max_size=8), st.integers(1, 250))
def test_every_sound_begins_once_after_silence(gaps: list[int], length: int) -> None:
    begins = np.cumsum(gaps)
    sound = np.zeros((2, int(begins[-1]) + length), np.float32)
    for begin in begins:
        sound[1, begin : begin + length] = -0.5
    wanted = [int(begin) for begin, gap in zip(begins, gaps, strict=True) if gap - length >= 100 or begin == begins[0]]
    assert onsets(sound, 0.1, apart=100) == wanted
