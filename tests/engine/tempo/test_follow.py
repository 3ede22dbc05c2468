from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from composerd.app.demo_tunes import TUNES
from composerd.bench.follow import CURVES, SIGHT, band_beats, drifted, moments, onsets_of, track
from composerd.engine.conductor import Conductor, Start
from composerd.engine.messages import KeyboardMessage, Snapshot, Stop
from composerd.engine.output.stage import Stage
from composerd.engine.settings import EngineSettings
from composerd.engine.tempo.follow import Follower, straight
from composerd.engine.tempo.pulse import FASTEST, SLOWEST, Pulse
from composerd.engine.virtual import VirtualInbox
from composerd.music.feel import swung
from composerd.music.genre import Feel
from composerd.music.midi import note_off, note_on
from composerd.music.rhythm import log_likelihood
from composerd.music.tempo import Tempo
from fakes import InstantComposer, ListeningSink, duo, echo_bass

FOLLOWING = EngineSettings(follow=True)


def heard(onsets: list[float], bpm: float = 100.0, bounds: float = 0.12) -> Follower:
    follower = Follower(Tempo(bpm, onsets[0]), onsets[0], bounds)
    for at in onsets[1:]:
        follower.add(at)
    return follower


def goal(follower: Follower) -> Tempo:
    found = follower.goal()
    assert found is not None
    return found


def test_a_player_at_the_tempo_set_is_where_the_grid_is() -> None:
    line = goal(heard([5 + 0.6 * i for i in range(16)]))
    assert line.bpm == pytest.approx(100, abs=0.1)
    assert line.beat_at(5 + 0.6 * 16) == pytest.approx(16, abs=0.01)


@pytest.mark.parametrize("bpm", [90, 95, 106, 111])
def test_another_tempo_is_found_within_a_bar_or_two(bpm: int) -> None:
    beat = 60 / bpm
    line = goal(heard([i * beat for i in range(9)]))
    assert line.bpm == pytest.approx(bpm, rel=0.01)
    assert line.beat_at(9 * beat) == pytest.approx(9, abs=0.05)


def test_the_tempo_stays_within_bounds_whatever_is_played() -> None:
    dice = random.Random(3)
    at, follower = 0.0, Follower(Tempo(100.0), 0.0, 0.12)
    for _ in range(300):
        at += dice.choice((0.05, 0.1, 0.31, 0.5, 0.9))
        follower.add(at)
        line = follower.goal()
        assert line is None or 88 <= line.bpm <= 112


def test_a_chord_is_one_onset() -> None:
    spread = heard([at for i in range(12) for at in (0.6 * i, 0.6 * i + 0.008, 0.6 * i + 0.02)])
    assert goal(spread) == goal(heard([0.6 * i for i in range(12)]))


def test_syncopation_is_no_change_of_tempo() -> None:
    bar = [0.0, 1.5, 2.5, 3.0, 3.5]
    line = goal(heard([0.6 * (4 * i + beat) for i in range(6) for beat in bar]))
    assert line.bpm == pytest.approx(100, abs=0.5)


def test_eighths_may_be_swung_as_the_genre_has_it_or_straight() -> None:
    feel = Feel(swing=1.0)
    for play in (lambda step: swung(step, feel), straight):
        follower = Follower(Tempo(120.0), 0.0, 0.12, (lambda step: swung(step, feel), straight))
        for step in range(2, 64, 2):
            follower.add(0.5 * play(step))
        line = goal(follower)
        assert line.bpm == pytest.approx(120, abs=0.5)
        assert line.beat_at(0.5 * play(64)) == pytest.approx(16, abs=0.05)


