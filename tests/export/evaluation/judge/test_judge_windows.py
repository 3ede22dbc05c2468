"""Which bars of a corpus the judge looks at, and which people it judges by."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

pytest.importorskip("sklearn")

from composerd_export.data.corpus import BAND_TRACKS, Corpus, Piece
from composerd_export.evaluation.judge.people import FEWEST_WINDOWS, genre_people, people_of
from composerd_export.evaluation.judge.windows import JudgedWindow, usual_bars, windows_of

MELODY, DRUMS, BASS, _, KEYS = range(5)
Row = tuple[int, int, int, int, int]


def sung(bars: Sequence[int], a_bar: int = 4) -> list[Row]:
    step = 96 // a_bar
    return [(96 * bar + step * at, step, 72, 80, MELODY) for bar in bars for at in range(a_bar)]


def played(bars: Sequence[int], pitch: int = 40, track: int = BASS) -> list[Row]:
    return [(96 * bar, 96, pitch, 70, track) for bar in bars]


def piece(name: str, rows: Sequence[Row], lengths: Sequence[int], **meta: object) -> Piece:
    starts = np.cumsum([0, *lengths[:-1]]).tolist()
    bars = [(start, 4 if length == 96 else 3, 4, length) for start, length in zip(starts, lengths, strict=True)]
    return Piece(np.array(sorted(rows), np.int32), np.array(bars, np.int32), {"id": name, **meta})


def of(*pieces: Piece) -> Corpus:
    return Corpus(BAND_TRACKS, pieces)


def names(corpus: Corpus, bars: int = 2) -> list[str]:
    return [window.name for window in windows_of([corpus], bars, 99)]


def test_windows_lie_side_by_side_and_then_across_two_of_them() -> None:
    whole = piece("tune", [*sung(range(6)), *played(range(6))], [96] * 6)
    assert names(of(whole)) == ["tune@0", "tune@8", "tune@16", "tune@4", "tune@12"]


def test_no_window_holds_a_bar_of_another_metre() -> None:
    lengths = [96, 96, 72, 96, 96]
    rows = [*sung(range(5)), *played(range(5))]
    assert names(of(piece("tune", rows, lengths))) == ["tune@0", "tune@11"]


def test_windows_without_a_melody_in_their_first_bar_or_with_too_little_are_left_out() -> None:
    band = played(range(6))
    late = piece("late", [*sung([1, 2, 3, 4, 5]), *band], [96] * 6)
    assert "late@0" not in names(of(late))
    thin = piece("thin", [*sung([0], 2), *sung([1], 1), *sung(range(2, 6)), *band], [96] * 6)
    assert "thin@0" not in names(of(thin)), "three notes in two bars"
    enough = piece("enough", [*sung([0], 2), *sung([1], 2), *sung(range(2, 6)), *band], [96] * 6)
    assert "enough@0" in names(of(enough))


def test_windows_in_which_only_drums_accompany_are_left_out() -> None:
    alone = piece("solo", [*sung(range(4)), *played(range(4), 36, DRUMS), *played([2], 60, KEYS)], [96] * 4)
    assert names(of(alone)) == ["solo@8", "solo@4"]


def test_a_window_holds_the_notes_that_begin_in_it_counted_from_its_bar_line() -> None:
    rows = [*sung(range(4)), (90, 12, 41, 60, BASS), (99, 189, 43, 61, BASS), (288, 24, 45, 62, BASS),
            (96, 6, 36, 99, DRUMS)]  # fmt: skip
    corpus = of(piece("tune", rows, [96] * 4, bpm=90, work="the work", derived=["keys"]))
    (found,) = [one for one in windows_of([corpus], 2, 99) if one.name == "tune@4"]
    assert found.parts["bass"].tolist() == [[0.5, 32.0, 43.0, 61.0]]
    assert found.drums.tolist() == [[0.0, 1.0, 36.0, 99.0]]
    assert len(found.melody) == 8
    assert (found.bpm, found.work, found.bars, found.steps, found.genuine) == (90.0, "the work", 2, 32, False)


def test_a_piece_without_a_tempo_is_played_at_a_usual_one() -> None:
    (found,) = windows_of([of(piece("tune", [*sung(range(2)), *played(range(2))], [96] * 2))], 2, 9)
    assert found.bpm == 100.0


def test_chorales_are_judged_by_shorter_windows() -> None:
    assert usual_bars("soprano") < usual_bars("melody")


def test_equal_seeds_choose_equal_windows_and_others_others() -> None:
    corpus = of(*(piece(f"tune {n}", [*sung(range(4)), *played(range(4))], [96] * 4) for n in range(12)))

    def chosen(seed: int) -> list[str]:
        return [one.name for one in windows_of([corpus], 2, 6, seed=seed)]

    assert chosen(1) == chosen(1)
    assert len({tuple(chosen(seed)) for seed in range(6)}) > 1
    assert len(set(chosen(1))) == 6


def songs(prefix: str, count: int, bars: int = 16, derived: bool = False) -> Corpus:
    meta = {"derived": ["keys"]} if derived else {}
    return of(*(
        piece(f"{prefix} {at}", [*sung(range(bars)), *played(range(bars), 40 + at % 5)], [96] * bars, **meta)
        for at in range(count)
    ))  # fmt: skip


def people(valid: list[Corpus], train: list[Corpus], count: int = 20, bars: int | None = None) -> tuple[int, ...]:
    found = people_of("rock", lambda _, split: valid if split == "valid" else train, count, bars, "both", 0)
    return len(found.windows), len(found.others), len(found.melodies), found.shared


def test_a_band_is_given_the_melodies_of_people_where_there_are_enough_of_them() -> None:
    valid, train = songs("v", FEWEST_WINDOWS), songs("t", 5)
    assert people([valid], [train]) == (8, 5, 8, 8)
    few = songs("v", FEWEST_WINDOWS - 1)
    assert people([few], [train], 20) == (3, 2, 7, 7), "people of the training split, half of its works"


def test_pieces_arranged_by_rules_lend_their_melodies_alone() -> None:
    genuine, rules = songs("v", 10), songs("r", 30, derived=True)
    assert people([genuine, rules], [songs("t", 5)], 16) == (10, 5, 16, 10)


def test_windows_of_one_work_are_on_one_side_where_people_are_divided() -> None:
    train = songs("t", 6, 64)
    found = people_of("rock", lambda _, split: [songs("v", 2)] if split == "valid" else [train], 12, 16, "both", 0)
    assert {one.work for one in found.windows}.isdisjoint(one.work for one in found.others)
    assert len(found.windows) + len(found.others) == 24, "twice as many, for they serve twice"


def test_the_genre_test_learns_from_genres_that_have_people() -> None:
    corpora = {"rock": [songs("a", 3)], "pop": [songs("b", 2, derived=True)], "jazz": []}
    found = genre_people(lambda name, _: corpora[name], 9, 0, ["rock", "pop", "jazz"])
    assert {name: len(table) for name, table in found.items()} == {"rock": 3}


def test_windows_of_an_empty_corpus_are_none() -> None:
    found: list[JudgedWindow] = windows_of([of()], 16, 9)
    assert found == []


@pytest.mark.parametrize("count", [0, 1, 5])
def test_no_more_windows_are_made_than_asked_for(count: int) -> None:
    assert len(windows_of([songs("a", 3, 32)], 16, count)) == count
