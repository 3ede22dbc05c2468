"""Decodes logits to notes step by step; each part is conditioned on its own last note and on the parts before it.

Works on B windows at once, so that training rolls out exactly what the daemon plays (numpy only). Terms that do not
depend on earlier decisions are computed for all steps in advance, which keeps a live decision short.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from composerd.contract.frames import Bytes, Flags, Floats, Ints
from composerd.contract.layout import DRUMS, LEAP, MONO, Layout, Track
from composerd.music.roll import HELD, ONSET, PITCHES, SILENT

NEVER = np.float32(-1e9)
RESTS, GOES_ON, STRIKES = range(3)
"""Rhythm states of a part on a step: silent, note continues, new note."""
LONG_AGO = 99
PAST_STEPS = 32
"""length of the past in which a part's last note and onset are searched [steps]"""
MIN_LENGTH_BIAS = np.float32(2.5)
"""added to the hold logit of a note that is shorter than its track's shortest note"""


@dataclass(frozen=True, slots=True)
class Style:
    """Sampling parameters."""

    temperature: float = 0.0
    """sampling temperature of pitches; 0 chooses the most likely"""
    rhythm: float = 0.0
    """scale of the noise on onset logits, if this net decides the rhythm"""


def chance_width(layout: Layout) -> int:
    """The number of random numbers that one step uses."""
    return sum(track.rows + 2 for track in layout.tracks)


@dataclass(frozen=True, slots=True, eq=False)
class _ConditioningColumns:
    """Columns of the logits that condition a track on sounding notes, looked up by a note's index.

    The sounding note of a track is the index of its lowest note, or its number of rows if it is silent. Each lookup
    gives the columns of all pitches' onsets, then of all pitches' holds; column `out_width` holds zeros.
    """

    melody: Ints
    """(PITCHES + 1, 2 * rows); the last row is for REST"""
    others: dict[str, Ints]
    """per source (its rows + 1, 2 * rows)"""
    leaps: Ints | None
    """(rows + 1, rows) by its own last note; mono tracks only"""


@dataclass(slots=True)
class _Voice:
    """The decoding state of one part over S steps of B windows."""

    track: Track
    conditioning: _ConditioningColumns
    cells: Bytes
    """(B, S, rows + 1) decided cells; the last column is always on, so that argmax finds the lowest note"""
    sounding: Flags
    """(B, rows + 1)"""
    last: Ints
    """(B,) index of the last note played, or the number of rows if unknown"""
    age: Ints
    """(B,) steps since the last onset"""
    pitch_logits: Floats
    """(B, S, 2 * rows) onset and hold logits of every pitch, conditioned on the melody"""
    noise: Floats | None
    """(B, S, rows) noise added to the onset logits when a pitch is chosen"""
    rhythm: Floats
    """(B, S) gate logit of a poly part, rest logit of a mono one"""
    uniform: Floats
    """(B, S, rows) random numbers from 0 to 1"""
    given_rhythm: Bytes | None = None
    """(B, S) RESTS, GOES_ON or STRIKES, if the rhythm is decided elsewhere"""


def with_sentinel(cells: Bytes) -> Bytes:
    """Cells (..., rows) with a sentinel row appended that is always on, so that argmax finds the lowest note."""
    found = np.full((*cells.shape[:-1], cells.shape[-1] + 1), HELD, np.uint8)
    found[..., :-1] = cells
    return found


def last_notes(cells: Bytes) -> Ints:
    """(B,) index of the lowest note on the last sounding step of cells (B, T, rows + 1); `rows` if all are silent."""
    lowest = (cells > 0).argmax(2)
    heard = lowest < cells.shape[2] - 1
    back = heard[:, ::-1].argmax(1)
    found: Ints = lowest[np.arange(len(cells)), cells.shape[1] - 1 - back]
    return found


def ages(cells: Bytes) -> Ints:
    """(B,) steps from the last onset to the end of cells (B, T, rows)."""
    struck = (cells == ONSET).any(2)
    return np.where(struck.any(1), 1 + struck[:, ::-1].argmax(1), LONG_AGO)


