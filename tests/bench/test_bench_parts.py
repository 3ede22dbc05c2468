"""Parts of the measurements that need no sound or MIDI system, and what they say where there is none."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from composerd.bench.audio_exactness import joined_jack, processor_seconds
from composerd.bench.figure import Figure
from composerd.bench.jack_recorder import RATE, onsets, pitch_at
from composerd.bench.jack_server import JackServer, jack_server
from composerd.bench.midi_thru import Spread, Thru, joined, measure_lateness, running
from composerd.bench.offline import resident_mb
from composerd.bench.players import SCALE, long_melody, play_into, sixteenths
from composerd.bench.program import own_folders, program_command
from composerd.cli.main import main
from composerd.devices.system.inbox import RealInbox
from composerd.engine.messages import KeyboardMessage, Stop
from composerd.errors import DeviceError
from composerd.library.genre_files import load_genre

NAMES = ("JACK_DEFAULT_SERVER", "JACK_NO_START_SERVER")


@pytest.fixture
def without_jack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine on which jackd is not installed, and folders of its own."""
    monkeypatch.setenv("PATH", str(tmp_path))
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_RUNTIME_DIR"):
        monkeypatch.setenv(name, str(tmp_path))


def server() -> JackServer:
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        pass
    return JackServer("composerd-test", 128, process)


# -- without JACK


@pytest.mark.usefixtures("without_jack")
@pytest.mark.parametrize("part", ["thru", "waiting"])
def test_a_part_that_cannot_be_measured_is_skipped_with_the_reason(
    part: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["bench", "--only", part]) == 0
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err == f"{part} skipped: jackd is not installed (Debian: apt install jackd2)\n"


