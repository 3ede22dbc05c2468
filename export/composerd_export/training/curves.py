"""Loss and metric curves of a training: a CSV and a picture, rewritten after every epoch."""

from __future__ import annotations

import csv
from io import StringIO
from pathlib import Path

from composerd.files.atomic import write_text

Curves = list[dict[str, float]]


def columns(curves: Curves) -> list[str]:
    """The names of all curves, in order of appearance."""
    return list(dict.fromkeys(name for row in curves for name in row))


def write_csv(curves: Curves, path: Path) -> None:
    """Writes the CSV file atomically."""
    text = StringIO(newline="")
    writer = csv.DictWriter(text, columns(curves), restval="")
    writer.writeheader()
    writer.writerows(curves)
    write_text(path, text.getvalue())


def draw_curves(curves: Curves, path: Path) -> None:
    """Draws the curves, one small plot a group (the first word of their names)."""
    import matplotlib

    matplotlib.use("agg")
    from matplotlib import pyplot

    groups: dict[str, list[str]] = {}
    for name in columns(curves):
        if name != "epoch":
            groups.setdefault(name.split()[0], []).append(name)
    figure, axes = pyplot.subplots(1, max(1, len(groups)), figsize=(4 * max(1, len(groups)), 3), squeeze=False)
    for axis, (group, names) in zip(axes[0], groups.items(), strict=False):
        for name in names:
            points = [(row["epoch"], row[name]) for row in curves if name in row]
            axis.plot(*zip(*points, strict=True), label=name.removeprefix(group).strip() or name, marker=".")
        axis.set_title(group)
        axis.set_xlabel("epoch")
        axis.legend(fontsize=6)
    figure.tight_layout()
    figure.savefig(path, dpi=80)
    pyplot.close(figure)