class _LogitColumns:
    """Looks logits up by column; (B, S, out_width + 1), where the last column is zero."""

    def __init__(self, logits: Floats) -> None:
        windows, steps, width = logits.shape
        self.logits = np.concatenate([logits, np.zeros((windows, steps, 1), np.float32)], 2)
        self._flat = self.logits.ravel()
        self._starts = (width + 1) * np.arange(windows * steps).reshape(windows, steps, 1)

    def everywhere(self, columns: Ints) -> Floats:
        """Logits (B, S, n) of columns (B, S, n)."""
        found: Floats = self._flat.take(columns + self._starts)
        return found

    def at(self, step: int, columns: Ints) -> Floats:
        """Logits (B, n) of columns (B, n) on one step."""
        found: Floats = self._flat.take(columns + self._starts[:, step])
        return found


class Decoder:
    """Decodes the pitched parts of a layout, and its drums."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self._conditioning = {
            track.name: self._conditioning_of(track) for track in layout.tracks if track.kind != DRUMS
        }
        starts = np.cumsum([0, *(track.rows + 2 for track in layout.tracks)])
        self._chance_columns = {track.name: slice(*starts[i : i + 2]) for i, track in enumerate(layout.tracks)}

    def _conditioning_of(self, track: Track) -> _ConditioningColumns:
        others = {}
        for name in track.sources:
            source = self.layout.tracks[self.layout.index(name)]
            others[name] = self._kernels(track, name, np.arange(source.low, source.low + source.rows))
        melody = self._kernels(track, "melody", np.arange(PITCHES))
        return _ConditioningColumns(melody, others, self._leaps(track) if track.kind == MONO else None)

    def _kernels(self, track: Track, source: str, pitches: Ints) -> Ints:
        """(len(pitches) + 1, 2 * rows) columns by the source's pitch; the last row is for silence."""
        columns = self.layout.output_columns
        above = (np.arange(track.low, track.high + 1) - pitches[:, None]) % 12
        found = [columns[f"{track.name}.{what}~{source}"].start + above for what in ("onset", "hold")]
        return self._with_zero_row(np.concatenate(found, 1))

    def _leaps(self, track: Track) -> Ints:
        """(rows + 1, rows) columns by the track's own last note; the last row is for an unknown one."""
        rows = np.arange(track.rows)
        leap = np.clip(rows - rows[:, None], -LEAP, LEAP) + LEAP
        return self._with_zero_row(self.layout.output_columns[f"{track.name}.leap"].start + leap)

    def _with_zero_row(self, columns: Ints) -> Ints:
        return np.concatenate([columns, np.full((1, columns.shape[1]), self.layout.out_width)])

    def drums(self, logits: Floats, first: int, until: int, style: Style, chance: Floats) -> Bytes:
        """Decide the drums: cells (B, until - first, classes). Raises KeyError if the layout has no drums.

        `chance` (B, T, chance_width) holds random numbers from 0 to 1; equal numbers give equal decisions.
        """
        track = self.layout.tracks[self.layout.index_of_kind(DRUMS)]
        onset = logits[:, first:until, self.layout.output_columns[f"{track.name}.onset"]]
        if style.rhythm:
            uniform = chance[:, first:until, self._chance_columns[track.name]][..., : track.rows]
            onset = onset + np.float32(style.rhythm) * _logistic(uniform)
        return np.where(onset > 0, ONSET, SILENT).astype(np.uint8)

    def pitch_logits(self, logits: Floats, melody: Ints, first: int, until: int) -> dict[int, Floats]:
        """Onset logits (B, until - first, rows) per pitched track with the melody's contribution; `melody` (B, T)."""
        steps, columns, found = slice(first, until), _LogitColumns(logits[:, first:until]), {}
        for i, track in enumerate(self.layout.tracks):
            if track.kind != DRUMS:
                tune = columns.everywhere(self._conditioning[track.name].melody[melody[:, steps]])[..., : track.rows]
                found[i] = logits[:, steps, self.layout.output_columns[f"{track.name}.onset"]] + tune
        return found

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
        rhythm: Mapping[int, Bytes] | None = None,
        bias: Mapping[int, Floats] | None = None,
    ) -> dict[int, Bytes]:
        """Decide the pitched parts: cells (B, until - first, rows) of every pitched track that is not in `fixed`.

        `cells` hold the past up to `first`, and the fixed tracks whole; `melody` (B, T) is REST where unknown.
        `chance` as in `drums`. `rhythm` (B, until - first) per track: RESTS, GOES_ON or STRIKES, if decided elsewhere;
        `bias` (B, until - first, rows) per track is added to the onset logits when pitches are chosen.
        """
        steps, columns = slice(first, until), _LogitColumns(logits[:, first:until])
        voices: dict[int, _Voice] = {}
        fixed_notes: dict[str, Ints] = {}
        for i, track in enumerate(self.layout.tracks):
            if i in fixed:
                fixed_notes[track.name] = (with_sentinel(cells[i][:, steps]) > 0).argmax(2)
            elif track.kind != DRUMS:
                past = with_sentinel(cells[i][:, max(0, first - PAST_STEPS) : first])
                voices[i] = voice = self._voice(track, past, columns, melody[:, steps], style, chance[:, steps])
                voice.given_rhythm = None if rhythm is None else rhythm[i]
                if bias is not None and i in bias:
                    voice.pitch_logits[..., : track.rows] += bias[i]
        for step in range(until - first):
            lowest_notes = {name: lowest[:, step] for name, lowest in fixed_notes.items()}
            for voice in voices.values():
                (_mono if voice.track.kind == MONO else _poly)(voice, columns, step, lowest_notes)
                lowest_notes[voice.track.name] = voice.sounding.argmax(1)
        return {i: voice.cells[..., :-1] for i, voice in voices.items()}

    def _voice(
        self, track: Track, past: Bytes, found: _LogitColumns, melody: Ints, style: Style, chance: Floats
    ) -> _Voice:
        """The part's state before its first step: every term that does not depend on decisions of this run."""
        columns, name, logits = self.layout.output_columns, track.name, found.logits
        conditioning = self._conditioning[track.name]
        tune = found.everywhere(conditioning.melody[melody])
        uniform = chance[..., self._chance_columns[name]]
        noise = np.float32(style.rhythm)
        onset = logits[..., columns[f"{name}.onset"]] + tune[..., : track.rows]
        hold = logits[..., columns[f"{name}.hold"]] + tune[..., track.rows :]
        if track.kind == MONO:
            rhythm = logits[..., columns[f"{name}.rest"].start]
        else:
            rhythm = logits[..., columns[f"{name}.gate"].start]
        if style.rhythm:
            rhythm = rhythm + noise * _logistic(uniform[..., -2])
            if track.kind == MONO:
                hold = hold + noise * _logistic(uniform[..., -1:])
        if not past.shape[1]:
            past = with_sentinel(np.zeros((len(past), 1, track.rows), np.uint8))
        return _Voice(
            track,
            conditioning,
            cells=with_sentinel(np.zeros((*rhythm.shape, track.rows), np.uint8)),
            sounding=past[:, -1] > 0,
            last=last_notes(past),
            age=ages(past[..., :-1]),
            pitch_logits=np.concatenate([onset, hold], 2),
            noise=np.float32(style.temperature) * _gumbel(uniform[..., :-2]) if style.temperature else None,
            rhythm=rhythm,
            uniform=uniform[..., :-2],
        )


