"""Players for measurements: melodies of any length, and a thread that plays them in real time."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from dataclasses import replace

from composerd.app.demo_tunes import demo_melody
from composerd.devices.system.inbox import RealInbox
from composerd.engine.messages import KeyboardMessage, Stop
from composerd.music.genre import Genre
from composerd.music.midi import Midi, note_off, note_on
from composerd.music.midi_tracks import Axis, MelodyTrack, TrackMessage

SCALE = (60, 62, 64, 65, 67, 69, 71, 72, 74, 76)
BAR_KEYS = 16


def long_melody(genre: Genre, seconds: float) -> MelodyTrack:
    """The genre's demo melody repeated to at least `seconds`."""
    tune = demo_melody(genre)
    bar_ticks = tune.axis.bar_grid().place(0).bar_steps * tune.axis.ticks_per_beat // 4
    length = -(-tune.end_tick // bar_ticks) * bar_ticks
    times = int(seconds / tune.axis.second_at(length)) + 1
    messages = tuple(_shifted(one, n * length, tune.axis) for n in range(times) for one in tune.messages)
    return MelodyTrack(tune.axis, tune.track, messages, messages[-1].tick)


def beginning(melody: MelodyTrack, seconds: float) -> MelodyTrack:
    """The melody's notes that begin within `seconds`."""
    last = next((n for n, one in enumerate(melody.messages) if one.message.starts_note and one.second >= seconds), None)
    kept = melody.messages[:last]
    return replace(melody, messages=kept, end_tick=kept[-1].tick if kept else 0)


def _shifted(one: TrackMessage, ticks: int, axis: Axis) -> TrackMessage:
    return TrackMessage(one.tick + ticks, axis.second_at(one.tick + ticks), one.message)


def sixteenths(bpm: float, seconds: float, seed: int = 1, again: bool = False) -> Iterator[tuple[float, Midi]]:
    """(second from the first key, message) of a key on every 16th, so that each step is a request.

    `again`: the second half, from a bar line on, repeats the melody of the first.
    """
    chance, step = random.Random(seed), 15 / bpm
    keys = [(chance.choice(SCALE), chance.randint(60, 110)) for _ in range(int(seconds / step))]
    half = (len(keys) // 2 + BAR_KEYS - 1) // BAR_KEYS * BAR_KEYS
    if again:
        keys[half:] = keys[: len(keys) - half]
    for n, (pitch, velocity) in enumerate(keys):
        yield n * step, note_on(1, pitch, velocity)
        yield (n + 0.8) * step, note_off(1, pitch)


def play_into(inbox: RealInbox, bpm: float, seconds: float, again: bool = False) -> None:
    """Start a thread that presses a key on every 16th in real time and then stops the performance; `again`: see
    `sixteenths`."""

    def hands() -> None:
        pause, start = threading.Event(), inbox.now() + 0.2
        for second, message in sixteenths(bpm, seconds, again=again):
            pause.wait(max(0.0, start + second - inbox.now()))
            inbox.put(KeyboardMessage(inbox.now(), message))
        inbox.put(Stop("measured"))

    threading.Thread(target=hands, name="bench hands", daemon=True).start()
