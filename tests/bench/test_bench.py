import pytest

from composerd.bench.figure import Figure, quantile
from composerd.bench.live import live_figures
from composerd.bench.offline import growth_figures, render_figures
from composerd.bench.players import long_melody, sixteenths
from composerd.config.layers import Settings
from composerd.library.genre_files import load_genre


def test_a_figure_is_reached_below_its_limit_or_above_its_least() -> None:
    assert Figure("late", 0.9, "ms", 1.0).reached is True
    assert Figure("late", 1.1, "ms", 1.0).reached is False
    assert Figure("speed", 59.0, "×", 60.0, least=True).reached is False
    assert Figure("speed", 61.0, "×", 60.0, least=True).line().startswith("ok")
    assert Figure("memory", 61.0, "MB").reached is None


def test_a_quantile_is_the_nearest_rank_and_nothing_has_none() -> None:
    assert [quantile([3, 1, 2, 4], share) for share in (0.0, 0.5, 0.99)] == [1, 3, 4]
    with pytest.raises(ValueError, match="nothing was measured"):
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


def test_the_offline_figures_count_what_they_measured() -> None:
    genre = load_genre("rock")
    decision, speed = render_figures(Settings(), genre, seconds=20)
    (growth,) = growth_figures(Settings(), genre, hour=30)
    assert decision.value > 0
    assert speed.value > 0
    assert " decisions" in decision.detail
    assert int(growth.detail.split()[0]) > 100


def test_the_live_figures_time_keys_and_notes() -> None:
    figures = list(live_figures(Settings(), load_genre("rock"), seconds=1.5))
    assert [figure.unit for figure in figures] == ["ms"] * 4
    assert " keys answered" in figures[2].detail
