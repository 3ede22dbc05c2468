"""Ten tunes that everybody knows."""

from __future__ import annotations

import numpy as np

from composerd.generators.tables import harmonist
from composerd_export.evaluation.chords import ChordFigures, figures, mean, whole
from composerd_export.evaluation.known import known_tunes
from composerd_export.evaluation.live_chords import live

FIRST_ROOTS = {"Ode to joy": 7, "Silent night": 0, "Jingle bells": 7}


def test_they_are_ten_and_their_chords_lie_under_their_notes() -> None:
    tunes = known_tunes()
    assert len({tune.title for tune in tunes}) == 10
    for tune in tunes:
        assert (tune.chords[:, 0] >= 0).mean() > 0.85
        assert np.count_nonzero(tune.onset) > 20
        assert FIRST_ROOTS.get(tune.title, tune.chords[0, 0]) == tune.chords[0, 0]


def _agreement(of: str) -> float:
    style, rows = harmonist("pop"), list[ChordFigures]()
    for tune in known_tunes():
        found = figures(tune, whole(style, tune) if of == "phrase" else live(style, tune).chords)
        assert found is not None
        rows.append(found)
    return mean(rows).agree


def test_a_pop_band_plans_the_chords_of_song_books_most_of_the_time() -> None:
    assert _agreement("phrase") >= 0.62
    assert _agreement("jam") >= 0.57
