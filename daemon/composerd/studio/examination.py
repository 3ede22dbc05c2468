"""Runs an examination of the machine for a page, and keeps its findings for pages that are opened later."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from composerd.errors import ComposerdError
from composerd.studio.work import Work

MOST_SECONDS = 900
"""longest examination [s]; then it is ended"""


@dataclass
class Examination:
    """The last examination, or the one that runs."""

    running: bool = False
    findings: list[dict[str, Any]] = field(default_factory=list)
    advice: list[dict[str, Any]] = field(default_factory=list)
    problem: str = ""
    """the reason why it was not completed"""
    _began: float = 0.0
    _ended: float = 0.0

    def run(self, work: Work, config: Path | None) -> dict[str, Any]:
        """Examine the machine and return the result. One at a time: `Services` has further pages share it."""
        self._begin()
        try:
            self._examine(work, config)
        except ComposerdError as error:
            self.problem = " ".join(str(error).split())
        except BaseException as error:
            self.problem = f"{type(error).__name__}: {error}"
            raise
        finally:
            self._ended, self.running = time.monotonic(), False
        return self.state()

    def state(self) -> dict[str, Any]:
        """The findings so far, and the seconds since it began (`running`) or ended; empty before the first one."""
        if not self._began:
            return {}
        since = time.monotonic() - (self._began if self.running else self._ended)
        found = {"findings": [*self.findings], "advice": [*self.advice], "problem": self.problem}
        return {"running": self.running, "seconds": round(since), **found}

    def _begin(self) -> None:
        self.running, self._began = True, time.monotonic()
        self.findings, self.advice, self.problem = [], [], ""

    def _examine(self, work: Work, config: Path | None) -> None:
        arguments = [str(config)] if config else []
        module, what = "composerd.studio.examiner", "the examination"
        work.run(module, *arguments, seconds=MOST_SECONDS, what=what, on_line=self._add, gently=False)

    def _add(self, line: str) -> None:
        """Store the content of a line of the examiner; libraries that it loads may print other lines."""
        try:
            told = json.loads(line)
        except ValueError:
            return
        if isinstance(told, dict):
            self.findings += [told["finding"]] if "finding" in told else []
            self.advice += told.get("advice", [])
