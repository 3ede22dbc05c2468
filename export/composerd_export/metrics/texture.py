"""Texture of an accompaniment: densities, lengths, rhythm, form, MuseGAN's metrics (Dong et al., 2018), human distance.

Shapes: `cells` (parts, steps, 128) of SILENT, HELD, ONSET; `melody_onset` (steps,) flags. `bar_steps` is 16 in 4/4.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from composerd.music.roll import HELD, ONSET, PITCHES, Cells, Flags
from composerd_export.metrics.consonance import Bools, Floats, chord_changes, chroma
from composerd_export.metrics.form import in_bars, self_similarity

Ints = npt.NDArray[np.int64]
PART, STEP, NOTE, DURATION = range(4)
"""Columns of `note_list`."""

TEXTURE = (
    "onsets", "duration", "qualified", "classes_bar", "classes_step", "empty_bars", "changes", "self_similarity",
    "sync", "positions", "semitones",
)  # fmt: skip
"""What human distance is made of; `empty_bars` has a value per pitched part, `positions` one per step of the bar."""
SMALLEST_SPREAD = {
    "onsets": 0.5,
    "duration": 0.2,
    "qualified": 0.03,
    "classes_bar": 0.3,
    "classes_step": 0.15,
    "empty_bars": 0.05,
    "changes": 0.2,
    "self_similarity": 0.03,
    "sync": 0.04,
    "positions": 0.02,
    "semitones": 0.03,
}
"""smallest spread that counts as one unit, for figures in which human songs hardly differ"""


def note_list(cells: Cells) -> Ints:
    """(notes, 4): PART, STEP, NOTE (pitch), DURATION in steps, of every onset; a note ends where the roll does."""
    by_time = np.pad(cells.transpose(0, 2, 1), ((0, 0), (0, 0), (0, 1)))
    flat = by_time.ravel()
    onsets, ends = np.flatnonzero(flat == ONSET), np.flatnonzero(flat != HELD)
    until = ends[np.searchsorted(ends, onsets, side="right")] if len(onsets) else onsets
    part, pitch, step = np.unravel_index(onsets, by_time.shape)
    return np.stack([part, step, pitch, until - onsets], 1).astype(np.int64)


def onsets_per_bar(notes: Ints, steps: int, bar_steps: int = 16) -> float:
    """Notes of all parts that begin in a bar, on average."""
    return float(len(notes) * bar_steps / max(1, steps))


def mean_duration(notes: Ints) -> float:
    """Steps (16ths); 0 without notes."""
    return float(notes[:, DURATION].mean()) if len(notes) else 0.0


def qualified_notes(notes: Ints, shortest: int = 2) -> float:
    """QN, 0 to 1: share of notes of at least an eighth; low: fragmented (MuseGAN, on our coarser grid)."""
    return float((notes[:, DURATION] >= shortest).mean()) if len(notes) else 0.0


def classes_per_bar(cells: Cells, bar_steps: int = 16) -> float:
    """Pitch classes used in a bar by the band together, 0 to 12."""
    return float((in_bars(chroma(cells), bar_steps).sum(1) > 0).sum(1).mean())


def classes_per_step(cells: Cells) -> float:
    """Pitch classes that sound at once, over the steps on which anything sounds; 0 in silence."""
    count = (chroma(cells) > 0).sum(1)
    return float(count[count > 0].mean()) if count.any() else 0.0


def empty_bars(cells: Cells, bar_steps: int = 16) -> Floats:
    """EB, (parts,), 0 to 1: share of bars in which the part does not sound (MuseGAN)."""
    sounds = (cells != 0).any(2).T
    return np.asarray(1.0 - in_bars(sounds, bar_steps).any(1).mean(0), np.float64)


def onset_sync(melody_onset: Flags, cells: Cells) -> float:
    """0 to 1: share of the melody's onsets on which a part begins a note too; 0 without onsets."""
    with_band = (cells == ONSET).any((0, 2))[melody_onset]
    return float(with_band.mean()) if len(with_band) else 0.0


def onset_positions(notes: Ints, bar_steps: int = 16) -> Floats:
    """(bar_steps,): share of the onsets on each step of the bar; zeros without notes."""
    counts = np.bincount(notes[:, STEP] % bar_steps, minlength=bar_steps)
    return np.asarray(counts / max(1, len(notes)), np.float64)


def semitones_inside(cells: Cells) -> float:
    """0 to 1: share of the steps with two or more pitches on which two pitch classes a semitone apart sound."""
    tones = chroma(cells)
    thick = tones.sum(1) >= 2
    rubbing = ((tones > 0) & (np.roll(tones, 1, 1) > 0)).sum(1) > 0
    return float(rubbing[thick].mean()) if thick.any() else 0.0


def used_classes(cells: Cells, bar_steps: int = 16) -> float:
    """UPC: pitch classes a part uses in a bar, over the bars in which it sounds (MuseGAN)."""
    counts = [(in_bars(chroma(part[None]), bar_steps).sum(1) > 0).sum(1) for part in cells]
    used = np.concatenate(counts) if counts else np.zeros(0)
    return float(used[used > 0].mean()) if (used > 0).any() else 0.0


