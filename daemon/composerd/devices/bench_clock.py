"""How closely a program keeps a MIDI clock, and how evenly its own goes out, in frames of JACK. For `composerd bench`.

The source is exact to the frame and hears to the frame (jack_clock.py). rtmidi hands over and sends once in a period of
the server, so about a period is what nobody can better.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from composerd.devices import jack_clock
from composerd.devices.dummy_jack import jack_server
from composerd.engine.clock_in import TICK, TICKS_PER_BEAT
from composerd.errors import DeviceError

SOURCE = f"{jack_clock.NAME}:out"
"""what the measured program is told to take its clock from"""
SETTLED = 4
"""beats after the start from which on is measured"""
_PATIENCE = 30.0


@dataclass(frozen=True, slots=True)
class Kept:
    """Milliseconds. A beat here is one of the source's."""

    notes: tuple[float, ...]
    """of the band after the 16th of the clock that they stand on"""
    ticks: tuple[float, ...]
    """of the clock that goes out, after those of the clock that comes in"""
    gaps: tuple[float, ...]
    """between ticks that go out, beyond what they should be"""
    lost: int
    """ticks that should have gone out and did not"""


def measure_clock(command: Sequence[str], out_port: str, bpm: float, seconds: float, period: int = 128) -> Kept:
    """Lead the program that `command` starts. It must strike drums on 16ths. DeviceError where it does not play.

    It must keep the clock that comes from SOURCE, and send its own and its notes on a port whose name begins with
    `out_port`.
    """
    with jack_server(period) as server:
        source = [sys.executable, "-m", "composerd.devices.jack_clock", str(bpm), str(seconds), out_port]
        quiet = subprocess.DEVNULL
        with (
            subprocess.Popen(
                source, env=server.env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=quiet, text=True
            ) as clock,
            subprocess.Popen(command, env=server.env, stdin=quiet, stdout=quiet, stderr=quiet) as program,
        ):
            try:
                answer, _ = clock.communicate("go\n", seconds + _PATIENCE)
            except subprocess.TimeoutExpired as error:
                raise DeviceError("bench: the clock hangs") from error
            finally:
                clock.kill()
                program.terminate()
                try:
                    program.wait(10)
                except subprocess.TimeoutExpired:
                    program.kill()
    return _kept(json.loads(answer.splitlines()[-1]), bpm, seconds)


def _kept(answer: dict[str, object], bpm: float, seconds: float) -> Kept:
    rate, started = float(answer["rate"]), float(answer["started"])  # type: ignore[arg-type]  # as jack_clock prints it
    heard = [((frame - started) / rate * bpm / 60, data) for frame, data in answer["heard"]]  # type: ignore[attr-defined]
    last = seconds * bpm / 60 - 0.5
    inside = [(beat, data) for beat, data in heard if SETTLED <= beat < last]
    notes = [beat for beat, data in inside if data[0] == 0x99 and data[2]]
    ticks = [beat for beat, data in inside if data[0] == TICK]
    if not notes or len(ticks) < TICKS_PER_BEAT:
        raise DeviceError("bench: the program did not keep the clock")
    ms = 60_000 / bpm
    gaps = [later - earlier - 1 / TICKS_PER_BEAT for earlier, later in pairwise(ticks)]
    return Kept(
        tuple(ms * (beat - round(4 * beat) / 4) for beat in notes),
        tuple(ms * (beat - round(TICKS_PER_BEAT * beat) / TICKS_PER_BEAT) for beat in ticks),
        tuple(ms * gap for gap in gaps),
        max(0, round((last - SETTLED) * TICKS_PER_BEAT) - len(ticks)),
    )


def spread(values: Sequence[float]) -> tuple[float, float]:
    """The median, and the distance from it that one value in ten exceeds."""
    middle = median(values)
    away = sorted(abs(value - middle) for value in values)
    return middle, away[min(len(away) - 1, int(0.9 * len(away)))]
