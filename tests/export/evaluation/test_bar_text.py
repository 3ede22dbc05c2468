"""A song printed bar by bar."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pytest

from composerd.music.harmony.labelling import KeyFit
from composerd.music.roll import HELD, ONSET, REST, MelodyRoll
from composerd_export.evaluation.bar_text import bar_by_bar
from composerd_export.evaluation.songs import SongClip
from composerd_export.metrics.distance import BandRows

BAND = BandRows(("drums", "bass", "keys"), (1, 2), (0,), 1, (), ((24, 60), (36, 96)))


def cells(*chord: int, bass: int = 36) -> np.ndarray[tuple[int, int, int], np.dtype[np.uint8]]:
    found = np.zeros((3, 16, 128), np.uint8)
    for part, pitch in ((1, bass), *((2, pitch) for pitch in chord)):
        found[part, :, pitch], found[part, 0, pitch] = HELD, ONSET
    found[0, ::4, 36] = ONSET
    return found


def song(pitch: int) -> SongClip:
    melody = MelodyRoll(0, np.full(16, pitch, np.int16), np.arange(16) == 0)
    return SongClip("one", "one", melody, cells(48), 100.0, KeyFit(0, False, 1.0))


def test_a_bar_shows_melody_chords_bass_and_counts() -> None:
    (line,) = bar_by_bar(song(72), cells(60, 64, 67), BAND)
    assert "C5 - - - - - - -" in line
    assert "   C    C" in line
    assert "C2 - - -" in line
    assert line.endswith("drums 4 bass 1 keys 3")
    assert "clash" not in line


def test_a_semitone_against_the_melody_is_a_clash() -> None:
    (line,) = bar_by_bar(song(73), cells(60, 64, 67), BAND)
    assert "clash" in line


@pytest.mark.parametrize(
    ("pitches", "onsets", "line"),
    [
        ([72] * 16, [0], "C5 - - - - - - -"),
        ([REST, *[72] * 15], [1], "C5 - - - - - - -"),  # begins on a sixteenth off the eighth
        ([72] * 3 + [74] * 13, [0, 3], "C5 D5 - - - - - -"),
        ([72] + [74] * 15, [0, 1], "C5 - - - - - - -"),  # the first of two in an eighth
        ([72, REST] * 8, range(0, 16, 2), " ".join(["C5"] * 8)),
        ([REST, 72] * 8, range(1, 16, 2), " ".join(["C5"] * 8)),
        ([72] * 16, [], "C5 - - - - - - -"),  # held from the bar before
        ([72] * 5 + [REST] * 11, [0], "C5 - - . . . . ."),
    ],
)
def test_a_melody_is_written_by_eighths_with_the_first_note_that_begins_in_each(
    pitches: list[int], onsets: Iterable[int], line: str
) -> None:
    onset = np.zeros(16, np.bool_)
    onset[list(onsets)] = True
    melody = MelodyRoll(0, np.array(pitches, np.int16), onset)
    clip = SongClip("one", "one", melody, cells(48), 100.0, KeyFit(0, False, 1.0))
    (written,) = bar_by_bar(clip, cells(60, 64, 67), BAND)
    assert written.split("|")[1].strip() == line


def test_a_bass_note_that_begins_under_a_held_one_is_written() -> None:
    band = cells(60, 64, 67)
    band[1, 6:, 36], band[1, 6:, 38] = 0, HELD
    band[1, 6, 38] = ONSET
    (written,) = bar_by_bar(song(72), band, BAND)
    assert written.split("|")[3].strip() == "C2 D2 - -"


def test_silence_is_dots() -> None:
    (line,) = bar_by_bar(song(REST), np.zeros((3, 16, 128), np.uint8), BAND)
    assert ". . . . . . . ." in line
    assert "drums 0 bass 0 keys 0" in line
