"""The two halves of a validation split: every work is in one, whatever else there is."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from composerd_export.evaluation.halves import HALVES, in_half, is_reported


@given(st.text(max_size=40))
def test_a_work_is_in_exactly_one_half_and_in_both_together(work: str) -> None:
    assert [in_half(work, half) for half in HALVES] == [is_reported(work), not is_reported(work), True]


def test_a_work_stays_in_its_half() -> None:
    """Figures that were tuned on a work must never be reported of it: these are as they were in earlier versions."""
    works = ("POP909 001", "POP909 002", "POP909 003", "bwv253", "bwv254", "bwv255")
    assert [is_reported(work) for work in works] == [True] * 3 + [False] * 3


def test_many_works_are_shared_out_evenly() -> None:
    share = sum(is_reported(f"work {index}") for index in range(2000)) / 2000
    assert 0.45 < share < 0.55
