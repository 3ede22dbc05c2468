"""Phrase: play up to some bars, stop, and hear the phrase back with accompaniment made from the whole of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import Enum
from math import floor, inf

from composerd.engine.clicks import Clicks
from composerd.engine.form import AUTO, Choices
from composerd.engine.left_hand import LeftHand
from composerd.engine.messages import Break, Composed, Directions, Fill, Mode, Request, SetPace, Snapshot
from composerd.engine.ports import Composer
from composerd.engine.settings import EngineSettings
from composerd.engine.stage import Stage, is_wheel
from composerd.engine.timeline import Placed, Timeline
from composerd.engine.touch import Touch
from composerd.music.chords import ChordPlan
from composerd.music.feel import swung, unswung
from composerd.music.genre import PLAYER_CHANNEL, Genre
from composerd.music.melody import MelodyRecorder
from composerd.music.metre import STEPS_PER_BEAT, BarGrid, Metre
from composerd.music.midi import CONTROL, PEDAL_DOWN, SUSTAIN_PEDAL, Midi, note_off, note_on
from composerd.music.notes import PartNote, Section
from composerd.music.roll import BandRoll, MelodyRoll
from composerd.music.tempo import Tempo

CLOSE_AFTER = 0.4
"""of a step: when a step counts as heard"""
PLAYED_AFTER = 0.99
"""of a step: when a step that is played back is over, so that a bar ends before the next one begins"""


def phrase_request(
    genre: Genre,
    grid: BarGrid,
    bpm: float,
    melody: MelodyRoll,
    steps: int,
    *,
    serial: int = 0,
    performance: int = 0,
    seed: int = 0,
    directions: Directions | None = None,
    plan: ChordPlan | None = None,
) -> Request:
    """A request for the accompaniment of a whole melody of `steps` steps from step 0 on, with harmony from bar 1."""
    return Request(
        serial=serial,
        mode=Mode.PHRASE,
        genre=genre,
        grid=grid,
        bpm=bpm,
        step=0,
        until=steps,
        drums_from=0,
        drums_until=steps,
        harmony_from=0,
        melody=melody.window(0, steps),
        band=BandRoll.silent(len(genre.parts)),
        performance=performance,
        directions=directions or Directions(),
        seed=seed,
        plan=plan,
    )


class _State(Enum):
    RECORDING = "listening"
    ASKED = "composing"
    PLAYING = "playing back"


@dataclass(slots=True)
class _Run:
    tempo: Tempo
    grid: BarGrid
    recorder: MelodyRecorder
    timeline: Timeline
    clicks: Clicks
    state: _State = _State.RECORDING
    played: list[tuple[float, Midi]] = field(default_factory=list)
    """the player's notes of the phrase, by beat"""
    serial: int = -1
    left_hand: LeftHand = field(default_factory=LeftHand)
    bars: int = 0
    answer: Composed | None = None
    stopped: bool = False
    """the player asked for the answer instead of leaving a bar empty"""
    finishing: bool = False
    """the next bar line is the end"""
    loop_step: int = 0
    queue: list[tuple[float, Midi]] = field(default_factory=list)
    """the player's notes still to come in this pass of the playback"""
    ringing: set[int] = field(default_factory=set)
    """pitches whose keys were let go while the pedal held them"""

    @property
    def bar_steps(self) -> int:
        return self.grid.place(0).metre.bar_steps


