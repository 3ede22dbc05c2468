"""From logits to notes: the parts are decided step by step, each hearing its own last note and the parts before it.

Works on B windows at once, so that training rolls out exactly what the daemon plays (numpy only).
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from composerd.contract.frames import Bytes, Floats, Ints
from composerd.contract.layout import DRUMS, LEAP, MONO, Layout, Track
from composerd.music.roll import HELD, ONSET, REST, SILENT

NEVER = np.float32(-1e9)


@dataclass(frozen=True, slots=True)
class Style:
    """How boldly it is decided."""

    temperature: float = 0.0
    """0 takes the likeliest pitch and length"""
    rhythm: float = 0.0
    """noise on where notes begin, in logits"""
    thresholds: dict[str, float] = field(default_factory=dict)
    """per track: logit from which on a drum is struck or a chord begins; calibrated so that density is human"""
    drum_thresholds: tuple[float, ...] = ()
    """per drum class; empty: the track's threshold"""
    density: float = 0.0
    """added to every rhythm logit: above 0 is fuller"""


@dataclass(slots=True)
class _Voice:
    """Where one part stands while it is decided: all arrays (B, ...)."""

    track: Track
    sounding: npt.NDArray[np.bool_]
    """(B, rows)"""
    last: Ints
    """(B,) last pitch played, REST where unknown"""
    age: Ints
    """(B,) steps since the last onset"""


def last_pitches(cells: Bytes, low: int) -> Ints:
    """The pitch that sounded last in cells (B, T, rows), REST where none did."""
    sounds = cells.any(2)
    steps = cells.shape[1]
    if not steps:
        return np.full(len(cells), REST, np.int64)
    at = steps - 1 - np.argmax(sounds[:, ::-1], 1)
    rows = cells[np.arange(len(cells)), at]
    return np.where(sounds.any(1), np.argmax(rows > 0, 1) + low, REST)


def _ages(cells: Bytes) -> Ints:
    """(B,) steps from the last onset to the end of cells (B, T, rows)."""
    struck = (cells == ONSET).any(2)
    if not cells.shape[1]:
        return np.full(len(cells), 99, np.int64)
    return np.where(struck.any(1), 1 + np.argmax(struck[:, ::-1], 1), 99)


def _voice(track: Track, cells: Bytes, first: int) -> _Voice:
    past = cells[:, max(0, first - 32) : first]
    sounding = past[:, -1] > 0 if past.shape[1] else np.zeros((len(cells), track.rows), np.bool_)
    return _Voice(track, sounding, last_pitches(past, track.low), _ages(past))


