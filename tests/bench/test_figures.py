"""What the measurements do with their values: spreads, decisions that fail, and songs that are long enough."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from composerd.bench.decisions import timed_jam
from composerd.bench.figure import Figure, quantile
from composerd.bench.midi_clock import spread
from composerd.bench.players import beginning, long_melody
from composerd.engine.messages import Composed, Request
from composerd.engine.settings import EngineSettings
from composerd.errors import ModelError
from composerd.generators.plain import PlainGenerator
from composerd.library.genre_files import load_genre

values = st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=50)


class Failing:
    """The rules, as if they had replaced a model that failed at request number `at`."""

    def __init__(self, at: int) -> None:
        self._rules, self._left = PlainGenerator(load_genre("pop")), at

    def compose(self, request: Request) -> Composed:
        self._left -= 1
        answer = self._rules.compose(request)
        if self._left:
            return answer
        return Composed(answer.serial, answer.sections, answer.plan, problem="the net is broken")


@given(values)
def test_a_quantile_is_one_of_the_values_and_they_grow_with_the_share(given: list[float]) -> None:
    found = [quantile(given, share) for share in (0.0, 0.25, 0.5, 0.75, 0.99, 1.0)]
    assert set(found) <= set(given)
    assert found == sorted(found)
    assert (found[0], found[-1]) == (min(given), max(given))


@given(values)
def test_the_spread_is_no_wider_than_the_values(given: list[float]) -> None:
    middle, away = spread(given)
    assert min(given) <= middle <= max(given)
    assert 0 <= away <= max(abs(one - middle) for one in given)


def test_one_outlier_in_twenty_does_not_widen_the_spread() -> None:
    assert spread([1.0] * 19 + [100.0]) == (1.0, 0.0)


def test_a_missed_figure_is_marked_with_what_it_should_be() -> None:
    line = Figure("key to answer", 3.2, "ms", 2.0, detail="p99").line()
    assert line.startswith("MISS key to answer")
    assert "≤ 2" in line
    assert line.endswith("p99")
    assert "≥ 60" in Figure("speed", 70.0, "×", 60.0, least=True).line()


def test_every_decision_is_timed() -> None:
    genre = load_genre("pop")
    timed = timed_jam(PlainGenerator(genre), EngineSettings(), genre, long_melody(genre, 10))
    assert len(timed.seconds) == len(timed.cpu_seconds) > 30
    assert min(timed.seconds) >= 0.0


def test_a_model_that_fails_on_the_way_is_no_figure() -> None:
    genre = load_genre("pop")
    with pytest.raises(ModelError, match="the net is broken"):
        timed_jam(Failing(at=5), EngineSettings(), genre, long_melody(genre, 10))


@pytest.mark.parametrize("genre", ["pop", "bach", "jazz"])
@pytest.mark.parametrize("seconds", [0.0, 5.0, 100.0])
def test_a_long_song_is_at_least_as_long_as_was_asked_for(genre: str, seconds: float) -> None:
    song = long_melody(load_genre(genre), seconds)
    assert song.seconds >= seconds
    ticks = [one.tick for one in song.messages]
    assert ticks == sorted(ticks)
    assert song.end_tick == ticks[-1]


@pytest.mark.parametrize("seconds", [0.5, 5.0, 50.0])
def test_the_beginning_of_a_song_has_its_notes_of_so_many_seconds_and_all_of_them_end(seconds: float) -> None:
    song = long_melody(load_genre("jazz"), 60.0)
    short = beginning(song, seconds)
    begun = [one.second for one in song.messages if one.message.starts_note and one.second < seconds]
    assert [one.second for one in short.messages if one.message.starts_note] == begun
    assert len(short.messages) == 2 * len(begun)
    assert short.end_tick == short.messages[-1].tick


def test_the_beginning_of_no_length_is_empty() -> None:
    none = beginning(long_melody(load_genre("jazz"), 0.0), 0.0)
    assert (none.messages, none.end_tick) == ((), 0)
