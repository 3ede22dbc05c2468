"""From logits to notes: the parts are decided step by step, each hearing its own last note and the parts before it.

Works on B windows at once, so that training rolls out exactly what the daemon plays (numpy only). What does not depend
on what was just decided is computed for all steps beforehand, so that a live decision takes little time.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from composerd.contract.frames import Bytes, Flags, Floats, Ints
from composerd.contract.layout import DRUM_CLASSES, DRUMS, LEAP, MONO, Layout, Track
from composerd.music.roll import HELD, ONSET, PITCHES, SILENT

NEVER = np.float32(-1e9)
LONG_AGO = 99
HEARD = 32
"""Steps of its past that a part remembers its last note and onset by."""
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


@dataclass(frozen=True, slots=True, eq=False)
class _Ears:
    """What a track hears while it is decided, as columns of the logits; column `out_width` is a zero.

    What sounds in a track is heard as the index of its lowest note, the count of its rows where none sounds. Columns
    are of all pitches' onsets, then of all pitches' holds.
    """

    melody: Ints
    """(PITCHES + 1, 2 * rows), the last for REST"""
    others: dict[str, Ints]
    """per source (its rows + 1, 2 * rows)"""
    leaps: Ints | None
    """(rows + 1, rows) of a mono track: its own last note"""


@dataclass(slots=True)
class _Voice:
    """One part while it is decided over S steps of B windows."""

    track: Track
    ears: _Ears
    cells: Bytes
    """(B, S, rows + 1) what is decided; the last column sounds always, so that the lowest note is always found"""
    sounding: Flags
    """(B, rows + 1)"""
    last: Ints
    """(B,) index of the last note played, the count of rows where unknown"""
    age: Ints
    """(B,) steps since the last onset"""
    said: Floats
    """(B, S, 2 * rows): onsets and holds of every pitch, with what the melody says"""
    noise: Floats | None
    """(B, S, rows) added where pitches are chosen"""
    rhythm: Floats
    """(B, S): gate of a poly part, rest of a mono one"""
    limit: np.float32
    """what `rhythm` has to exceed; of a mono part, beside what its notes weigh"""
    hold_limit: np.float32


def with_ground(cells: Bytes) -> Bytes:
    """Cells (..., rows) and a row above that sounds always: the lowest note that sounds is the first of them."""
    found = np.full((*cells.shape[:-1], cells.shape[-1] + 1), HELD, np.uint8)
    found[..., :-1] = cells
    return found


def last_notes(cells: Bytes) -> Ints:
    """(B,) index of the lowest note that sounded last in cells (B, T, rows + 1), `rows` where none did."""
    lowest = (cells > 0).argmax(2)
    heard = lowest < cells.shape[2] - 1
    back = heard[:, ::-1].argmax(1)
    found: Ints = lowest[np.arange(len(cells)), cells.shape[1] - 1 - back]
    return found


def ages(cells: Bytes) -> Ints:
    """(B,) steps from the last onset to the end of cells (B, T, rows)."""
    struck = (cells == ONSET).any(2)
    return np.where(struck.any(1), 1 + struck[:, ::-1].argmax(1), LONG_AGO)


class _Said:
    """The logits of the steps that are decided, to look up by column: (B, S, out_width + 1), the last one a zero."""

    def __init__(self, logits: Floats) -> None:
        windows, steps, width = logits.shape
        self.logits = np.concatenate([logits, np.zeros((windows, steps, 1), np.float32)], 2)
        self._flat = self.logits.ravel()
        self._starts = (width + 1) * np.arange(windows * steps).reshape(windows, steps, 1)

    def everywhere(self, columns: Ints) -> Floats:
        """(B, S, n) for columns (B, S, n)."""
        found: Floats = self._flat.take(columns + self._starts)
        return found

    def at(self, step: int, columns: Ints) -> Floats:
        """(B, n) for columns (B, n)."""
        found: Floats = self._flat.take(columns + self._starts[:, step])
        return found


class Decoder:
    """Decides the harmony parts of a layout over steps, and its drums."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self._ears = {track.name: self._ears_of(track) for track in layout.tracks if track.kind != DRUMS}
        starts = np.cumsum([0, *(track.rows + 2 for track in layout.tracks)])
        self._dice = {track.name: slice(*starts[i : i + 2]) for i, track in enumerate(layout.tracks)}

    def _ears_of(self, track: Track) -> _Ears:
        others = {}
        for name in track.sources:
            source = self.layout.tracks[self.layout.index(name)]
            others[name] = self._kernels(track, name, np.arange(source.low, source.low + source.rows))
        melody = self._kernels(track, "melody", np.arange(PITCHES))
        return _Ears(melody, others, self._leaps(track) if track.kind == MONO else None)

    def _kernels(self, track: Track, source: str, heard: Ints) -> Ints:
        """(len(heard) + 1, 2 * rows) columns by the pitch heard, the last where none is."""
        columns = self.layout.output_columns
        above = (np.arange(track.low, track.high + 1) - heard[:, None]) % 12
        found = [columns[f"{track.name}.{what}~{source}"].start + above for what in ("onset", "hold")]
        return self._or_nothing(np.concatenate(found, 1))

    def _leaps(self, track: Track) -> Ints:
        """(rows + 1, rows) columns by the track's own last note."""
        rows = np.arange(track.rows)
        leap = np.clip(rows - rows[:, None], -LEAP, LEAP) + LEAP
        return self._or_nothing(self.layout.output_columns[f"{track.name}.leap"].start + leap)

    def _or_nothing(self, columns: Ints) -> Ints:
        return np.concatenate([columns, np.full((1, columns.shape[1]), self.layout.out_width)])

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
        steps, said = slice(first, until), _Said(logits[:, first:until])
        voices: dict[int, _Voice] = {}
        standing: dict[str, Ints] = {}
        for i, track in enumerate(self.layout.tracks):
            if i in fixed:
                standing[track.name] = (with_ground(cells[i][:, steps]) > 0).argmax(2)
            elif track.kind != DRUMS:
                past = with_ground(cells[i][:, max(0, first - HEARD) : first])
                voices[i] = self._voice(track, past, said, melody[:, steps], style, chance[:, steps])
        for step in range(until - first):
            heard = {name: lowest[:, step] for name, lowest in standing.items()}
            for voice in voices.values():
                (_mono if voice.track.kind == MONO else _poly)(voice, said, step, heard)
                heard[voice.track.name] = voice.sounding.argmax(1)
        return {i: voice.cells[..., :-1] for i, voice in voices.items()}

    def _voice(self, track: Track, past: Bytes, said: _Said, melody: Ints, style: Style, chance: Floats) -> _Voice:
        """All that can be said about the steps before any of them is decided."""
        columns, name, ears, logits = self.layout.output_columns, track.name, self._ears[track.name], said.logits
        tune = said.everywhere(ears.melody[melody])
        dice = chance[..., self._dice[name]]
        less, wobble = np.float32(style.density), np.float32(style.rhythm)
        onset = logits[..., columns[f"{name}.onset"]] + tune[..., : track.rows]
        hold = logits[..., columns[f"{name}.hold"]] + tune[..., track.rows :]
        if track.kind == MONO:
            rhythm, hold = logits[..., columns[f"{name}.rest"].start] - less, hold - less
        else:
            rhythm = logits[..., columns[f"{name}.gate"].start] + less
        if style.rhythm:
            rhythm = rhythm + wobble * _logistic(dice[..., -2])
            if track.kind == MONO:
                hold = hold + wobble * _logistic(dice[..., -1:])
        if not past.shape[1]:
            past = with_ground(np.zeros((len(past), 1, track.rows), np.uint8))
        return _Voice(
            track,
            ears,
            cells=with_ground(np.zeros((*rhythm.shape, track.rows), np.uint8)),
            sounding=past[:, -1] > 0,
            last=last_notes(past),
            age=ages(past[..., :-1]),
            said=np.concatenate([onset, hold], 2),
            noise=np.float32(style.temperature) * _gumbel(dice[..., :-2]) if style.temperature else None,
            rhythm=rhythm,
            limit=np.float32(style.thresholds.get(name, 0.0)),
            hold_limit=np.float32(style.thresholds.get(f"{name}.hold", 0.0)),
        )


