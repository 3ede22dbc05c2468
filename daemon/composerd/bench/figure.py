"""A measured figure and its limit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from composerd.errors import DeviceError


@dataclass(frozen=True, slots=True)
class Figure:
    """A measured value beside its limit."""

    name: str
    value: float
    unit: str
    limit: float | None = None
    """upper limit, or lower limit with `least`; None: for information"""
    least: bool = False
    detail: str = ""
    """details of the measurement: the other side of a ratio, counts"""

    @property
    def reached(self) -> bool | None:
        if self.limit is None:
            return None
        return self.value >= self.limit if self.least else self.value <= self.limit

    def line(self) -> str:
        mark = {True: "ok  ", False: "MISS", None: "    "}[self.reached]
        target = "" if self.limit is None else f"{'≥' if self.least else '≤'} {self.limit:g}"
        return f"{mark} {self.name:<52} {self.value:>9.3g} {self.unit:<6} {target:<8} {self.detail}".rstrip()


def quantile(values: Sequence[float], share: float) -> float:
    """The least of `values` that more than a share `share` of them do not exceed; for 1 the largest.

    Raises DeviceError if there are none.
    """
    if not values:
        raise DeviceError("bench: nothing was measured")
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