@pytest.mark.parametrize("name", CURVES)
def test_the_band_stays_within_25_milliseconds_of_a_player_with_rubato(name: str) -> None:
    found = [track(onsets_of(tune), name, FOLLOWING, seed) for seed, tune in enumerate(TUNES.values())]
    errors = sorted(abs(error) for one in found for error in one.errors)
    assert errors[len(errors) // 2] <= 0.025
    assert sum(one.out_of_step for one in found) / len(found) < 0.03


@pytest.mark.parametrize("delay", [0.15, 0.25, 0.35])
def test_a_player_who_waits_is_waited_for(delay: float) -> None:
    dice, beat = random.Random(1), 0.6
    played = [1 + i * beat + (delay if i >= 16 else 0.0) for i in range(40)]
    band = band_beats([at + dice.gauss(0, 0.015) for at in played], FOLLOWING)
    away = [abs(stroke - at) for stroke, at in zip(band, played, strict=False)]
    assert away[16] > 0.1, "nobody knows it yet"
    assert max(away[29:39]) < 0.06


def test_triplets_are_no_change_of_tempo_where_the_genre_is_straight() -> None:
    played = [1 + 0.6 * i / 3 for i in range(72)]
    band = band_beats(played, FOLLOWING)
    assert max(abs(stroke - 1 - 0.6 * i) for i, stroke in enumerate(band[:23])) < 0.03


@pytest.mark.parametrize("name", TUNES)
def test_steady_playing_never_loses_the_beat(name: str) -> None:
    for seed in range(3):
        assert track(onsets_of(TUNES[name]), "steady", FOLLOWING, seed).out_of_step == 0.0


def test_without_following_the_band_keeps_its_own_time() -> None:
    curve = "steady, set 8 % too slow"
    assert track(onsets_of(TUNES["bach"]), curve, EngineSettings()).out_of_step > 0.9


@pytest.mark.parametrize("follow", [True, False])
def test_the_tempo_shown_is_the_one_that_is_played(follow: bool) -> None:
    """A player at 108 bpm, the band set to 100."""
    inbox, shown = VirtualInbox(), list[Snapshot]()
    settings = EngineSettings(follow=follow)
    stage = Stage([ListeningSink()], duo())
    conductor = Conductor(inbox, InstantComposer(inbox, echo_bass), stage, settings, Start(bpm=100.0), shown.append)
    for beat in range(40):
        at = beat * 60 / 108
        inbox.post(at, KeyboardMessage(at, note_on(1, 60, 80)))
        inbox.post(at + 0.2, KeyboardMessage(at + 0.2, note_off(1, 60)))
    inbox.post(40 * 60 / 108, Stop())
    conductor.run()
    late = [snapshot.bpm for snapshot in shown if snapshot.bar > 6]
    assert late == pytest.approx([108 if follow else 100] * len(late), abs=0.5)


def test_two_who_listen_keep_the_tempo_when_the_latency_is_told() -> None:
    told = EngineSettings(follow=True, follow_latency_ms=15)
    assert abs(drifted(told, 0, 0.015)) < 4
    assert drifted(FOLLOWING, 0, 0.015) > 8


def test_the_moments_of_a_curve_begin_at_zero_and_grow() -> None:
    for curve in CURVES.values():
        second = moments([0.0, 32.0], curve, 100.0)
        times = [second(beat / 7) for beat in range(200)]
        assert times[0] == 0.0
        assert times == sorted(times)
    assert moments([0.0, 32.0], CURVES["steady"], 100.0)(10.0) == pytest.approx(6.0)
    assert 0 < SIGHT < 0.5


def test_rhythms_are_probabilities() -> None:
    from math import exp

    for step in range(4):
        assert 0.9 < sum(exp(log_likelihood(step, after)) for after in range(1, 40)) < 1.05


aims = st.lists(
    st.tuples(
        st.floats(0.001, 2), st.floats(30, 300), st.floats(-2, 2), st.sampled_from(["aim", "set", "bend", "later"])
    ),
    max_size=40,
)


@settings(max_examples=200, deadline=None)
@given(aims)
def test_the_pulse_never_jumps_nor_turns_back(steps: list[tuple[float, float, float, str]]) -> None:
    pulse, now, beat = Pulse(Tempo(100.0)), 0.0, 0.0
    for pause, bpm, off, what in steps:
        now += pause
        before = pulse.line.beat_at(now)
        assert before >= beat
        if what == "aim":
            pulse.aim(Tempo(bpm, now, before + off), now)
            assert SLOWEST * bpm - 1e-6 <= pulse.line.bpm <= FASTEST * bpm + 1e-6
        elif what == "set":
            pulse.set(bpm, now)
        elif what == "bend":
            pulse.bend(0.5 + abs(off) / 4, now)
        else:
            pulse.scale_later(bpm / pulse.nominal, before)
            pulse.reach(before, now)
        beat = pulse.line.beat_at(now)
        assert beat == pytest.approx(before)
