"""Formats the judge's results: as values for JSON, and as sheets that are printed as text or Markdown."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from composerd_export.evaluation.judge.classify import GROUPS, Verdict
from composerd_export.evaluation.judge.judge import WITHOUT_DRUMS, Judgement, JudgeResult
from composerd_export.evaluation.judge.real_bands import BEFORE, ROWS, distance_left
from composerd_export.evaluation.judge.solo import FIGURES

REFERENCE = ("real bands", "people")
"""people from whom distances are measured: the first of these that exists"""

Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table: a row a figure, a column a system or some people."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    """name and a figure for every column, empty if there is none"""


def values(heard: Sequence[JudgeResult], about: Values) -> dict[str, Any]:
    """For JSON: what does not apply is null."""
    return {"about": dict(about), "judge": [_values(one) for one in heard]}


def _values(one: JudgeResult) -> dict[str, Any]:
    return {
        "name": one.name,
        "mode": one.mode,
        "judgements": [_judgement(found) for found in one.judgements],
        "means": {name: _plain(value) for name, value in one.means.items()},
        "genre": None if one.genre is None else {"right": one.genre.right, "named": dict(one.genre.named)},
        "solo": {part: {name: _plain(v) for name, v in found.items()} for part, found in one.solo.items() if found},
    }


def _judgement(found: Judgement) -> dict[str, Any]:
    return {
        "against": found.against,
        "windows": found.windows,
        "against_windows": found.against_windows,
        "auc": _verdict(found.all),
        "groups": {group: _verdict(verdict) for group, verdict in found.groups.items()},
        "gives_away": [[name, *(_plain(value) for value in row)] for name, *row in found.gives_away],
    }


def _verdict(found: Verdict | None) -> list[float | None] | None:
    """[area, low, high]"""
    return None if found is None else [_plain(found.auc), _plain(found.low), _plain(found.high)]


def _plain(value: float) -> float | None:
    return None if math.isnan(value) else round(value, 4)


def sheets(genre: str, heard: Sequence[Values]) -> list[Sheet]:
    """All tables of the `judge` entry of `values`."""
    found = [*_verdicts(heard), _features(genre, heard), *_genres(heard), *_solos(heard)]
    return [sheet for sheet in found if sheet.rows]


def label(one: Values) -> str:
    return f"{one['name']}, {one['mode']}" if one["mode"] else str(one["name"])


def _verdicts(heard: Sequence[Values]) -> Iterator[Sheet]:
    """A sheet for each that the bands were judged against, the people who were judged against the same first."""
    for against in dict.fromkeys(found["against"] for one in heard if one["mode"] for found in one["judgements"]):
        judged = [(one, found) for one in heard for found in one["judgements"] if found["against"] == against]
        if against == "real bands":
            judged = [*_real_halves(heard), *judged]
        count = judged[-1][1]["against_windows"]
        rows = [
            ("everything", *(_span(found["auc"]) for _, found in judged)),
            *((group, *(_area(found["groups"].get(group)) for _, found in judged)) for group in GROUPS),
        ]
        columns = tuple(f"{label(one)} ({found['windows']})" for one, found in judged)
        yield Sheet(f"distinguished from {against} ({count} windows), area under the curve", columns, tuple(rows))


def _real_halves(heard: Sequence[Values]) -> list[tuple[Values, Values]]:
    return [(one, found) for one in heard if one["name"] == "real bands" for found in one["judgements"]]


def _area(found: Sequence[float] | None) -> str:
    return "" if found is None else f"{found[0]:.2f}"


def _span(found: Sequence[float] | None) -> str:
    return "" if found is None else f"{found[0]:.2f} [{found[1]:.2f} {found[2]:.2f}]"


def _features(genre: str, heard: Sequence[Values]) -> Sheet:
    """The features that gave the first bands away; in brackets what is left of their distance."""
    reference = reference_of(heard)
    before = BEFORE.get(genre, {})
    rows = [
        (said, _number(before.get(name)), *(_feature(genre, name, one, reference) for one in heard))
        for name, said in ROWS.items()
        if not (genre in WITHOUT_DRUMS and name.startswith("drums"))
    ]
    title = "features that distinguished the first bands (in brackets: distance from people, as a share of theirs)"
    return Sheet(title, ("first bands", *(label(one) for one in heard)), tuple(rows))


def reference_of(heard: Sequence[Values]) -> Values | None:
    """The people that distances are measured from."""
    named = {one["name"]: one for one in reversed(heard) if not one["mode"]}
    return next((named[name] for name in REFERENCE if name in named), None)


def _feature(genre: str, name: str, one: Values, reference: Values | None) -> str:
    value = one["means"].get(name)
    if not one["mode"] or reference is None or value is None or reference["means"].get(name) is None:
        return _number(value)
    left = distance_left(genre, name, reference["means"][name], value)
    return _number(value) if math.isnan(left) else f"{_number(value)} ({left:.2f})"


def _genres(heard: Sequence[Values]) -> Iterator[Sheet]:
    named = [one for one in heard if one["genre"] is not None]
    if named:
        kinds = sorted({kind for one in named for kind in one["genre"]["named"]})
        rows = [
            ("right", *(_number(one["genre"]["right"]) for one in named)),
            *((f"called {kind}", *(_number(one["genre"]["named"].get(kind, 0.0)) for one in named)) for kind in kinds),
        ]
        yield Sheet("genre named by a classifier trained on human bands", tuple(map(label, named)), tuple(rows))


def _solos(heard: Sequence[Values]) -> Iterator[Sheet]:
    for part in dict.fromkeys(part for one in heard for part in one["solo"]):
        playing = [one for one in heard if part in one["solo"]]
        rows = [(said, *(_number(one["solo"][part].get(name)) for one in playing)) for name, said in FIGURES.items()]
        kept = tuple(row for row in rows if any(row[1:]))
        yield Sheet(f"{part} alone", tuple(map(label, playing)), kept)


def giveaways(heard: Sequence[Values]) -> Iterator[Sheet]:
    """For each pair of bands, the features with the greatest weights."""
    for one in heard:
        for found in one["judgements"] if one["mode"] else ():
            rows = [
                (name, f"{weight:.3f}", _number(they), _number(it)) for name, weight, they, it in found["gives_away"]
            ]
            title = f"what tells {label(one)} from {found['against']}"
            yield Sheet(title, ("weight", str(found["against"]), label(one)), tuple(rows))


def _number(value: float | None) -> str:
    return "" if value is None or math.isnan(value) else f"{value:.2f}"


def as_text(found: Sequence[Sheet]) -> str:
    """Fixed-width tables with blank lines between them."""
    return "\n\n".join(_as_text(sheet) for sheet in found)


def _as_text(sheet: Sheet) -> str:
    rows = [(sheet.title, *sheet.columns), *(tuple(cell or "-" for cell in row) for row in sheet.rows)]
    first = max(len(row[0]) for row in rows)
    widths = [max(len(row[column]) for row in rows) for column in range(1, len(sheet.columns) + 1)]
    lines = (
        row[0].ljust(first) + "".join(f"  {cell:>{width}}" for cell, width in zip(row[1:], widths, strict=True))
        for row in rows
    )
    return "\n".join(lines)
