"""Runs the voicing net's graphs in onnxruntime."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from composerd.contract.binary_text import unpacked
from composerd.contract.frames import Floats
from composerd.generators.inference import inference_session

SUMS, ANSWERS = "sums", "answers"
FRAMES, BEGUN, COLUMNS = "frames", "begun", "columns"


class VoicingSession:
    """Implements `VoicingNet`; each question has a graph with two outputs.

    `sums` (N, hidden) is the first layer of `frames` (N, inputs); `answers` those of the sums `begun` (hidden,) with
    `columns` (K,) of the frame set to 1.
    """

    def __init__(self, graphs: Mapping[str, str], questions: Iterable[str], threads: int = 1) -> None:
        """Open graphs that are texts of `binary_text`. Raises KeyError, ValueError or onnxruntime's errors."""
        self._sessions = {name: inference_session(unpacked(graphs[name]), threads) for name in questions}
        for name, session in self._sessions.items():
            if (found := {node.name for node in session.get_inputs()}) != {FRAMES, BEGUN, COLUMNS}:
                expected = f"inputs {FRAMES}, {BEGUN} and {COLUMNS}"
                raise ValueError(f"{name}: found {', '.join(sorted(found))}, expected {expected}: export it again")
        self._none = {
            name: {node.name: np.zeros([size if isinstance(size, int) else 0 for size in node.shape],
                                       np.int64 if node.name == COLUMNS else np.float32)
                   for node in session.get_inputs()}
            for name, session in self._sessions.items()
        }  # fmt: skip

    def sums(self, question: str, frames: Floats) -> Floats:
        found: Floats = self._sessions[question].run([SUMS], {**self._none[question], FRAMES: frames})[0]
        return found

    def answers(self, question: str, sums: Floats, columns: list[int]) -> Floats:
        feeds = {**self._none[question], BEGUN: sums, COLUMNS: np.array(columns)}
        found: Floats = self._sessions[question].run([ANSWERS], feeds)[0]
        return found