@pytest.mark.usefixtures("without_jack")
def test_as_json_what_was_skipped_stands_beside_the_machine(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "--only", "waiting", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["figures"] == []
    assert found["skipped"] == ["waiting skipped: jackd is not installed (Debian: apt install jackd2)"]
    assert found["machine"]["cores"] == os.cpu_count()


@pytest.mark.usefixtures("without_jack")
def test_no_server_is_started_where_there_is_none_and_nothing_is_left_of_it() -> None:
    before = {name: os.environ.get(name) for name in NAMES}
    for context in (jack_server(), joined_jack()):
        with pytest.raises(DeviceError, match="jackd is not installed"), context:
            raise AssertionError("it began")
    assert {name: os.environ.get(name) for name in NAMES} == before


# -- processes


def test_clients_find_a_server_by_its_name_and_start_none() -> None:
    env = server().env
    assert (env["JACK_DEFAULT_SERVER"], env["JACK_NO_START_SERVER"]) == ("composerd-test", "1")
    assert env["PATH"] == os.environ["PATH"]


@pytest.mark.parametrize("before", [None, "another"])
def test_this_process_is_a_client_for_a_while(before: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NAMES:
        if before is None:
            monkeypatch.delenv(name, raising=False)
        else:
            monkeypatch.setenv(name, before)
    with joined(server()):
        assert [os.environ[name] for name in NAMES] == ["composerd-test", "1"]
    assert [os.environ.get(name) for name in NAMES] == [before, before]


def test_a_measured_program_has_folders_of_its_own_and_makes_no_sound(tmp_path: Path) -> None:
    command = program_command("play", "--genre", "rock")
    assert command[:5] == [sys.executable, "-m", "composerd", "play", "--genre"]
    assert {"--no-audio", "--quiet"} <= set(command)
    folders = dict(one.split("=", 1) for one in own_folders(str(tmp_path)))
    assert set(folders.values()) == {str(tmp_path)}
    assert {"XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_RUNTIME_DIR"} == set(folders)


def test_a_running_program_ends_with_the_measurement() -> None:
    with running([sys.executable, "-c", "import sys; sys.stdin.read()"], server()) as process:
        assert process.poll() is None
        assert resident_mb(process.pid) > 0
    assert process.returncode is not None


@pytest.mark.skipif(not Path("/proc/self/schedstat").is_file(), reason="this kernel does not count it")
def test_memory_and_processor_time_are_of_the_process_asked_for() -> None:
    assert 5 < resident_mb() < 10_000
    before = processor_seconds(os.getpid())
    total = sum(number * number for number in range(200_000))
    assert total > 0
    assert processor_seconds(os.getpid()) > before


def test_of_a_process_that_has_ended_there_is_no_processor_time() -> None:
    with pytest.raises(DeviceError, match="does not count the processor time"):
        processor_seconds(server().process.pid)


# -- figures


@pytest.mark.parametrize(
    ("figure", "reached", "mark"),
    [
        (Figure("a", 1.0, "ms", 1.0), True, "ok  "),
        (Figure("a", 1.001, "ms", 1.0), False, "MISS"),
        (Figure("a", 60.0, "×", 60.0, least=True), True, "ok  "),
        (Figure("a", 59.9, "×", 60.0, least=True), False, "MISS"),
        (Figure("a", 0.0, "", 0), True, "ok  "),
        (Figure("a", 5.0, "MB"), None, "    "),
    ],
)
def test_a_limit_belongs_to_what_reaches_it(figure: Figure, reached: bool | None, mark: str) -> None:
    assert figure.reached == reached
    assert figure.line().startswith(mark)


def test_spreads_are_compared_by_their_slowest_hundredth() -> None:
    slow, quick = Spread.of([0.003] * 98 + [0.006] * 2), Spread.of([0.001] * 100)
    assert (slow.p50, slow.p99, slow.count, slow.lost) == (3.0, 6.0, 100, 0)
    assert Thru(slow, quick).ratio == 6.0
    assert Spread.of([0.5]) == Spread(500.0, 500.0, 1)


def test_waits_are_counted_and_none_is_early() -> None:
    late = measure_lateness(waits=5, wait=0.001, inbox=RealInbox())
    assert late.count == 5
    assert late.p50 >= 0


# -- players


@pytest.mark.parametrize(("bpm", "seconds", "keys"), [(120.0, 2.0, 16), (60.0, 1.0, 4), (240.0, 0.0, 0)])
def test_hands_press_a_key_a_16th_and_let_it_go_before_the_next(bpm: float, seconds: float, keys: int) -> None:
    played = list(sixteenths(bpm, seconds))
    assert len(played) == 2 * keys
    assert [message.starts_note for _, message in played] == [True, False] * keys
    moments = [at for at, _ in played]
    assert all(one < other for one, other in pairwise(moments))
    assert {message.data1 for _, message in played} <= set(SCALE)
    for (_, on), (_, off) in zip(played[::2], played[1::2], strict=True):
        assert on.data1 == off.data1
        assert 60 <= on.data2 <= 110


def test_equal_seeds_are_equal_hands() -> None:
    one, again, other = (list(sixteenths(120.0, 2.0, seed)) for seed in (1, 1, 2))
    assert one == again != other


def test_hands_play_into_an_inbox_and_then_stop() -> None:
    inbox, heard = RealInbox(), list[object]()
    play_into(inbox, 3000.0, 0.05)  # ten keys of five milliseconds
    while not heard or not isinstance(heard[-1], Stop):
        found = inbox.receive(inbox.now() + 20.0)
        assert found is not None
        heard.append(found)
    pressed = [one for one in heard if isinstance(one, KeyboardMessage)]
    assert len(pressed) == 20
    assert [one.at for one in pressed] == sorted(one.at for one in pressed)


@pytest.mark.parametrize("name", ["rock", "bach"])
def test_a_long_song_is_the_tune_again_and_again(name: str) -> None:
    genre = load_genre(name)
    once, long = long_melody(genre, 0.0), long_melody(genre, 120.0)
    tune = [(one.message.data1, one.message.starts_note) for one in once.messages]
    again = [(one.message.data1, one.message.starts_note) for one in long.messages]
    assert len(again) % len(tune) == 0
    assert again == tune * (len(again) // len(tune))
    shift = long.messages[len(tune)].tick - long.messages[0].tick
    assert shift % (once.axis.bar_grid().place(0).bar_steps * once.axis.ticks_per_beat // 4) == 0


# -- recordings


def tone(frames: int, pitch: float, level: float = 0.5) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    hertz = 440.0 * 2 ** ((pitch - 69) / 12)
    wave = level * np.sin(2 * np.pi * hertz * np.arange(frames) / RATE)
    return np.stack([wave, wave]).astype(np.float32)


@pytest.mark.parametrize("pitch", [45.0, 57.3, 60.0, 84.0])
def test_the_pitch_of_a_tone_is_heard_to_a_few_hundredths(pitch: float) -> None:
    assert pitch_at(tone(9000, pitch), 0) == pytest.approx(pitch, abs=0.06)


def test_the_stronger_of_two_tones_is_the_one_that_is_heard() -> None:
    assert pitch_at(tone(9000, 60.0, 0.5) + tone(9000, 72.0, 0.1), 0) == pytest.approx(60.0, abs=0.06)


def test_a_sound_below_the_threshold_does_not_begin() -> None:
    sound = np.concatenate([np.zeros((2, 3000), np.float32), tone(2000, 60.0, 0.01)], axis=1)
    assert onsets(sound, 0.1) == []
    assert len(onsets(sound, 0.001)) == 1
    assert onsets(np.zeros((2, 100), np.float32)) == []