def _others_say(voice: _Voice, said: _Said, step: int, heard: dict[str, Ints]) -> Floats | None:
    """(B, 2 * rows): what the earlier parts, sounding now, say about each pitch."""
    total: Floats | None = None
    for source, kernels in voice.ears.others.items():
        one = said.at(step, kernels.take(heard[source], 0))
        total = one if total is None else total + one
    return total


def _mono(voice: _Voice, said: _Said, step: int, heard: dict[str, Ints]) -> None:
    """Decides one step of a part with one voice: rest first, then hold, then the likeliest pitch."""
    rows, sounding, leaps = voice.track.rows, voice.sounding[:, :-1], voice.ears.leaps
    assert leaps is not None
    onset = voice.said[:, step, :rows] + said.at(step, leaps.take(voice.last, 0))
    hold = voice.said[:, step, rows:]
    others = _others_say(voice, said, step, heard)
    if others is not None:
        onset, hold = onset + others[:, :rows], hold + others[:, rows:]
    struck = _log_sum(onset)
    held = np.where(sounding, hold, NEVER).max(1) + YOUNG * (voice.age < voice.track.min_steps)
    plays = voice.rhythm[:, step] <= np.logaddexp(struck, held) + voice.limit
    holds = held > struck + voice.hold_limit
    row = voice.cells[:, step]
    row[:, :-1] = sounding & (plays & holds)[:, None]  # HELD is 1
    (strikes,) = (plays & ~holds).nonzero()
    voice.age += 1
    if len(strikes):
        drawn = onset if voice.noise is None else onset + voice.noise[:, step]
        row[strikes, drawn.argmax(1)[strikes]] = ONSET
        voice.age[strikes] = 1
    voice.sounding = row > 0
    voice.last = np.where(plays, voice.sounding.argmax(1), voice.last)