class PhraseAct:
    """Same calls as `Jam`."""

    def __init__(
        self,
        stage: Stage,
        composer: Composer,
        settings: EngineSettings,
        tempo: Tempo,
        grid: BarGrid,
        report: Callable[[float], None] = lambda _: None,
        choices: Choices | None = None,
    ) -> None:
        self._stage, self._composer, self._settings = stage, composer, settings
        self._bpm, self._metre = tempo.bpm, grid.place(0).metre
        self._report = report
        self._run: _Run | None = None
        self._serial = 0
        self._touch = Touch(settings)
        self._pedal = False
        self.late = self.dropped = 0
        self._choices = choices or Choices()

    @property
    def playing(self) -> bool:
        return self._run is not None

    @property
    def tempo(self) -> Tempo:
        return self._run.tempo if self._run is not None else Tempo(self._bpm)

    @property
    def bpm(self) -> float:
        return self._bpm

    def beat_at(self, second: float) -> float | None:
        return None if self._run is None else self._run.tempo.beat_at(second)

    def deadline(self) -> float:
        run = self._run
        if run is None:
            return inf
        coming = min(run.queue[0][0] if run.queue else inf, run.clicks.next_beat())
        return run.tempo.second_at(min(self._closes_at(run), run.timeline.next_beat(), coming))

    def tick(self, now: float) -> float:
        moment = inf
        while (run := self._run) is not None and (moment := self.deadline()) <= now:
            beat = run.tempo.beat_at(moment) + 1e-9
            self._play(run, beat, now)
            if beat >= self._closes_at(run):
                self._close_step(run, now)
        return moment if self._run is not None else inf

    def press(self, at: float, pitch: int, velocity: int) -> None:
        if self._run is None or self._run.state is _State.PLAYING:
            self._begin(at, pitch)
        run = self._run
        assert run is not None
        if self._full(run):  # beyond the longest phrase: heard, not recorded
            return
        run.state, run.answer, run.stopped = _State.RECORDING, None, False
        self._touch.hear(velocity)
        beat = run.tempo.beat_at(at)
        step = max(0, floor(unswung(beat, self._stage.genre.feel) + 0.5))
        if self._choices.left_hand and pitch < self._settings.split_pitch:
            run.left_hand.press(step, pitch)
        else:
            run.recorder.press(step, pitch)
        if pitch in run.ringing:
            self._end_note(run, beat, pitch)
        run.played.append((beat, note_on(PLAYER_CHANNEL, pitch, velocity)))

    def release(self, at: float, pitch: int) -> None:
        run = self._run
        if run is not None and run.state is not _State.PLAYING:
            beat = run.tempo.beat_at(at)
            run.left_hand.release(pitch)
            run.recorder.release(floor(unswung(beat, self._stage.genre.feel) + 0.5), pitch)
            if self._pedal:
                run.ringing.add(pitch)
            else:
                self._end_note(run, beat, pitch)

    def control(self, at: float, message: Midi) -> None:
        """Bends and what the sustain pedal holds, until it is let go, are part of the phrase."""
        run = self._run
        listening = run is not None and run.state is not _State.PLAYING
        if run is not None and listening and is_wheel(message):
            run.played.append((run.tempo.beat_at(at), message))
        if (message.kind, message.data1) != (CONTROL, SUSTAIN_PEDAL):
            return
        self._pedal = message.data2 >= PEDAL_DOWN
        if run is not None and listening and not self._pedal:
            for pitch in sorted(run.ringing):
                self._end_note(run, run.tempo.beat_at(at), pitch)

    def composed(self, answer: Composed, now: float) -> None:
        run = self._run
        if run is None or answer.serial != run.serial or run.state is not _State.ASKED:
            self.dropped += 1
            return
        run.answer = answer
        self._report(now)

    def set_settings(self, settings: EngineSettings) -> None:
        self._touch.set_settings(settings)
        self._settings = settings

    def set_tempo(self, bpm: float, now: float) -> None:
        self._bpm = bpm
        if self._run is not None:
            self._run.tempo = self._run.tempo.changed(bpm, now)

    def set_clock(self, line: Tempo | None, now: float) -> None:
        """The tempo of a clock; bars are the phrase's own."""
        if line is not None and self._run is None:
            self.set_tempo(line.bpm, now)

    def set_metre(self, metre: Metre, now: float) -> None:  # noqa: ARG002 - same call as Jam's
        """From the next phrase on."""
        self._metre = metre

    def set_genre(self, genre: Genre, now: float) -> None:
        """At once; a phrase that plays is composed anew for the new band when it comes round."""
        run = self._run
        if run is not None:
            self._stage.band(run.timeline.release(), run.tempo, now)
        self._stage.set_genre(genre)
        if run is not None and run.state is not _State.RECORDING:
            self._quieten(run, now)
            self._ask(run)

    def start(self, at: float) -> None:
        """Nothing to start without a phrase: the first key does."""

    def end(self, now: float, at_once: bool = False) -> None:
        """While listening: answer now. While playing back: stop."""
        run = self._run
        if run is None:
            return
        if at_once or run.state is _State.PLAYING:
            self._finish(now)
        elif run.played:
            run.stopped = True
            self._phrase_ended(run, run.recorder.last_heard)

    def toggle(self, at: float) -> None:
        """The Play control: answer now, or stop playing back."""
        self.end(at)

    def stop(self, at: float) -> None:
        """The Stop control: the same; it ends nothing that has not been heard."""
        self.end(at)

    def finish(self, at: float) -> None:
        """At the next bar line where a phrase is played back; what was not answered yet is not waited for."""
        if self._run is not None and self._run.state is _State.PLAYING:
            self._run.finishing = True
        elif self._run is not None:
            self._finish(at)

    def direct(self, command: Fill | Break | SetPace) -> None:
        """A phrase is played back as it was composed."""

    def beat_tapped(self, at: float, bpm: float) -> None:
        """The tempo is enough."""

    def panic(self, now: float) -> None:
        if self._run is not None:
            self._finish(now)

    def snapshot(self, now: float, keyboard: str | None) -> Snapshot:
        run, genre = self._run, self._stage.genre
        if run is None:
            return Snapshot("ready", genre.name, self._bpm, keyboard=keyboard, late=self.late, dropped=self.dropped)
        step = max(0, floor(run.tempo.beat_at(now) * STEPS_PER_BEAT + 1e-6))
        at = run.grid.place(step)
        plan = run.answer.plan if run.answer and run.state is _State.PLAYING else ChordPlan()
        chord, coming = plan.at(step - run.loop_step), plan.after(step - run.loop_step) or plan.at(0)
        return Snapshot(
            state=run.state.value,
            genre=genre.name,
            bpm=run.tempo.bpm,
            bar=at.bar + 1,
            beat=at.step // at.metre.pulse_steps + 1,
            chord=str(chord.chord) if chord else "",
            next_chord=str(coming.chord) if coming else "",
            keyboard=keyboard,
            late=self.late,
            dropped=self.dropped,
        )

    # -- the run of a phrase

    def _begin(self, at: float, pitch: int) -> None:
        """At the first key, which is `pitch` and sounds already."""
        if self._run is not None:
            self._finish(at, pitch)
        grid = BarGrid.of(self._metre)
        recorder = MelodyRecorder(0, self._settings.melody, self._settings.split_pitch)
        self._run = _Run(Tempo(self._bpm, at), grid, recorder, Timeline(self._placed), Clicks(self._stage))
        self._click_bar(self._run, 0)

    def _close_step(self, run: _Run, now: float) -> None:
        step, bar = run.recorder.end, run.bar_steps
        run.recorder.close(step)
        if step % STEPS_PER_BEAT == 0:
            self._report(now)
        if run.state is _State.RECORDING:
            self._listen(run, step, bar)
        if (step + 1) % bar == 0:
            if run.state is _State.ASKED and run.answer is not None and self._answer_is_due(run, step + 1):
                run.state, run.loop_step = _State.PLAYING, step + 1
                self._lay(run)
            elif run.finishing:
                self._finish(now)
            elif run.state is _State.PLAYING and step + 1 == run.loop_step + run.bars * bar:
                self._come_round(run, now)
            self._click_bar(run, step + 1)

    def _click_bar(self, run: _Run, first: int) -> None:
        """The metronome's bar, while a phrase is played to it: the band keeps the time itself."""
        if self._choices.metronome and run.state is not _State.PLAYING:
            run.clicks.add(run.grid, first, run.grid.next_bar_line(first))

    def _listen(self, run: _Run, step: int, bar: int) -> None:
        """Ask when half a bar has been silent: the answer is ready when the bar is over, and a key takes it back."""
        silent = step - run.recorder.last_heard
        if self._full(run) or (silent >= bar // 2 and not run.recorder.held and run.played):
            self._phrase_ended(run, run.recorder.last_heard)

    def _phrase_ended(self, run: _Run, last_step: int) -> None:
        run.bars = min(self._settings.phrase_bars, max(1, -(-(last_step + 1) // run.bar_steps)))
        self._ask(run)

    def _full(self, run: _Run) -> bool:
        return run.recorder.end >= self._settings.phrase_bars * run.bar_steps

    def _answer_is_due(self, run: _Run, step: int) -> bool:
        """A bar was left empty, the stop control was pressed, or the longest phrase is full."""
        full = run.bars >= self._settings.phrase_bars
        return run.stopped or full or step >= (run.bars + 1) * run.bar_steps

    def _ask(self, run: _Run) -> None:
        self._serial += 1
        run.serial, run.answer, run.state = self._serial, None, _State.ASKED
        steps = run.bars * run.bar_steps
        self._composer.ask(
            phrase_request(
                self._stage.genre,
                run.grid,
                run.tempo.bpm,
                run.recorder.roll(run.recorder.end, run.recorder.end),
                steps,
                serial=self._serial,
                performance=self._serial,
                seed=self._settings.seed,
                directions=self._directions(),
                plan=run.left_hand.plan if run.left_hand.plan.chords else None,
            )
        )

    def _end_note(self, run: _Run, beat: float, pitch: int) -> None:
        run.ringing.discard(pitch)
        run.played.append((beat, note_off(PLAYER_CHANNEL, pitch)))

    def _directions(self) -> Directions:
        given = self._choices.directions
        return replace(given, variation="A") if given.variation == AUTO else given

    def _lay(self, run: _Run) -> None:
        """Put one pass of the phrase on the timeline, from `loop_step` on."""
        assert run.answer is not None
        shift, end = run.loop_step, run.loop_step + run.bars * run.bar_steps
        for section in run.answer.sections:
            notes = tuple(
                replace(note, step=note.step + shift, length=min(note.length, end - shift - note.step))
                for note in section.notes
            )
            moved = Section(section.parts, section.first + shift, section.until + shift, notes)
            run.timeline.lay(moved, shift / STEPS_PER_BEAT)
        beats, last = shift / STEPS_PER_BEAT, end / STEPS_PER_BEAT
        run.queue = sorted(
            ((min(beat + beats, last), message) for beat, message in run.played), key=lambda entry: entry[0]
        )

    def _come_round(self, run: _Run, now: float) -> None:
        if not self._settings.phrase_repeat:
            self._finish(now)
            return
        self._quieten(run, now)
        run.loop_step += run.bars * run.bar_steps
        self._lay(run)

    def _quieten(self, run: _Run, now: float, but: int | None = None) -> None:
        """End the played-back melody and band without ending the phrase, `but` a key that was just pressed."""
        self._stage.band(run.timeline.release(), run.tempo, now)
        run.queue = []
        self._stage.release_keys(now, but)
        self._stage.rest_wheels(now)

    def _finish(self, now: float, but: int | None = None) -> None:
        run = self._run
        assert run is not None
        run.clicks.stop(now)
        if run.state is _State.PLAYING:
            self._quieten(run, now, but)
        else:
            self._stage.band(run.timeline.release(), run.tempo, now)
        self._run = None
        self._report(now)

    def _play(self, run: _Run, beat: float, now: float) -> None:
        while run.queue and run.queue[0][0] <= beat:
            at, message = run.queue.pop(0)
            self._stage.player(run.tempo.second_at(at), message, at, replayed=True)
        run.clicks.play(beat, run.tempo, now)
        self._stage.band(run.timeline.due(beat, lambda _: 0.0), run.tempo, now)

    def _placed(self, note: PartNote) -> Placed:
        run = self._run
        assert run is not None
        return self._touch.placed(note, self._stage.genre, run.grid, run.tempo.bpm, self._directions().variation)

    def _closes_at(self, run: _Run) -> float:
        heard = PLAYED_AFTER if run.state is _State.PLAYING else CLOSE_AFTER
        return swung(run.recorder.end + heard, self._stage.genre.feel)
