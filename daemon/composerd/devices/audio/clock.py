"""Maps sample frames to seconds: a line fitted to noisy time stamps, which follows the device's clock drift."""

from __future__ import annotations

_WINDOW = 60.0
"""length of the time stamps that are used [s]: less follows drift faster, more smooths jitter better"""
_LATE_WEIGHT = 0.3
"""weight of a late stamp relative to an early one: busy machines call back milliseconds late, but never early"""
_FAR_WEIGHT = 0.03
"""weight of an outlier: at 0.3, callbacks that were 2 ms late for seconds moved notes by up to 1.6 frames"""
_JUMP = 0.03
"""error beyond which a stamp is no jitter [s]: the device stopped, lost blocks or started again"""
_OUTLIER = 3.0
"""multiple of the mean deviation beyond which a stamp is an outlier"""
_STEADY = 32
"""consecutive outliers on one side after which the line is fitted anew"""
_PRIOR = 24
"""weight of the nominal rate at the start, as a number of stamps"""
_MOST_DRIFT = 0.005
_FIRST_DEVIATION, _LEAST_DEVIATION, _FORGET = 1e-3, 5e-6, 0.02


class FrameClock:
    """An alpha-beta filter with growing memory (a least-squares line at first, exponential forgetting later).

    See E. Brookner, Tracking and Kalman Filtering Made Easy, 1998, chapters 1 and 4; F. Adriaensen, Using a DLL to
    filter time, 2005, for why audio callbacks need it. Measured with JACK on two cores with five times too much to
    do: stamps 40 us off as a rule and 7.6 ms at worst, the line 0.4 frames (8 us).
    """

    def __init__(self, rate: float) -> None:
        self.rate = rate
        self.jumps = 0
        self._frame = 0
        self._second = 0.0
        self._slope = 1.0 / rate
        self._stamps = 0
        self._deviation = _FIRST_DEVIATION
        self._aside = 0

    def update(self, frame: int, second: float) -> None:
        """Add a measurement: frame `frame` sounds at `second`, with jitter."""
        step = frame - self._frame
        error = second - self.second_at(frame)
        if not self._stamps or step <= 0 or abs(error) > _JUMP:
            self._start(frame, second)
            return
        most = _OUTLIER * self._deviation
        self._deviation += _FORGET * (min(abs(error), 2 * most) - self._deviation)
        self._deviation = max(_LEAST_DEVIATION, self._deviation)
        self._aside = _run(self._aside, error, most)
        if abs(self._aside) > _STEADY:
            self._start(frame, second)
            return
        self._follow(frame, step, _weighed(error, most))

    def second_at(self, frame: float) -> float:
        return self._second + (frame - self._frame) * self._slope

    def frame_at(self, second: float) -> float:
        return self._frame + (second - self._second) / self._slope

    def _start(self, frame: int, second: float) -> None:
        self.jumps += self._stamps > 0
        self._frame, self._second, self._slope, self._stamps = frame, second, 1.0 / self.rate, 1
        self._deviation, self._aside = _FIRST_DEVIATION, 0

    def _follow(self, frame: int, step: int, error: float) -> None:
        self._stamps += 1
        n = min(self._stamps, max(32, round(_WINDOW * self.rate / step)))
        predicted = self.second_at(frame)
        self._frame, self._second = frame, predicted + error * 2 * (2 * n - 1) / (n * (n + 1))
        n += _PRIOR
        slope = self._slope + error / step * 6 / (n * (n + 1))
        nominal = 1.0 / self.rate
        self._slope = min(nominal * (1 + _MOST_DRIFT), max(nominal * (1 - _MOST_DRIFT), slope))


def _weighed(error: float, most: float) -> float:
    """The error [s] that corrects the line: `error`, limited to `most`, beyond which a stamp counts less."""
    if error > most:
        return most * _FAR_WEIGHT
    return error * _LATE_WEIGHT if error > 0 else max(-most, error)


def _run(aside: int, error: float, most: float) -> int:
    """The number of consecutive stamps beyond `most` on one side; negative for early ones."""
    if abs(error) <= most:
        return 0
    side = 1 if error > 0 else -1
    return aside + side if aside * side >= 0 else side
