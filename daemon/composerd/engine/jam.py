"""Jam: the band plays while the player plays, and each harmony step is decided at the key press."""

from __future__ import annotations

from collections.abc import Callable
from math import ceil, floor, inf

from composerd.engine.clicks import Clicks
from composerd.engine.follow import BeatOf, straight, triplets
from composerd.engine.form import Choices
from composerd.engine.jam_request import jam_request
from composerd.engine.jam_run import JamRun
from composerd.engine.messages import Break, Composed, Fill, SetPace, Snapshot
from composerd.engine.ports import Composer
from composerd.engine.pulse import Pulse
from composerd.engine.settings import EngineSettings
from composerd.engine.stage import Stage
from composerd.engine.timeline import Placed, Timeline
from composerd.engine.touch import Touch
from composerd.music.feel import swung
from composerd.music.genre import Genre
from composerd.music.melody import MelodyRecorder
from composerd.music.metre import STEPS_PER_BEAT, BarGrid, Metre
from composerd.music.midi import Midi
from composerd.music.notes import PartNote, Section, remainder
from composerd.music.tempo import Tempo

FIRST_ANSWER_STEPS = 2.0
"""the first answer of a performance may come this late: nothing was planned that could play instead"""
PATIENCE = 16
"""requests after which an answer is not expected any more"""


