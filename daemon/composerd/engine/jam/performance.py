"""One performance of the band in jam mode, from its first key to its last sound."""

from __future__ import annotations

from math import floor

from composerd.engine.jam.clock import JamClock
from composerd.engine.jam.ending import JamEnding
from composerd.engine.jam.fills_and_breaks import FillsAndBreaks
from composerd.engine.jam.keys import JamKeys
from composerd.engine.jam.request import jam_request
from composerd.engine.jam.sound import JamSound
from composerd.engine.jam.start import JamStart
from composerd.engine.jam.status import jam_outlook, jam_snapshot
from composerd.engine.mode import Cue, End
from composerd.engine.outlook import Outlook
from composerd.engine.requests import Composed
from composerd.engine.services import ModeServices
from composerd.engine.settings import EngineSettings
from composerd.engine.snapshot import Snapshot
from composerd.engine.song.jam_song import SONG_CUES, JamSong
from composerd.engine.song.loaded import SongLoaded
from composerd.music.chords import ChordPlan
from composerd.music.feel import swung, unswung
from composerd.music.genre import Genre
from composerd.music.metre import STEPS_PER_BEAT, Metre
from composerd.music.tempo import Tempo

PACES = {Cue.HALF_TIME: 0.5, Cue.DOUBLE_TIME: 2.0}
"""factors of the set tempo"""


