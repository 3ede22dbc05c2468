"""A voicing net for tests: a function of whole frames in place of a first layer and what follows it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from composerd.contract.frames import Floats
from composerd.contract.voicing_layout import ANSWERS, CHORDS, ROWS

Ask = Callable[[str, Floats], Floats]
"""A question and frames (N, inputs) -> logits (N, outputs)."""


@dataclass(frozen=True)
class Answering:
    """Implements `VoicingNet`: its sums are the frames themselves, and its kernels are zero."""

    ask: Ask

    def sums(self, question: str, frames: Floats) -> Floats:  # noqa: ARG002  # the protocol's
        return frames

    def answers(self, question: str, sums: Floats, columns: list[int]) -> Floats:
        row = sums.copy()
        row[columns] = 1.0
        logits, parts = self.ask(question, row[None])[0], ANSWERS[question]
        found = np.zeros(list(parts.values())[-1].stop, np.float32)
        found[parts["rows"]] = logits[:ROWS]
        if question == CHORDS:
            found[parts["end"]], found[parts["lasting_rows"]] = logits[ROWS], logits[ROWS + 1 :]
        return found
