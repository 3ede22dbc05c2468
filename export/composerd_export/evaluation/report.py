"""The table that compares systems: measured, printed, written as JSON."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from composerd.music.roll import Cells
from composerd_export.evaluation.diversity import between_songs
from composerd_export.evaluation.songs import SongClip
from composerd_export.metrics.distance import BandRows, Measured, Summary, measure, summarise

COLUMNS: tuple[tuple[str, str], ...] = (
    ("closure", "fit of the harmony: 0 as another song's accompaniment, 1 as the true one, capped at 1"),
    ("pcs", "pitch consonance with the melody, -1 to 1"),
    ("clash", "share of melody steps a semitone from a note of the band"),
    ("nic", "share of melody steps whose note is in the chord"),
    ("mtriad", "share of melody steps inside the band's triad"),
    ("human", "human distance: mean deviation of the texture metrics from people's [standard deviations]"),
    ("worst", "the largest of these deviations"),
    ("on/bar", "onsets a bar"),
    ("dur", "mean duration in 16ths"),
    ("QN", "qualified notes: share of notes of an eighth or longer"),
    ("EB", "empty bars, mean over parts"),
    ("UPC", "pitch classes a part uses in a bar"),
    ("TD", "tonal distance between parts"),
    ("DP", "drum pattern: share of strokes that lie on eighths"),
    ("bass1", "share of bars with a bass note on beat 1, of those in which the true bass has one"),
    ("range", "share of notes within the parts' ranges"),
    ("self", "self-similarity of bars"),
    ("groove", "likeness of neighbouring bars' rhythms, by part, drums too"),
    ("cross", "share of steps on which voices cross"),
    ("songs", "similarity of the accompaniments of different songs in one key"),
    ("seeds", "similarity of two accompaniments of a song, made with different seeds"),
    ("new", "novelty: how unlike all earlier bars a bar is"),
    ("blips", "notes a bar cut off at once (jam)"),
    ("ms", "mean milliseconds a decision"),
)


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """A system over all songs."""

    name: str
    mode: str
    """jam, phrase or nothing for what does not play"""
    summary: Summary
    between_songs: float
    blips: float = math.nan
    """per bar"""
    milliseconds: float = math.nan
    """mean time of a decision"""
    decisions: float = math.nan
    """requests per song"""
    between_seeds: float = math.nan

    def values(self) -> dict[str, float]:
        """The figures by the names of COLUMNS; nan where one does not apply."""
        summary = self.summary
        texture, band = summary.texture, summary.band
        return {
            "closure": summary.closure,
            **{name: summary.harmony[name] for name in ("pcs", "clash", "nic", "mtriad")},
            "human": summary.distance,
            "worst": max(summary.deviations.values()),
            "on/bar": float(texture["onsets"][0]),
            "dur": float(texture["duration"][0]),
            "QN": float(texture["qualified"][0]),
            "EB": float(texture["empty_bars"].mean()),
            "UPC": band["used_classes"],
            "TD": band["tonal_distance"],
            "DP": band["drum_pattern"],
            "bass1": band["bass_on_one"],
            "range": band["in_range"],
            "self": float(texture["self_similarity"][0]),
            "groove": band["groove"],
            "cross": band["crossings"],
            "songs": self.between_songs,
            "seeds": self.between_seeds,
            "new": band["novelty"],
            "blips": self.blips,
            "ms": self.milliseconds,
        }

    @property
    def label(self) -> str:
        return f"{self.name} ({self.mode})" if self.mode else self.name

    @property
    def worst(self) -> str:
        """The texture metric that is furthest off."""
        return max(self.summary.deviations, key=self.summary.deviations.__getitem__)


@dataclass(frozen=True, slots=True, eq=False)
class Bench:
    """Songs with measurements of their truth and of other songs, which every system is compared with."""

    songs: list[SongClip]
    band: BandRows
    truth: list[Measured]
    other: list[Measured]

    def row(
        self, name: str, mode: str, played: Sequence[Cells], songs: Sequence[SongClip] | None = None, **more: float
    ) -> Row:
        """Measure a system: what it `played` to `songs` (the bench's own, if not given)."""
        heard = self.songs if songs is None else songs
        pairs = zip(heard, played, strict=True)
        found = [measure(song.melody, cells, song.cells, self.band) for song, cells in pairs]
        alike = between_songs(heard, played, self.band.pitched)
        return Row(name, mode, summarise(found, self.truth, self.other), alike, **more)


def table(rows: Sequence[Row]) -> str:
    """Fixed-width text, a line per row, a dash where a figure does not apply."""
    width = max(len(row.label) for row in rows)
    head = " ".join([" " * width, *(f"{name:>7}" for name, _ in COLUMNS), "furthest off"])
    lines = [
        " ".join([row.label.ljust(width), *(_figure(row.values()[name]) for name, _ in COLUMNS), _furthest(row)])
        for row in rows
    ]
    return "\n".join([head, *lines])


def _figure(value: float) -> str:
    return f"{'-':>7}" if math.isnan(value) else f"{value:7.2f}"


def _furthest(row: Row) -> str:
    return row.worst if row.summary.deviations[row.worst] > 0 else "-"


def as_json(rows: Sequence[Row], about: dict[str, Any]) -> str:
    """`about` (dataset, songs, seed, ...) and every figure of every row; what does not apply is null."""
    found = {"about": about, "columns": dict(COLUMNS), "rows": [_row_values(row) for row in rows]}
    return json.dumps(found, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def _row_values(row: Row) -> dict[str, Any]:
    return {
        "name": row.name,
        "mode": row.mode,
        "values": {name: _number(value) for name, value in row.values().items()},
        "harmony": {name: _number(value) for name, value in row.summary.harmony.items()},
        "texture": {name: [_number(float(v)) for v in values] for name, values in row.summary.texture.items()},
        "band": {name: _number(value) for name, value in row.summary.band.items()},
        "deviations": {name: _number(value) for name, value in row.summary.deviations.items()},
        "decisions": _number(row.decisions),
    }


def _number(value: float) -> float | None:
    return None if math.isnan(value) else round(value, 4)
