"""The end of a performance in jam mode: when it comes, what cancels it, and how the band slows down before it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from composerd.engine.services import ModeServices

if TYPE_CHECKING:
    from composerd.engine.jam.performance import JamPerformance
    from composerd.engine.jam.start import JamStart


class JamEnding:
    """The step of the last chord, and whether the player asked for the end."""

    def __init__(self, run: JamPerformance, services: ModeServices, begun: JamStart) -> None:
        self._run, self._services, self._begun = run, services, begun
        self.step: int | None = None
        """the step of the last chord; None while no end is planned"""
        self.asked = False
        """whether the player requested the end: keys do not cancel it"""

    @property
    def ringing(self) -> bool:
        """Whether the end is past and only the last sounds ring on."""
        return self.step is not None and self._run.open_step > self.step

    @property
    def ring_until(self) -> int:
        """The step at which the last chord ends."""
        assert self.step is not None
        if not self._services.settings().final_chord:
            return self.step
        return self.step + self._run.grid.place(self.step).bar_steps

    def plan(self, step: int, at: int | None = None) -> int:
        """End at step `at`, else at the next bar line from `step` on. Returns the step of the last chord."""
        grid = self._run.grid
        bar_line = step if grid.place(step).step == 0 else grid.next_bar_line(step)
        self.step = bar_line if at is None else at
        return self.step

    def cancel(self) -> int | None:
        """Cancel an end that the player did not ask for. Returns the step on which it was planned, None if none was."""
        planned = None if self.asked else self.step
        if planned is not None:
            self.step = None
        return planned

    def is_pause(self, step: int) -> bool:
        """Whether the player was silent at `step` for the bars that end the music; never before the first key."""
        run = self._run
        if run.song.form is not None or not self._begun.rests_end or run.waiting or self._begun.clocked:
            return False
        if run.keys.held:
            return False
        silent = step - max(run.keys.last_step, run.first)
        return silent >= self._services.settings().pause_bars * run.grid.place(step).bar_steps

    def broaden(self, step: int, now: float) -> None:
        """Slow down in the last bar before the final chord, by the genre's `broadening`."""
        run = self._run
        by = run.song.broadening(self._services.stage.genre)
        if self.step is None or not run.clock.free or not by:
            return
        bar = run.grid.place(self.step - 1).bar_steps
        done = min(1.0, max(0.0, 1 - (self.step - step) / bar))
        run.clock.pulse.bend(1 - by * done, now)
