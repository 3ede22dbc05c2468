"""The audio process: `python -m composerd.devices.audio.process`, started by `sink.AudioSink`.

Records come in on standard input, one line of JSON per change and second goes out on standard output. While a device
plays, only its callback reads the pipe: between a key and its sound there is no other thread and no queue.
"""

from __future__ import annotations

import gc
import os
import select
import signal
import sys
import threading
import time
import traceback
from functools import cached_property
from pathlib import Path
from typing import Any

import msgspec

from composerd.devices.audio import fluidsynth as fluid
from composerd.devices.audio import portaudio
from composerd.devices.audio.c_output import quiet
from composerd.devices.audio.levels import Levels
from composerd.devices.audio.performer import Performer
from composerd.devices.audio.records import SIZE, Memory, Op, Record, unpack
from composerd.devices.audio.sample_keeper import SampleKeeper
from composerd.devices.audio.settings import AudioSettings
from composerd.devices.audio.status import AudioStatus, State
from composerd.devices.audio.synth import Synth
from composerd.devices.system.priority import raise_priority
from composerd.errors import DeviceError

_FIRST_PAUSE, _LONGEST_PAUSE, _GROWTH = 0.1, 1.5, 1.6
"""seconds between searches for a device: it plays again within 3 s of its return"""
_HEARTBEAT = 1.0
_LOST = 1.0
"""seconds without a callback after which a device is lost"""
_STUTTERS = 3
"""underflows in one status interval at which twice the buffer is requested"""
_LONGEST_LATENCY_MS = 200.0
_READ = 4096 * SIZE


