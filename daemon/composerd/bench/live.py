"""Measures the live engine: lateness of scheduled notes, and time from a key press to the band's answer."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

from composerd.app.generator_bank import bank
from composerd.app.live import SWITCH_INTERVAL
from composerd.bench.figure import Figure, quantile
from composerd.bench.midi_thru import measure_lateness
from composerd.bench.players import play_into
from composerd.config.layers import Settings
from composerd.devices.system.inbox import RealInbox
from composerd.devices.system.priority import raise_priority
from composerd.engine.conductor import Conductor, Start
from composerd.engine.messages import Composed, Inbox, KeyboardMessage, Message, Mode, Played, Request
from composerd.engine.output.stage import Stage
from composerd.generators.worker import Worker
from composerd.music.genre import Genre
from composerd.music.metre import BarGrid

BPM, SECONDS = 240.0, 20.0
"""tempo of the measurement: a 16th every 62.5 ms"""
P50_MS, P99_MS, ANSWER_MS, KNOWN_MS = 0.3, 1.0, 2.0, 10.0


class _Inbox(RealInbox):
    """Records when the notes of each answer have been sent."""

    def __init__(self) -> None:
        super().__init__()
        self.current: Message | None = None
        self.answered: dict[int, tuple[float, float]] = {}
        """serial -> second at which its notes had been sent, seconds the generator took"""

    def receive(self, until: float) -> Message | None:
        if isinstance(self.current, Composed):
            self.answered[self.current.serial] = self.now(), self.current.seconds
        self.current = super().receive(until)
        return self.current


class _Composer:
    """A worker that records which requests were caused by a key press."""

    def __init__(self, worker: Worker, inbox: _Inbox) -> None:
        self._worker, self._inbox = worker, inbox
        self.pressed: dict[int, float] = {}
        """serial -> second of the key press"""
        self.expected: set[int] = set()
        """serials of requests with a melody that is expected to go on as it did before"""

    def ask(self, request: Request) -> None:
        if isinstance(self._inbox.current, KeyboardMessage):
            self.pressed[request.serial] = self._inbox.current.at
        if request.ahead is not None:
            self.expected.add(request.serial)
        self._worker.ask(request)

    def close(self) -> None:
        self._worker.close()


class _Sink:
    """Records the lateness of scheduled notes: of the drums if there are any, since they never wait for a key."""

    def __init__(self, genre: Genre, inbox: Inbox) -> None:
        self._inbox = inbox
        self._scheduled = genre.drum_parts or genre.harmony_parts
        self.late: list[float] = []

    def play(self, played: Played) -> None:
        if played.part in self._scheduled and played.message.starts_note:
            self.late.append(self._inbox.now() - played.at)

    def set_genre(self, genre: Genre) -> None:
        """Does nothing."""

    def close(self) -> None:
        """Does nothing."""


def live_figures(settings: Settings, genre: Genre, seconds: float = SECONDS) -> Iterator[Figure]:
    """Measure `seconds` of 16ths with `genre`'s generator; in the second half the melody of the first comes back.

    Raises ModelError if the model cannot be used.
    """
    before = sys.getswitchinterval()
    sys.setswitchinterval(SWITCH_INTERVAL)
    try:
        with ThreadPoolExecutor(1) as conductor:  # a thread of its own keeps its priority to itself
            yield from conductor.submit(lambda: list(_measured(settings, genre, seconds))).result()
    finally:
        sys.setswitchinterval(before)


def _measured(settings: Settings, genre: Genre, seconds: float) -> Iterator[Figure]:
    priority = raise_priority()  # as in app.live
    idle = measure_lateness(waits=int(30 * seconds))
    inbox = _Inbox()
    sink = _Sink(genre, inbox)
    generators = bank(settings.engine)
    generators.open(genre)
    composer = _Composer(Worker(generators, inbox.put), inbox)
    start = Start(Mode.JAM, BPM, BarGrid.of(genre.metre))
    conductor = Conductor(inbox, composer, Stage([sink], genre), settings.engine, start)
    gc.collect()
    gc.freeze()
    play_into(inbox, BPM, seconds, again=True)
    conductor.run()
    gc.unfreeze()
    idle_note = f"{len(sink.late)} notes, {priority}; idle timer p50 {idle.p50:.2f}, p99 {idle.p99:.2f} ms"
    late = [1000 * value for value in sink.late]
    name = f"{genre.name}: note after its moment, beyond the idle timer"
    yield Figure(f"{name}, p50", quantile(late, 0.5) - idle.p50, "ms", P50_MS, detail=idle_note)
    yield Figure(f"{name}, p99", quantile(late, 0.99) - idle.p99, "ms", P99_MS)
    yield from _answers(genre, composer, inbox)


def _answers(genre: Genre, composer: _Composer, inbox: _Inbox) -> Iterator[Figure]:
    """Figures of the time from a key to its answer's notes. Raises DeviceError if no key was answered."""
    pairs = [(inbox.answered[serial], at) for serial, at in composer.pressed.items() if serial in inbox.answered]
    beyond = [1000 * (sent - at - model) for (sent, model), at in pairs]
    models = [1000 * model for (_, model), _ in pairs]
    whole = [1000 * (sent - at) for (sent, _), at in pairs]
    detail = f"{len(pairs)} of {len(composer.pressed)} keys answered; model p50 {quantile(models, 0.5):.2f} ms"
    name = f"{genre.name}: key to the band's answer"
    yield Figure(f"{name}, beyond the model, p99", quantile(beyond, 0.99), "ms", ANSWER_MS, detail=detail)
    yield Figure(f"{name} in all, p99", quantile(whole, 0.99), "ms")
    known = [
        1000 * (inbox.answered[serial][0] - at)
        for serial, at in composer.pressed.items()
        if serial in inbox.answered and serial in composer.expected
    ]
    if known:
        where = f"{name} in all, where the melody is recognised, p99"
        yield Figure(where, quantile(known, 0.99), "ms", KNOWN_MS, detail=f"{len(known)} keys")