class Decoder:
    """Decides the harmony parts of a layout over steps, and its drums."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self._rows = {track.name: np.arange(track.low, track.high + 1) for track in layout.tracks if track.kind != DRUMS}

    def drums(self, logits: Floats, first: int, until: int, style: Style, rng: np.random.Generator) -> Bytes:
        """Cells (B, until - first, classes) of the drum track; ValueError where the layout has none."""
        track = next((track for track in self.layout.tracks if track.kind == DRUMS), None)
        if track is None:
            raise ValueError("this model has no drums")
        scores = logits[:, first:until, self.layout.output_columns[f"{track.name}.onset"]] + np.float32(style.density)
        if style.rhythm:
            scores = scores + np.float32(style.rhythm) * _logistic(rng, scores.shape)
        limit = np.float32(style.thresholds.get(track.name, 0.0))
        limits = np.asarray(style.drum_thresholds or limit, np.float32)
        return np.where(scores > limits, ONSET, SILENT).astype(np.uint8)

    def harmony(
        self,
        logits: Floats,
        cells: tuple[Bytes, ...],
        melody: Ints,
        first: int,
        until: int,
        style: Style,
        rng: np.random.Generator,
        fixed: frozenset[int] = frozenset(),
    ) -> dict[int, Bytes]:
        """Cells (B, until - first, rows) by track for every pitched track but the `fixed` ones.

        `cells` hold the past up to `first`, and the fixed tracks whole; `melody` (B, T) is REST where unknown.
        """
        pitched = [i for i, track in enumerate(self.layout.tracks) if track.kind != DRUMS]
        voices = {i: _voice(self.layout.tracks[i], cells[i], first) for i in pitched if i not in fixed}
        batch = len(melody)
        found = {i: np.zeros((batch, until - first, voice.track.rows), np.uint8) for i, voice in voices.items()}
        for step in range(first, until):
            heard: dict[str, Ints] = {"melody": melody[:, step]}
            for i in pitched:
                track = self.layout.tracks[i]
                if i in fixed:
                    row = cells[i][:, step]
                else:
                    row = self._decide(voices[i], logits[:, step], heard, style, rng)
                    found[i][:, step - first] = row
                heard[track.name] = np.where(row.any(1), np.argmax(row > 0, 1) + track.low, REST)
        return found

    def _decide(self, voice: _Voice, logits: Floats, heard: dict[str, Ints], style: Style, rng: np.random.Generator) -> Bytes:
        decide = self._mono if voice.track.kind == MONO else self._poly
        row = decide(voice, logits, heard, style, rng)
        struck = (row == ONSET).any(1)
        voice.age = np.where(struck, 1, voice.age + 1)
        voice.sounding = row > 0
        voice.last = np.where(voice.sounding.any(1), np.argmax(voice.sounding, 1) + voice.track.low, voice.last)
        return row

    def _kernel(self, track: Track, logits: Floats, heard: dict[str, Ints], what: str) -> Floats | float:
        """(B, rows): what the melody and earlier parts sounding now say about each pitch."""
        total: Floats | float = 0.0
        columns, pitches = self.layout.output_columns, self._rows[track.name]
        for source in ("melody", *track.sources):
            other = heard[source]
            kernel = logits[:, columns[f"{track.name}.{what}~{source}"]]
            if len(other) == 1:  # live: one window, no gather
                if other[0] != REST:
                    total = total + kernel[:, (pitches - other[0]) % 12]
                continue
            index = (pitches[None] - other[:, None]) % 12
            total = total + np.take_along_axis(kernel, index, 1) * (other != REST)[:, None]
        return total

    def _mono(
        self, voice: _Voice, logits: Floats, heard: dict[str, Ints], style: Style, rng: np.random.Generator
    ) -> Bytes:
        track, columns = voice.track, self.layout.output_columns
        onset = logits[:, columns[f"{track.name}.onset"]] + self._kernel(track, logits, heard, "onset")
        leap = np.clip(self._rows[track.name][None] - voice.last[:, None], -LEAP, LEAP) + LEAP
        leaps = np.take_along_axis(logits[:, columns[f"{track.name}.leap"]], leap, 1)
        onset = onset + leaps * (voice.last != REST)[:, None]
        holds = logits[:, columns[f"{track.name}.hold"]] + self._kernel(track, logits, heard, "hold")
        hold = np.where(voice.sounding, holds, NEVER).max(1)
        rest = logits[:, columns[f"{track.name}.rest"]][:, 0]
        hold, rest = _rhythm(hold, rest, style, rng)
        total = np.logaddexp.reduce(np.concatenate([onset, hold[:, None]], 1), 1)
        rests = rest > total + np.float32(style.thresholds.get(track.name, 0.0))
        struck_mass = np.logaddexp.reduce(onset, 1)
        holds_on = hold > struck_mass + np.float32(style.thresholds.get(f"{track.name}.hold", 0.0))
        young = (voice.age < track.min_steps) & voice.sounding.any(1)
        holds_on, rests = holds_on | young, rests & ~young
        if style.temperature:
            onset = onset + np.float32(style.temperature) * _gumbel(rng, onset.shape)
        row = np.where(voice.sounding & (holds_on & ~rests)[:, None], HELD, SILENT).astype(np.uint8)
        strikes = np.flatnonzero(~holds_on & ~rests)
        row[strikes, onset.argmax(1)[strikes]] = ONSET
        return row

    def _poly(
        self, voice: _Voice, logits: Floats, heard: dict[str, Ints], style: Style, rng: np.random.Generator
    ) -> Bytes:
        track, columns = voice.track, self.layout.output_columns
        gate = logits[:, columns[f"{track.name}.gate"]][:, 0] + np.float32(style.density)
        if style.rhythm:
            gate = gate + np.float32(style.rhythm) * _logistic(rng, gate.shape)
        fires = gate > np.float32(style.thresholds.get(track.name, 0.0))
        row = np.zeros(voice.sounding.shape, np.uint8)
        if voice.sounding.any():
            holds = logits[:, columns[f"{track.name}.hold"]] + self._kernel(track, logits, heard, "hold")
            young = (voice.age < track.min_steps)[:, None]
            row[voice.sounding & ((holds > np.float32(style.thresholds.get(f"{track.name}.hold", 0.0))) | young)] = HELD
        if fires.any():
            self._strike(row, fires, voice, logits, heard, style, rng)
        return row

    def _strike(
        self, row: Bytes, fires: npt.NDArray[np.bool_], voice: _Voice, logits: Floats, heard: dict[str, Ints],
        style: Style, rng: np.random.Generator,
    ) -> None:  # fmt: skip
        """Writes the chords of the windows where one begins: as many notes as expected, the likeliest first."""
        track = voice.track
        onset = logits[:, self.layout.output_columns[f"{track.name}.onset"]] + self._kernel(track, logits, heard, "onset")
        expected = (1.0 / (1.0 + np.exp(-onset))).sum(1)
        count = np.clip(np.floor(expected + 0.5), 1, track.polyphony).astype(np.int64)
        if style.temperature:
            onset = onset + np.float32(style.temperature) * _gumbel(rng, onset.shape)
        order = np.argsort(-onset, 1)
        for window in np.flatnonzero(fires).tolist():
            row[window, order[window, : count[window]]] = ONSET
            extra = np.flatnonzero(row[window] == HELD)
            row[window, extra[max(0, track.polyphony - int(count[window])) :]] = SILENT


def _rhythm(hold: Floats, rest: Floats, style: Style, rng: np.random.Generator) -> tuple[Floats, Floats]:
    less = np.float32(style.density)
    if style.rhythm:
        hold = hold + np.float32(style.rhythm) * _logistic(rng, hold.shape)
    return hold - less, rest - less


def _gumbel(rng: np.random.Generator, shape: tuple[int, ...]) -> Floats:
    return -np.log(-np.log(rng.random(shape, np.float32).clip(1e-6, 1 - 1e-6)))


def _logistic(rng: np.random.Generator, shape: tuple[int, ...]) -> Floats:
    uniform = rng.random(shape, np.float32).clip(1e-6, 1 - 1e-6)
    return np.asarray(np.log(uniform) - np.log1p(-uniform), np.float32)
