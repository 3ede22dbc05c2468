"""From logits to notes: the parts are decided step by step, each hearing its own last note and the parts before it.

Works on B windows at once, so that training rolls out exactly what the daemon plays (numpy only). What does not depend
on what was just decided is computed for all steps beforehand, so that a live decision takes little time.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from composerd.contract.frames import Bytes, Flags, Floats, Ints
from composerd.contract.layout import DRUM_CLASSES, DRUMS, LEAP, MONO, Layout, Track
from composerd.music.roll import HELD, ONSET, PITCHES, REST, SILENT

NEVER = np.float32(-1e9)
LONG_AGO = 99
TIMEKEEPERS = np.array([name not in ("crash", "low tom", "high tom") for name, _, _ in DRUM_CLASSES])
YOUNG = np.float32(2.5)
"""Added to the wish to hold a note that has not reached its track's shortest length, in logits."""


@dataclass(frozen=True, slots=True)
class Style:
    """How boldly it is decided."""

    temperature: float = 0.0
    """of pitches; 0 takes the likeliest"""
    rhythm: float = 0.0
    """noise on where notes begin, in logits"""
    thresholds: dict[str, float] = field(default_factory=dict)
    """per track: logit from which on a drum is struck or a chord begins; calibrated so that density is human"""
    drum_thresholds: tuple[float, ...] = ()
    """per drum class; empty: the track's threshold"""
    density: float = 0.0
    """added to every rhythm logit: above 0 is fuller"""
    expected: bool = False
    """drums: of what keeps time as many strokes as the net expects, the likeliest ones; else, as of crash and toms
    always, those likelier than not: hardly any where it is unsure of the groove, as at the start"""


def chance_width(layout: Layout) -> int:
    """Columns of the random numbers that one step takes."""
    return sum(track.rows + 2 for track in layout.tracks)


@dataclass(slots=True)
class _Voice:
    """One part while it is decided over S steps of B windows."""

    track: Track
    sounding: Flags
    """(B, rows)"""
    last: Ints
    """(B,) last pitch played, REST where unknown"""
    age: Ints
    """(B,) steps since the last onset"""
    logits: Floats
    """(B, S, out_width + 1): all that the net said, and a column of zeros at the end"""
    onset: Floats
    """(B, S, rows) with what the melody says"""
    noise: Floats | None
    """(B, S, rows) added where pitches are chosen"""
    hold: Floats
    """(B, S, rows) of a poly part, (B, S, 1 or rows) of a mono one, with what the melody says"""
    rhythm: Floats
    """(B, S): gate of a poly part, rest of a mono one"""
    windows: Ints
    """(B, 1) numbers of the windows, to index with"""


def last_pitches(cells: Bytes, low: int) -> Ints:
    """The pitch that sounded last in cells (B, T, rows), REST where none did."""
    sounds = np.asarray((cells > 0).any(axis=2))
    steps = cells.shape[1]
    if not steps:
        return np.full(len(cells), REST, np.int64)
    at = steps - 1 - np.argmax(sounds[:, ::-1], 1)
    rows = cells[np.arange(len(cells)), at]
    return np.where(sounds.any(1), np.argmax(rows > 0, 1) + low, REST)


def ages(cells: Bytes) -> Ints:
    """(B,) steps from the last onset to the end of cells (B, T, rows)."""
    struck = (cells == ONSET).any(2)
    if not cells.shape[1]:
        return np.full(len(cells), LONG_AGO, np.int64)
    return np.where(struck.any(1), 1 + np.argmax(struck[:, ::-1], 1), LONG_AGO)


def _lowest(row: npt.NDArray[np.uint8] | Flags, track: Track) -> Ints:
    """(B,) lowest pitch of rows (B, rows), REST where none sounds."""
    sounds: Flags = row > 0
    return np.where(sounds.any(1), np.argmax(sounds, 1) + track.low, REST)