def _poly(voice: _Voice, said: _Said, step: int, heard: dict[str, Ints]) -> None:
    """Decides one step of a part with chords: which notes go on, and whether a new chord begins."""
    rows, sounding = voice.track.rows, voice.sounding[:, :-1]
    (fires,) = (voice.rhythm[:, step] > voice.limit).nonzero()
    sounds = sounding.any()
    voice.age += 1
    if not sounds and not len(fires):
        return
    others = _others_say(voice, said, step, heard)
    both = voice.said[:, step] if others is None else voice.said[:, step] + others
    row = voice.cells[:, step]
    if sounds:
        hold = both[:, rows:] + YOUNG * (voice.age <= voice.track.min_steps)[:, None]
        row[:, :-1] = sounding & (hold > voice.hold_limit)  # HELD is 1
    if len(fires):
        noise = None if voice.noise is None else voice.noise[:, step]
        _strike(row[:, :-1], fires, both[:, :rows], noise, voice.track.polyphony)
        voice.age[fires] = 1
    voice.sounding = row > 0


def _strike(row: Bytes, windows: Ints, onset: Floats, noise: Floats | None, polyphony: int) -> None:
    """Writes the chords of the windows where one begins: as many notes as expected, the likeliest first."""
    expected = _chance(onset).sum(1)
    count = np.floor(expected + 0.5).clip(1, polyphony).astype(np.int64)
    order = np.argsort(-onset if noise is None else -onset - noise, 1)
    for window in windows.tolist():
        row[window, order[window, : count[window]]] = ONSET
        (extra,) = (row[window] == HELD).nonzero()
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
