"""Prints a song bar by bar: melody, sounding chords, bass, and the notes of each part."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from composerd.music.chords import NAMES
from composerd.music.roll import ONSET, REST, Cells
from composerd_export.evaluation.baselines import BAR
from composerd_export.evaluation.songs import SongClip
from composerd_export.metrics.consonance import clashes, consonance, triads_heard
from composerd_export.metrics.distance import BandRows

_KINDS = ("", "m", "°")


def bar_by_bar(song: SongClip, cells: Cells, band: BandRows) -> Iterator[str]:
    """A line a bar: melody by eighths, chords by half bars, bass by beats, consonance, note counts.

    An eighth has the first note that begins in it, `-` for one that is held, `.` for a rest.
    """
    parts = cells[list(band.pitched)]
    chords = [_chord(triad) for triad in triads_heard(parts, BAR // 2).tolist()]
    for bar in range(song.steps // BAR):
        steps = slice(BAR * bar, BAR * (bar + 1))
        melody, here = song.melody.pitch[steps], parts[:, steps]
        counts = " ".join(
            f"{name} {int((row[steps] == ONSET).sum())}" for name, row in zip(band.names, cells, strict=True)
        )
        low = "-" if band.bass is None else _line(cells[band.bass, steps])
        fit = f"{consonance(melody, here):+.1f}" if (here != 0).any() and (melody != REST).any() else "   -"
        clash = "clash" if (here != 0).any() and clashes(melody, here) > 0.2 else ""
        yield (
            f"{bar + 1:>3} | {_melody(song, bar):<34} | {chords[2 * bar]:>4} {chords[2 * bar + 1]:>4} | "
            f"{low:<30} | {fit} {clash:<5} | {counts}"
        )


def _chord(triad: int) -> str:
    return "." if triad < 0 else NAMES[triad % 12] + _KINDS[triad // 12]


def _melody(song: SongClip, bar: int) -> str:
    words = []
    for step in range(BAR * bar, BAR * (bar + 1), 2):
        begun = [at for at in (step, step + 1) if song.melody.onset[at]]
        pitch = int(song.melody.pitch[begun[0] if begun else step])
        if pitch == REST:
            words.append(".")
        else:
            words.append(_note(pitch) if begun or step % BAR == 0 else "-")
    return " ".join(words)


def _line(row: Cells) -> str:
    """The lowest note that begins in every quarter of a part (steps, 128)."""
    words = []
    for beat in range(0, len(row), 4):
        begun = np.flatnonzero((row[beat : beat + 4] == ONSET).any(0))
        words.append(_note(int(begun[0])) if len(begun) else "-" if row[beat : beat + 4].any() else ".")
    return " ".join(words)


def _note(pitch: int) -> str:
    return f"{NAMES[pitch % 12]}{pitch // 12 - 1}"
