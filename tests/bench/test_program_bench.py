"""Measurements of the real program over real ports: start, clock, plugging in; and what the sound's are made of."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from statistics import median

import msgspec
import pytest

from composerd.bench.audio_exactness import processor_seconds
from composerd.bench.idle import _idle_client, _plug_to_sound
from composerd.bench.jack_server import JackServer
from composerd.bench.midi_clock import SOURCE, measure_clock
from composerd.bench.midi_thru import KEYBOARD, Ear, joined, measure_thru, running
from composerd.bench.program import _start_to_ready, own_folders, program_command
from composerd.bench.sound import _program, _smallest_and_largest
from composerd.config.layers import Settings
from composerd.devices.audio.settings import AudioSettings
from composerd.library.genre_files import load_genre
from jackd import jack_server
from sound import SOUNDFONT, TIMGM


@pytest.fixture
def server() -> Iterator[JackServer]:
    with jack_server() as one, joined(one):
        yield one


def play(folder: str, *options: str) -> list[str]:
    return ["env", *own_folders(folder), *program_command("play", "--midi-api", "jack", *options)]


@pytest.mark.jack
@pytest.mark.usefixtures("server")
def test_the_program_says_when_it_is_ready() -> None:
    assert 0.05 < _start_to_ready(load_genre("rock")) < 30


@pytest.mark.jack
def test_the_program_passes_every_key_on_as_the_echo_does(tmp_path: Path) -> None:
    thru = measure_thru(play(str(tmp_path), "--in", KEYBOARD), "composerd:", presses=40)
    assert (thru.program.count + thru.program.lost, thru.echo.count + thru.echo.lost) == (40, 40)
    assert thru.program.count > 30


@pytest.mark.jack
def test_a_keyboard_that_is_plugged_in_is_heard_and_the_idle_client_beside_it_does_nothing(
    server: JackServer, tmp_path: Path
) -> None:
    with (
        running(play(str(tmp_path), "--out", "virtual"), server),
        _idle_client(server) as client,
        Ear("composerd:") as ear,
    ):
        took = [_plug_to_sound(ear) for _ in range(2)]
        assert 0 < min(took) <= max(took) < 20
        assert processor_seconds(client) > 0


@pytest.mark.jack
def test_the_band_plays_by_a_clock_and_sends_its_own() -> None:
    with tempfile.TemporaryDirectory() as folder:
        options = ("--genre", "rock", "--out", "virtual", "--clock-in", SOURCE, "--clock-out")
        kept = measure_clock(play(folder, *options), "composerd:", 240.0, 4.0)
    assert len(kept.notes) > 20
    assert abs(median(kept.notes)) < 25, "less than half a 16th away [ms]"
    assert len(kept.ticks) + kept.lost == pytest.approx((16 - 4 - 0.5) * 24, abs=2)


def test_one_soundfont_is_measured_where_the_settings_name_it_else_the_ends_of_what_there_is() -> None:
    assert _smallest_and_largest(AudioSettings(soundfont=SOUNDFONT)) == [TIMGM]
    fonts = _smallest_and_largest(AudioSettings())
    assert 1 <= len(fonts) <= 2
    assert len(set(fonts)) == len(fonts)
    assert [font.stat().st_size for font in fonts] == sorted(font.stat().st_size for font in fonts)


def test_the_program_with_the_sound_gets_the_settings_that_are_measured() -> None:
    settings = Settings(audio=replace(AudioSettings(), soundfont=SOUNDFONT, reverb=0.25))
    module, name, where, genre, audio, seconds = _program(settings, load_genre("bach"), "inside")
    assert (module, name, where, genre) == ("-m", "composerd.bench.sound", "inside", "bach")
    assert msgspec.json.decode(audio, type=AudioSettings) == settings.audio
    assert float(seconds) > 60
