"""What was found, how bad that is, and what to do about it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

from composerd.config import Settings


class Level(Enum):
    OK = "OK"
    WARNING = "warning"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class Finding:
    name: str
    level: Level
    says: str
    fix: str = ""
    """a command, or what else a person can do"""
    figures: Mapping[str, float] = field(default_factory=dict)
    """what was measured; units in the names"""

    def lines(self) -> str:
        text = f"{self.level.value:<8} {self.name}: {self.says}"
        return f"{text}\n         fix: {self.fix}" if self.fix else text


@dataclass(frozen=True, slots=True)
class Patient:
    """The machine that is looked at: its root, so that tests can lay one out in a folder, and what is set."""

    settings: Settings = field(default_factory=Settings)
    root: Path = Path("/")
    environ: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))

    def read(self, path: str) -> str:
        """The text of a file below the root without its newline; empty where it cannot be read."""
        try:
            return (self.root / path).read_text(encoding="utf-8", errors="replace").strip()
        except OSError:
            return ""

    def glob(self, pattern: str) -> list[Path]:
        return sorted(self.root.glob(pattern))
