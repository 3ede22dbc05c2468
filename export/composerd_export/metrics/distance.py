"""All metrics of an accompaniment, and a system's means beside truth and another song.

`harmony` and `texture` define the metrics; everything is measured from bar 2 on, since live harmony enters there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from composerd.music.genre import Genre
from composerd.music.roll import Cells, MelodyRoll
from composerd_export.metrics import form
from composerd_export.metrics.consonance import Floats, closure, harmony
from composerd_export.metrics.texture import (
    TEXTURE,
    bass_on_one,
    crossings,
    deviations,
    drum_pattern,
    in_range,
    texture,
    tonal_distance,
    used_classes,
)


@dataclass(frozen=True, slots=True)
class BandRows:
    """Which rows of a band roll are pitched, drums, bass and voices."""

    names: tuple[str, ...]
    pitched: tuple[int, ...]
    drums: tuple[int, ...]
    bass: int | None
    voices: tuple[int, ...]
    """rows of single voices that must not cross, highest first"""
    ranges: tuple[tuple[int, int], ...]
    """(low, high) of each pitched row"""

    @classmethod
    def of(cls, genre: Genre) -> BandRows:
        pitched = tuple(sorted(genre.harmony_parts))
        roles = [part.role for part in genre.parts]
        voices = tuple(row for row in pitched if roles[row] == "voice")
        named = [row for row in pitched if roles[row] == "bass" or genre.parts[row].name == "bass"]
        return cls(
            tuple(part.name for part in genre.parts),
            pitched,
            tuple(sorted(genre.drum_parts)),
            named[0] if named else None,
            tuple(sorted(voices, key=lambda row: -genre.parts[row].high)),
            tuple((genre.parts[row].low, genre.parts[row].high) for row in pitched),
        )


@dataclass(frozen=True, slots=True, eq=False)
class Measured:
    """The metrics of one accompaniment of one song."""

    harmony: dict[str, float]
    texture: dict[str, Floats]
    band: dict[str, float]
    """MuseGAN's UPC, DP, TD; bass on beat 1; notes in range; voices crossed; nan where the band has no such thing"""


def measure(melody: MelodyRoll, cells: Cells, truth: Cells, band: BandRows, bar_steps: int = 16) -> Measured:
    """Measure an accompaniment, `cells`, beside the true one, `truth`: (parts, steps, 128) each, as long as the melody.

    Both begin at bar 1, which is not counted.
    """
    pitch, onset = melody.pitch[bar_steps:], melody.onset[bar_steps:]
    later, true_later = cells[:, bar_steps:], truth[:, bar_steps:]
    parts = later[list(band.pitched)]
    return Measured(
        harmony(pitch, parts, bar_steps),
        texture(onset, parts, bar_steps),
        _of_band(parts, later, true_later, band, bar_steps),
    )


def _of_band(parts: Cells, later: Cells, true_later: Cells, band: BandRows, bar_steps: int) -> dict[str, float]:
    nan = float("nan")
    on_one = nan if band.bass is None else bass_on_one(later[band.bass], true_later[band.bass], bar_steps)
    return {
        "used_classes": used_classes(parts, bar_steps),
        "tonal_distance": tonal_distance(parts),
        "drum_pattern": drum_pattern(later[list(band.drums)]) if band.drums else nan,
        "drums_per_bar": float((later[list(band.drums)] == 2).sum() * bar_steps / max(1, later.shape[1])),
        "bass_on_one": on_one,
        "in_range": in_range(parts, band.ranges),
        "groove": form.groove(later, bar_steps),
        "novelty": form.novelty(parts, bar_steps),
        "crossings": crossings(later[list(band.voices)]) if len(band.voices) > 1 else nan,
    }


@dataclass(frozen=True, slots=True, eq=False)
class Summary:
    """A system over all songs: means, and how near they come to truth."""

    harmony: dict[str, float]
    texture: dict[str, Floats]
    """(values,) each: means over songs"""
    band: dict[str, float]
    closure: float
    distance: float
    """human distance"""
    deviations: dict[str, float]
    """per texture metric, in truth's standard deviations"""


def mean_harmony(songs: Sequence[Measured]) -> dict[str, float]:
    return {name: float(np.mean([song.harmony[name] for song in songs])) for name in songs[0].harmony}


def textures(songs: Sequence[Measured]) -> dict[str, Floats]:
    """Metric -> (songs, values)."""
    return {name: np.stack([song.texture[name] for song in songs]) for name in TEXTURE}


def summarise(system: Sequence[Measured], truth: Sequence[Measured], other: Sequence[Measured]) -> Summary:
    """Summarise a system; all arguments have the same songs in order (`other`: one or more accompaniments each)."""
    means, found, human = mean_harmony(system), textures(system), textures(truth)
    away = deviations(found, human)
    return Summary(
        means,
        {name: rows.mean(0) for name, rows in found.items()},
        {name: _mean([song.band[name] for song in system]) for name in system[0].band},
        closure(means, mean_harmony(truth), mean_harmony(other)),
        float(np.mean(list(away.values()))),
        away,
    )


def _mean(values: list[float]) -> float:
    """The mean of the values that there are, nan without any."""
    known = [value for value in values if not np.isnan(value)]
    return float(np.mean(known)) if known else float("nan")
