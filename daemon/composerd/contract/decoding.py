"""Decodes logits to notes step by step; each part is conditioned on its own last note and on the parts before it.

Works on B windows at once, so that training rolls out exactly what the daemon plays (numpy only). Terms that do not
depend on earlier decisions are computed for all steps in advance, which keeps a live decision short.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from composerd.contract.frames import Bytes, Floats, Ints
from composerd.contract.layout import DRUMS, LEAP, MONO, Layout, Track
from composerd.contract.part_decoding import (
    ConditioningColumns,
    LogitColumns,
    PartState,
    ages,
    decide_mono,
    decide_poly,
    last_notes,
    with_sentinel,
)
from composerd.music.roll import ONSET, PITCHES, SILENT

PAST_STEPS = 32
"""length of the past in which a part's last note and onset are searched [steps]"""


@dataclass(frozen=True, slots=True)
class Style:
    """Sampling parameters."""

    temperature: float = 0.0
    """sampling temperature of pitches; 0 chooses the most likely"""
    rhythm: float = 0.0
    """scale of the noise on onset logits, where the players' net decides the rhythm"""


def chance_width(layout: Layout) -> int:
    """The number of random numbers that one step uses."""
    return sum(track.rows + 2 for track in layout.tracks)


class Decoder:
    """Decodes the pitched parts of a layout, and its drums."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self._conditioning = {
            track.name: self._conditioning_of(track) for track in layout.tracks if track.kind != DRUMS
        }
        starts = np.cumsum([0, *(track.rows + 2 for track in layout.tracks)])
        self._chance_columns = {track.name: slice(*starts[i : i + 2]) for i, track in enumerate(layout.tracks)}

    def _conditioning_of(self, track: Track) -> ConditioningColumns:
        others = {}
        for name in track.sources:
            source = self.layout.tracks[self.layout.index(name)]
            others[name] = self._kernels(track, name, np.arange(source.low, source.low + source.rows))
        melody = self._kernels(track, "melody", np.arange(PITCHES))
        return ConditioningColumns(melody, others, self._leaps(track) if track.kind == MONO else None)

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
        steps, columns, found = slice(first, until), LogitColumns(logits[:, first:until]), {}
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
        steps, columns = slice(first, until), LogitColumns(logits[:, first:until])
        voices: dict[int, PartState] = {}
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
                (decide_mono if voice.track.kind == MONO else decide_poly)(voice, columns, step, lowest_notes)
                lowest_notes[voice.track.name] = voice.sounding.argmax(1)
        return {i: voice.cells[..., :-1] for i, voice in voices.items()}

    def _voice(
        self, track: Track, past: Bytes, found: LogitColumns, melody: Ints, style: Style, chance: Floats
    ) -> PartState:
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
        return PartState(
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


def _gumbel(uniform: Floats) -> Floats:
    return np.asarray(-np.log(-np.log(uniform.clip(1e-6, 1 - 1e-6))), np.float32)


def _logistic(uniform: Floats) -> Floats:
    safe = uniform.clip(1e-6, 1 - 1e-6)
    return np.asarray(np.log(safe) - np.log1p(-safe), np.float32)
