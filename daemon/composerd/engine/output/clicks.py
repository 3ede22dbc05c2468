"""The metronome of one performance: clicks still to come, and the one that sounds."""

from __future__ import annotations

from math import inf

from composerd.engine.output.stage import Stage
from composerd.music.metre import STEPS_PER_BEAT, BarGrid
from composerd.music.metronome import clicks
from composerd.music.midi import Midi
from composerd.music.tempo import Tempo

CLICK_STEPS = 0.5
"""length of a click [steps]"""


class Clicks:
    """Queues and sends the clicks of the metronome."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._queue: list[tuple[float, Midi]] = []
        """by beat"""

    def add(self, grid: BarGrid, first: int, until: int, before: int = 0) -> None:
        """Queue clicks on the pulses of steps [first, until), `before` steps earlier."""
        self._queue += sorted(
            (
                ((step - before + i * CLICK_STEPS) / STEPS_PER_BEAT, message)
                for step, *messages in clicks(grid, first, until)
                for i, message in enumerate(messages)
            ),
            key=lambda click: click[0],
        )

    def next_beat(self) -> float:
        return self._queue[0][0] if self._queue else inf

    def play(self, beat: float, tempo: Tempo, now: float) -> None:
        """Send what is due up to `beat`."""
        while self._queue and self._queue[0][0] <= beat:
            at, message = self._queue.pop(0)
            self._stage.click(min(now, tempo.second_at(at)), message)

    def stop(self, now: float) -> None:
        """End the sounding click and drop the queued ones."""
        if self._queue and self._queue[0][1].ends_note:
            self._stage.click(now, self._queue[0][1])
        self._queue.clear()
