"""Asks the voicing net about one step of one part: its logits for the next note, and for sounding notes to be held.

The net's first layer is linear, so that the sums of a whole bar's frames are computed at once; for each note that is
decided later the weights of its column are added (as in Nasu, "Efficiently Updatable Neural-Network-based Evaluation
Functions", 2018).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from composerd.contract.frames import Floats
from composerd.contract.voicing_layout import (
    ABOVE,
    ANSWERS,
    BARS,
    CHOSEN,
    LASTING,
    LASTS,
    LEAP,
    LINE,
    NEAR,
    NOTE,
    ROWS,
    SPAN,
    TOP,
    plane,
)

_CLASSES = (np.arange(ROWS) - SPAN) % 12
_CHOSEN, _TOP = plane(CHOSEN).start, plane(TOP).start
_BARS = slice(LASTS * ROWS, (LASTS + BARS) * ROWS)


class VoicingNet(Protocol):
    """The net for lines and the net for chords, called by the name of the question."""

    def sums(self, question: str, frames: Floats) -> Floats:
        """The first layer's outputs (N, hidden) for frames (N, inputs)."""

    def answers(self, question: str, sums: Floats, columns: list[int]) -> Floats:
        """The last layer's values (`ANSWERS`) for sums (hidden,), with some more columns of the frame set to 1."""


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """The input of the net on one step of one part, to which the notes decided on it are added."""

    net: VoicingNet
    question: str
    sums: Floats
    """(hidden,) of a frame from before the latest decisions"""
    columns: list[int]
    """columns of the latest decisions"""
    bars: Floats
    """(BARS, ROWS) planes of earlier bars"""
    stage: int
    """first column of the stage"""

    @staticmethod
    def of(net: VoicingNet, question: str, frame: Floats, sums: Floats, columns: list[int], stage: int) -> Reading:
        """For a frame (inputs,)."""
        return Reading(net, question, sums, columns, frame[_BARS].reshape(BARS, ROWS), stage)

    def next_note(self, chosen: Iterable[int], top: int | None) -> tuple[Floats, float]:
        """Logits (ROWS,) of the next note, and the logit of no further one, after the rows `chosen` so far.

        `top` is the highest of them that begins now.
        """
        columns = [*self.columns, self.stage + NOTE, *(_CHOSEN + row for row in chosen)]
        if top is not None:
            columns.append(_TOP + top)
        answers, parts = self.net.answers(self.question, self.sums, columns), ANSWERS[self.question]
        logits = answers[parts["rows"]] + answers[parts["classes"]][_CLASSES] + answers[parts["bars"]] @ self.bars
        reach = LEAP if self.question == LINE else NEAR
        for column in self.columns:
            if column < ROWS:  # the plane of the part's last chord
                _lay(logits, answers[parts["near"]], column, reach)
        if self.question == LINE:
            return logits, 0.0
        if top is not None:
            _lay(logits, answers[parts["above"]], top, ABOVE)
        return logits, float(answers[parts["end"]][0])

    def lasting(self, sounding: Iterable[int]) -> Floats:
        """Logits (ROWS,) by which the rows `sounding` are held."""
        columns = [*self.columns, self.stage + LASTING, *(_CHOSEN + row for row in sounding)]
        answers, parts = self.net.answers(self.question, self.sums, columns), ANSWERS[self.question]
        found: Floats = answers[parts["lasting_rows"]] + answers[parts["lasting_classes"]][_CLASSES]
        return found


def _lay(logits: Floats, kernel: Floats, row: int, reach: int) -> None:
    """Add a kernel (2 * reach + 1,) around a row, as far as there are rows."""
    low, high = max(0, row - reach), min(ROWS, row + reach + 1)
    logits[low:high] += kernel[low - row + reach : high - row + reach]
