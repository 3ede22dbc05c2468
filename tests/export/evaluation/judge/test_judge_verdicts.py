"""Tables of features, verdicts on them, and what is printed of them."""

from __future__ import annotations

import math

import numpy as np
import pytest

pytest.importorskip("sklearn")

from hypothesis import given
from hypothesis import strategies as st

from composerd_export.evaluation.judge.classify import FeatureTable, Verdict, area, giveaways, of_group, verdict
from composerd_export.evaluation.judge.judge import halves
from composerd_export.evaluation.judge.real_bands import BEFORE, UNLIKE, distance_left
from composerd_export.evaluation.judge.report import Sheet, as_text, label, reference_of, sheets
from composerd_export.evaluation.judge.report import giveaways as giveaways_of

NAN = float("nan")


def table(*rows: tuple[float, ...], works: str = "abcdefgh", names: tuple[str, ...] = ("x", "y")) -> FeatureTable:
    return FeatureTable(names, np.array(rows, np.float64).reshape(len(rows), -1), tuple(works[: len(rows)]))


def test_a_table_is_made_of_windows_with_their_features_in_order_of_names() -> None:
    found = FeatureTable.of([("one", {"b": 2.0, "a": 1.0}), ("two", {"a": 3.0, "b": 4.0})])
    assert (found.names, found.works) == (("a", "b"), ("one", "two"))
    assert found.values.tolist() == [[1.0, 2.0], [3.0, 4.0]]
    assert len(FeatureTable.of([])) == 0


def test_means_and_spreads_leave_out_windows_without_the_feature() -> None:
    found = table((1.0, NAN), (3.0, 5.0), (NAN, 5.0))
    assert (found.mean("x"), found.spread("x")) == (2.0, 1.0)
    assert (found.mean("y"), found.spread("y")) == (5.0, 0.0)
    assert math.isnan(found.mean("z"))
    assert math.isnan(table((NAN, 1.0)).mean("x"))
    assert math.isnan(table((NAN, 1.0)).spread("x"))


def test_a_table_of_some_features_or_rows_keeps_their_works() -> None:
    found = table((1.0, 2.0), (3.0, 4.0), (5.0, 6.0))
    some = found.only(["y", "none"])
    assert (some.names, some.values.tolist(), some.works) == (("y",), [[2.0], [4.0], [6.0]], ("a", "b", "c"))
    rows = found.rows([2, 0])
    assert (rows.values.tolist(), rows.works) == ([[5.0, 6.0], [1.0, 2.0]], ("c", "a"))


@pytest.mark.parametrize("names", [(), ("x", "y")])
def test_without_windows_or_features_there_is_no_verdict(names: tuple[str, ...]) -> None:
    full = table(*[(1.0, 2.0)] * 4)
    empty = FeatureTable(("x", "y"), np.zeros((0, 2)), ())
    if names:
        assert verdict(full, empty, trees=2) is None
        assert verdict(empty, full, trees=2) is None
    else:
        assert verdict(full.only(()), full.only(()), trees=2) is None


def test_a_feature_of_two_values_tells_nothing() -> None:
    """It would tell a band that is exact from people who are not, rather than hear either."""
    people = table(*[(0.0, float(row % 3)) for row in range(8)])
    band = table(*[(1.0, float(row % 3)) for row in range(8)], works="ijklmnop")
    found = verdict(people, band, trees=10)
    assert found is not None
    assert found.weights["x"] == 0.0
    assert found.auc < 0.9


def test_windows_that_lack_a_feature_can_be_told_by_that() -> None:
    people = table(*[(float(row), float(row)) for row in range(8)])
    band = table(*[(NAN, float(row)) for row in range(8)], works="ijklmnop")
    found = verdict(people, band, trees=20)
    assert found is not None
    assert found.auc > 0.95
    assert found.weights["x"] > found.weights["y"]


