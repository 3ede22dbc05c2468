"""The clock of a jam: the player's tempo, a file's bars or another machine's beat."""

from __future__ import annotations

from dataclasses import replace

import pytest

from composerd.engine.choices import Choices
from composerd.engine.jam.clock import LATEST_GRACE_BEATS, JamClock
from composerd.engine.jam.start import JamStart
from composerd.engine.output.stage import Stage
from composerd.engine.output.touch import Touch
from composerd.engine.services import ModeServices
from composerd.engine.settings import EngineSettings
from composerd.engine.virtual import VirtualInbox
from composerd.music.metre import BarGrid
from composerd.music.tempo import Tempo
from fakes import InstantComposer, duo, echo_bass

START = JamStart(Tempo(120.0, 10.0), BarGrid(), 0, 1)
"""beat 0 is at second 10"""
COUNTED = replace(START, tempo=Tempo(120.0, 10.0, -4.0), count_in=16)
FILE, LED = replace(START, given=True), replace(START, clocked=True)


def clock(start: JamStart = START, follow: bool = False, settings: EngineSettings | None = None) -> JamClock:
    engine = settings or EngineSettings()
    choices = replace(Choices(), follow=follow)
    composer = InstantComposer(VirtualInbox(), echo_bass)
    touch = Touch(lambda: engine)
    services = ModeServices(Stage([], duo()), composer, lambda: engine, lambda: choices, lambda _: None, touch)
    return JamClock(services, start)


def test_only_a_performance_of_the_players_own_is_free() -> None:
    assert [clock(start).free for start in (START, FILE, LED)] == [True, False, False]


def test_the_count_in_ends_half_a_step_before_beat_one() -> None:
    counted = clock(COUNTED)
    assert counted.counting_in(10.0)
    assert counted.counting_in(11.9)
    assert not counted.counting_in(11.95)
    assert not clock().counting_in(10.0)


def test_a_files_bars_have_no_count_in() -> None:
    assert not clock(replace(COUNTED, given=True)).counting_in(10.0)


@pytest.mark.parametrize(("grace_ms", "beats"), [(0.0, 0.0), (10.0, 0.02), (500.0, LATEST_GRACE_BEATS)])
def test_the_grace_is_the_setting_in_beats_but_never_as_long_as_a_step(grace_ms: float, beats: float) -> None:
    assert clock(settings=EngineSettings(grace_ms=grace_ms)).grace == pytest.approx(beats)


def test_a_new_tempo_holds_from_its_moment_on() -> None:
    found = clock()
    found.retune(60.0, 12.0, None)
    assert found.tempo.beat_at(12.0) == pytest.approx(4.0), "the beat does not jump"
    assert found.tempo.beat_at(13.0) == pytest.approx(5.0)


def test_a_tapped_beat_pulls_the_nearest_beat_to_the_tap() -> None:
    found = clock()
    found.retune(120.0, 12.1, 12.1)  # beat 4 was due at 12.0
    for moment in (12.3, 12.5, 12.7, 12.9, 13.1):
        found.pulse.aim(Tempo(120.0, 12.1, 4.0), moment)
    assert found.tempo.beat_at(14.1) == pytest.approx(8.0, abs=0.02)


def test_a_files_bars_stay_where_they_are_when_the_tempo_is_tapped() -> None:
    found = clock(FILE)
    found.retune(120.0, 12.1, 12.1)
    assert found.tempo.beat_at(14.0) == pytest.approx(8.0)


def test_another_machine_leads_only_a_performance_that_it_clocks() -> None:
    line = Tempo(100.0, 12.0, 4.0)
    led, free = clock(LED), clock()
    for found in (led, free):
        found.lead(line, 12.0)
    assert led.shown_bpm == 100.0, "the machine's tempo is shown, not the bend towards it"
    assert led.pulse.nominal == 100.0
    assert (free.shown_bpm, free.pulse.nominal) == (120.0, 120.0)


def beats(found: JamClock, count: int, seconds: float, ending: bool = False) -> None:
    """Keys `seconds` apart."""
    for beat in range(count):
        found.follow(10.0 + beat * seconds, ending)


def test_the_tempo_follows_the_players_beat() -> None:
    found = clock(follow=True)
    beats(found, 16, 0.53)
    assert found.tempo.bpm < 117.0


def test_without_following_the_tempo_stays() -> None:
    found = clock()
    beats(found, 16, 0.53)
    assert found.tempo.bpm == 120.0


@pytest.mark.parametrize(("start", "ending"), [(LED, False), (START, True)])
def test_neither_a_led_nor_an_ending_performance_follows(start: JamStart, ending: bool) -> None:
    found = clock(start, follow=True)
    beats(found, 16, 0.53, ending)
    assert found.tempo.bpm == 120.0


def test_what_is_told_of_the_outputs_latency_is_no_delay_of_the_player() -> None:
    plain, told = clock(follow=True), clock(follow=True, settings=EngineSettings(follow_latency_ms=40))
    for beat in range(8):
        plain.follow(10.0 + beat * 0.5, False)
        told.follow(10.04 + beat * 0.5, False)
    assert told.tempo.beat_at(13.54) == pytest.approx(plain.tempo.beat_at(13.5) + 0.08, abs=0.03)
