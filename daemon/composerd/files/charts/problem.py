"""A mistake in a chart's file, with its position."""

from __future__ import annotations


class ChartProblem(ValueError):
    """A mistake at `line` and `column` (from 1); its text says what was found and what is expected."""

    def __init__(self, line: int, column: int, text: str) -> None:
        super().__init__(text)
        self.line, self.column = line, column