def _from_earlier_parts(
    voice: _Voice, columns: _LogitColumns, step: int, lowest_notes: dict[str, Ints]
) -> Floats | None:
    """(B, 2 * rows) sum of the logits contributed by parts decided earlier in this step; None without sources."""
    total: Floats | None = None
    for source, kernels in voice.conditioning.others.items():
        one = columns.at(step, kernels.take(lowest_notes[source], 0))
        total = one if total is None else total + one
    return total


def _mono(voice: _Voice, columns: _LogitColumns, step: int, lowest_notes: dict[str, Ints]) -> None:
    """Decide one step of a mono part: first whether it rests, then whether its note holds, else the pitch."""
    rows, sounding, leaps = voice.track.rows, voice.sounding[:, :-1], voice.conditioning.leaps
    assert leaps is not None
    onset = voice.pitch_logits[:, step, :rows] + columns.at(step, leaps.take(voice.last, 0))
    hold = voice.pitch_logits[:, step, rows:]
    others = _from_earlier_parts(voice, columns, step, lowest_notes)
    if others is not None:
        onset, hold = onset + others[:, :rows], hold + others[:, rows:]
    struck = _log_sum(onset)
    held = np.where(sounding, hold, NEVER).max(1) + MIN_LENGTH_BIAS * (voice.age < voice.track.min_steps)
    if voice.given_rhythm is None:
        plays = voice.rhythm[:, step] <= np.logaddexp(struck, held)
        holds = held > struck
    else:
        state = voice.given_rhythm[:, step]
        plays = (state == STRIKES) | (state == GOES_ON) & sounding.any(1)
        holds = state == GOES_ON
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


