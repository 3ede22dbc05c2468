"""Features of pitch: the bass as a line, chords and their voices, harmony, and how all fits the melody."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import numpy.typing as npt

from composerd.music.harmony.labelling import key_of
from composerd.music.roll import HELD, PITCHES
from composerd_export.data.pieces import melody_of
from composerd_export.evaluation.judge.rolls import NAN, Features, Rolls, mean, onsets, roll
from composerd_export.evaluation.judge.windows import BAR, KEY, OFF, ON, SILENCE, JudgedWindow, Notes
from composerd_export.metrics.consonance import harmony

Ints = npt.NDArray[np.int64]

_TRIADS = ((0, 4, 7), (0, 3, 7), (0, 3, 6))
_TONES = np.array([np.isin(np.arange(12), [(root + tone) % 12 for tone in triad]) for root in range(12)
                   for triad in _TRIADS], np.float64)  # fmt: skip
"""(36, 12): tones of the major, minor and diminished triad on each root."""
_UNIT = _TONES / np.linalg.norm(_TONES, axis=1, keepdims=True)
_SCALES = (
    np.isin(np.arange(12), (0, 2, 4, 5, 7, 9, 11)),
    np.isin(np.arange(12), (0, 2, 3, 5, 7, 8, 9, 10, 11)),
)
"""Major; minor in its natural, harmonic and melodic forms together."""


_LEAPS = {"rep": (0, 0), "step": (1, 2), "third": (3, 4), "tritone": (6, 6), "octave": (12, 12), "wide": (13, 127)}


def line(bass: Notes) -> Features:
    """The bass as a melody: shares of its intervals, by size in semitones."""
    later = bass[bass[:, ON] >= BAR]
    pitch = later[np.lexsort((later[:, KEY], later[:, OFF], later[:, ON])), KEY]
    leaps = np.abs(np.diff(pitch))
    found = {name: mean((leaps >= low) & (leaps <= high)) for name, (low, high) in _LEAPS.items()}
    found["fourthfifth"] = mean(np.isin(leaps, (5, 7)))
    return {
        **{f"bass.iv_{name}": share for name, share in found.items()},
        "bass.mean": mean(pitch),
        "bass.range": float(np.ptp(pitch)) if len(pitch) else NAN,
    }


def texture(sounds: Rolls, notes: Notes) -> Features:
    thick = sounds[BAR:].sum(1)
    pitch = notes[notes[:, ON] >= BAR, KEY]
    return {
        "band.poly": mean(thick[thick > 0], 0.0), "band.polysd": float(thick.std()),
        "band.cover": float((thick > 0).mean()), "band.pitch": mean(pitch),
        "band.pitchsd": float(pitch.std()) if len(pitch) else NAN, "band.low": mean(pitch < 48),
    }  # fmt: skip


def chords_struck(notes: Notes) -> Features:
    """Notes that begin together: how many, how they lie, and how they lead to the next chord."""
    later = notes[notes[:, ON] >= BAR]
    at = np.rint(later[:, ON]).astype(np.int64)
    struck = [np.unique(later[at == step, KEY]) for step in np.unique(at)]
    sizes = np.array([len(chord) for chord in struck], np.float64)
    chords = [chord for chord in struck if len(chord) >= 3]
    moves = [float(np.abs(to[:, None] - of[None]).min(1).mean()) for of, to in pairwise(chords)]
    same = [len(of) == len(to) and bool((of == to).all()) for of, to in pairwise(chords)]
    gaps = np.concatenate([np.zeros(0), *(np.diff(chord) for chord in chords)])
    return {
        "band.chordsize": mean(sizes, 0.0), "band.chordsizesd": float(sizes.std()) if len(sizes) else 0.0,
        "band.voicelead": mean(np.array(moves)), "band.samechord": mean(np.array(same)),
        "band.spread": mean(gaps), "band.second": mean(gaps <= 2),
    }  # fmt: skip


def pitch_classes(sounds: Rolls) -> npt.NDArray[np.float64]:
    """(steps, 12): how many pitches of each class sound."""
    padded = np.pad(sounds, ((0, 0), (0, 4)))
    return np.asarray(padded.reshape(len(sounds), 11, 12).sum(1), np.float64)


def half_bar_triads(sounds: Rolls, bass: Rolls) -> Ints:
    """(half bars from bar 2 on,): the triad that sounds, 3 * root + 0 major, 1 minor, 2 diminished; -1 in silence."""
    every, low = (pitch_classes(rows)[BAR:].reshape(-1, 8, 12).sum(1) for rows in (sounds, bass))
    share = low / np.maximum(low.sum(1, keepdims=True), 1e-12)
    weight = every / np.maximum(every.sum(1, keepdims=True), 1e-12) + 0.5 * share
    fit = weight @ _UNIT.T + 0.05 * np.repeat(share, 3, axis=1)
    return np.where(every.sum(1) > 0, _first_best(fit), -1)


def _first_best(fit: npt.NDArray[np.float64]) -> Ints:
    """(rows,): the column that fits best, of equals the first, whatever the order of a sum."""
    return np.round(fit, 9).argmax(1)


def harmony_of(triads: Ints, sounds: Rolls, bass: Rolls) -> Features:
    known = triads[triads >= 0]
    roots, kinds = known // 3, known % 3
    moved = (np.diff(roots) % 12)[np.diff(roots) != 0]
    halves = len(triads) > 3
    found = {
        "harm.change_line": mean(triads[2::2] != triads[1:-1:2]) if halves else NAN,
        "harm.change_half": mean(triads[1::2] != triads[::2]) if halves else NAN,
        **{f"harm.move{size}": mean(moved == size) for size in range(1, 12)},
        "harm.dim": mean(kinds == 2), "harm.minor": mean(kinds == 1),
        "harm.distinct": len(np.unique(known)) / max(1, len(known)),
        "harm.top": float(np.bincount(known).max() / len(known)) if len(known) else NAN,
        **{f"harm.period{lag}": mean(triads[lag:] == triads[:-lag]) for lag in (2, 4, 8, 16)},
    }  # fmt: skip
    low = pitch_classes(bass)[BAR:].reshape(-1, 8, 12)[:, :2].sum(1)
    both = (low.sum(1) > 0) & (triads >= 0)
    found["bass.root"] = mean((low.argmax(1) == triads // 3)[both])
    tones = pitch_classes(sounds)[BAR:]
    of_step = np.repeat(triads, 8)
    sounding = (tones.sum(1) > 0) & (of_step >= 0)
    inside = (tones * _TONES[of_step]).sum(1)[sounding] / tones.sum(1)[sounding]
    return {**found, "harm.chordtones": mean(inside)}


def fit(window: JudgedWindow, rolls: dict[str, Rolls]) -> Features:
    """Against the melody, and likeness of bars; here timpani count as a pitched part."""
    steps = window.steps
    parts = np.array([roll(notes, steps) for notes in (SILENCE, *window.parts.values())]).astype(np.uint8)
    melody = melody_of(roll(window.melody, steps).astype(np.uint8) * HELD)
    met = harmony(melody.pitch[BAR:], parts[:, BAR:])
    every = np.concatenate([SILENCE, *window.parts.values()])
    cells = roll(every, steps)
    tones = pitch_classes(cells)[BAR:]
    used = _SCALES[key.minor] if (key := key_of(_heard(melody.pitch))) else _SCALES[0]
    weights = tones.sum(0)
    in_key = float((weights * np.roll(used, key.tonic)).sum() / max(1.0, weights.sum()))
    return {
        **{f"score.{name}": met[name] for name in ("pcs", "clash", "nic", "mtriad")},
        "score.inkey": in_key,
        **_likeness(cells, every),
        **_counts(tones),
        "band.overmelody": _over(rolls["bass"] | rolls["band"], rolls["melody"]),
        **_pitches_again(rolls["bass"] | rolls["band"]),
    }


def _heard(pitch: npt.NDArray[np.int16]) -> npt.NDArray[np.float64]:
    return np.bincount(pitch[pitch >= 0] % 12, minlength=12).astype(np.float64)


def _likeness(sounds: Rolls, notes: Notes) -> Features:
    """Each bar beside its nearest other bar, and all beside all (cosine of pitch classes by beats, and rhythm)."""
    begins = onsets(notes, len(sounds)).astype(np.float64)
    count = len(begins)
    beats = (pitch_classes(sounds)[BAR:] > 0).reshape(count, BAR // 4, 4, 12).mean(2)
    rows = np.concatenate([beats.reshape(count, -1), begins], 1)
    rows /= np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
    alike = rows @ rows.T
    off = alike - 2.0 * np.eye(count)
    return {
        "score.rep": float(off.max(1).mean()),
        "score.simmean": float((alike.sum() - np.trace(alike)) / max(1, count * count - count)),
    }


def _counts(tones: npt.NDArray[np.float64]) -> Features:
    """Pitch classes a bar and a step, semitones inside, and changes of the triad that each beat sounds like."""
    classes = (tones > 0).sum(1)
    rubs = np.asarray(((tones > 0) & (np.roll(tones, 1, 1) > 0)).any(1), np.bool_)
    bars = (tones.reshape(-1, BAR, 12).sum(1) > 0).sum(1)
    beats = (tones > 0).reshape(-1, 4, 12).sum(1)
    best = np.where(beats.sum(1) > 0, _first_best(beats @ _UNIT.T), -1)
    changed = (best[1:] != best[:-1]) & (best[1:] >= 0) & (best[:-1] >= 0)
    return {
        "score.upc": float(bars.mean()), "score.npc": mean(classes[classes > 0], 0.0),
        "score.intclash": mean(rubs[classes > 1], 0.0), "score.chg": float(changed.sum() / len(bars)),
    }  # fmt: skip


def _over(band: Rolls, melody: Rolls) -> float:
    """Share of steps on which the band's highest note is above the melody's."""
    both = np.asarray(band[BAR:].any(1) & melody[BAR:].any(1), np.bool_)
    highest = [PITCHES - 1 - rows[BAR:][both][:, ::-1].argmax(1) for rows in (band, melody)]
    return mean(highest[0] > highest[1])


def _pitches_again(sounds: Rolls) -> Features:
    """Likeness (Jaccard) of the pitches of bars 1 and 4 apart."""
    bars = np.asarray(sounds[BAR:].reshape(-1, BAR, PITCHES).any(1), np.bool_)
    found = {}
    for lag in (1, 4):
        later, earlier = bars[lag:], bars[:-lag] if lag < len(bars) else bars[:0]
        either = np.maximum(1, (later | earlier).sum(1))
        found[f"band.pitchlag{lag}"] = mean((later & earlier).sum(1) / either)
    return found