@given(st.lists(st.tuples(st.booleans(), st.sampled_from([0.0, 0.25, 0.5, 1.0])), min_size=2, max_size=12))
def test_the_area_of_the_opposite_is_the_rest_of_one(rows: list[tuple[bool, float]]) -> None:
    labels = np.array([int(one) for one, _ in rows])
    likely = np.array([value for _, value in rows])
    found, opposite = area(labels, likely), area(labels, -likely)
    if 0 < labels.sum() < len(labels):
        assert 0.0 <= found <= 1.0
        assert found + opposite == pytest.approx(1.0)
        assert area(1 - labels, likely) == pytest.approx(opposite)
        doubled = area(np.tile(labels, 2), np.tile(likely, 2))
        assert doubled == pytest.approx(found)
    else:
        assert math.isnan(found)


def test_what_gives_a_band_away_is_named_by_weight_with_both_means() -> None:
    people, band = table((1.0, 10.0), (3.0, 30.0)), table((5.0, 50.0), (7.0, 70.0))
    found = giveaways(people, band, Verdict(0.9, 0.8, 1.0, {"x": 0.2, "y": 0.8}), 5)
    assert found == [("y", 0.8, 20.0, 60.0), ("x", 0.2, 2.0, 6.0)]
    assert len(giveaways(people, band, Verdict(0.9, 0.8, 1.0, {"x": 0.2, "y": 0.8}), 1)) == 1


@pytest.mark.parametrize(
    ("name", "groups"),
    [
        ("bass.lag4", {"rhythm", "repetition"}),
        ("band.dur50", {"lengths"}),
        ("bass.iv_step", {"lines"}),
        ("harm.top", {"harmony"}),
        ("drums.kick", {"rhythm"}),
        ("band.poly", {"lines"}),
        ("band.polysd", {"lines"}),
        ("bass.pos3", {"rhythm"}),
    ],
)
def test_a_feature_is_in_the_groups_of_what_it_measures(name: str, groups: set[str]) -> None:
    all_groups = ("rhythm", "repetition", "harmony", "lines", "lengths")
    assert {group for group in all_groups if of_group([name], group)} == groups


def test_halves_alternate_between_works_and_keep_windows_of_one_work_together() -> None:
    found = table(*[(float(row), 0.0) for row in range(6)], works="bbaacd")
    one, two = halves(found)
    assert (one.works, two.works) == (("a", "a", "c"), ("b", "b", "d"))


def test_the_distance_left_is_measured_from_people_on_either_side() -> None:
    was = BEFORE["rock"]["bass.onsets"]
    assert distance_left("rock", "bass.onsets", was + 2.0, was + 1.0) == pytest.approx(0.5)
    assert distance_left("rock", "bass.onsets", was + 2.0, was + 3.0) == pytest.approx(0.5), "beyond people counts too"
    assert distance_left("rock", "bass.onsets", was + 2.0, was - 2.0) == pytest.approx(2.0), "farther than at first"
    assert "score.chg" in UNLIKE


def heard(name: str, mode: str = "", **more: object) -> dict[str, object]:
    return {"name": name, "mode": mode, "judgements": [], "means": {}, "genre": None, "solo": {}, **more}


def against(whom: str, auc: float | None, windows: int = 4, others: int = 9) -> dict[str, object]:
    return {
        "against": whom, "windows": windows, "against_windows": others,
        "auc": None if auc is None else [auc, auc - 0.1, auc + 0.1], "groups": {"rhythm": [0.5, 0.4, 0.6]},
        "gives_away": [["bass.lag1", 0.25, 0.5, None]],
    }  # fmt: skip


def test_distances_are_measured_from_real_bands_if_there_are_any() -> None:
    people, real, band = heard("people"), heard("real bands"), heard("people", "jam")
    assert reference_of([band, people]) is people
    assert reference_of([people, real]) is real
    assert reference_of([band]) is None


