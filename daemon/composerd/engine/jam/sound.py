"""Sends the planned notes and clicks of a performance in jam mode on their beats, and records them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from composerd.engine.jam.answers import Answers
from composerd.engine.jam.expected_keys import key_likely
from composerd.engine.jam.past import BandPast
from composerd.engine.jam.riffs import Riffs
from composerd.engine.output.clicks import Clicks
from composerd.engine.output.timeline import Placed, Timeline
from composerd.music.notes import PartNote
from composerd.music.roll import BandRoll

if TYPE_CHECKING:
    from composerd.engine.jam.performance import JamPerformance
    from composerd.engine.services import ModeServices


class JamSound:
    """Plays the answers of the generator and the metronome's clicks."""

    def __init__(self, run: JamPerformance, services: ModeServices, first: int) -> None:
        """Steps of the performance `run` count from `first`."""
        self._run, self._services, self._stage = run, services, services.stage
        self.riffs = Riffs()
        self.answers = Answers(self._timeline(), first)
        self._past = BandPast(len(run.genre.parts), first)
        self.clicks = Clicks(services.stage)

    def next_beat(self) -> float:
        """The beat of the next note, break or click; infinity for none."""
        planned = min(self.answers.timeline.next_beat(), self._run.form.hush_beat())
        return min(planned, self.clicks.next_beat())

    def play(self, beat: float, now: float) -> None:
        """Send all that is due up to `beat`, which is second `now`."""
        tempo, form = self._run.tempo, self._run.form
        self.clicks.play(beat, tempo, now)
        if form.hush_due(beat):
            self._stage.hush(now)
        self._stage.band(form.audible(self.answers.timeline.due(beat, self._hold)), tempo, now)

    def click_bar(self, first: int) -> None:
        """Queue the clicks of the bar at step `first` if the metronome is on."""
        if self._services.choices().metronome and self._run.ending.step is None:
            self.clicks.add(self._run.grid, first, self._run.grid.next_bar_line(first))

    def begin_anew(self, parts: int, step: int, now: float) -> None:
        """Release the band's notes and drop plan and past, since other `parts` play from `step` on."""
        self._release(now)
        self.riffs.clear()
        self.answers.begin_anew(self._timeline(), step)
        self._past = BandPast(parts, step)

    def silence(self, now: float) -> None:
        """Release the band's notes and end the clicks."""
        self._release(now)
        self.clicks.stop(now)

    def past(self, step: int, drums_from: int) -> BandRoll:
        """Notes that the band played: harmony up to `step`, drums up to `drums_from`."""
        ends = [step if part.reacts else drums_from for part in self._run.genre.parts]
        return self._past.roll(self.answers.timeline, step, ends, max(step, drums_from))

    def _release(self, now: float) -> None:
        self._stage.band(self.answers.timeline.release(), self._run.tempo, now)

    def _timeline(self) -> Timeline:
        return Timeline(self._placed, self._played)

    def _placed(self, note: PartNote) -> Placed:
        run = self._run
        variation = run.form.variation(self._services.choices().directions)
        again = run.song.is_again(note.step)
        return self._services.touch.placed(note, run.genre, run.grid, run.tempo.bpm, variation, again)

    def _played(self, note: PartNote) -> None:
        if note.part not in self._run.genre.drum_parts:
            self.riffs.played(note)

    def _hold(self, note: PartNote) -> float:
        """Beats that a note waits for a key: the grace if a key is likely on its step, else 0."""
        reacts = self._stage.genre.parts[note.part].reacts
        waits = reacts and note.step == self._run.open_step and self._key_expected()
        return self._run.clock.grace if waits else 0.0

    def _key_expected(self) -> bool:
        """Whether the player is likely to strike on the open step a key that the harmony should wait for."""
        run, step = self._run, self._run.open_step
        if run.keys.gathering or self.answers.expects_key(step):
            return True
        planned = self.answers.plan.at(step)
        chord_begins = planned is None or planned.step == step
        place = run.grid.place(step)
        return key_likely(step, chord_begins or place.step == 0, place.bar_steps, run.keys.recorder.struck)