def drum_pattern(drums: Cells) -> float:
    """DP, 0 to 1: share of drum strokes on the eighths, the 8-beat pattern of 4/4 (MuseGAN); nan without strokes."""
    strokes = (drums == ONSET).sum((0, 2))
    return float(strokes[::2].sum() / strokes.sum()) if strokes.any() else float("nan")


_FIFTHS, _MINOR_THIRDS, _MAJOR_THIRDS = ((1.0, 7 / 6), (1.0, 3 / 2), (0.5, 2 / 3))
_CENTROID = np.array(
    [
        radius * wave(np.pi * turn * np.arange(12))
        for radius, turn in (_FIFTHS, _MINOR_THIRDS, _MAJOR_THIRDS)
        for wave in (np.sin, np.cos)
    ]
)
"""(6, 12): pitch classes in the tonal space of Harte et al. (2006)."""


def tonal_distance(cells: Cells, block: int = 8) -> float:
    """TD: distance of two parts' tonal centroids, over half bars where both sound (MuseGAN); nan: none."""
    blocks = cells.shape[1] // block
    weight = np.stack([chroma(part[None])[: blocks * block].reshape(blocks, block, 12).sum(1) for part in cells])
    total = weight.sum(2, keepdims=True)
    centre = (weight / np.maximum(total, 1e-9)) @ _CENTROID.T
    apart = np.linalg.norm(centre[:, None] - centre[None], axis=3)
    both = (total > 0)[:, None, :, 0] & (total > 0)[None, :, :, 0]
    both &= ~np.eye(len(cells), dtype=np.bool_)[:, :, None]
    return float(apart[both].mean()) if both.any() else float("nan")


def bass_on_one(bass: Cells, true_bass: Cells, bar_steps: int = 16) -> float:
    """0 to 1: share of the bars in which the true bass (steps, 128) begins on beat 1 where this one does; nan: none."""
    wanted = (true_bass[::bar_steps] == ONSET).any(1)
    return float((bass[::bar_steps] == ONSET).any(1)[wanted].mean()) if wanted.any() else float("nan")


def in_range(cells: Cells, ranges: Sequence[tuple[int, int]]) -> float:
    """0 to 1: share of sounding cells within each part's (low, high), both included; 1 in silence."""
    pitch = np.arange(PITCHES)
    allowed = np.array([(pitch >= low) & (pitch <= high) for low, high in ranges])
    sounding = cells != 0
    return float((sounding & allowed[:, None]).sum() / sounding.sum()) if sounding.any() else 1.0


def crossings(cells: Cells) -> float:
    """0 to 1: share of steps on which a voice sounds below the next lower one; voices in order, highest first."""
    sounding = cells != 0
    sounds = sounding.any(2)
    pitch = np.where(sounds, sounding.argmax(2), 0)
    crossed: Bools = (pitch[:-1] < pitch[1:]) & sounds[:-1] & sounds[1:]
    return float(crossed.any(0).mean()) if len(cells) > 1 else 0.0


def texture(melody_onset: Flags, cells: Cells, bar_steps: int = 16) -> dict[str, Floats]:
    """Every metric of TEXTURE, each as an array (values,), of the pitched parts `cells`."""
    notes = note_list(cells)
    values: dict[str, float | Floats] = {
        "onsets": onsets_per_bar(notes, cells.shape[1], bar_steps),
        "duration": mean_duration(notes),
        "qualified": qualified_notes(notes),
        "classes_bar": classes_per_bar(cells, bar_steps),
        "classes_step": classes_per_step(cells),
        "empty_bars": empty_bars(cells, bar_steps),
        "changes": chord_changes(cells, bar_steps),
        "self_similarity": self_similarity(cells, bar_steps),
        "sync": onset_sync(melody_onset, cells),
        "positions": onset_positions(notes, bar_steps),
        "semitones": semitones_inside(cells),
    }
    return {name: np.atleast_1d(np.asarray(value, np.float64)) for name, value in values.items()}


def deviations(system: Mapping[str, Floats], truth: Mapping[str, Floats]) -> dict[str, float]:
    """Per metric of TEXTURE: |system mean - truth mean| in truth's standard deviations, of arrays (songs, values).

    Of metrics with several values (a distribution) it is the length of the difference over the length of the spread.
    """
    found = {}
    for name in TEXTURE:
        apart = np.linalg.norm(system[name].mean(0) - truth[name].mean(0))
        spread = np.sqrt((truth[name].var(0)).sum())
        found[name] = float(apart / max(spread, SMALLEST_SPREAD[name]))
    return found


def human_distance(system: Mapping[str, Floats], truth: Mapping[str, Floats]) -> float:
    """The mean of `deviations`; near 0 is human."""
    return float(np.mean(list(deviations(system, truth).values())))
