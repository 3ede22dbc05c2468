"""Measures in frames of JACK how closely a program keeps to a MIDI clock, and how even its own is. For `composerd
bench`.

The source sends and receives exact to the frame (jack_clock.py). rtmidi does so once in a period of the server, so that
about a period is the best possible.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import pairwise
from statistics import median

from composerd.bench.figure import quantile
from composerd.bench.jack_server import jack_server
from composerd.engine.tempo.clock_in import TICK, TICKS_PER_BEAT
from composerd.errors import DeviceError

SOURCE = "jack-clock:out"
"""name of the clock source, for the options of the measured program"""
SETTLED = 4
"""beats after the start before the measurement begins"""
_PATIENCE = 30.0


@dataclass(frozen=True, slots=True)
class Kept:
    """Deviations [ms] of notes and ticks from the beats of the source of the clock."""

    notes: tuple[float, ...]
    """delay of the band's notes after the 16th of the clock on which they fall"""
    ticks: tuple[float, ...]
    """delay of the outgoing clock's ticks after the incoming clock's"""
    gaps: tuple[float, ...]
    """excess of the gaps between outgoing ticks"""
    lost: int
    """missing outgoing ticks"""


def measure_clock(command: Sequence[str], out_port: str, bpm: float, seconds: float, period: int = 128) -> Kept:
    """Measure the program that `command` starts. It must play drums on 16ths. Raises DeviceError if it does not play.

    It must follow the clock of SOURCE, and send its own clock and its notes on a port whose name begins with
    `out_port`.
    """
    if find_spec("jack") is None:
        raise DeviceError("bench: JACK-Client is missing: pip install JACK-Client")
    with jack_server(period) as server:
        source = [sys.executable, "-m", "composerd.bench.jack_clock", str(bpm), str(seconds), out_port]
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
    if not answer:
        raise DeviceError("bench: JACK took no clock")
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
    """The median, and the 90 % quantile of the distances from it."""
    middle = median(values)
    return middle, quantile([abs(value - middle) for value in values], 0.9)
