"""Figures of planned chords beside human ones."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from composerd.generators.tables import harmonist
from composerd.music.harmony.slots import slots_between
from composerd.music.metre import BarGrid
from composerd_export.data.harmony.songs import QUALITIES, TuneWithChords
from composerd_export.evaluation.chords import Named, figures, grid_of, human, report, textbook
from composerd_export.evaluation.live_chords import Compared, Live, compared, live, memory_report

SONG = TuneWithChords(
    "one",
    "folk",
    np.repeat(np.array([60, 64, 67, 64, 65, 69, 72, 69, 67, 71, 74, 71, 72, 67, 64, 60], np.int16), 8),
    np.arange(128) % 8 == 0,
    np.repeat([(root, QUALITIES.index(name), root) for root, name in ((0, ""), (5, "maj7"), (7, "7"), (0, ""))], 32, 0),
    slots_between(BarGrid(), 0, 128),
)


def test_the_human_chords_agree_with_themselves() -> None:
    found = figures(SONG, human(SONG))
    assert found is not None
    assert (found.agree, found.root, found.tones) == (1.0, 1.0, 1.0)
    assert (found.precision, found.recall, found.rate, found.final, found.cadence) == (1.0, 1.0, 1.0, 1.0, 1.0)
    assert found.close == 1.0


@pytest.mark.parametrize("semitones", [1, 5])
def test_chords_a_while_off_do_not_agree(semitones: int) -> None:
    truth = human(SONG)
    found = figures(SONG, Named((truth.root + semitones) % 12, truth.kind))
    assert found is not None
    assert (found.agree, found.final, found.cadence) == (0.0, 0.0, 0.0)


def test_a_chart_that_goes_on_after_the_melody_has_a_last_chord_and_no_close() -> None:
    sung = np.where(np.arange(128) < 96, SONG.pitch, -1).astype(np.int16)
    song = replace(SONG, pitch=sung, onset=SONG.onset & (sung >= 0))
    found = figures(song, human(song))
    assert found is not None
    assert (found.final, found.close) == (1.0, None)


def test_the_textbook_hears_broken_chords() -> None:
    found = figures(SONG, textbook(SONG))
    assert found is not None
    assert found.agree > 0.9


def test_the_grid_is_the_songs() -> None:
    assert grid_of(SONG) == BarGrid()


def test_the_report_has_a_line_a_style() -> None:
    text = report([SONG], {"textbook": textbook})
    assert "textbook folk" in text
    assert "people with people" in text


TWICE = replace(
    SONG,
    pitch=np.tile(SONG.pitch, 2),
    onset=np.tile(SONG.onset, 2),
    chords=np.tile(SONG.chords, (2, 1)),
    slots=slots_between(BarGrid(), 0, 256),
)
"""eight bars without a repeat, twice"""


def test_what_comes_back_is_recognised_and_the_next_bars_chord_told_a_bar_ahead() -> None:
    found = compared(harmonist("pop"), TWICE)
    assert not found.memory.recognised[:132].any()
    assert found.memory.recognised[160:].all()
    assert not found.jam.recognised.any()
    lines = np.flatnonzero(found.memory.foretold.root >= 0)
    assert lines.tolist() == list(range(16, 256, 16))


def test_the_report_of_what_comes_back_counts_recognised_beats_alone() -> None:
    truth, wrong = human(TWICE), Named((human(TWICE).root + 6) % 12, human(TWICE).kind)
    second = np.arange(256) >= 128
    new = Live(wrong, wrong, np.zeros(256, np.bool_))
    half = Live(Named(np.where(second, truth.root, wrong.root), truth.kind), truth, second)
    head, row = (line.split() for line in memory_report([Compared(TWICE, new, half, truth)]).splitlines())
    assert head[3:] == [
        "recognised",
        "jam",
        "memory",
        "phrase",
        *("next", "jam", "next", "memory", "next", "phrase"),
        "possible",
    ]
    share, possible = 128 / 240, 128 / 240
    expected = [share, 0.0, 1.0, 1.0, 0.0, 1.0, 1.0, possible]
    assert row == ["folk", "1", *(f"{value:.3f}" for value in expected)]


def test_with_memory_a_tune_is_planned_as_new_until_it_comes_back() -> None:
    new, remembered = (live(harmonist("pop"), TWICE, memory).chords for memory in (False, True))
    assert (new.root[:128] == remembered.root[:128]).all()
    assert (remembered.root >= 0).all()
    assert (remembered.root[160:] == human(TWICE).root[160:]).mean() >= (
        new.root[160:] == human(TWICE).root[160:]
    ).mean()
