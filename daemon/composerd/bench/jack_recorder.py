"""Records the audio process's output in JACK for tests and `composerd bench`: every sample, in 32 bit.

The recorder is PortAudio in a process of its own, so that it neither helps nor hinders what it measures.
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType

import numpy as np
import numpy.typing as npt

from composerd.bench.jack_server import JackServer
from composerd.errors import DeviceError

RATE = 48000
_PATIENCE, _SLOWEST = 20.0, 4.0
"""seconds, and factor of real time: JACK's dummy driver loses time with every late block"""
Sound = npt.NDArray[np.float32]

_RECORDER = """
import os, sys, time
import sounddevice as sd
from composerd.devices.system.priority import raise_priority
def find():
    sd._terminate(); sd._initialize()
    own = [i for i, d in enumerate(sd.query_devices()) if d["max_input_channels"] and d["name"].startswith("PortAudio")]
    return own[0] if own else None
raise_priority()
while (device := find()) is None:
    time.sleep(0.05)
out = open(sys.argv[1], "wb", buffering=0)
lost, urgent = 0, False
def receive(data, frames, times, flags):
    global lost, urgent
    urgent = urgent or bool(raise_priority())  # JACK drops a client that is slow
    lost += bool(flags.input_overflow)
    out.write(data.tobytes())
with sd.InputStream(device=device, channels=2, dtype="float32", blocksize=0, samplerate=48000, callback=receive):
    print("recording", flush=True)
    sys.stdin.read()
print(lost, flush=True)
os._exit(0)
"""


class Recorder:
    """Context that records from the moment the audio process plays; then `sound()` returns the recording."""

    def __init__(self, folder: Path, server: JackServer | None = None) -> None:
        """`server`: other than the one this process's environment names."""
        self._path = folder / "recorded.f32"
        self._process = subprocess.Popen(
            [sys.executable, "-c", _RECORDER, str(self._path)],
            env=server.env if server else None,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self.overflows = 0
        """blocks lost by the recorder, not by the player"""

    def __enter__(self) -> Recorder:
        assert self._process.stdout is not None
        if self._process.stdout.readline() != "recording\n":
            raise DeviceError("JACK recorder: ended before it recorded")
        self.wait_for_frames(1)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        said, _ = self._process.communicate(timeout=10)
        self.overflows = int(said or 0)

    @property
    def frames(self) -> int:
        """The number of frames recorded so far."""
        return self._path.stat().st_size // 8 if self._path.exists() else 0

    def wait_for_frames(self, more: int) -> None:
        """Wait until `more` frames are recorded. Raises DeviceError if they are not."""
        until, deadline = self.frames + more, time.monotonic() + _PATIENCE + _SLOWEST * more / RATE
        while self.frames < until:
            if time.monotonic() > deadline:
                raise DeviceError(f"JACK recorder: waited in vain for {more} frames")
            time.sleep(0.005)

    def sound(self) -> Sound:
        """The recording (2, frames)."""
        whole = self._path.read_bytes()
        return np.frombuffer(whole[: len(whole) // 8 * 8], np.float32).reshape(-1, 2).T


def pitch_at(sound: Sound, frame: int, frames: int = 8192) -> float:
    """MIDI pitch of the strongest partial in `frames` frames from `frame` on."""
    piece = sound[:, frame : frame + frames].sum(axis=0) * np.hanning(frames)
    spectrum = np.abs(np.fft.rfft(piece, 8 * frames))
    return float(69 + 12 * np.log2(max(1.0, int(spectrum.argmax()) * RATE / (8 * frames)) / 440.0))


def onsets(sound: Sound, threshold: float = 1e-4, apart: int = 2400) -> list[int]:
    """Frames at which sound begins after `apart` frames below `threshold`."""
    loud = np.flatnonzero(np.abs(sound).max(axis=0) > threshold)
    return [int(frame) for frame in loud[np.flatnonzero(np.diff(loud, prepend=-apart - 1) > apart)]]
