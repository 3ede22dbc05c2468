from __future__ import annotations

import re
from dataclasses import replace

import pytest

from composerd.bench.decisions import timed_jam
from composerd.bench.figure import Figure, quantile
from composerd.bench.live import live_figures
from composerd.bench.offline import _Weighing, growth_figures, render_figures, resident_mb
from composerd.bench.players import long_melody, sixteenths
from composerd.config.layers import Settings
from composerd.engine.messages import Played
from composerd.engine.settings import EngineSettings
from composerd.errors import DeviceError
from composerd.generators.plain import PlainGenerator
from composerd.library.genre_files import load_genre
from composerd.music.midi import note_on


def test_a_figure_is_reached_below_its_limit_or_above_its_least() -> None:
    assert Figure("late", 0.9, "ms", 1.0).reached is True
    assert Figure("late", 1.1, "ms", 1.0).reached is False
    assert Figure("speed", 59.0, "×", 60.0, least=True).reached is False
    assert Figure("speed", 61.0, "×", 60.0, least=True).line().startswith("ok")
    assert Figure("memory", 61.0, "MB").reached is None


def test_a_quantile_is_the_nearest_rank_and_nothing_has_none() -> None:
    assert [quantile([3, 1, 2, 4], share) for share in (0.0, 0.5, 0.99)] == [1, 3, 4]
    with pytest.raises(DeviceError, match="nothing was measured"):
        quantile([], 0.5)


def test_a_long_song_repeats_the_tune_on_bar_lines() -> None:
    song = long_melody(load_genre("bach"), 600)
    onsets = [one.tick for one in song.messages if one.message.starts_note]
    assert song.seconds > 600
    assert onsets == sorted(onsets)
    assert onsets[len(onsets) // 2] % (16 * 4 * 480) == 0 or len(onsets) % 2


def test_the_measuring_hands_press_every_16th_and_let_go() -> None:
    played = list(sixteenths(120, 2.0))
    pressed = [second for second, message in played if message.starts_note]
    assert pressed == [n * 0.125 for n in range(16)]
    assert len(played) == 32


@pytest.mark.parametrize(("seconds", "half"), [(8.0, 64), (7.0, 64), (20.0, 160), (0.5, 16)])
def test_the_measuring_hands_play_their_melody_again_from_a_bar_line_on(seconds: float, half: int) -> None:
    new, again = list(sixteenths(240, seconds)), list(sixteenths(240, seconds, again=True))
    assert [second for second, _ in again] == [second for second, _ in new]
    keys = [message for _, message in again]
    assert keys[: 2 * half] == [message for _, message in new][: 2 * half]
    assert keys[2 * half :] == keys[: max(0, len(keys) - 2 * half)]


def test_a_decision_of_the_rules_and_the_speed_of_rendering_are_of_the_whole_melody() -> None:
    genre = replace(load_genre("rock"), model="plain")
    decision, new, speed = render_figures(Settings(), genre, seconds=20)
    melody = long_melody(genre, 20)
    decisions = len(timed_jam(PlainGenerator(genre), EngineSettings(), genre, melody).seconds)
    assert decision.detail.startswith(f"plain, {decisions} decisions; p99 ")
    assert 0 < int(new.detail.split()[0]) <= decisions
    assert 0 < decision.value < 1000 * melody.seconds / decisions, "the rules keep up on any machine"
    length, took = re.match(r"(\d+) s in ([\d.]+) s on one core", speed.detail).groups()  # type: ignore[union-attr]
    assert int(length) == round(melody.seconds)
    assert melody.seconds / speed.value == pytest.approx(float(took), abs=0.006)


def test_growth_is_what_came_after_the_warm_up_and_not_all_of_the_memory() -> None:
    (growth,) = growth_figures(Settings(), load_genre("rock"), hour=30)
    assert int(growth.detail.split()[0]) > 100
    assert abs(growth.value) < 0.5 * resident_mb()


def test_memory_is_weighed_once_when_the_playing_is_warm() -> None:
    sink = _Weighing(warm=5.0)
    key = note_on(1, 60, 80)
    sink.play(Played(4.9, 0, key))
    assert sink.after_warm_up == 0.0
    sink.play(Played(5.0, 0, key))
    weighed = sink.after_warm_up
    assert weighed > 5
    held = bytearray(30_000_000)
    sink.play(Played(6.0, 0, key))
    assert (sink.after_warm_up, sink.count, len(held)) == (weighed, 3, 30_000_000)


def test_the_live_figures_time_keys_and_notes() -> None:
    figures = list(live_figures(Settings(), load_genre("rock"), seconds=1.5))
    assert [figure.unit for figure in figures] == ["ms"] * 4
    assert " keys answered" in figures[2].detail
