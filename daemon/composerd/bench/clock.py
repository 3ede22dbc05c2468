"""Measures over JACK how closely the band keeps to another machine's clock, and how even its own clock is."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator

from composerd.bench.figure import Figure, quantile
from composerd.bench.midi_clock import SOURCE, measure_clock, spread
from composerd.bench.program import own_folders, program_command

BPM, SECONDS, PERIOD = 120.0, 30.0, 128
RATE = 48000
NOTE_MS, TICK_MS = 3.0, 3.0


def clock_figures() -> Iterator[Figure]:
    """Figures of the MIDI clock in and out. Raises DeviceError without jackd."""
    with tempfile.TemporaryDirectory() as folder:
        options = ("--genre", "rock", "--midi-api", "jack", "--out", "virtual", "--clock-in", SOURCE, "--clock-out")
        command = ["env", *own_folders(folder), *program_command("play", *options)]
        kept = measure_clock(command, "composerd:", BPM, SECONDS, PERIOD)
    period = 1000 * PERIOD / RATE
    away = [abs(ms) for ms in kept.notes]
    middle, tenth = spread(kept.notes)
    detail = f"{len(away)} notes, p90 {quantile(away, 0.9):.2f} ms; JACK's period is {period:.2f} ms"
    yield Figure(
        "clock in, band's notes to the clock's 16ths, median", quantile(away, 0.5), "ms", NOTE_MS, detail=detail
    )
    yield Figure("clock in, one note in ten off the median by", tenth, "ms", detail=f"median {middle:+.2f} ms")
    middle, tenth = spread(kept.gaps)
    worst = max(abs(ms) for ms in kept.gaps)
    detail = f"{len(kept.gaps)} gaps, largest {worst:.2f} ms, {kept.lost} ticks lost"
    yield Figure("clock out, one gap between ticks in ten off by", tenth, "ms", TICK_MS, detail=detail)
