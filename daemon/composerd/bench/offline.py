"""Measures on the virtual clock: time per decision, speed of rendering, growth of memory over an hour."""

from __future__ import annotations

import gc
import time
from collections.abc import Iterator
from dataclasses import replace

from composerd.app.generator_bank import bank
from composerd.bench.decisions import timed_jam
from composerd.bench.figure import Figure, quantile
from composerd.bench.players import long_melody
from composerd.config.layers import Settings
from composerd.engine.conductor import Conductor, Start
from composerd.engine.messages import KeyboardMessage, Mode, Played, Stop
from composerd.engine.output.stage import Stage
from composerd.engine.virtual import VirtualInbox
from composerd.generators.worker import Immediate
from composerd.music.genre import Genre
from composerd.music.metre import BarGrid

DECISION_MS, RENDER_TIMES, GROWTH_MB = 10.0, 60.0, 2.0
RENDER_SECONDS, HOUR = 600.0, 3600.0
WARM = 600.0
"""seconds of playing until caches are full and memory is first measured"""


def render_figures(settings: Settings, genre: Genre, seconds: float = RENDER_SECONDS) -> Iterator[Figure]:
    """Measure time per decision and speed of rendering of `seconds` of melody in jam mode. Raises ModelError."""
    generators = bank(settings.engine)
    generators.open(genre)
    melody = long_melody(genre, seconds)
    began, began_cpu = time.perf_counter(), time.process_time()
    timed = timed_jam(generators, settings.engine, genre, melody)
    took, took_cpu = time.perf_counter() - began, time.process_time() - began_cpu
    clock, cpu = ([1000 * one for one in times] for times in (timed.seconds, timed.cpu_seconds))
    detail = (
        f"{genre.model}, {len(cpu)} decisions; p99 {quantile(cpu, 0.99):.2f}, on the clock {quantile(clock, 0.5):.2f}"
    )
    yield Figure(f"{genre.name}: a decision, processor p50", quantile(cpu, 0.5), "ms", DECISION_MS, detail=detail)
    new = [one for one, is_new in zip(cpu, timed.new, strict=True) if is_new]
    detail = f"{len(new)} decisions; p99 {quantile(new, 0.99):.2f}"
    yield Figure(f"{genre.name}: the same where no passage is repeated", quantile(new, 0.5), "ms", DECISION_MS,
                 detail=detail)  # fmt: skip
    speed, detail = (
        melody.seconds / took_cpu,
        f"{melody.seconds:.0f} s in {took_cpu:.2f} s on one core, {took:.2f} on the clock",
    )
    yield Figure(f"{genre.name}: render, faster than real time", speed, "×", RENDER_TIMES, least=True, detail=detail)


def growth_figures(settings: Settings, genre: Genre, hour: float = HOUR) -> Iterator[Figure]:
    """Measure the memory after ten minutes and after an hour of playing, with `plain` as generator."""
    plain = replace(genre, model="plain")
    generators = bank(settings.engine)
    generators.open(plain)
    melody = long_melody(plain, hour)
    inbox = VirtualInbox()
    messages = iter([message for message in melody.messages if message.second < hour])
    sink = _Weighing(hour * WARM / HOUR)
    start = Start(Mode.JAM, plain.bpm, BarGrid.of(plain.metre))
    conductor = Conductor(inbox, Immediate(generators, inbox.put), Stage([sink], plain), settings.engine, start)
    for one in messages:
        inbox.post(one.second, KeyboardMessage(one.second, one.message))
    inbox.post(hour, Stop("an hour is over"))
    began = time.perf_counter()
    conductor.run()
    took = time.perf_counter() - began
    grown = resident_mb() - sink.after_warm_up
    yield Figure("memory grown over a virtual hour, after ten minutes", grown, "MB", GROWTH_MB,
                 detail=f"{sink.count} messages played, {took:.1f} s")  # fmt: skip


class _Weighing:
    """Sink that discards notes and records the memory in use after `warm` seconds."""

    def __init__(self, warm: float) -> None:
        self._warm = warm
        self.after_warm_up = 0.0
        self.count = 0

    def play(self, played: Played) -> None:
        self.count += 1
        if not self.after_warm_up and played.at >= self._warm:
            self.after_warm_up = resident_mb()

    def set_genre(self, genre: Genre) -> None:
        """Does nothing."""

    def close(self) -> None:
        """Does nothing."""


def resident_mb(pid: int | str = "self") -> float:
    """Resident memory of a process in MB (proc(5): status), without JACK's shared segments."""
    gc.collect()
    with open(f"/proc/{pid}/status", encoding="ascii", errors="replace") as file:
        rows = dict(line.split(":", 1) for line in file)
    return sum(sign * int(rows[name].split()[0]) for sign, name in ((1, "VmRSS"), (-1, "RssShmem"))) * 1024 / 1e6
