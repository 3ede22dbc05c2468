"""Which frame sounds at which second: a straight line through noisy time stamps that follows the device's drift."""

from __future__ import annotations

_WINDOW = 10.0
"""seconds of time stamps that count: less follows drift faster, more smooths jitter better"""
_JUMP = 0.03
"""seconds off the line that are no jitter any more: the device stopped, lost blocks or started again"""
_PRIOR = 24
"""time stamps the nominal rate is worth at the start"""
_MOST_DRIFT = 0.005


class FrameClock:
    """An alpha-beta filter with growing memory (a least-squares line at first, exponential forgetting later).

    See E. Brookner, Tracking and Kalman Filtering Made Easy, 1998, chapters 1 and 4; F. Adriaensen, Using a DLL to
    filter time, 2005, for why audio callbacks need it.
    """

    def __init__(self, rate: float) -> None:
        self.rate = rate
        self.jumps = 0
        self._frame = 0
        self._second = 0.0
        self._slope = 1.0 / rate
        self._stamps = 0

    @property
    def set(self) -> bool:
        return self._stamps > 0

    def update(self, frame: int, second: float) -> None:
        """Frame `frame` sounds at `second`, give or take some jitter."""
        step = frame - self._frame
        error = second - self.second_at(frame)
        if self._stamps and abs(error) <= _JUMP and step > 0:
            self._follow(frame, step, error)
            return
        self.jumps += self._stamps > 0
        self._frame, self._second, self._slope, self._stamps = frame, second, 1.0 / self.rate, 1

    def _follow(self, frame: int, step: int, error: float) -> None:
        self._stamps += 1
        most = max(32, round(_WINDOW * self.rate / step))
        n = min(self._stamps, most)
        line = min(n + _PRIOR, most + _PRIOR)
        predicted = self.second_at(frame)
        self._frame, self._second = frame, predicted + error * 2 * (2 * n - 1) / (n * (n + 1))
        slope = self._slope + error / step * 6 / (line * (line + 1))
        nominal = 1.0 / self.rate
        self._slope = min(nominal * (1 + _MOST_DRIFT), max(nominal * (1 - _MOST_DRIFT), slope))

    def second_at(self, frame: float) -> float:
        return self._second + (frame - self._frame) * self._slope

    def frame_at(self, second: float) -> float:
        return self._frame + (second - self._second) / self._slope
