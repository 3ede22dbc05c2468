"""Draws the table: closure and human distance by system, and the deviation of each texture metric."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from composerd_export.evaluation.report import Row
from composerd_export.metrics.texture import TEXTURE


def plot(rows: Sequence[Row], title: str, path: Path) -> None:
    """Writes the picture as PNG, or in the format of the file's ending."""
    figure = Figure(figsize=(14, 1.6 + 0.42 * len(rows)), layout="constrained")
    left, middle, right = figure.subplots(1, 3, sharey=True, width_ratios=(2, 2, 5))
    labels = [row.label for row in rows]
    _bars(left, [row.summary.closure for row in rows], "closure (1 = truth, 0 = another song)", 1.0)
    _bars(middle, [row.summary.distance for row in rows], "human distance (0 = human)", 0.5)
    _deviations(right, rows)
    left.set_yticks(range(len(rows)), labels)
    figure.suptitle(title)
    figure.savefig(path, dpi=110)


def _bars(axes: Axes, values: list[float], title: str, mark: float) -> None:
    axes.barh(range(len(values)), values, color="#4477aa")
    axes.axvline(mark, color="#aa3377", linewidth=1)
    axes.set_title(title, fontsize=9)
    axes.bar_label(axes.containers[0], fmt="%.2f", fontsize=8, padding=2)  # type: ignore[arg-type, unused-ignore]
    axes.margins(x=0.2)


def _deviations(axes: Axes, rows: Sequence[Row]) -> None:
    values = np.array([[row.summary.deviations[name] for name in TEXTURE] for row in rows])
    axes.imshow(values, vmin=0, vmax=2, cmap="magma_r", aspect="auto")
    axes.set_xticks(range(len(TEXTURE)), TEXTURE, rotation=40, ha="right", fontsize=8)
    axes.set_title("texture: standard deviations from human", fontsize=9)
    for (row, column), value in np.ndenumerate(values):
        axes.text(column, row, f"{value:.1f}", ha="center", va="center", fontsize=7, color="w" if value > 1 else "k")
