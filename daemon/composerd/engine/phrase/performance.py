"""One phrase: heard bar by bar, answered, and played back with its accompaniment."""

from __future__ import annotations

from dataclasses import replace
from enum import Enum
from math import floor

from composerd.engine.choices import AUTO
from composerd.engine.left_hand import LeftHand
from composerd.engine.mode import End
from composerd.engine.outlook import Outlook, outlook
from composerd.engine.output.clicks import Clicks
from composerd.engine.output.output import is_wheel
from composerd.engine.output.timeline import Placed, Timeline
from composerd.engine.performance_snapshot import performance_snapshot, step_now
from composerd.engine.phrase.keys import PhraseKeys
from composerd.engine.phrase.request import phrase_request
from composerd.engine.requests import Composed, Directions
from composerd.engine.services import ModeServices
from composerd.engine.settings import EngineSettings
from composerd.engine.snapshot import Snapshot
from composerd.music.chords import ChordPlan
from composerd.music.feel import swung, unswung
from composerd.music.genre import Genre
from composerd.music.metre import STEPS_PER_BEAT, BarGrid, Metre
from composerd.music.midi import Midi
from composerd.music.notes import PartNote, Section
from composerd.music.player import PlayerRecorder
from composerd.music.tempo import Tempo

CLOSE_AFTER = 0.4
"""share of a step after which its keys are complete"""
PLAYED_AFTER = 0.99
"""share of a step after which it counts as played back, so that a bar ends before the next one begins"""


class State(Enum):
    """The stage of a phrase."""

    RECORDING = "listening"
    ASKED = "composing"
    PLAYING = "playing back"


