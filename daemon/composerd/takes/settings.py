"""Settings of takes, each with its unit; default.yaml holds the same values with comments for users."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from msgspec import Meta


@dataclass(frozen=True, slots=True)
class TakeSettings:
    """Where and how takes are recorded."""

    record: bool = True
    """whether performances are written to disk as they are played; the last two minutes can be kept all the same"""
    folder: str = ""
    """where to; empty: takes in the user's data folder"""
    limit_mb: Annotated[float, Meta(gt=0)] = 200.0
    """megabytes that all takes together may fill before the oldest are deleted"""
    pause_s: Annotated[float, Meta(ge=2, le=3600)] = 10.0
    """seconds of silence that end a take"""