class JamPerformance:
    """A performance in jam mode: position, requests, form, ending and sound."""

    def __init__(self, services: ModeServices, begin: JamStart) -> None:
        self._services, self._stage = services, services.stage
        settings = services.settings()
        self.genre = services.stage.genre
        self.clock, self.grid = JamClock(services, begin), begin.grid
        self.first, self.number = begin.first, begin.number
        self.song = JamSong(self, services, begin.first, begin.intro)
        self.harmony_from = begin.first
        for _ in range(settings.harmony_entry_bars if self.song.form is None else 0):
            self.harmony_from = begin.grid.next_bar_line(self.harmony_from)
        self.waiting = begin.waiting and self.song.form is None
        """whether the player's first key is still to come"""
        self.keys = JamKeys(services, begin.first)
        self.form = FillsAndBreaks()
        self.sound = JamSound(self, services, begin.first)
        self.ending = JamEnding(self, services, begin)
        self.next_genre: Genre | None = None
        """the genre from the next bar line on"""
        self.over = False
        self.recalls = False
        """whether the melody repeats an earlier passage, so that its continuation is expected"""
        self.sound.clicks.add(begin.grid, 0, begin.count_in, before=begin.count_in)
        self.sound.click_bar(begin.first)

    # -- position

    @property
    def settings(self) -> EngineSettings:
        return self._services.settings()

    @property
    def tempo(self) -> Tempo:
        return self.clock.tempo

    @property
    def heard_plan(self) -> ChordPlan:
        """The chords that sound; none before the player's first key."""
        return ChordPlan() if self.waiting else self.sound.answers.plan

    @property
    def open_step(self) -> int:
        """The step whose keys are still awaited."""
        return self.keys.recorder.end

    @property
    def closes_at(self) -> float:
        """The beat at which the open step has been heard."""
        return swung(self.open_step, self.genre.feel) + self.clock.grace

    def beat_at(self, second: float) -> float | None:
        """Quarter notes since bar 1; None in the count-in."""
        return None if self.clock.counting_in(second) else self.tempo.beat_at(second)

    def position(self, at: float) -> float:
        """The step, with its fraction, that second `at` is, swing taken out."""
        return unswung(self.tempo.beat_at(at), self.genre.feel)

    # -- events

    def deadline(self) -> float:
        step = self.ending.ring_until / STEPS_PER_BEAT if self.ending.ringing else self.closes_at
        second = self.tempo.second_at(min(step, self.sound.next_beat(), self.clock.pulse.next_change()))
        gathered = self.keys.gathered_at()
        return second if gathered is None else min(second, gathered)

    def advance(self, moment: float, now: float) -> None:
        """Process everything due at `moment`, which is not later than `now`."""
        beat = self.tempo.beat_at(moment) + 1e-9
        self.clock.pulse.reach(beat, moment)
        gathered = self.keys.gathered_at()
        if gathered is not None and moment >= gathered:
            self._answer_gathered()
        self.sound.play(beat, now)
        if self.ending.ringing:
            if beat * STEPS_PER_BEAT >= self.ending.ring_until:
                self.finish(now)
        elif beat >= self.closes_at:
            self._close_step(now)

    def press(self, at: float, pitch: int, velocity: int) -> None:
        """Record a key and request harmony for it; ignored in the count-in and while the last chord rings."""
        if self.ending.ringing or self.clock.counting_in(at):
            return
        self._services.touch.add(velocity)
        self.form.intensity.add(velocity)
        self.clock.follow(at, ending=self.ending.step is not None)
        self._resume()
        step = max(self.first, floor(self.position(at) + 0.5))
        self._enter(step)
        if (asked := self.keys.press(at, step, pitch)) is not None:
            self._ask_keyed(asked)

    def _ask_keyed(self, step: int) -> None:
        """Request harmony for a key of `step`; one too late for its own step is heard by the next one."""
        self.ask(max(step, self.open_step), keyed=step >= self.open_step)

    def _answer_gathered(self) -> None:
        step = self.keys.take_gathered()
        if step is not None and not self.ending.ringing:
            self._ask_keyed(step)

    def release(self, at: float, pitch: int) -> None:
        self.keys.release(floor(self.position(at) + 0.5), pitch)

    def composed(self, answer: Composed, now: float) -> None:
        judged = self.sound.answers.judged(answer, self.position(now))
        if judged is None or self.ending.ringing:
            self._services.counts.dropped += 1
            return
        self._services.counts.late += judged.late
        answer = self.song.fitted(answer, self._stage.genre)
        # before the first key there is nothing yet to harmonise
        drums = self._stage.genre.drum_parts
        self.sound.answers.lay(answer, judged, self.tempo.beat_at(now), drums, harmony=not self.waiting)

    def ask(self, step: int, keyed: bool) -> None:
        """Request the harmony from `step` on; `keyed`: the key of the step is included.

        At the end without a last chord nothing is requested, and what was planned beyond it is dropped.
        """
        if self.ending.step is not None and step >= self.ending.step and not self.settings.final_chord:
            self.sound.answers.rest(len(self.genre.parts), self.ending.step)
            return
        serial = self._services.next_serial()
        self.sound.answers.expect(serial, step, keyed)
        request = jam_request(self, serial, step, keyed, self._services.choices().heard_directions)
        self.recalls = request.ahead is not None
        self._services.composer.ask(request)

    def retune(self, bpm: float, now: float, beat_at: float | None) -> None:
        self.clock.retune(bpm, now, beat_at)

    def lead(self, line: Tempo, now: float) -> None:
        self.clock.lead(line, now)

    def set_metre(self, metre: Metre, now: float) -> None:
        """Change the metre at the next bar line, or at once if a bar line is now."""
        step = round(self.tempo.beat_at(now) * STEPS_PER_BEAT)
        self.grid = self.grid.changed(step, metre)
        self._forget_drums(self.grid.next_bar_line(step - 1))

    def carry_out(self, cue: Cue) -> None:
        """Carry out a cue about form or pace; ignored while the performance ends."""
        if self.ending.step is not None:
            return
        if cue in SONG_CUES:
            self._steer_song(cue)
        elif cue is Cue.FILL:
            self._fill()
        elif cue is Cue.BREAK:
            first = self.grid.next_bar_line(self.open_step)
            self.form.rest(first, self.grid.next_bar_line(first))
        elif cue in PACES and self.clock.free:
            self.form.turn_pace(PACES[cue])

    def _steer_song(self, cue: Cue) -> None:
        """Carry out a cue about the song's form from the next bar line on; the drums planned beyond it are dropped."""
        if self.song.form is not None:
            self.song.carry_out(cue)
            self._forget_drums(self.grid.next_bar_line(self.open_step))
            self.ask(self.open_step, keyed=False)

    def record_loop(self, slot: str, first: int | None = None) -> None:
        """Record chords for a loop from step `first`, else the next bar line on; an empty slot: record none."""
        first = self.grid.next_bar_line(self.open_step) if first is None else first
        self.song.record_loop(slot, first)

    def set_song(self, chosen: SongLoaded, first: int | None = None) -> None:
        """Play by a chart from step `first`, else the next bar line on, or by none."""
        if self.ending.step is None:
            first = self.grid.next_bar_line(self.open_step) if first is None else first
            self.song.choose(chosen, first)
            self._forget_drums(max(first, self.open_step))

    def end(self, when: End, now: float) -> None:
        """End with the last chord at `when`; at once during the count-in, or if no last chord is wanted."""
        if when is End.NOW or self.clock.counting_in(now) or (when is End.NEXT_BEAT and not self.settings.final_chord):
            self.finish(now)
        elif when is End.NEXT_BEAT and not self.ending.asked:
            self.ending.asked = True
            self._plan_end(self.open_step, (self.open_step // STEPS_PER_BEAT + 1) * STEPS_PER_BEAT)
        elif when is End.BAR_LINE and self.ending.step is None:
            self.ending.asked = True
            self._plan_end(self.open_step)

    def finish(self, now: float) -> None:
        """Silence the band: the performance is over."""
        self.sound.silence(now)
        self.over = True

    # -- status

    def snapshot(self, now: float, keyboard: str | None) -> Snapshot:
        return jam_snapshot(self, self._services, now, keyboard)

    def outlook(self, now: float) -> Outlook:
        return jam_outlook(self, self._services, now)

    # -- steps, bars and the end

    def _close_step(self, now: float) -> None:
        """Close the open step: end after `pause_bars` of silence, else request a new plan on each beat."""
        self._answer_gathered()
        step = self.open_step
        self.keys.recorder.close(step)
        at = self.grid.place(step + 1)
        if at.step == 0:
            self._bar_ended(step, now)
            if (end := self.song.end_near(step + 1)) is not None:
                self.ending.asked = True
                self._plan_end(step + 1, end)
        self.ending.broaden(step + 1, now)
        if self.ending.step is None and self.ending.is_pause(step):
            self._plan_end(step + 1)
        elif at.step % STEPS_PER_BEAT == 0:
            self.ask(step + 1, keyed=False)
        if step % STEPS_PER_BEAT == 0:
            self.clock.pulse.keep_up(now)
        if self.grid.place(step).step % STEPS_PER_BEAT == 0:
            self._services.report(now)

    def _bar_ended(self, step: int, now: float) -> None:
        self.sound.click_bar(step + 1)
        if self.next_genre is not None:
            self._change_genre(self.next_genre, now)
        self.genre = self._stage.genre  # its swing may have been changed
        self.form.intensity.bar_ended(self.grid.place(step).bar_steps / STEPS_PER_BEAT)
        self.song.bar_ended(step)
        if change := self.form.pace_change():
            self.clock.pulse.scale_later(change, (step + 1) / STEPS_PER_BEAT)

    def _change_genre(self, genre: Genre, now: float) -> None:
        self.next_genre = None
        self.sound.begin_anew(len(genre.parts), self.open_step, now)
        self.genre = genre
        self._stage.set_genre(genre)

    def _enter(self, step: int) -> None:
        """Set the harmony's entry after a key on `step`: at the set bar line, but not before the key."""
        if self.waiting:
            self.waiting = False
            on_line = self.settings.harmony_entry_bars == 0 or self.grid.place(step).step == 0
            self.harmony_from = max(self.harmony_from, step if on_line else self.grid.next_bar_line(step))

    def _plan_end(self, step: int, at: int | None = None) -> None:
        """End at step `at`, else at the next bar line from `step` on."""
        self._forget_drums(self.ending.plan(step, at))
        self.ask(step, keyed=False)

    def _resume(self) -> None:
        """Cancel an end that the player did not ask for: a key was pressed before it."""
        if (planned := self.ending.cancel()) is not None:
            self._forget_drums(planned)

    def _fill(self) -> None:
        """From the next beat to the next bar line, or over the whole next bar where less than a beat is left."""
        step = (self.open_step // STEPS_PER_BEAT + 1) * STEPS_PER_BEAT
        self.form.fill(self.grid.next_bar_line(step))
        self._forget_drums(step)
        self.ask(self.open_step, keyed=False)

    def _forget_drums(self, step: int) -> None:
        self.sound.answers.forget_drums(self._stage.genre.drum_parts, step)
