"""Plays songs to a generator: phrase mode with one request, jam mode through the daemon's own conductor."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from math import floor

import numpy as np

from composerd.engine.commands.band import StartBand
from composerd.engine.conductor import Conductor, Start
from composerd.engine.messages import Composed, Directions, KeyboardMessage, Mode, Played, Request, Stop
from composerd.engine.output.stage import Stage
from composerd.engine.phrase.request import phrase_request
from composerd.engine.ports import Generator
from composerd.engine.settings import EngineSettings
from composerd.engine.virtual import VirtualInbox
from composerd.generators.worker import Immediate
from composerd.music.genre import PLAYER_CHANNEL, Feel, Genre
from composerd.music.metre import STEPS_PER_BEAT, BarGrid, Metre
from composerd.music.midi import Midi, note_off, note_on
from composerd.music.notes import PartNote, notes_to_cells
from composerd.music.roll import REST, Cells, MelodyRoll
from composerd_export.evaluation.songs import SongClip

TIMING_NOISE = 0.015
"""standard deviation of the keys from the grid [s], that of a good amateur"""
LEAD_IN = 1.0
"""seconds before bar 1, so that an early first key lies after the clock's start"""
_GAP = 0.005
"""seconds between letting a key go and pressing the next one: the melody has one voice"""
_BLIP = 0.35
"""steps: a note that was taken back sooner than this is a blip, not a note"""


@dataclass(frozen=True, slots=True)
class Bold:
    """Wraps a generator and sets another creativity (0 safe to 1 bold) in its requests."""

    generator: Generator
    creativity: float

    def compose(self, request: Request) -> Composed:
        directions = replace(request.directions, creativity=self.creativity)
        return self.generator.compose(replace(request, directions=directions))


@dataclass(frozen=True, slots=True, eq=False)
class BandPerformance:
    """What the band played: `cells` (parts, steps, 128), and how many notes were cut off as soon as they began."""

    cells: Cells
    blips: int = 0


def phrase(generator: Generator, genre: Genre, song: SongClip, seed: int = 0) -> BandPerformance:
    """The accompaniment of the whole melody, in one request."""
    request = phrase_request(
        genre, BarGrid.of(song.metre), song.bpm, song.melody, song.steps, seed=seed, directions=Directions()
    )
    notes = tuple(note for section in generator.compose(request).sections for note in section.notes)
    return BandPerformance(notes_to_cells(notes, 0, song.steps, len(genre.parts)))


def jam(
    generator: Generator,
    genre: Genre,
    song: SongClip,
    seed: int = 0,
    noise: float = TIMING_NOISE,
    timing_seed: int | None = None,
) -> BandPerformance:
    """The song played by a human with `noise` seconds (sd) of timing error; `timing_seed` draws it (default: `seed`).

    Bars are given (a player in time); the genre's own swing and humanising are left out, since the grid is judged.
    """
    rng = np.random.default_rng(seed if timing_seed is None else timing_seed)
    pressed = keys(list(note_runs(song.melody)), 60.0 / song.bpm / STEPS_PER_BEAT, noise, rng)
    return perform(generator, genre, list(pressed), song.steps, song.bpm, song.metre, seed)


def perform(
    generator: Generator,
    genre: Genre,
    messages: Sequence[tuple[float, Midi]],
    steps: int,
    bpm: float,
    metre: Metre,
    seed: int = 0,
) -> BandPerformance:
    """The daemon's own conductor on a virtual clock, hearing `messages` (second, message); bar 1 begins at LEAD_IN.

    The band starts at once where no key is pressed.
    """
    inbox, sink = VirtualInbox(), _Recorder()
    even = replace(genre, feel=Feel())
    for at, message in messages:
        inbox.post(at, KeyboardMessage(at, message))
    if not messages:
        inbox.post(LEAD_IN, StartBand())
    inbox.post(LEAD_IN + steps * 60.0 / bpm / STEPS_PER_BEAT, Stop())
    settings = replace(EngineSettings(), seed=seed, pause_bars=16)
    start = Start(Mode.JAM, bpm, BarGrid.of(metre), fixed_at=LEAD_IN)
    Conductor(inbox, Immediate(generator, inbox.put), Stage([sink], even), settings, start).run()
    return sink.performance(steps, len(genre.parts))


def keys(
    runs: Sequence[tuple[int, int, int]], step: float, noise: float, rng: np.random.Generator
) -> Iterator[tuple[float, Midi]]:
    """(second, message) of each key, in order; `runs` are (first step, end, pitch), steps last `step` seconds.

    A key is let go before one that follows on it is pressed.
    """
    pressed = [LEAD_IN + first * step + float(rng.normal(0.0, noise)) for first, _, _ in runs]
    events: list[tuple[float, Midi]] = []
    for at, (_, end, pitch) in zip(pressed, runs, strict=True):
        released = LEAD_IN + end * step + float(rng.normal(0.0, noise))
        following = (other for other, run in zip(pressed, runs, strict=True) if run[0] == end)
        events.append((at, note_on(PLAYER_CHANNEL, pitch, 80)))
        off = max(at + _GAP, min([released, *(other - _GAP for other in following)]))
        events.append((off, note_off(PLAYER_CHANNEL, pitch)))
    return iter(sorted(events, key=lambda event: event[0]))


def note_runs(melody: MelodyRoll) -> Iterator[tuple[int, int, int]]:
    """(first step, end, pitch) of each note."""
    breaks = melody.onset | np.diff(melody.pitch, prepend=REST).astype(bool)
    starts = [*np.flatnonzero(breaks).tolist(), len(melody.pitch)]
    for first, end in pairwise(starts):
        if melody.pitch[first] != REST:
            yield first, end, int(melody.pitch[first])


@dataclass(slots=True)
class _Recorder:
    """A sink that records the band's notes, in beats."""

    sounding: dict[tuple[int, int], float] = field(default_factory=dict)
    notes: list[tuple[int, int, float, float]] = field(default_factory=list)

    def set_genre(self, genre: Genre) -> None:
        """Channels do not matter here."""

    def play(self, played: Played) -> None:
        message = played.message
        if played.part is None or played.beat is None:
            return
        key = (played.part, message.data1)
        if message.starts_note:
            self.sounding[key] = played.beat
        elif message.ends_note and key in self.sounding:
            self.notes.append((*key, self.sounding.pop(key), played.beat))

    def close(self) -> None:
        """Nothing to close."""

    def performance(self, steps: int, parts: int) -> BandPerformance:
        ringing = [(*key, on, steps / STEPS_PER_BEAT) for key, on in self.sounding.items()]
        notes = [*self.notes, *ringing]
        kept = [note for note in notes if (note[3] - note[2]) * STEPS_PER_BEAT >= _BLIP]
        grid = tuple(sorted(_on_grid(*note) for note in kept))
        return BandPerformance(notes_to_cells(grid, 0, steps, parts), len(notes) - len(kept))


def _on_grid(part: int, pitch: int, on: float, off: float) -> PartNote:
    first, end = (floor(beat * STEPS_PER_BEAT + 0.5) for beat in (on, off))
    return PartNote(first, part, pitch, 80, max(1, end - first))
