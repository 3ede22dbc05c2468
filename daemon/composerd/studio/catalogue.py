"""Lists the genres, models and trainings of this machine."""

from __future__ import annotations

import csv
import json
from math import isfinite
from pathlib import Path
from typing import Any

from composerd.errors import ComposerdError, ModelError
from composerd.library.genre_files import genre_pages, load_genre
from composerd.library.model_files import model_files, read_card
from composerd.studio.studio_paths import StudioPaths

CURVES, CHOSEN = "curves.csv", "hyperparameters.json"
"""files that `composerd-export train` writes after every epoch"""
MOST_ROWS = 2000
MOST_RUNS = 40


def genres() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for name in genre_pages():
        try:
            page = load_genre(name)
        except ComposerdError as error:
            found.append({"name": name, "title": name, "problem": str(error)})
        else:
            parts = [{"name": part.name, "role": part.role, "program": part.program} for part in page.parts]
            found.append(
                {
                    "name": name,
                    "title": page.title,
                    "bpm": page.bpm,
                    "metre": str(page.metre),
                    "model": page.model,
                    "parts": parts,
                }
            )
    return found


def models(place: StudioPaths) -> list[dict[str, Any]]:  # noqa: ARG001 - same call as all
    return [_model(file) for file in model_files()]


def _model(file: Path) -> dict[str, Any]:
    facts: dict[str, Any] = {"name": file.stem, "bytes": file.stat().st_size, "folder": str(file.parent)}
    try:
        card = read_card(file)
    except ModelError as error:
        return {**facts, "problem": str(error)}
    return {
        **facts,
        "genre": card.genre,
        "family": card.family,
        "tracks": [track.name for track in card.tracks],
        "parameters": card.parameters,
        "data": card.data,
        "hyperparameters": card.hyperparameters,
        "metrics": dict(card.metrics),
    }


def trainings(place: StudioPaths) -> list[dict[str, Any]]:
    """The curves of trainings, the newest first."""
    files = [file for folder in place.runs for file in folder.glob(f"*/{CURVES}")]
    newest = sorted(files, key=lambda file: -file.stat().st_mtime)[:MOST_RUNS]
    return [_training(file) for file in newest]


def _training(file: Path) -> dict[str, Any]:
    told = {"name": file.parent.name, "changed": file.stat().st_mtime, **_curves(file)}
    try:
        chosen = json.loads((file.parent / CHOSEN).read_text(encoding="utf-8"))
    except (OSError, ValueError):  # of an earlier version, or just being written
        return told
    return {**told, "hyperparameters": chosen if isinstance(chosen, dict) else {}}


def _curves(file: Path) -> dict[str, Any]:
    """Name of a curve -> [epoch, value] pairs."""
    curves: dict[str, list[tuple[float, float]]] = {}
    try:
        with file.open(newline="", encoding="utf-8") as lines:
            for _, row in zip(range(MOST_ROWS), csv.DictReader(lines), strict=False):
                epoch = _number(row.get("epoch"))
                for name, text in row.items():
                    value = _number(text)
                    if name and name != "epoch" and value is not None and epoch is not None:
                        curves.setdefault(name, []).append((epoch, value))
    except (OSError, ValueError, csv.Error) as error:
        return {"problem": str(error)}
    return {"curves": curves}


def _number(text: str | None) -> float | None:
    try:
        value = float(text or "")
    except ValueError:
        return None
    return value if isfinite(value) else None
