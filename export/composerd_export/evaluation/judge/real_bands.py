"""Features of real bands (`real_bands.npz`, without their notes), and the rows of the comparison.

The file holds `names` and, for rock, pop and jazz, NAME (windows, features) and NAME_song (windows,).
"""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from composerd.errors import ConfigError
from composerd_export.evaluation.judge.classify import FeatureTable

FILE = "real_bands.npz"
UNLIKE = ("score.chg",)
"""Features that are not compared, since the file's values depend on the rounding of equal sums."""


def read_real_bands(path: Path) -> dict[str, FeatureTable]:
    """Genre -> its windows. Raises ConfigError if the file is missing or holds something else."""
    try:
        with np.load(path, allow_pickle=False) as file:
            names = tuple(str(name) for name in file["names"])
            return {
                key: FeatureTable(
                    names, file[key].astype(np.float64), tuple(f"real {song}" for song in file[f"{key}_song"])
                )
                for key in file.files
                if f"{key}_song" in file.files
            }
    except FileNotFoundError:
        raise ConfigError(f"{path}: no such file") from None
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise ConfigError(f"{path}: not a table of real bands ({error})") from None


ROWS: Mapping[str, str] = {
    "drums.patterns": "drum patterns: distinct bars over bars",
    "drums.hat.lag1": "hi-hat, likeness of neighbouring bars",
    "drums.snare.lag1": "snare, likeness of neighbouring bars",
    "drums.kick.lag4": "kick, likeness of bars 4 apart",
    "bass.patterns": "bass rhythms: distinct bars over bars",
    "bass.lag2": "bass, likeness of bars 2 apart",
    "bass.lag4": "bass, likeness of bars 4 apart",
    "bass.onsets": "bass onsets a bar",
    "bass.iv_step": "bass moves by step",
    "band.lag4": "chords and pads, likeness of bars 4 apart",
    "band.chordsize": "notes a chord",
    "band.chordsizesd": "notes a chord, deviation",
    "band.voicelead": "voice leading, semitones a voice",
    "band.dursd": "lengths of notes, deviation (16ths)",
    "harm.change_line": "harmony changes on the bar line",
    "harm.change_half": "harmony changes inside the bar",
    "band.cover": "steps on which the band sounds",
    "score.rep": "likeness of a bar to its nearest bar",
}
"""Features that gave the first bands away."""

BEFORE: Mapping[str, Mapping[str, float]] = {
    "rock": {
        "drums.patterns": 0.54, "drums.hat.lag1": 0.48, "drums.snare.lag1": 0.64, "drums.kick.lag4": 0.56,
        "bass.patterns": 0.59, "bass.lag2": 0.62, "bass.lag4": 0.60, "bass.onsets": 4.0, "bass.iv_step": 0.09,
        "band.lag4": 0.60, "band.chordsize": 3.3, "band.voicelead": 1.7, "band.dursd": 1.6, "harm.change_line": 0.49,
        "harm.change_half": 0.38, "band.cover": 0.80, "score.rep": 0.84,
    },
    "pop": {
        "drums.patterns": 0.61, "drums.hat.lag1": 0.57, "drums.snare.lag1": 0.63, "drums.kick.lag4": 0.54,
        "bass.patterns": 0.72, "bass.lag2": 0.52, "bass.lag4": 0.48, "bass.onsets": 3.8, "bass.iv_step": 0.09,
        "band.lag4": 0.53, "band.chordsize": 1.9, "band.chordsizesd": 0.81, "band.voicelead": 2.9, "band.dursd": 4.9,
        "harm.change_line": 0.63, "harm.change_half": 0.47, "band.cover": 0.92, "score.rep": 0.77,
    },
    "jazz": {
        "drums.patterns": 0.51, "drums.hat.lag1": 0.63, "drums.snare.lag1": 0.51, "drums.kick.lag4": 0.68,
        "bass.patterns": 0.38, "bass.lag2": 0.75, "bass.lag4": 0.72, "bass.onsets": 3.4, "bass.iv_step": 0.21,
        "band.lag4": 0.48, "band.chordsize": 3.2, "band.chordsizesd": 0.84, "band.voicelead": 1.2, "band.dursd": 1.9,
        "harm.change_line": 0.72, "harm.change_half": 0.61, "band.cover": 0.67, "score.rep": 0.74,
    },
    "bach": {"bass.iv_step": 0.35, "band.lag4": 0.71, "band.dursd": 1.5},
}  # fmt: skip
"""The same features of the bands of commit e16f094, which a judge always distinguished from people."""


def distance_left(genre: str, name: str, people: float, band: float) -> float:
    """The band's distance to people divided by that of BEFORE; nan if that is unknown."""
    was = BEFORE.get(genre, {}).get(name)
    return float("nan") if was is None else abs(band - people) / max(1e-9, abs(was - people))