def _poly(voice: _Voice, columns: _LogitColumns, step: int, lowest_notes: dict[str, Ints]) -> None:
    """Decide one step of a poly part: which notes hold, and whether a new chord begins."""
    rows, sounding = voice.track.rows, voice.sounding[:, :-1]
    state = None if voice.given_rhythm is None else voice.given_rhythm[:, step]
    (fires,) = (voice.rhythm[:, step] > 0 if state is None else state == STRIKES).nonzero()
    sounds = sounding.any()
    voice.age += 1
    if not sounds and not len(fires):
        return
    others = _from_earlier_parts(voice, columns, step, lowest_notes)
    both = voice.pitch_logits[:, step] if others is None else voice.pitch_logits[:, step] + others
    row = voice.cells[:, step]
    if sounds:
        hold = both[:, rows:] + MIN_LENGTH_BIAS * (voice.age <= voice.track.min_steps)[:, None]
        goes_on = hold > 0
        if state is not None:  # a part that continues keeps at least one note, one that rests keeps none
            goes_on |= (state == GOES_ON)[:, None] & (hold >= np.where(sounding, hold, NEVER).max(1, keepdims=True))
            goes_on &= (state != RESTS)[:, None]
        row[:, :-1] = sounding & goes_on  # HELD is 1
    if len(fires):
        noise = None if voice.noise is None else voice.noise[:, step]
        drawn = None if state is None else voice.uniform[:, step]
        _strike(row[:, :-1], fires, both[:, :rows], noise, voice.track.polyphony, drawn)
        voice.age[fires] = 1
    voice.sounding = row > 0


def _strike(
    row: Bytes, windows: Ints, onset: Floats, noise: Floats | None, polyphony: int, uniform: Floats | None = None
) -> None:
    """Write the new chords of `windows`: the most likely notes, as many as the expected number of onsets.

    With random numbers `uniform` (B, rows) the number is drawn, so that chord sizes vary as in the corpus.
    """
    probability = _probability(onset)
    size = probability.sum(1) if uniform is None else (uniform < probability).sum(1)
    count = np.floor(size + 0.5).clip(1, polyphony).astype(np.int64)
    order = np.argsort(-onset if noise is None else -onset - noise, 1)
    for window in windows.tolist():
        row[window, order[window, : count[window]]] = ONSET
        (extra,) = (row[window] == HELD).nonzero()
        row[window, extra[max(0, polyphony - int(count[window])) :]] = SILENT


def _probability(logits: Floats) -> Floats:
    return np.asarray(1.0 / (1.0 + np.exp(-np.maximum(logits, -30.0))), np.float32)


def _log_sum(values: Floats) -> Floats:
    """(B,) log-sum-exp over the last axis."""
    top = values.max(1)
    return np.asarray(top + np.log(np.exp(values - top[:, None]).sum(1)), np.float32)


def _gumbel(uniform: Floats) -> Floats:
    return np.asarray(-np.log(-np.log(uniform.clip(1e-6, 1 - 1e-6))), np.float32)


def _logistic(uniform: Floats) -> Floats:
    safe = uniform.clip(1e-6, 1 - 1e-6)
    return np.asarray(np.log(safe) - np.log1p(-safe), np.float32)
