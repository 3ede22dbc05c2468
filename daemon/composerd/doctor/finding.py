"""A finding: its severity, its text, and how to fix it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

from composerd.config.layers import Settings


class Level(Enum):
    """The severity of a finding."""

    OK = "OK"
    WARNING = "warning"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class Finding:
    """A result of one check, with a fix if there is a problem."""

    name: str
    level: Level
    says: str
    fix: str = ""
    """how to fix it: a command, or an instruction"""
    figures: Mapping[str, float] = field(default_factory=dict)
    """measured values; units in the names"""

    def lines(self) -> str:
        text = f"{self.level.value:<8} {self.name}: {self.says}"
        return f"{text}\n         fix: {self.fix}" if self.fix else text


@dataclass(frozen=True, slots=True)
class Patient:
    """The machine to check: its root folder (a temporary one in tests), environment and settings."""

    settings: Settings = field(default_factory=Settings)
    root: Path = Path("/")
    environ: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))

    def read(self, path: str) -> str:
        """The text of a file below the root without its newline; empty if it cannot be read."""
        try:
            return (self.root / path).read_text(encoding="utf-8", errors="replace").strip()
        except OSError:
            return ""

    def glob(self, pattern: str) -> list[Path]:
        return sorted(self.root.glob(pattern))