class PhrasePerformance:
    """A phrase from its first key to the end of its playback."""

    def __init__(self, services: ModeServices, tempo: Tempo, metre: Metre) -> None:
        settings = services.settings()
        self._services, self._stage = services, services.stage
        self.tempo, self._grid, self._bar = tempo, BarGrid.of(metre), metre.bar_steps
        self._recorder = PlayerRecorder(0, settings.melody, settings.split_pitch)
        self._left_hand = LeftHand()
        self._timeline, self._clicks = Timeline(self._placed), Clicks(services.stage)
        self.state = State.RECORDING
        self._keys = PhraseKeys()
        self._bars = 0
        """length of the answered phrase [bars]"""
        self._serial = -1
        self._answer: Composed | None = None
        self._stopped = False
        """whether the player requested the answer instead of leaving a bar empty"""
        self._finishing = False
        """whether the playback ends at the next bar line"""
        self._loop_step = 0
        """first step of this pass of the playback"""
        self.over = False
        self._click_bar(0)

    @property
    def _settings(self) -> EngineSettings:
        return self._services.settings()

    @property
    def _full(self) -> bool:
        return self._recorder.end >= self._settings.phrase_bars * self._bar

    @property
    def _closes_at(self) -> float:
        heard = PLAYED_AFTER if self.state is State.PLAYING else CLOSE_AFTER
        return swung(self._recorder.end + heard, self._stage.genre.feel)

    # -- events

    def beat_at(self, second: float) -> float | None:
        return self.tempo.beat_at(second)

    def deadline(self) -> float:
        coming = min(self._keys.next_beat(), self._clicks.next_beat())
        return self.tempo.second_at(min(self._closes_at, self._timeline.next_beat(), coming))

    def advance(self, moment: float, now: float) -> None:
        """Process everything due at `moment`, which is not later than `now`."""
        beat = self.tempo.beat_at(moment) + 1e-9
        self._sound(beat, now)
        if beat >= self._closes_at:
            self._close_step(now)

    def press(self, at: float, pitch: int, velocity: int) -> None:
        """Record a key; one after the longest phrase sounds but is not recorded."""
        if self._full:
            return
        self.state, self._answer, self._stopped = State.RECORDING, None, False
        self._services.touch.add(velocity)
        beat = self.tempo.beat_at(at)
        step = max(0, floor(unswung(beat, self._stage.genre.feel) + 0.5))
        if self._services.choices().left_hand and self._left_hand.takes(
            pitch, self._settings.split_pitch, self._recorder.melody_near(step)
        ):
            self._left_hand.press(step, pitch)
        else:
            self._recorder.press(step, pitch)
        self._keys.press(beat, pitch, velocity)

    def release(self, at: float, pitch: int, pedal: bool = False) -> None:
        """Record a release; with the `pedal` down the note rings on in the phrase."""
        if self.state is State.PLAYING:
            return
        beat = self.tempo.beat_at(at)
        self._left_hand.release(pitch)
        self._recorder.release(floor(unswung(beat, self._stage.genre.feel) + 0.5), pitch)
        self._keys.release(beat, pitch, pedal)

    def pedal_up(self, at: float) -> None:
        if self.state is not State.PLAYING:
            self._keys.pedal_up(self.tempo.beat_at(at))

    def control(self, at: float, message: Midi) -> None:
        """Record pitch bend, modulation and pressure as part of the phrase."""
        if self.state is not State.PLAYING and is_wheel(message):
            self._keys.control(self.tempo.beat_at(at), message)

    def composed(self, answer: Composed, now: float) -> None:
        if answer.serial != self._serial or self.state is not State.ASKED:
            self._services.counts.dropped += 1
            return
        self._answer = answer
        self._services.report(now)

    def change_genre(self, genre: Genre, now: float) -> None:
        """Change the genre at once; a phrase that plays is composed again for its next pass."""
        self._stage.band(self._timeline.release(), self.tempo, now)
        self._stage.set_genre(genre)
        if self.state is not State.RECORDING:
            self._quieten(now)
            self._ask()

    def answer_now(self) -> None:
        """Request the answer to the notes played until now instead of waiting for an empty bar."""
        if self._keys.recorded:
            self._stopped = True
            self._phrase_ended()

    def end(self, when: End, now: float) -> None:
        """End the playback at a bar line; a phrase without an answer ends at once."""
        if when is End.NOW or self.state is not State.PLAYING:
            self.finish(now)
        else:
            self._finishing = True

    def finish(self, now: float, but: int | None = None) -> None:
        """End the performance and silence the playback, except for the key `but` that was just pressed."""
        self._clicks.stop(now)
        if self.state is State.PLAYING:
            self._quieten(now, but)
        else:
            self._stage.band(self._timeline.release(), self.tempo, now)
        self.over = True

    # -- status

    def snapshot(self, now: float, keyboard: str | None) -> Snapshot:
        step, plan = step_now(self.tempo, now), self._plan
        at = step - self._loop_step
        chords = (plan.at(at), plan.other_after(at) or plan.at(0))
        return performance_snapshot(
            self._services, self.state.value, self.tempo.bpm, self._grid, step, chords, keyboard, plan=plan
        )

    def outlook(self, now: float) -> Outlook:
        notes = (*self._timeline.ahead(), *self._keys.ahead())
        return outlook(now, self.tempo, self._grid, notes, self._plan, self._loop_step)

    @property
    def _plan(self) -> ChordPlan:
        """The chords of the playback, from its first step on."""
        return self._answer.plan if self._answer and self.state is State.PLAYING else ChordPlan()

    # -- steps and bars

    def _close_step(self, now: float) -> None:
        step = self._recorder.end
        self._recorder.close(step)
        if step % STEPS_PER_BEAT == 0:
            self._services.report(now)
        if self.state is State.RECORDING:
            self._listen(step)
        if (step + 1) % self._bar == 0:
            self._bar_ended(step + 1, now)

    def _bar_ended(self, line: int, now: float) -> None:
        if self.state is State.ASKED and self._answer is not None and self._answer_is_due(line):
            self.state, self._loop_step = State.PLAYING, line
            self._lay()
        elif self._finishing:
            self.finish(now)
        elif self.state is State.PLAYING and line == self._loop_step + self._bars * self._bar:
            self._come_round(now)
        self._click_bar(line)

    def _listen(self, step: int) -> None:
        """Request the answer after half a bar of silence, to have it at the end of the bar; a key cancels it."""
        silent = step - self._recorder.last_heard
        if self._full or (silent >= self._bar // 2 and not self._recorder.held and self._keys.recorded):
            self._phrase_ended()

    def _phrase_ended(self) -> None:
        bars = -(-(self._recorder.last_heard + 1) // self._bar)
        self._bars = min(self._settings.phrase_bars, max(1, bars))
        self._ask()

    def _answer_is_due(self, step: int) -> bool:
        """Whether a bar was left empty, the stop control was pressed, or the longest phrase is full."""
        full = self._bars >= self._settings.phrase_bars
        return self._stopped or full or step >= (self._bars + 1) * self._bar

    def _ask(self) -> None:
        self._serial = self._services.next_serial()
        self._answer, self.state = None, State.ASKED
        request = phrase_request(
            self._stage.genre,
            self._grid,
            self.tempo.bpm,
            self._recorder.roll(self._recorder.end, self._recorder.end),
            self._bars * self._bar,
            serial=self._serial,
            performance=self._serial,
            seed=self._settings.seed,
            directions=self._directions(),
            plan=self._left_hand.plan if self._left_hand.plan.chords else self._recorder.chords(self._grid),
            below=self._recorder.below(self._bars * self._bar, self._bars * self._bar),
        )
        self._services.composer.ask(request)

    def _directions(self) -> Directions:
        given = self._services.choices().heard_directions
        return replace(given, variation="A") if given.variation == AUTO else given

    def _click_bar(self, first: int) -> None:
        """Queue the clicks of the bar at step `first`; none during the playback."""
        if self._services.choices().metronome and self.state is not State.PLAYING:
            self._clicks.add(self._grid, first, self._grid.next_bar_line(first))

    # -- playing back

    def _lay(self) -> None:
        """Put one pass of the phrase on the timeline, from `_loop_step` on."""
        assert self._answer is not None
        shift, end = self._loop_step, self._loop_step + self._bars * self._bar
        for section in self._answer.sections:
            notes = tuple(
                replace(note, step=note.step + shift, length=min(note.length, end - shift - note.step))
                for note in section.notes
            )
            moved = Section(section.parts, section.first + shift, section.until + shift, notes)
            self._timeline.lay(moved, shift / STEPS_PER_BEAT)
        beats, last = shift / STEPS_PER_BEAT, end / STEPS_PER_BEAT
        self._keys.queue_pass(beats, last)

    def _come_round(self, now: float) -> None:
        if not self._settings.phrase_repeat:
            self.finish(now)
            return
        self._quieten(now)
        self._loop_step += self._bars * self._bar
        self._lay()

    def _quieten(self, now: float, but: int | None = None) -> None:
        """End the notes of the playback, except for the key `but` that was just pressed."""
        self._stage.band(self._timeline.release(), self.tempo, now)
        self._keys.drop_pass()
        self._stage.release_keys(now, but)
        self._stage.rest_wheels(now)

    def _sound(self, beat: float, now: float) -> None:
        for at, message in self._keys.due(beat):
            self._stage.player(self.tempo.second_at(at), message, at, replayed=True)
        self._clicks.play(beat, self.tempo, now)
        self._stage.band(self._timeline.due(beat, lambda _: 0.0), self.tempo, now)

    def _placed(self, note: PartNote) -> Placed:
        variation = self._directions().variation
        return self._services.touch.placed(note, self._stage.genre, self._grid, self.tempo.bpm, variation)
