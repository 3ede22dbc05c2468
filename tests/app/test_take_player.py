"""The real program plays a take on a synth that is a JACK port."""

from __future__ import annotations

import logging
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest

from composerd.app.outputs import open_outputs
from composerd.config.layers import Settings
from composerd.devices.audio.settings import AudioSettings
from composerd.engine.messages import Played
from composerd.music.genre import Genre, Part
from composerd.music.midi import note_off, note_on
from composerd.takes.settings import TakeSettings
from composerd.takes.take_sink import TakeSink
from jackd import FakeSynth, JackServer, wait_for

ROCK = Genre("rock", "Rock", "plain", 120.0, (Part("drums", "drums", 10), Part("bass", "bass", 3, program=33)))
NOTES = [(1, 60), (3, 36), (1, 62), (3, 36), (1, 64), (3, 38)]


def performed(seconds_apart: float) -> list[Played]:
    played = []
    for number, (channel, pitch) in enumerate(NOTES):
        part = None if channel == 1 else 1
        at, beat = number // 2 * seconds_apart, number // 2 * seconds_apart * 2
        played.append(Played(at, part, note_on(channel, pitch, 80), beat))
        played.append(Played(at + 0.2, part, note_off(channel, pitch), beat + 0.4))
    return sorted(played, key=lambda one: one.at)


def record(folder: Path, seconds_apart: float = 0.25) -> None:
    sink = TakeSink(TakeSettings(), folder, lambda: datetime(2026, 1, 1))
    sink.set_genre(ROCK)
    for played in performed(seconds_apart):
        sink.play(played)
    sink.close()


@pytest.fixture
def synth(jack: JackServer) -> Iterator[FakeSynth]:
    assert jack.env
    found = FakeSynth()
    yield found
    found.close()


def player(jack: JackServer, home: Path) -> subprocess.Popen[str]:
    environ = {**jack.env, "XDG_DATA_HOME": str(home), "XDG_CONFIG_HOME": str(home), "PYTHONUNBUFFERED": "1"}
    command = [sys.executable, "-m", "composerd", "takes", "play", "--midi-api", "jack", "--no-audio"]
    return subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def struck(synth: FakeSynth) -> list[tuple[int, int]]:
    return [(m[0] % 16 + 1, m[1]) for m in list(synth.heard) if m[0] & 0xF0 == 0x90 and m[2]]


@pytest.mark.jack
def test_every_note_of_a_take_is_heard_and_then_the_program_ends(
    jack: JackServer, synth: FakeSynth, tmp_path: Path
) -> None:
    record(tmp_path / "composerd" / "takes")
    process = player(jack, tmp_path)
    said, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    assert said.startswith("0001_2026-01-01_00-00-00_rock.mid: 0.0 min, 1 bar, 120 bpm, rock; Ctrl-C ends")
    assert sorted(struck(synth)) == sorted(NOTES)
    assert [pitch for channel, pitch in struck(synth) if channel == 1] == [60, 62, 64]


@pytest.mark.jack
def test_ctrl_c_ends_it_and_silences_what_sounds(jack: JackServer, synth: FakeSynth, tmp_path: Path) -> None:
    record(tmp_path / "composerd" / "takes", seconds_apart=100.0)
    process = player(jack, tmp_path)
    wait_for("the first note", lambda: struck(synth))
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=30)
    assert process.returncode == 0
    off = {(m[0] % 16 + 1, m[1]) for m in list(synth.heard) if m[0] & 0xF0 == 0xB0}
    assert {(1, 123), (3, 123), (10, 123)} <= off


def test_the_end_of_a_session_says_what_was_kept_and_how_to_get_it(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    settings = Settings(takes=TakeSettings(folder=str(tmp_path)), audio=AudioSettings(enabled="never"))
    with caplog.at_level(logging.INFO), closing(open_outputs(settings)) as outputs:
        assert outputs.take is not None
        outputs.take.set_genre(ROCK)
        for played in performed(0.25):
            outputs.take.play(played)
    said = [record.message for record in caplog.records]
    assert said == [
        "kept: take 1, 0.0 min, 1 bar, 120 bpm, rock",
        "hear it: composerd takes play last; as a file: composerd takes export last -o NAME.mid (.wav, .flac)",
    ]
