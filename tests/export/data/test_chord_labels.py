"""The chords of a piece by its notes: of each half bar, and as a lead sheet writes them."""

from __future__ import annotations

import numpy as np

from composerd.music.harmony.labelling import NO_CHORD, chord_of
from composerd_export.data.chord_labels import ChordLabels, label_chords
from composerd_export.data.corpus import Piece

BASS, KEYS = 0, 1
BAR = 96
C, F = (60, 64, 67), (60, 65, 69)


def labels(*rows: tuple[int, int, int, int], bars: int = 4) -> ChordLabels:
    """Of notes (tick, ticks, pitch, track) in bars of 4/4."""
    notes = np.array([(start, length, pitch, 80, track) for start, length, pitch, track in sorted(rows)], np.int32)
    grid = np.array([(BAR * bar, 4, 4, BAR) for bar in range(bars)], np.int32)
    return label_chords(Piece(notes, grid, {}), [BASS, KEYS], 16 * bars, per_beat=False)


def held(chord: tuple[int, ...], bar: int) -> list[tuple[int, int, int, int]]:
    return [(BAR * bar, BAR, pitch, KEYS) for pitch in chord]


def walking(bar: int, *pitches: int) -> list[tuple[int, int, int, int]]:
    return [(BAR * bar + 24 * beat, 24, pitch, BASS) for beat, pitch in enumerate(pitches)]


def names(found: np.ndarray[tuple[int], np.dtype[np.int64]]) -> list[str]:
    """Of each half bar."""
    return [str(chord_of(int(one))) if one != NO_CHORD else "-" for one in found[::8]]


def test_a_walking_bass_changes_the_chords_of_half_bars_but_not_the_lead_sheet() -> None:
    found = labels(
        *held(C, 0), *walking(0, 36, 40, 45, 43), *held(C, 1), *walking(1, 36, 38, 40, 41),
        *held(F, 2), *walking(2, 41, 45, 43, 40), *held(C, 3), *walking(3, 36, 40, 43, 47),
    )  # fmt: skip
    assert len(set(names(found.chord))) > 2
    assert names(found.sheet) == ["C", "C", "C", "C", "F", "F", "C", "C"]
    assert found.sheet_bass[::16].tolist() == [0, 0, 5, 0]


def test_the_bass_of_an_inversion_is_the_tone_that_stays_lowest() -> None:
    found = labels(*held(C, 0), *walking(0, 40, 40, 40, 40), *held(F, 1), *walking(1, 41, 41, 41, 41), bars=2)
    assert names(found.sheet) == ["C", "C", "F", "F"]
    assert found.sheet_bass[::16].tolist() == [4, 5]
    assert found.bass[::16].tolist() == [4, 5]


def test_silence_has_no_chord_and_no_bass() -> None:
    found = labels(*held(C, 0), *held(C, 2), bars=3)
    assert names(found.sheet)[2:4] == ["-", "-"] == names(found.chord)[2:4]
    assert found.sheet_bass[16:32].tolist() == [-1] * 16


def test_a_chord_that_is_there_for_half_a_bar_is_written() -> None:
    rows = [(0, 48, p, KEYS) for p in (48, *C)] + [(48, 48, p, KEYS) for p in (41, *F)]
    assert names(labels(*rows, bars=1).sheet) == ["C", "F"]
