"""Figures of the sound: timing of notes and keys, stutters beside a busy process, processor time and memory."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import msgspec

from composerd.app.generator_bank import bank
from composerd.bench.audio_exactness import PERIOD, dropouts, hold_tone, joined_jack, measure_cost, measure_timing
from composerd.bench.figure import Figure, quantile
from composerd.bench.jack_recorder import RATE, Recorder
from composerd.bench.players import play_into
from composerd.config.layers import Settings
from composerd.devices.audio.process import AudioProcess
from composerd.devices.audio.settings import AudioSettings
from composerd.devices.audio.sink import AudioSink
from composerd.devices.audio.soundfonts import find_soundfont, list_soundfonts
from composerd.devices.system.inbox import RealInbox
from composerd.engine.conductor import Conductor, Start
from composerd.engine.messages import Mode
from composerd.engine.output.stage import Stage
from composerd.errors import DeviceError
from composerd.generators.worker import Worker
from composerd.library.genre_files import load_genre
from composerd.music.genre import Genre
from composerd.music.metre import BarGrid

NOTES = 1000
SAMPLES, KEY_MS, PERCENT, MEMORY_MB = 1.0, 1000 * PERIOD / RATE + 2.0, 5.0, 80.0
BPM, SECONDS = 240.0, 60.0
"""a 16th every 62.5 ms"""
_BUSY = "while True: pass"
_READY, _SLOWEST = 20.0, 5.0
"""seconds, and factor of real time that JACK may need if blocks are late"""


def sound_figures(settings: Settings, genre: Genre) -> Iterator[Figure]:
    """All figures of the sound. Raises DeviceError without jackd, PortAudio, FluidSynth or a SoundFont."""
    timing = measure_timing(settings.audio, NOTES)
    off = [abs(one) for one in timing.deviations]
    early = max(abs(one) for one in timing.early)
    detail = f"{len(off)} notes, p99 {quantile(off, 0.99):.2f}, in the first minute {early:.2f}"
    detail += f"; latency {1000 * timing.latency:.1f} ms, {timing.late} late"
    yield Figure("note's first sample against its moment, largest", max(off), "frames", SAMPLES, detail=detail)
    keys = [1000 * one for one in timing.reactions]
    detail = f"beyond the device's latency, blocks of {PERIOD}; p50 {quantile(keys, 0.5):.1f} ms"
    detail += f", {len(keys)} keys heard apart"
    yield Figure("key to its first sample, p99", quantile(keys, 0.99), "ms", KEY_MS, detail=detail)
    own, inside = (_stutters(settings, genre, where) for where in ("own", "inside"))
    detail = f"generator asked every 16th, busy threads and processes; {inside} with the synth inside the daemon"
    yield Figure(f"stutters in {SECONDS:.0f} s, synth in its own process", own, "", 0, detail=detail)
    for font in _smallest_and_largest(settings.audio):
        cost = measure_cost(replace(settings.audio, soundfont=str(font)))
        name = f"{font.stem}, {font.stat().st_size / 1e6:.0f} MB"
        yield Figure(f"{name}: synth with {cost.voices} voices", cost.percent, "% core", PERCENT)
        yield Figure(f"{name}: memory of the sound process alone", cost.memory_mb, "MB", MEMORY_MB)


def _smallest_and_largest(settings: AudioSettings) -> list[Path]:
    """The SoundFont of the settings, else the smallest and the largest on this machine."""
    if settings.soundfont:
        return [find_soundfont(settings.soundfont)]
    fonts = sorted((font.resolve() for font in list_soundfonts()), key=lambda font: font.stat().st_size)
    return list(dict.fromkeys((*fonts[:1], *fonts[-1:]))) or [find_soundfont()]


def _stutters(settings: Settings, genre: Genre, where: str) -> int:
    """Count underflows and dropouts of a held tone while this module, run as a program, plays beside a busy process."""
    with joined_jack() as folder, _running("-c", _BUSY), _running(*_program(settings, genre, where)) as daemon:
        assert daemon.stdout is not None
        if (said := daemon.stdout.readline()) != b"playing\n":
            raise DeviceError(f"bench: no sound to listen to: {said.decode().strip()}")
        with Recorder(folder) as recorder:
            recorder.wait_for_frames(round(SECONDS * RATE))
        underflows = int(daemon.communicate(timeout=_READY)[0] or 0)
        return max(underflows, dropouts(recorder.sound()))


def _program(settings: Settings, genre: Genre, where: str) -> tuple[str, ...]:
    return (
        "-m",
        __name__,
        where,
        genre.name,
        msgspec.json.encode(settings.audio).decode(),
        str(_SLOWEST * SECONDS + _READY),
    )


@contextmanager
def _running(*arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen([sys.executable, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


class _InsideSink(AudioSink):
    """The same synth on a thread of this process, for comparison."""

    def _start(self) -> subprocess.Popen[bytes]:
        records, pipe = os.pipe()
        reports, status = os.pipe()
        self._records.connect(pipe)
        os.close(pipe)
        audio = AudioProcess(self._settings, self.soundfont, records, status)
        threading.Thread(target=audio.run, name="audio", daemon=True).start()
        until_closed = (sys.executable, "-c", "import sys; sys.stdin.read()")
        idle = subprocess.Popen(until_closed, stdin=subprocess.PIPE, stdout=reports)
        idle.stdout = open(reports, "rb", buffering=0)  # noqa: SIM115  # the watcher closes it
        return idle


def _play(where: str, genre_name: str, audio: AudioSettings, seconds: float) -> None:
    """Play the band beside a busy thread until stdin ends; prints the underflows."""
    genre, settings, inbox = load_genre(genre_name), Settings(audio=audio), RealInbox()
    sink = (AudioSink if where == "own" else _InsideSink)(audio)
    if sink.wait(_READY).state != "playing":
        print(sink.status(), flush=True)
        return
    generators = bank(settings.engine)
    generators.open(genre)
    stage = Stage([sink], genre)
    conductor = Conductor(
        inbox, Worker(generators, inbox.put), stage, settings.engine, Start(Mode.JAM, BPM, BarGrid.of(genre.metre))
    )
    threading.Thread(target=exec, args=(_BUSY,), daemon=True).start()
    hold_tone(sink)
    play_into(inbox, BPM, seconds)
    threading.Thread(target=conductor.run, daemon=True).start()
    before = sink.status().underflows
    print("playing", flush=True)
    sys.stdin.read()
    print(sink.status().underflows - before, flush=True)
    os._exit(0)


if __name__ == "__main__":
    _play(sys.argv[1], sys.argv[2], msgspec.json.decode(sys.argv[3], type=AudioSettings), float(sys.argv[4]))
