"""The whole way: our process, real PortAudio, real FluidSynth, JACK's dummy driver, and what arrives there."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from composerd.bench.jack_recorder import RATE, Recorder, Sound, onsets, pitch_at
from composerd.devices.audio.records import SIZE
from composerd.devices.audio.settings import AudioSettings
from composerd.devices.audio.sink import AudioSink
from composerd.devices.audio.status import AudioStatus
from composerd.engine.messages import Played
from composerd.engine.output.stage import Stage
from composerd.engine.output.timeline import Event
from composerd.music.midi import Midi, note_off, note_on, program
from composerd.music.tempo import Tempo
from fakes import duo
from jackd import JackServer, jack_server, wait_for
from sound import SOUNDFONT, WITHOUT_FLUIDSYNTH

pytestmark = pytest.mark.jack
WOOD_BLOCK, ORGAN, SQUARE = 115, 19, 80
QUIET = 1e-4


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[JackServer]:
    with jack_server(period=1024) as one:
        monkeypatch.setenv("JACK_DEFAULT_SERVER", one.name)
        yield one


@contextmanager
def playing(notices: list[AudioStatus] | None = None) -> Iterator[AudioSink]:
    """A sink that plays, dry, with an organ for the player and a wood block for the bass."""
    sink = AudioSink(AudioSettings(reverb=0.0, soundfont=SOUNDFONT), (notices if notices is not None else []).append)
    try:
        status = sink.wait(20.0)
        assert status.state == "playing", status
        sink.set_genre(duo())
        player(sink, program(1, ORGAN))
        sink.play(Played(time.monotonic(), 1, program(2, WOOD_BLOCK)))
        yield sink
    finally:
        sink.close()


def player(sink: AudioSink, message: Midi) -> None:
    sink.play(Played(time.monotonic(), None, message))


def silent_at_the_end(sound: Sound, frames: int = 4096) -> bool:
    return bool(np.abs(sound[:, -frames:]).max() < QUIET)


def strike_until_heard(sink: AudioSink, recorder: Recorder) -> None:
    """A key pressed before the device was there is dropped, so it is pressed until it sounds."""

    def heard() -> bool:
        player(sink, note_on(1, 69, 100))
        recorder.wait_for_frames(4096)
        return not silent_at_the_end(recorder.sound())

    wait_for("the note", heard)
    recorder.wait_for_frames(12288)


def test_pitches_sound_in_the_order_and_distance_they_are_due(server: JackServer, tmp_path: Path) -> None:
    pitches, apart = (60, 67, 72, 57, 64), 0.5
    with playing() as sink, Recorder(tmp_path, server) as recorder:
        sink.play(Played(time.monotonic(), 1, program(2, SQUARE)))
        first = time.monotonic() + 0.5
        for n, pitch in enumerate(pitches):
            sink.play(Played(first + n * apart, 1, note_on(2, pitch, 100)))
            sink.play(Played(first + n * apart + 0.2, 1, note_off(2, pitch)))
        recorder.wait_for_frames(round((1.0 + len(pitches) * apart) * RATE))
    sound = recorder.sound()
    begins = onsets(sound, 2e-3, 2400)
    assert len(begins) == len(pitches)
    # the strongest partial may be an overtone: pitch classes
    assert [round(pitch_at(sound, begin + 2000)) % 12 for begin in begins] == [pitch % 12 for pitch in pitches]
    distances = np.diff(begins) / RATE
    assert np.abs(distances - apart).max() < 0.01, (
        "10 ms, where a loaded machine's JACK may skip; see bench for figures"
    )


def test_the_players_own_note_is_heard(server: JackServer, tmp_path: Path) -> None:
    with playing() as sink, Recorder(tmp_path, server) as recorder:
        strike_until_heard(sink, recorder)
    sound = recorder.sound()
    assert round(pitch_at(sound, onsets(sound)[0] + 2000)) % 12 == 69 % 12


def test_the_status_tells_the_block_and_rate_that_the_device_grants(server: JackServer) -> None:
    with playing() as sink:
        status = sink.status()
    assert (status.block, status.rate) == (server.period, RATE)
    assert status.latency_ms > 1000 * status.block / RATE


def test_panic_silences_a_held_chord(server: JackServer, tmp_path: Path) -> None:
    with playing() as sink, Recorder(tmp_path, server) as recorder:
        strike_until_heard(sink, recorder)
        sink.panic()
        wait_for("silence", lambda: silent_at_the_end(recorder.sound()))
        strike_until_heard(sink, recorder)


def test_leaving_fades_into_silence_and_ends_the_process(server: JackServer, tmp_path: Path) -> None:
    with playing() as sink, Recorder(tmp_path, server) as recorder:
        strike_until_heard(sink, recorder)
        pid = sink.pid
        sink.close()
        assert not Path(f"/proc/{pid}").exists()
        recorder.wait_for_frames(8192)
    sound = recorder.sound()
    assert silent_at_the_end(sound)
    steps = np.abs(np.diff(sound, axis=1)).max(axis=0)
    last = int(np.flatnonzero(np.abs(sound).max(axis=0) > QUIET)[-1])
    assert steps[last - 2 : last + 2].max() < 0.01, "a fade, not a click"
    assert sink.status().state == "closed"


def test_the_whole_band_at_full_velocity_does_not_clip(server: JackServer, tmp_path: Path) -> None:
    with playing() as sink, Recorder(tmp_path, server) as recorder:
        strike_until_heard(sink, recorder)
        for pitch in (48, 55, 60, 64, 67, 72, 76):
            player(sink, note_on(1, pitch, 127))
            sink.play(Played(time.monotonic(), 1, note_on(2, pitch, 127)))
        for drum in (36, 38, 42, 46, 49, 57):
            sink.play(Played(time.monotonic(), 0, note_on(10, drum, 127)))
        recorder.wait_for_frames(RATE)
    peak = float(np.abs(recorder.sound()).max())
    assert 0.2 < peak < 1.0


def test_a_killed_sound_process_is_replaced_and_the_daemon_says_so(server: JackServer, tmp_path: Path) -> None:
    notices: list[AudioStatus] = []
    with playing(notices) as sink:
        first = sink.pid
        os.kill(first, signal.SIGKILL)
        wait_for("another process", lambda: sink.status().restarts == 1 and sink.status().state == "playing")
        assert sink.pid != first
        assert any("signal 9" in notice.problem for notice in notices)
        with Recorder(tmp_path, server) as recorder:
            strike_until_heard(sink, recorder)
    sound = recorder.sound()
    assert round(pitch_at(sound, onsets(sound)[0] + 2000)) % 12 == 69 % 12


def test_a_restarted_sound_server_is_found_again(server: JackServer, tmp_path: Path) -> None:
    notices: list[AudioStatus] = []
    with playing(notices) as sink:
        player(sink, note_on(1, 60, 100))
        server.kill()
        wait_for("the loss to be noticed", lambda: sink.status().state == "waiting")
        server.restart()
        wait_for("sound", lambda: sink.status().state == "playing")
        with Recorder(tmp_path, server) as recorder:
            recorder.wait_for_frames(4096)
            assert silent_at_the_end(recorder.sound()), "what sounded before the loss is not stuck"
            strike_until_heard(sink, recorder)
    assert [notice.state for notice in notices][-2:] == ["playing", "closed"]


@pytest.fixture
def nowhere(monkeypatch: pytest.MonkeyPatch) -> AudioSettings:
    """Settings with which the sound process waits for a device."""
    monkeypatch.setenv("JACK_DEFAULT_SERVER", "nobody-started-this")
    monkeypatch.setenv("JACK_NO_START_SERVER", "1")
    return AudioSettings(device="no such device", soundfont=SOUNDFONT)


def test_without_a_device_it_waits_and_says_what_for(nowhere: AudioSettings) -> None:
    sink = AudioSink(nowhere)
    try:
        status = sink.wait(20.0, "waiting")
        assert "no output" in status.problem
        player(sink, note_on(1, 60, 100))
    finally:
        sink.close()


def test_an_unforeseen_error_in_the_sound_process_ends_it_and_another_takes_its_place(nowhere: AudioSettings) -> None:
    notices: list[AudioStatus] = []
    sink = AudioSink(nowhere, notices.append)
    try:
        assert sink.wait(20.0, "waiting").restarts == 0
        first = sink.pid
        Path(f"/proc/{first}/fd/0").write_bytes(b"\xff" * SIZE)  # a record that no version knows
        wait_for("another process", lambda: sink.status().restarts == 1 and sink.status().state == "waiting")
        assert sink.pid != first
        assert any("the sound process ended (status 1), starting another" in one.problem for one in notices)
    finally:
        sink.close()


def test_an_unforeseen_error_in_the_thread_that_tends_the_sound_is_logged_and_it_tends_on(
    nowhere: AudioSettings, caplog: pytest.LogCaptureFixture
) -> None:
    errors = iter([KeyError("unforeseen")])

    def notify(status: AudioStatus) -> None:
        if status.state == "starting":
            for error in errors:
                raise error

    sink = AudioSink(nowhere, notify)
    try:
        sink.wait(20.0, "waiting")
        for restarts in (1, 2):  # the first is where the error comes
            os.kill(sink.pid, signal.SIGKILL)
            wait_for("another process", lambda n=restarts: sink.status().restarts >= n)  # type: ignore[misc]
            wait_for("its word", lambda: sink.status().state == "waiting")
    finally:
        sink.close()
    (told,) = [record for record in caplog.records if record.exc_info]
    assert "unforeseen error in the thread 'audio watcher'" in told.getMessage()
    assert sink.status().state == "closed"


_DAEMON = """
import os, sys
from composerd.devices.audio.sink import AudioSink
sink = AudioSink()
print(sink.pid, flush=True)
sys.stdin.read()
"""


def test_the_sound_process_ends_when_the_daemon_is_killed(server: JackServer) -> None:
    daemon = subprocess.Popen(
        [sys.executable, "-c", _DAEMON], env=server.env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert daemon.stdout is not None
    sound = int(daemon.stdout.readline())
    daemon.kill()
    daemon.communicate()
    wait_for("the sound process to end", lambda: _gone(sound))


def _gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


@pytest.mark.parametrize(
    ("module", "code", "package"),
    [
        ("sounddevice", "raise OSError('PortAudio library not found')", "libportaudio2"),
        ("sitecustomize", WITHOUT_FLUIDSYNTH, "libfluidsynth3"),
    ],
)
def test_a_missing_library_is_named_with_its_package(
    module: str, code: str, package: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / f"{module}.py").write_text(code)  # what the real one says where its library is missing
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    sink = AudioSink()
    try:
        status = sink.wait(20.0)
        assert status.state == "failed"
        assert package in status.problem
        assert "\n" not in status.problem
    finally:
        sink.close()


def test_a_part_placed_on_the_desk_sounds_there_and_again_after_a_change_of_genre(
    server: JackServer, tmp_path: Path
) -> None:
    def sides(recorder: Recorder, stage: Stage) -> tuple[float, float]:
        """How loud a note of the bass is on the left and on the right."""
        heard = recorder.sound().shape[1]
        begin, end = Event(0.0, 1, 48, 110), Event(0.0, 1, 48, 0)
        stage.band([begin], Tempo(120.0, now := time.monotonic()), now)
        recorder.wait_for_frames(24576)
        stage.band([end], Tempo(120.0, now := time.monotonic()), now)
        left, right = np.abs(recorder.sound()[:, heard:]).max(axis=1)
        wait_for("its tail", lambda: silent_at_the_end(recorder.sound()))
        return float(left), float(right)

    with playing() as sink, Recorder(tmp_path, server) as recorder:
        strike_until_heard(sink, recorder)
        player(sink, note_off(1, 69))
        stage = Stage([sink], duo())
        stage.mixer.set_place("bass", 0)
        wait_for("silence", lambda: silent_at_the_end(recorder.sound()))
        left, right = sides(recorder, stage)
        assert left > 10 * right
        stage.set_genre(duo())
        left, right = sides(recorder, stage)
        assert left > 10 * right
        stage.mixer.set_place("bass", 127)
        stage.mix(time.monotonic())
        left, right = sides(recorder, stage)
        assert right > 10 * left