def test_a_sheet_of_verdicts_has_a_column_for_each_that_was_judged() -> None:
    band = heard("plain", "jam", judgements=[against("people", 0.83, 3)])
    (sheet,) = [one for one in sheets("rock", [heard("other people", judgements=[against("people", 0.5)]), band])
                if "area under the curve" in one.title]  # fmt: skip
    assert "from people (9 windows)" in sheet.title
    assert sheet.columns == ("other people (4)", "plain, jam (3)")
    assert sheet.rows[0] == ("everything", "0.50 [0.40 0.60]", "0.83 [0.73 0.93]")
    assert {row[0]: row[1:] for row in sheet.rows}["rhythm"] == ("0.50", "0.50")
    assert {row[0]: row[1:] for row in sheet.rows}["lengths"] == ("", "")


def test_people_alone_have_no_sheet_of_verdicts() -> None:
    assert not [one for one in sheets("rock", [heard("people", judgements=[against("real bands", 0.6)])])
                if "area under the curve" in one.title]  # fmt: skip


def test_a_verdict_that_could_not_be_made_is_a_dash() -> None:
    band = heard("plain", "jam", judgements=[against("people", None)])
    text = as_text([one for one in sheets("rock", [band]) if "area under the curve" in one.title])
    assert "everything" in text
    assert text.splitlines()[1].split()[-1] == "-"


def test_features_stand_beside_those_of_the_first_bands_with_what_is_left() -> None:
    people = heard("people", means={"bass.onsets": 6.0})
    band = heard("plain", "jam", means={"bass.onsets": 5.0})
    sheet = next(one for one in sheets("rock", [people, band]) if "first bands" in one.title)
    row = next(row for row in sheet.rows if row[0] == "bass onsets a bar")
    assert row == ("bass onsets a bar", "4.00", "6.00", "5.00 (0.50)")
    unknown = next(row for row in sheet.rows if row[0].startswith("hi-hat"))
    assert unknown == ("hi-hat, likeness of neighbouring bars", "0.48", "", "")


@pytest.mark.parametrize(("genre", "drums"), [("rock", True), ("bach", False), ("symphony", False)])
def test_bands_without_drums_have_no_row_of_them(genre: str, drums: bool) -> None:
    sheet = next(one for one in sheets(genre, [heard("people")]) if "first bands" in one.title)
    assert any(row[0].startswith("drum patterns") for row in sheet.rows) == drums


def test_genres_are_named_in_shares_and_those_never_named_are_zero() -> None:
    one = heard("people", genre={"right": 0.75, "named": {"rock": 0.75, "pop": 0.25}})
    two = heard("plain", "jam", genre={"right": 1.0, "named": {"rock": 1.0}})
    sheet = next(found for found in sheets("rock", [one, two]) if "genre" in found.title)
    assert sheet.rows == (("right", "0.75", "1.00"), ("called pop", "0.25", "0.00"), ("called rock", "0.75", "1.00"))


def test_a_part_alone_has_the_columns_of_those_who_play_it() -> None:
    one, two = (
        heard("people", solo={"bass": {"notes": 4.0, "low": 30.0}}),
        heard("plain", "jam", solo={"bass": {"notes": 8.0}}),
    )
    (sheet,) = [found for found in sheets("rock", [one, heard("others"), two]) if found.title == "bass alone"]
    assert sheet.columns == ("people", "plain, jam")
    assert sheet.rows == (("notes a bar", "4.00", "8.00"), ("lowest pitch, 5 % lie below", "30.00", ""))


def test_giveaways_are_of_bands_alone_and_show_both_means() -> None:
    judged = [against("people", 0.9)]
    (sheet,) = giveaways_of([heard("other people", judgements=judged), heard("plain", "jam", judgements=judged)])
    assert sheet.title.endswith("plain, jam from people")
    assert sheet.columns == ("weight", "people", "plain, jam")
    assert sheet.rows == (("bass.lag1", "0.250", "0.50", ""),)


def test_labels_name_the_mode_of_a_band() -> None:
    assert (label(heard("people")), label(heard("plain", "phrase"))) == ("people", "plain, phrase")


def test_tables_are_aligned_and_apart() -> None:
    one = Sheet("short", ("a", "longer"), (("first row", "1", ""), ("b", "22", "3")))
    first, second = as_text([one, one]).split("\n\n")
    assert first == second
    assert first.splitlines() == ["short       a  longer", "first row   1       -", "b          22       3"]