class Decoder:
    """Decides the harmony parts of a layout over steps, and its drums."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self._kernels: dict[str, Ints] = {}
        self._leaps: dict[str, Ints] = {}
        others = np.arange(PITCHES + 1)[:, None]
        nothing = others == PITCHES  # the last row, index REST: the column of zeros
        for track in layout.tracks:
            if track.kind == DRUMS:
                continue
            pitches = np.arange(track.low, track.high + 1)[None]
            for source in ("melody", *track.sources):
                for what in ("onset", "hold"):
                    name = f"{track.name}.{what}~{source}"
                    columns = layout.output_columns[name].start + (pitches - others) % 12
                    self._kernels[name] = np.where(nothing, layout.out_width, columns)
            if track.kind == MONO:
                leaps = (
                    np.clip(pitches - others, -LEAP, LEAP) + LEAP + layout.output_columns[f"{track.name}.leap"].start
                )
                self._leaps[track.name] = np.where(nothing, layout.out_width, leaps)
        starts = np.cumsum([0, *(track.rows + 2 for track in layout.tracks)])
        self._dice = {track.name: slice(*starts[i : i + 2]) for i, track in enumerate(layout.tracks)}

    def drums(self, logits: Floats, first: int, until: int, style: Style, chance: Floats) -> Bytes:
        """Cells (B, until - first, classes) of the drum track; KeyError where the layout has none.

        `chance` (B, T, chance_width) holds the random numbers, 0 to 1: equal ones make equal decisions.
        """
        track = self.layout.tracks[self.layout.index_of_kind(DRUMS)]
        limits = np.asarray(style.drum_thresholds or style.thresholds.get(track.name, 0.0), np.float32)
        wish = logits[:, first:until, self.layout.output_columns[f"{track.name}.onset"]] + style.density - limits
        drawn = wish
        if style.rhythm:
            dice = chance[:, first:until, self._dice[track.name]][..., : track.rows]
            drawn = wish + np.float32(style.rhythm) * _logistic(dice)
        struck = drawn > 0
        if style.expected:
            struck = np.where(TIMEKEEPERS, _likeliest(drawn, _chance(wish).sum(1)), struck)
        return np.where(struck, ONSET, SILENT).astype(np.uint8)

    def harmony(
        self,
        logits: Floats,
        cells: tuple[Bytes, ...],
        melody: Ints,
        first: int,
        until: int,
        style: Style,
        chance: Floats,
        fixed: frozenset[int] = frozenset(),
    ) -> dict[int, Bytes]:
        """Cells (B, until - first, rows) by track for every pitched track but the `fixed` ones.

        `cells` hold the past up to `first`, and the fixed tracks whole; `melody` (B, T) is REST where unknown.
        `chance` as in `drums`.
        """
        asked = np.concatenate([logits[:, first:until], np.zeros((len(logits), until - first, 1), np.float32)], 2)
        pitched = [(i, track) for i, track in enumerate(self.layout.tracks) if track.kind != DRUMS]
        sung = melody[:, first:until]
        voices = {
            i: self._voice(track, cells[i][:, max(0, first - 32) : first], asked, sung, style, chance[:, first:until])
            for i, track in pitched
            if i not in fixed
        }
        found = {i: np.zeros((len(melody), until - first, voice.track.rows), np.uint8) for i, voice in voices.items()}
        for step in range(until - first):
            heard: dict[str, Ints] = {}
            for i, track in pitched:
                if i in fixed:
                    row = cells[i][:, first + step]
                else:
                    row = found[i][:, step]
                    (self._mono if track.kind == MONO else self._poly)(voices[i], step, heard, style, row)
                heard[track.name] = _lowest(row, track)
        return found

    def _voice(self, track: Track, past: Bytes, logits: Floats, melody: Ints, style: Style, chance: Floats) -> _Voice:
        """All that can be said about the steps before any of them is decided."""
        columns, name = self.layout.output_columns, track.name
        windows, steps = np.arange(len(logits))[:, None], np.arange(logits.shape[1])[None, :, None]
        at = (windows[..., None], steps)
        onset = logits[..., columns[f"{name}.onset"]] + logits[(*at, self._kernels[f"{name}.onset~melody"][melody])]
        hold = logits[..., columns[f"{name}.hold"]] + logits[(*at, self._kernels[f"{name}.hold~melody"][melody])]
        dice = chance[..., self._dice[name]]
        less = np.float32(style.density)
        if track.kind == MONO:
            rhythm, hold = logits[..., columns[f"{name}.rest"].start] - less, hold - less
        else:
            rhythm = logits[..., columns[f"{name}.gate"].start] + less
        if style.rhythm:
            rhythm = rhythm + np.float32(style.rhythm) * _logistic(dice[..., -2])
            if track.kind == MONO:
                hold = hold + np.float32(style.rhythm) * _logistic(dice[..., -1:])
        noise = np.float32(style.temperature) * _gumbel(dice[..., :-2]) if style.temperature else None
        sounding = past[:, -1] > 0 if past.shape[1] else np.zeros((len(past), track.rows), np.bool_)
        return _Voice(
            track, sounding, last_pitches(past, track.low), ages(past), logits, onset, noise, hold, rhythm, windows
        )

    def _others_say(self, voice: _Voice, what: str, step: int, heard: dict[str, Ints]) -> Floats | float:
        """(B, rows): what the earlier parts, sounding now, say about each pitch."""
        total: Floats | float = 0.0
        for source in voice.track.sources:
            columns = self._kernels[f"{voice.track.name}.{what}~{source}"][heard[source]]
            total = total + voice.logits[voice.windows, step, columns]
        return total

    def _mono(self, voice: _Voice, step: int, heard: dict[str, Ints], style: Style, row: Bytes) -> None:
        """Writes one step of a part with one voice: rest first, then hold, then the likeliest pitch."""
        track = voice.track
        leap = voice.logits[voice.windows, step, self._leaps[track.name][voice.last]]
        onset = voice.onset[:, step] + leap + self._others_say(voice, "onset", step, heard)
        struck = _log_sum(onset)
        hold = voice.hold[:, step] + self._others_say(voice, "hold", step, heard)
        hold = np.where(voice.sounding, hold, NEVER).max(1) + YOUNG * (voice.age < track.min_steps)
        rests = voice.rhythm[:, step] > np.logaddexp(struck, hold) + np.float32(style.thresholds.get(track.name, 0.0))
        holds = hold > struck + np.float32(style.thresholds.get(f"{track.name}.hold", 0.0))
        row[voice.sounding & (holds & ~rests)[:, None]] = HELD
        strikes = np.flatnonzero(~holds & ~rests)
        drawn = onset if voice.noise is None else onset + voice.noise[:, step]
        row[strikes, drawn.argmax(1)[strikes]] = ONSET
        voice.age = voice.age + 1
        voice.age[strikes] = 1
        voice.sounding = row > 0
        voice.last = np.where(rests, voice.last, np.argmax(voice.sounding, 1) + track.low)

    def _poly(self, voice: _Voice, step: int, heard: dict[str, Ints], style: Style, row: Bytes) -> None:
        """Writes one step of a part with chords: which notes go on, and whether a new chord begins."""
        track = voice.track
        fires = voice.rhythm[:, step] > np.float32(style.thresholds.get(track.name, 0.0))
        if voice.sounding.any():
            hold = voice.hold[:, step] + self._others_say(voice, "hold", step, heard)
            hold = hold + YOUNG * (voice.age < track.min_steps)[:, None]
            row[voice.sounding & (hold > np.float32(style.thresholds.get(f"{track.name}.hold", 0.0)))] = HELD
        voice.age = voice.age + 1
        if fires.any():
            onset = voice.onset[:, step] + self._others_say(voice, "onset", step, heard)
            noise = None if voice.noise is None else voice.noise[:, step]
            _strike(row, np.flatnonzero(fires), onset, noise, track.polyphony)
            voice.age[fires] = 1
        voice.sounding = row > 0


def _strike(row: Bytes, windows: Ints, onset: Floats, noise: Floats | None, polyphony: int) -> None:
    """Writes the chords of the windows where one begins: as many notes as expected, the likeliest first."""
    expected = _chance(onset).sum(1)
    count = np.clip(np.floor(expected + 0.5), 1, polyphony).astype(np.int64)
    order = np.argsort(-onset if noise is None else -onset - noise, 1)
    for window in windows.tolist():
        row[window, order[window, : count[window]]] = ONSET
        extra = np.flatnonzero(row[window] == HELD)
        row[window, extra[max(0, polyphony - int(count[window])) :]] = SILENT


def _likeliest(scores: Floats, expected: Floats) -> Flags:
    """(B, S, classes): of each class the `expected` (B, classes) steps with the highest scores, rounded."""
    place = np.argsort(np.argsort(-scores, 1, kind="stable"), 1, kind="stable")
    return np.asarray(place < np.floor(expected + 0.5)[:, None])


def _chance(logits: Floats) -> Floats:
    return np.asarray(1.0 / (1.0 + np.exp(-np.maximum(logits, -30.0))), np.float32)


def _log_sum(values: Floats) -> Floats:
    """(B,) log of the sum of exp over the last axis."""
    top = values.max(1)
    return np.asarray(top + np.log(np.exp(values - top[:, None]).sum(1)), np.float32)


def _gumbel(uniform: Floats) -> Floats:
    return np.asarray(-np.log(-np.log(uniform.clip(1e-6, 1 - 1e-6))), np.float32)


def _logistic(uniform: Floats) -> Floats:
    safe = uniform.clip(1e-6, 1 - 1e-6)
    return np.asarray(np.log(safe) - np.log1p(-safe), np.float32)