class AudioProcess:
    """Plays records on an audio device, and reopens it when it is lost."""

    def __init__(self, settings: AudioSettings, soundfont: Path, records_fd: int, status_fd: int) -> None:
        """`records_fd` is read without blocking; status reports are written to `status_fd`."""
        self._settings, self._soundfont = settings, soundfont
        self._records_fd, self._status_fd = records_fd, status_fd
        os.set_blocking(records_fd, False)
        self._memory = Memory()
        self._performer: Performer | None = None
        self._ended = threading.Event()
        self._rest = b""
        self._underflows = 0
        self._latency_ms = settings.latency_ms
        self._problem = ""
        self._device = ""
        self._of_server = False
        self._priority_asked = False
        self._levels = Levels(soundfont)

    @cached_property
    def _samples(self) -> SampleKeeper:
        return SampleKeeper(self._soundfont)

    def run(self) -> None:
        """Play until a quit record arrives or the daemon ends. Raises DeviceError if software is missing."""
        portaudio.load()
        fluid.load()
        if self._settings.realtime:
            raise_priority()  # of this thread too: were it interrupted with Python's lock, the callback would wait
        pause = _FIRST_PAUSE
        while not self._ended.is_set():
            try:
                stream = self._open()
            except DeviceError as error:
                self._report("waiting", str(error))
                self._wait(pause)
                pause = min(pause * _GROWTH, _LONGEST_PAUSE)
                portaudio.look_again()
                continue
            pause = _FIRST_PAUSE
            self._tune_up(float(stream.samplerate))
            self._play(stream)
            self._close(stream)

    def _open(self) -> Any:
        device = portaudio.choose(portaudio.list_audio_devices(), self._settings.device)
        problem: DeviceError | None = None
        for rate in portaudio.rates(device, self._settings):
            try:
                stream = portaudio.open_output(device, self._settings, self._latency_ms, rate, self._callback)
            except DeviceError as error:
                problem = problem or error
                continue
            self._device, self._of_server = str(device), portaudio.of_server(device)
            return stream
        raise problem or DeviceError(f"{device} refused", about="audio")

    def _tune_up(self, rate: float) -> None:
        """Create a synth at the device's sample rate, with the settings of the one before."""
        old = self._performer
        settings = self._settings
        synth = Synth(self._soundfont, rate, settings.polyphony, reverb=settings.reverb)
        self._performer = Performer(synth, self._memory, settings.volume, self._levels.known)
        if old is not None:
            old.synth.close()

    def _play(self, stream: Any) -> None:
        assert self._performer is not None
        try:
            with quiet():
                stream.start()
        except Exception as error:
            self._report("waiting", f"audio: {self._device}: {portaudio.reason(error)}")
            self._wait(_FIRST_PAUSE)
            return
        self._watch(stream, self._performer)

    def _watch(self, stream: Any, performer: Performer) -> None:
        """Report status until the device is lost, drops out or playing ends; then return."""
        blocks, seen, beat, underflows = -1, time.monotonic(), 0.0, self._underflows
        while not self._ended.wait(0.05):
            self._balance(performer)
            now = time.monotonic()
            if performer.blocks != blocks:
                blocks, seen = performer.blocks, now
            elif now - seen > _LOST or not stream.active:
                self._report("waiting", f"audio: {self._device} does not answer any more")
                return
            if now - beat >= _HEARTBEAT and performer.blocks:
                stutters, underflows, beat = self._underflows - underflows, self._underflows, now
                self._report("playing")
                if stutters >= _STUTTERS and self._ask_for_more(stream):
                    return
        time.sleep(min(0.5, performer.latency + 0.02))  # let the fade reach the ear

    def _balance(self, performer: Performer) -> None:
        while performer.unbalanced and not self._ended.is_set():
            wanted = performer.unbalanced.popleft()
            self._samples.keep(wanted.channel, wanted.program)
            trim = self._levels.trim(wanted.channel, wanted.program, wanted.pitch)
            performer.trims.append((wanted, trim))

    def _ask_for_more(self, stream: Any) -> bool:
        """Whether to reopen the device with a larger buffer; never on a sound server, which sets its own."""
        if self._of_server:
            return False
        granted = float(stream.latency) * 1000
        wanted = min(_LONGEST_LATENCY_MS, 2 * max(granted, self._latency_ms, 5.0))
        if wanted <= self._latency_ms:
            return False
        self._latency_ms = wanted
        self._report("playing", f"audio: {self._device} stutters: asking for {wanted:.0f} ms of buffer")
        return True

    def _close(self, stream: Any) -> None:
        """Close `stream`. If its server is dead that never returns: this process ends and the daemon starts another."""
        closing = threading.Thread(target=self._abort, args=(stream,), daemon=True)
        closing.start()
        closing.join(1.0)
        if closing.is_alive():
            os._exit(0 if self._ended.is_set() else 1)
        if not self._ended.is_set():
            portaudio.look_again()

    def _abort(self, stream: Any) -> None:
        with quiet():
            stream.close(ignore_errors=True)

    def _callback(self, out: Any, frames: int, times: Any, flags: Any) -> None:
        now = time.monotonic()
        try:
            performer = self._performer
            assert performer is not None
            if not self._priority_asked:
                self._priority_asked = True
                if self._settings.realtime:
                    raise_priority()
            self._underflows += bool(flags.output_underflow) and performer.blocks > 0
            performer.receive(self._records(), now)
            delay = times.outputBufferDacTime - times.currentTime
            block = performer.block(frames, now, delay if 0 < delay < 1 else 0.0)
            out[:] = block.T if out.shape[1] == 2 else block.mean(axis=0)[:, None]
            if performer.quit:
                self._ended.set()
        except Exception:
            traceback.print_exc()
            os._exit(1)

    def _records(self) -> list[Record]:
        """Read the records waiting in the pipe; its end means that the daemon has ended."""
        try:
            data = os.read(self._records_fd, _READ)
        except BlockingIOError:
            return []
        if not data:
            return [Record(Op.QUIT)]
        data = self._rest + data
        whole = len(data) // SIZE * SIZE
        self._rest = data[whole:]
        return list(unpack(data[:whole]))

    def _wait(self, seconds: float) -> None:
        """Read records while there is no device: keep lasting ones, drop notes, detect the end."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0 and not self._ended.is_set():
            if select.select([self._records_fd], [], [], left)[0]:
                for record in self._records():
                    self._memory.keep(record)
                    if record.op == Op.QUIT:
                        self._ended.set()

    def _report(self, state: State, problem: str = "") -> None:
        performer = self._performer
        if state == "playing" and performer is not None:
            status = AudioStatus(
                state,
                problem,
                self._device,
                performer.synth.rate,
                round(performer.latency * 1000, 2),
                performer.frames,
                self._underflows,
                performer.late,
                performer.synth.voices,
            )
        else:
            status = AudioStatus(state, problem)
        try:
            os.write(self._status_fd, msgspec.json.encode(status) + b"\n")
        except OSError:
            self._ended.set()


def main() -> int:
    settings = msgspec.json.decode(sys.argv[1], type=AudioSettings)
    status_fd = os.dup(1)
    os.dup2(2, 1)  # whatever a library prints is no status
    for number in (signal.SIGINT, signal.SIGTERM):  # the daemon ends first, musically, and then tells us
        signal.signal(number, signal.SIG_IGN)
    process = AudioProcess(settings, Path(sys.argv[2]), sys.stdin.fileno(), status_fd)
    sys.setswitchinterval(0.0005)  # seconds the callback waits at most for the thread that measures instruments
    gc.freeze()
    gc.disable()
    try:
        process.run()
    except DeviceError as error:
        os.write(status_fd, msgspec.json.encode(AudioStatus("failed", str(error))) + b"\n")
        return error.status
    return 0


if __name__ == "__main__":
    code = main()
    os._exit(code)  # PortAudio's and JACK's own exit handlers can wait for a dead server
