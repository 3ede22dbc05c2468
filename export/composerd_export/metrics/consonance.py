"""Fit of accompaniment and melody: consonance, clashes, note in chord, triads, and closure against truth.

Shapes: `melody` (steps,) MIDI pitch or REST; `sounding` (parts, steps, 128) non-zero where a pitched part sounds (drums
left out). Only steps on which both sound count: silence is judged by the texture metrics.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from composerd.music.roll import REST, Cells, Steps

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

CONSONANCE = np.array([1, -1, -1, 1, 1, 0, -1, 1, 1, 1, -1, -1], np.float64)
"""By interval: +1 unison, thirds, fifth, sixths; 0 fourth; -1 else (Yeh et al. 2020, pitch consonance score)."""
_SEMITONES = np.isin(np.arange(12), (1, 11))
_ASCENT = (np.arange(12)[:, None] - np.arange(12)[None]) % 12
"""(melody, other): interval class from the other tone up to the melody's."""

TEMPLATES = ((0, 4, 7), (0, 4, 7, 10), (0, 4, 7, 11), (0, 5, 7), (0, 3, 7), (0, 3, 7, 10), (0, 3, 6))
_TRIADS = ((0, 4, 7), (0, 3, 7), (0, 3, 6))
_KINDS = (0, 0, 0, 0, 1, 1, 2)
"""Kind of each template: 0 major, 1 minor, 2 diminished."""
_BASS_WEIGHT = 0.12
HARMONY = ("pcs", "clash", "nic")
"""The metrics that closure is made of."""


def _rows(chords: tuple[tuple[int, ...], ...]) -> Floats:
    rows = [np.isin(np.arange(12), [(root + tone) % 12 for tone in chord]) for chord in chords for root in range(12)]
    return np.array(rows, np.float64)


_TEMPLATE_ROWS, _TRIAD_TONES = _rows(TEMPLATES), _rows(_TRIADS)
_UNIT_ROWS = _TEMPLATE_ROWS / np.linalg.norm(_TEMPLATE_ROWS, axis=1, keepdims=True)
_ROOTS = np.tile(np.arange(12), len(TEMPLATES))
_HEARD_AS = np.repeat(_KINDS, 12) * 12 + _ROOTS


def chroma(sounding: Cells) -> Floats:
    """(steps, 12): how many pitches of each pitch class sound, a pitch counted once however many parts hold it."""
    pitches = (sounding != 0).any(0)
    padded = np.pad(pitches, ((0, 0), (0, 4)))
    return np.asarray(padded.reshape(len(pitches), 11, 12).sum(1), np.float64)


def lowest(sounding: Cells) -> npt.NDArray[np.int64]:
    """(steps,): the lowest sounding pitch, REST where nothing sounds."""
    pitches = (sounding != 0).any(0)
    return np.where(pitches.any(1), pitches.argmax(1), REST)


def _heard_together(melody: Steps, tones: Bools) -> tuple[npt.NDArray[np.int64], Bools]:
    both = (melody != REST) & tones.any(1)
    return melody[both].astype(np.int64) % 12, tones[both]


def consonance(melody: Steps, sounding: Cells) -> float:
    """pcs, -1 to 1: mean over melody steps of the mean consonance with each sounding pitch class; -1: none meet."""
    classes, tones = _heard_together(melody, chroma(sounding) > 0)
    if not len(classes):
        return -1.0
    scores = (CONSONANCE[_ASCENT][classes] * tones).sum(1) / tones.sum(1)
    return float(scores.mean())


def clashes(melody: Steps, sounding: Cells) -> float:
    """Share of melody steps with a semitone (any octave) against the accompaniment, 0 to 1; 1 if none meet."""
    classes, tones = _heard_together(melody, chroma(sounding) > 0)
    return float((_SEMITONES[_ASCENT][classes] & tones).any(1).mean()) if len(classes) else 1.0


def note_in_chord(melody: Steps, sounding: Cells) -> float:
    """nic, 0 to 1: share of melody steps whose pitch class sounds in the accompaniment (ReaLchords' note in chord)."""
    classes, tones = _heard_together(melody, chroma(sounding) > 0)
    return float(tones[np.arange(len(classes)), classes].mean()) if len(classes) else 0.0


def melody_in_triad(melody: Steps, sounding: Cells, block: int = 8) -> float:
    """mtriad, 0 to 1: share of melody steps inside the best-fitting triad of their block (a half bar of 4/4)."""
    triads = triads_heard(sounding, block)
    of_step = np.repeat(triads, block)[: len(melody)]
    counted = (melody[: len(of_step)] != REST) & (of_step >= 0)
    if not counted.any():
        return 0.0
    inside = _TRIAD_TONES[of_step[counted], melody[: len(of_step)][counted] % 12]
    return float(inside.mean())


def triads_heard(sounding: Cells, block: int) -> npt.NDArray[np.int64]:
    """(steps // block,): the triad each block sounds like, 12 roots of major, minor, diminished; REST for silence."""
    blocks = sounding.shape[1] // block
    weight = chroma(sounding)[: blocks * block].reshape(blocks, block, 12).sum(1)
    low = lowest(sounding)[: blocks * block].reshape(blocks, block)
    bass = np.stack([((low % 12 == root) & (low >= 0)).sum(1) for root in range(12)], 1)
    share = bass / np.maximum(bass.sum(1, keepdims=True), 1)
    norm = np.maximum(np.linalg.norm(weight, axis=1, keepdims=True), 1e-9)
    fit = (weight / norm) @ _UNIT_ROWS.T + _BASS_WEIGHT * share[:, _ROOTS]
    return np.where(weight.sum(1) > 0, _HEARD_AS[fit.argmax(1)], REST)


def chord_changes(sounding: Cells, bar_steps: int = 16) -> float:
    """Per bar: beats that sound like another triad than the beat before, where both sound."""
    heard = triads_heard(sounding, 4)
    changed = (heard[1:] != heard[:-1]) & (heard[1:] >= 0) & (heard[:-1] >= 0)
    return float(changed.sum() * bar_steps / max(1, sounding.shape[1]))


def harmony(melody: Steps, sounding: Cells, bar_steps: int = 16) -> dict[str, float]:
    """pcs, clash, nic, mtriad, and cover: the share of melody steps that have any accompaniment."""
    sung = melody != REST
    accompanied = sung & (sounding != 0).any((0, 2))
    return {
        "pcs": consonance(melody, sounding),
        "clash": clashes(melody, sounding),
        "nic": note_in_chord(melody, sounding),
        "mtriad": melody_in_triad(melody, sounding, 8 if bar_steps % 8 == 0 else bar_steps),
        "cover": float(accompanied.sum() / max(1, sung.sum())),
    }


def closure(system: Mapping[str, float], truth: Mapping[str, float], other: Mapping[str, float]) -> float:
    """How much of the way from another song's accompaniment (0) to the true one (1) the system has come.

    (system - other) / (truth - other) of each of HARMONY, capped at 1, averaged; each argument holds means over songs.
    Metrics on which truth and other song agree say nothing and are left out; nan where all do.
    """
    parts = []
    for name in HARMONY:
        span = truth[name] - other[name]
        if abs(span) > 1e-6:
            parts.append(min(1.0, (system[name] - other[name]) / span))
    return sum(parts) / len(parts) if parts else float("nan")