class Jam:
    """Idle until the first key; from then on called for every key, answer and due moment."""

    def __init__(
        self,
        stage: Stage,
        composer: Composer,
        settings: EngineSettings,
        tempo: Tempo,
        grid: BarGrid,
        fixed: bool = False,
        report: Callable[[float], None] = lambda _: None,
        choices: Choices | None = None,
    ) -> None:
        """`fixed`: bars are those of `tempo` and `grid` whenever the player starts; else the first key is beat 1.

        `report` is called with the moment at every beat and change of state.
        """
        self._stage, self._composer, self._settings = stage, composer, settings
        self._tempo, self._grid, self._fixed = tempo, grid, fixed
        self._report = report
        self._run: JamRun | None = None
        self._serial = self._performances = 0
        self._touch = Touch(settings)
        self._next_genre: Genre | None = None
        self.late = self.dropped = 0
        self._choices = choices or Choices()
        self._clock: Tempo | None = None
        """another machine's beat, while it leads"""

    # -- what the conductor calls

    @property
    def playing(self) -> bool:
        return self._run is not None

    @property
    def tempo(self) -> Tempo:
        return self._tempo if self._run is None else self._run.tempo

    @property
    def bpm(self) -> float:
        return self._tempo.bpm if self._run is None else self._run.pulse.nominal

    def beat_at(self, second: float) -> float | None:
        """None while no clock runs; the count-in is no part of the performance."""
        run = self._run
        return None if run is None or run.counting_in(second) else run.tempo.beat_at(second)

    def deadline(self) -> float:
        run = self._run
        if run is None:
            return inf
        step = run.ring_until / STEPS_PER_BEAT if run.ringing else run.closes_at
        due = min(step, run.timeline.next_beat(), run.form.hush_beat(), run.pulse.next_change(), run.clicks.next_beat())
        return run.pulse.line.second_at(due)

    def tick(self, now: float) -> float:
        """Do all that is due up to `now`, in the order of the music; the next deadline."""
        moment = inf
        while (run := self._run) is not None and (moment := self.deadline()) <= now:
            beat = run.tempo.beat_at(moment) + 1e-9
            run.pulse.reach(beat, moment)
            self._play(run, beat, now)
            if run.ringing:
                if beat * STEPS_PER_BEAT >= run.ring_until:
                    self._finish(now)
            elif beat >= run.closes_at:
                self._close_step(run, now)
        return moment if self._run is not None else inf

    def press(self, at: float, pitch: int, velocity: int) -> None:
        if self._run is None or (self._run.ringing and not self._run.end_asked):
            self._begin(at)
        run = self._run
        assert run is not None
        if run.ringing or run.counting_in(at):
            return
        self._touch.hear(velocity)
        run.form.intensity.hear(velocity)
        self._follow(run, at)
        self._resume(run)
        step = max(run.first, floor(run.position(at) + 0.5))
        if self._choices.left_hand and pitch < self._settings.split_pitch:
            step = max(step, run.open_step)
            if run.left_hand.press(step, pitch):
                self._ask(run, step, keyed=True)
        elif step < run.open_step:  # too late for its own step: the next one hears it
            if run.recorder.press(step, pitch):
                self._ask(run, run.open_step, keyed=False)
        elif run.recorder.press(step, pitch):
            self._ask(run, step, keyed=True)

    def release(self, at: float, pitch: int) -> None:
        if self._run is not None:
            end = floor(self._run.position(at) + 0.5)
            self._run.recorder.release(end, pitch)
            self._run.left_hand.release(pitch)

    def control(self, at: float, message: Midi) -> None:
        """Pedals and wheels have gone through; harmony answers keys."""

    def composed(self, answer: Composed, now: float) -> None:
        run = self._run
        asked = run.asked.pop(answer.serial, None) if run is not None else None
        if run is None or asked is None or run.ringing:
            self.dropped += 1
            return
        step, keyed = asked
        position = run.position(now)
        patience = FIRST_ANSWER_STEPS if run.answered == 0 else 0.5 if keyed else 0.0
        late = position > step + patience + 1e-6
        self.late += late
        stale = late or answer.serial < run.answered
        drums = self._stage.genre.drum_parts
        for section in answer.sections:
            if section.parts <= drums:
                self._lay_drums(run, section, now)
            elif not stale:
                run.timeline.lay(section, run.tempo.beat_at(now), at_once=keyed)
                run.laid_until = section.until
            else:
                self._lay_unplanned(run, section, now)
        if not stale:
            run.answered, run.plan = answer.serial, answer.plan
        self.tick(now)

    def set_settings(self, settings: EngineSettings) -> None:
        self._touch.set_settings(settings)
        self._settings = settings
        if self._run is not None:
            self._run.settings = settings

    def set_tempo(self, bpm: float, now: float) -> None:
        self._tempo = self._tempo.changed(bpm, now)
        if self._run is not None:
            self._run.pulse.set(bpm, now)

    def set_clock(self, line: Tempo | None, now: float) -> None:
        """`line` leads from now on, and starts the band where it did not lead before; None: the band leads itself."""
        begins = self._clock is None and line is not None
        self._clock = line
        if begins and not self._fixed:
            if self._run is not None:
                self._finish(now)
            self.start(now)
        elif line is not None and self._run is not None and self._run.clocked:
            self._run.pulse.aim(line, now)
            self._run.pulse.nominal = line.bpm

    def set_metre(self, metre: Metre, now: float) -> None:
        """From the next bar line on; at once where one is now."""
        if self._fixed:
            step = round(self._tempo.beat_at(now) * STEPS_PER_BEAT)
            self._grid = self._grid.changed(step, metre)
        else:
            self._grid = BarGrid.of(metre)
        if self._run is not None:
            step = round(self._run.tempo.beat_at(now) * STEPS_PER_BEAT)
            self._run.grid = self._run.grid.changed(step, metre)
            self._forget_drums(self._run, self._run.grid.next_bar_line(step - 1))

    def set_genre(self, genre: Genre, now: float) -> None:
        """At the next bar line while playing, else at once."""
        self._next_genre = genre
        if self._run is None:
            self._change_genre(now)

    def start(self, at: float) -> None:
        if self._run is None or self._run.ringing:
            led = self._fixed or self._clock is not None
            self._begin(at, 0 if led else self._settings.count_in_bars)
            assert self._run is not None
            self._ask(self._run, self._run.first, keyed=False)

    def end(self, now: float, at_once: bool = False) -> None:
        run = self._run
        if run is None:
            return
        if at_once or run.counting_in(now):
            self._finish(now)
        elif run.end_step is None:
            run.end_asked = True
            self._plan_end(run, run.open_step)

    def toggle(self, at: float) -> None:
        """The Play control: start, or end at the next bar line."""
        if self._run is None or self._run.ringing:
            self.start(at)
        else:
            self.end(at)

    def stop(self, at: float) -> None:
        """The Stop control: the final chord on the next beat; silence where none is wanted or it comes already."""
        run = self._run
        if run is None:
            return
        if not self._settings.final_chord or run.end_asked or run.counting_in(at):
            self._finish(at)
        else:
            run.end_asked = True
            self._plan_end(run, run.open_step, (run.open_step // STEPS_PER_BEAT + 1) * STEPS_PER_BEAT)

    def finish(self, at: float) -> None:
        """The final chord, as at the Stop control, unless the end is on its way."""
        if self._run is not None and not self._run.end_asked:
            self.stop(at)

    def direct(self, command: Fill | Break | SetPace) -> None:
        run = self._run
        if run is None or run.end_step is not None:
            return
        if isinstance(command, Fill):
            self._fill(run)
        elif isinstance(command, Break):
            first = run.grid.next_bar_line(run.open_step)
            run.form.rest(first, run.grid.next_bar_line(first))
        elif not self._fixed and not run.clocked:
            run.form.turn_pace(command.factor)

    def beat_tapped(self, at: float, bpm: float) -> None:
        """`at` is a beat of the player's: the nearest beat moves there."""
        run = self._run
        if run is not None and not self._fixed:
            run.pulse.aim(Tempo(bpm, at, floor(run.tempo.beat_at(at) + 0.5)), at)

    def panic(self, now: float) -> None:
        if self._run is not None:
            self._finish(now)

    def snapshot(self, now: float, keyboard: str | None) -> Snapshot:
        run, genre = self._run, self._stage.genre
        counts = {"keyboard": keyboard, "late": self.late, "dropped": self.dropped}
        if run is None:
            return Snapshot("ready", genre.name, self._tempo.bpm, **counts)  # type: ignore[arg-type]
        step = max(run.first, floor(run.tempo.beat_at(now) * STEPS_PER_BEAT + 1e-6))
        at = run.grid.place(step)
        chord, coming = run.plan.at(step), run.plan.after(step)
        return Snapshot(
            state=run.state(now),
            genre=genre.name,
            bpm=run.pulse.nominal,
            bar=at.bar + 1,
            beat=at.step // at.metre.pulse_steps + 1,
            chord=str(chord.chord) if chord else "",
            next_chord=str(coming.chord) if coming else "",
            keyboard=keyboard,
            late=self.late,
            dropped=self.dropped,
            variation=run.form.intensity.variation,
        )

    # -- the run of a performance

    def _begin(self, at: float, count_in_bars: int = 0) -> None:
        if self._run is not None:
            self._finish(at)
        self._performances += 1
        counted = count_in_bars * self._grid.place(0).bar_steps
        tempo = self._clock or Tempo(self._tempo.bpm, at, -counted / STEPS_PER_BEAT)
        if self._fixed:
            tempo = self._tempo
        first = max(0, floor(tempo.beat_at(at) * STEPS_PER_BEAT + 0.5))
        harmony_from = first
        for _ in range(self._settings.harmony_entry_bars):
            harmony_from = self._grid.next_bar_line(harmony_from)
        self._run = JamRun(
            settings=self._settings,
            genre=self._stage.genre,
            pulse=Pulse(tempo),
            grid=self._grid,
            first=first,
            harmony_from=harmony_from,
            recorder=MelodyRecorder(first, self._settings.melody, self._settings.split_pitch),
            timeline=Timeline(self._placed),
            drums_until=first,
            number=self._performances,
            clicks=Clicks(self._stage),
            clocked=self._clock is not None and not self._fixed,
            given=self._fixed,
        )
        self._run.clicks.add(self._grid, 0, counted, before=counted)
        self._click_bar(self._run, first)

    def _close_step(self, run: JamRun, now: float) -> None:
        """All of the open step has been heard: look whether the player still plays, and renew the plan each beat."""
        step = run.open_step
        run.recorder.close(step)
        at = run.grid.place(step + 1)
        if at.step == 0:
            self._bar_ended(run, step, now)
        self._broaden(run, step + 1, now)
        if run.end_step is None and run.paused_at(step):
            self._plan_end(run, step + 1)
        elif at.step % STEPS_PER_BEAT == 0:
            self._ask(run, step + 1, keyed=False)
        if step % STEPS_PER_BEAT == 0:
            run.pulse.keep_up(now)
        if run.grid.place(step).step % STEPS_PER_BEAT == 0:
            self._report(now)

    def _click_bar(self, run: JamRun, first: int) -> None:
        """The metronome's bar from step `first` on, where it is wanted."""
        if self._choices.metronome and run.end_step is None:
            run.clicks.add(run.grid, first, run.grid.next_bar_line(first))

    def _bar_ended(self, run: JamRun, step: int, now: float) -> None:
        self._click_bar(run, step + 1)
        if self._next_genre is not None:
            self._change_genre(now)
        run.genre = self._stage.genre  # its swing may have been changed
        run.form.intensity.bar_ended(run.grid.place(step).bar_steps / STEPS_PER_BEAT)
        if change := run.form.pace_change():
            run.pulse.scale_later(change, (step + 1) / STEPS_PER_BEAT)

    def _follow(self, run: JamRun, at: float) -> None:
        """The tempo bends to the player's, unless a file's or an ending's is what counts."""
        if not self._choices.follow:
            run.pulse.let_go()
        elif not self._fixed and not run.clocked and run.end_step is None:
            late = self._settings.follow_latency_ms / 1000
            run.pulse.follow(at - late, at, self._settings.follow_range / 100, self._grids())

    def _grids(self) -> tuple[BeatOf, ...]:
        """Where steps may sound when the player plays them: as the genre has it, or not."""
        feel = self._stage.genre.feel
        return (lambda step: swung(step, feel), straight) if feel.swing else (straight, triplets)

    def _broaden(self, run: JamRun, step: int, now: float) -> None:
        """The last bar before the final chord becomes slower, as the genre has it."""
        by = self._stage.genre.broadening
        if run.end_step is None or self._fixed or run.clocked or not by:
            return
        bar = run.grid.place(run.end_step - 1).bar_steps
        done = min(1.0, max(0.0, 1 - (run.end_step - step) / bar))
        run.pulse.bend(1 - by * done, now)

    def _plan_end(self, run: JamRun, step: int, end_step: int | None = None) -> None:
        """End at `end_step`, else at the next bar line from `step` on."""
        bar_line = step if run.grid.place(step).step == 0 else run.grid.next_bar_line(step)
        run.end_step = bar_line if end_step is None else end_step
        self._forget_drums(run, run.end_step)
        self._ask(run, step, keyed=False)

    def _resume(self, run: JamRun) -> None:
        """A key before the end: play on."""
        if run.end_step is not None and not run.end_asked:
            self._forget_drums(run, run.end_step)
            run.end_step = None

    def _fill(self, run: JamRun) -> None:
        """From the next beat to the next bar line, or over the whole next bar where less than a beat is left."""
        step = (run.open_step // STEPS_PER_BEAT + 1) * STEPS_PER_BEAT
        run.form.fill(run.grid.next_bar_line(step))
        self._forget_drums(run, step)
        self._ask(run, run.open_step, keyed=False)

    def _forget_drums(self, run: JamRun, step: int) -> None:
        if run.drums_until > step:
            drums = Section(self._stage.genre.drum_parts, step, run.drums_until, ())
            run.timeline.lay(drums, step / STEPS_PER_BEAT)
            run.drums_until = step

    def _finish(self, now: float) -> None:
        run = self._run
        assert run is not None
        self._stage.band(run.timeline.release(), run.tempo, now)
        run.clicks.stop(now)
        if self._fixed:
            self._tempo, self._grid = run.tempo, run.grid
        else:
            self._tempo = Tempo(run.pulse.nominal * run.pulse.coming / run.form.pace)
        self._run = None
        if self._next_genre is not None:
            self._change_genre(now)
        self._report(now)

    def _change_genre(self, now: float) -> None:
        genre, self._next_genre = self._next_genre, None
        assert genre is not None
        run = self._run
        if run is not None:
            self._stage.band(run.timeline.release(), run.tempo, now)
            run.timeline = Timeline(self._placed)
            run.drums_until = run.laid_until = run.open_step
            run.asked.clear()
            run.genre = genre
        self._stage.set_genre(genre)

    # -- asking and placing

    def _ask(self, run: JamRun, step: int, keyed: bool) -> None:
        self._serial += 1
        run.asked[self._serial] = (step, keyed)
        run.asked.pop(self._serial - PATIENCE - 1, None)
        self._composer.ask(jam_request(run, self._serial, step, keyed, self._choices.directions))

    def _lay_drums(self, run: JamRun, section: Section, now: float) -> None:
        """Drums are laid once a bar and stay; what comes too late for its steps is not played."""
        if section.first >= run.drums_until and section.until > run.drums_until:
            run.timeline.lay(section, run.tempo.beat_at(now))
            run.drums_until = section.until

    def _lay_unplanned(self, run: JamRun, section: Section, now: float) -> None:
        """Of a late answer only what nobody has planned: on a slow machine better heard late than never."""
        first = max(run.laid_until, ceil(run.tempo.beat_at(now) * STEPS_PER_BEAT))
        if section.until > first:
            run.timeline.lay(remainder(section, first), run.tempo.beat_at(now))
            run.laid_until = section.until

    def _placed(self, note: PartNote) -> Placed:
        run = self._run
        assert run is not None
        variation = run.form.variation(self._choices.directions)
        return self._touch.placed(note, run.genre, run.grid, run.tempo.bpm, variation)

    def _hold(self, note: PartNote) -> float:
        """Beats that a note waits for its key: the grace, where the player is likely to press one on its step."""
        run = self._run
        assert run is not None
        reacts = self._stage.genre.parts[note.part].reacts
        return run.grace if reacts and note.step == run.open_step and run.key_expected() else 0.0

    def _play(self, run: JamRun, beat: float, now: float) -> None:
        run.clicks.play(beat, run.tempo, now)
        if run.form.hush_due(beat):
            self._stage.hush(now)
        self._stage.band(run.form.audible(run.timeline.due(beat, self._hold)), run.tempo, now)
