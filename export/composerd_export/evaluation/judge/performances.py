"""Plays the melodies of windows to a generator, as `composerd render` does."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from composerd.app.render import render
from composerd.engine.messages import Mode
from composerd.engine.ports import Generator
from composerd.engine.settings import EngineSettings
from composerd.music.genre import PLAYER_CHANNEL, Genre
from composerd.music.metre import STEPS_PER_BEAT, Metre
from composerd.music.midi import Midi, note_off, note_on
from composerd.music.midi_tracks import Axis, Line, MelodyTrack, TrackMessage
from composerd_export.evaluation.judge.windows import SILENCE, JudgedWindow, Notes

TIMING_NOISE = 0.012
"""seconds, standard deviation, of the player's keys"""
_TICKS = 480
_PER_STEP = _TICKS // STEPS_PER_BEAT
_SHORTEST, _GAP = 30, 4
"""ticks: a key is held for `_SHORTEST` at least, and released `_GAP` before its note's end"""


def played(
    generator: Generator, genre: Genre, windows: Sequence[JudgedWindow], mode: Mode, seed: int = 0
) -> list[JudgedWindow]:  # fmt: skip
    """The accompaniment of each window's melody; window n is played with seed `seed` + n (timing and music)."""
    return [_played(generator, genre, window, mode, seed + index) for index, window in enumerate(windows)]


def _played(generator: Generator, genre: Genre, window: JudgedWindow, mode: Mode, seed: int) -> JudgedWindow:
    melody = melody_of(window, np.random.default_rng(seed))
    lines = render(melody, genre, mode, generator, EngineSettings(seed=seed)).lines
    found = _notes(lines, window.steps)
    parts = {part.track or part.name: found.get(part.name, SILENCE) for part in genre.parts if part.role != "drums"}
    drums = [found[part.name] for part in genre.parts if part.role == "drums" and part.name in found]
    return JudgedWindow(
        window.name, window.work, window.bpm, window.bars, window.melody,
        {name: notes for name, notes in parts.items() if len(notes)}, drums[0] if drums else SILENCE, window.genuine,
    )  # fmt: skip


def melody_of(window: JudgedWindow, rng: np.random.Generator, noise: float = TIMING_NOISE) -> MelodyTrack:
    """The melody as a performance with `noise` seconds (standard deviation) of timing error."""
    axis = Axis.steady(window.bpm, Metre(), _TICKS)
    beside = noise * window.bpm / 60.0 * _TICKS
    events: list[tuple[int, int, Midi]] = []
    for on, off, pitch, velocity in window.melody.tolist():
        late = float(rng.normal(0.0, beside)) if beside else 0.0
        first = max(0, int(on * _PER_STEP + late))
        last = max(first + _SHORTEST, int(off * _PER_STEP + late) - _GAP)
        events.append((first, 1, note_on(PLAYER_CHANNEL, int(pitch), max(1, int(velocity)))))
        events.append((last, 0, note_off(PLAYER_CHANNEL, int(pitch))))
    ordered = sorted(events, key=lambda event: (event[0], event[1]))
    messages = tuple(TrackMessage(tick, axis.second_at(tick), message) for tick, _, message in ordered)
    # the band plays to the window's end, as people's does, where the melody rests before it
    return MelodyTrack(axis, "melody", messages, max(window.steps * _PER_STEP, ordered[-1][0] if ordered else 0))


def _notes(lines: Sequence[Line], steps: int) -> dict[str, Notes]:
    """Part -> its notes that begin before step `steps`; a note without an end lasts until then."""
    sounding: dict[tuple[str, int], tuple[int, int]] = {}
    found: dict[str, list[tuple[float, float, int, int]]] = {}

    def ended(key: tuple[str, int], tick: float) -> None:
        first, velocity = sounding.pop(key)
        if first < steps * _PER_STEP:
            found.setdefault(key[0], []).append((first / _PER_STEP, tick / _PER_STEP, key[1], velocity))

    for tick, part, message in lines:
        if part is None or not (message.starts_note or message.ends_note):
            continue
        key = (part.name, message.data1)
        if key in sounding:
            ended(key, tick)
        if message.starts_note:
            sounding[key] = (tick, message.data2)
    for key in list(sounding):
        ended(key, steps * _PER_STEP)
    return {name: np.array(sorted(notes), np.float64) for name, notes in found.items()}
