"""Jam: the band plays while the player plays, and each harmony step is decided at the key press."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from math import ceil, floor, inf

from composerd.engine.dynamics import Dynamics
from composerd.engine.follow import BeatOf, straight
from composerd.engine.form import Choices, Form
from composerd.engine.left_hand import LeftHand
from composerd.engine.messages import Break, Composed, Directions, Fill, Mode, Request, SetPace, Snapshot
from composerd.engine.ports import Composer
from composerd.engine.pulse import Pulse
from composerd.engine.settings import EngineSettings
from composerd.engine.stage import Stage
from composerd.engine.timeline import Placed, Timeline
from composerd.music.chords import ChordPlan
from composerd.music.feel import place, swung, unswung
from composerd.music.genre import Genre
from composerd.music.melody import MelodyRecorder
from composerd.music.metre import STEPS_PER_BEAT, BarGrid, Metre
from composerd.music.metronome import clicks
from composerd.music.midi import Midi
from composerd.music.notes import PartNote, Section, notes_to_cells, remainder
from composerd.music.roll import BandRoll
from composerd.music.tempo import Tempo

MELODY_STEPS = 256
"""how much of the melody a generator is shown: 16 bars of 4/4"""
BAND_STEPS = 64
"""how much of its own past"""
LATEST_GRACE = 0.4
"""of a step: a key later than this belongs to no step's decision, however long the grace is"""
CLICK_STEPS = 0.5
"""how long a click of the count-in lasts"""
FIRST_ANSWER_STEPS = 2.0
"""the first answer of a performance may come this late: nothing was planned that could play instead"""


@dataclass(slots=True)
class _Run:
    """One performance, from its first key to its last sound."""

    pulse: Pulse
    grid: BarGrid
    first: int
    harmony_from: int
    recorder: MelodyRecorder
    timeline: Timeline
    drums_until: int
    number: int
    laid_until: int = 0
    """harmony is planned up to this step"""
    asked: dict[int, tuple[int, bool]] = field(default_factory=dict)
    """serial -> (step, whether a key was heard on it)"""
    answered: int = 0
    end_step: int | None = None
    clocked: bool = False
    """whether the beat is another machine's"""
    end_asked: bool = False
    """whether the player asked for the end: keys do not take it back then"""
    form: Form = field(default_factory=Form)
    left_hand: LeftHand = field(default_factory=LeftHand)
    clicks: list[tuple[float, Midi]] = field(default_factory=list)
    """the metronome's messages still to come, by beat"""
    plan: ChordPlan = field(default_factory=ChordPlan)

    @property
    def tempo(self) -> Tempo:
        return self.pulse.line

    @property
    def open_step(self) -> int:
        return self.recorder.end


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
        self._run: _Run | None = None
        self._serial = self._performances = 0
        self._dynamics = Dynamics(settings.dynamics)
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
        return None if run is None or self._counting_in(run, second) else run.tempo.beat_at(second)

    def deadline(self) -> float:
        run = self._run
        if run is None:
            return inf
        step = self._closes_at(run) if not self._ringing(run) else self._ring_until(run) / STEPS_PER_BEAT
        click = run.clicks[0][0] if run.clicks else inf
        due = min(run.timeline.next_beat(), run.form.hush_beat(), run.pulse.next_change(), click)
        return run.tempo.second_at(min(step, due))

    def tick(self, now: float) -> None:
        """Do all that is due up to `now`, in the order of the music."""
        while (run := self._run) is not None and (moment := self.deadline()) <= now:
            beat = run.tempo.beat_at(moment) + 1e-9
            run.pulse.reach(beat, moment)
            self._play(run, beat, now)
            if self._ringing(run):
                if beat * STEPS_PER_BEAT >= self._ring_until(run):
                    self._finish(now)
            elif beat >= self._closes_at(run):
                self._close_step(run, now)

    def press(self, at: float, pitch: int, velocity: int) -> None:
        if self._run is None or (self._ringing(self._run) and not self._run.end_asked):
            self._begin(at)
        run = self._run
        assert run is not None
        if self._ringing(run) or self._counting_in(run, at):
            return
        self._dynamics.hear(velocity)
        run.form.intensity.hear(velocity)
        self._follow(run, at)
        self._resume(run)
        step = max(run.first, floor(self._position(run, at) + 0.5))
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
            end = floor(self._position(self._run, at) + 0.5)
            self._run.recorder.release(end, pitch)
            self._run.left_hand.release(pitch)

    def composed(self, answer: Composed, now: float) -> None:
        run = self._run
        asked = run.asked.pop(answer.serial, None) if run is not None else None
        if run is None or asked is None or self._ringing(run):
            self.dropped += 1
            return
        step, keyed = asked
        position = self._position(run, now)
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
        if settings.dynamics != self._settings.dynamics:
            self._dynamics = Dynamics(settings.dynamics)
        self._settings = settings

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
        if self._run is None or self._ringing(self._run):
            led = self._fixed or self._clock is not None
            self._begin(at, 0 if led else self._settings.count_in_bars)
            assert self._run is not None
            self._ask(self._run, self._run.first, keyed=False)

    def end(self, now: float, at_once: bool = False) -> None:
        run = self._run
        if run is None:
            return
        if at_once or self._counting_in(run, now):
            self._finish(now)
        elif run.end_step is None:
            run.end_asked = True
            self._plan_end(run, run.open_step)

    def toggle(self, at: float) -> None:
        """The Play control: start, or end at the next bar line."""
        if self._run is None or self._ringing(self._run):
            self.start(at)
        else:
            self.end(at)

    def stop(self, at: float) -> None:
        """The Stop control: the final chord on the next beat; silence where none is wanted or it comes already."""
        run = self._run
        if run is None:
            return
        if not self._settings.final_chord or run.end_asked or self._counting_in(run, at):
            self._finish(at)
        else:
            run.end_asked = True
            self._plan_end(run, run.open_step, (run.open_step // STEPS_PER_BEAT + 1) * STEPS_PER_BEAT)

    def direct(self, command: Fill | Break | SetPace) -> None:
        run = self._run
        if run is None or run.end_step is not None:
            return
        if isinstance(command, Fill):
            self._fill(run)
        elif isinstance(command, Break):
            first = run.grid.next_bar_line(run.open_step)
            run.form.rest(first, run.grid.next_bar_line(first))
        elif not self._fixed:
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
            state=self._state(run, now),
            genre=genre.name,
            bpm=run.pulse.nominal,
            bar=at.bar + 1,
            beat=at.step // at.metre.pulse_steps + 1,
            chord=str(chord.chord) if chord else "",
            next_chord=str(coming.chord) if coming else "",
            keyboard=keyboard,
            late=self.late,
            dropped=self.dropped,
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
        self._run = _Run(
            pulse=Pulse(tempo),
            grid=self._grid,
            first=first,
            harmony_from=harmony_from,
            recorder=MelodyRecorder(first),
            timeline=Timeline(self._placed),
            drums_until=first,
            number=self._performances,
            clicks=_clicks(self._grid, 0, counted, before=counted),
            clocked=self._clock is not None and not self._fixed,
        )
        self._click_bar(self._run, first)

    def _close_step(self, run: _Run, now: float) -> None:
        """All of the open step has been heard: look whether the player still plays, and renew the plan each beat."""
        step = run.open_step
        run.recorder.close(step)
        at = run.grid.place(step + 1)
        if at.step == 0:
            self._bar_ended(run, step, now)
        self._broaden(run, step + 1, now)
        if run.end_step is None and self._player_paused(run, step):
            self._plan_end(run, step + 1)
        elif at.step % STEPS_PER_BEAT == 0:
            self._ask(run, step + 1, keyed=False)
        if step % STEPS_PER_BEAT == 0:
            run.pulse.keep_up(now)
        if run.grid.place(step).step % STEPS_PER_BEAT == 0:
            self._report(now)

    def _click_bar(self, run: _Run, first: int) -> None:
        """The metronome's bar from step `first` on, where it is wanted."""
        if self._settings.metronome and run.end_step is None:
            run.clicks += _clicks(run.grid, first, run.grid.next_bar_line(first))

    def _bar_ended(self, run: _Run, step: int, now: float) -> None:
        self._click_bar(run, step + 1)
        if self._next_genre is not None:
            self._change_genre(now)
        run.form.intensity.bar_ended(run.grid.place(step).bar_steps / STEPS_PER_BEAT)
        if change := run.form.pace_change():
            run.pulse.set_later(run.pulse.nominal * change, (step + 1) / STEPS_PER_BEAT)

    def _follow(self, run: _Run, at: float) -> None:
        """The tempo bends to the player's, unless a file's or an ending's is what counts."""
        if not self._choices.follow:
            run.pulse.let_go()
        elif not self._fixed and not run.clocked and run.end_step is None:
            late = self._settings.follow_latency_ms / 1000
            run.pulse.follow(at - late, at, self._settings.follow_range / 100, self._grids())

    def _grids(self) -> tuple[BeatOf, ...]:
        """Where steps may sound when the player plays them: swung as the genre has it, or straight."""
        feel = self._stage.genre.feel
        return (lambda step: swung(step, feel), straight) if feel.swing else (straight,)

    def _broaden(self, run: _Run, step: int, now: float) -> None:
        """The last bar before the final chord becomes slower, as the genre has it."""
        by = self._stage.genre.broadening
        if run.end_step is None or self._fixed or run.clocked or not by:
            return
        bar = run.grid.place(run.end_step - 1).bar_steps
        done = min(1.0, max(0.0, 1 - (run.end_step - step) / bar))
        run.pulse.bend(1 - by * done, now)

    def _player_paused(self, run: _Run, step: int) -> bool:
        if run.clocked:
            return False
        silent = step - max(run.recorder.last_heard, run.left_hand.last_step, run.first)
        return (
            not run.recorder.held
            and not run.left_hand.held
            and silent >= self._settings.pause_bars * run.grid.place(step).bar_steps
        )

    def _plan_end(self, run: _Run, step: int, end_step: int | None = None) -> None:
        """End at `end_step`, else at the next bar line from `step` on."""
        bar_line = step if run.grid.place(step).step == 0 else run.grid.next_bar_line(step)
        run.end_step = bar_line if end_step is None else end_step
        self._forget_drums(run, run.end_step)
        self._ask(run, step, keyed=False)

    def _resume(self, run: _Run) -> None:
        """A key before the end: play on."""
        if run.end_step is not None and not run.end_asked:
            self._forget_drums(run, run.end_step)
            run.end_step = None

    def _fill(self, run: _Run) -> None:
        """From the next beat to the next bar line, or over the whole next bar where less than a beat is left."""
        step = (run.open_step // STEPS_PER_BEAT + 1) * STEPS_PER_BEAT
        run.form.fill(run.grid.next_bar_line(step))
        self._forget_drums(run, step)
        self._ask(run, run.open_step, keyed=False)

    def _forget_drums(self, run: _Run, step: int) -> None:
        if run.drums_until > step:
            drums = Section(self._stage.genre.drum_parts, step, run.drums_until, ())
            run.timeline.lay(drums, step / STEPS_PER_BEAT)
            run.drums_until = step

    def _finish(self, now: float) -> None:
        run = self._run
        assert run is not None
        self._stage.band(run.timeline.release(), run.tempo, now)
        if run.clicks and run.clicks[0][1].ends_note:  # one sounds
            self._stage.click(now, run.clicks[0][1])
        if self._fixed:
            self._tempo, self._grid = run.tempo, run.grid
        else:
            self._tempo = Tempo(run.pulse.nominal / run.form.pace)
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
        self._stage.set_genre(genre)

    # -- asking and placing

    def _ask(self, run: _Run, step: int, keyed: bool) -> None:
        self._serial += 1
        until = (step // STEPS_PER_BEAT + 1) * STEPS_PER_BEAT + self._settings.plan_ahead_steps
        bar_end = run.grid.next_bar_line(step)
        place_in_bar = run.grid.place(step)
        drums_until = bar_end
        if 2 * place_in_bar.step >= place_in_bar.bar_steps:
            drums_until = run.grid.next_bar_line(bar_end)
        if run.end_step is not None:
            last = self._ring_until(run)
            until, drums_until = min(until, last), min(drums_until, last)
        drums_from = max(run.drums_until, step) if self._stage.genre.drum_parts else drums_until
        run.asked[self._serial] = (step, keyed)
        for serial in [serial for serial in run.asked if serial < self._serial - 16]:
            del run.asked[serial]
        self._composer.ask(
            Request(
                serial=self._serial,
                mode=Mode.JAM,
                genre=self._stage.genre,
                grid=run.grid,
                bpm=run.tempo.bpm,
                step=step,
                until=max(until, step + 1),
                drums_from=min(drums_from, drums_until),
                drums_until=drums_until,
                harmony_from=run.harmony_from,
                melody=run.recorder.roll(step + 1 if keyed else step, MELODY_STEPS),
                band=self._past(run, step, max(step, drums_from)),
                performance=run.number,
                directions=self._directions(run, range(min(drums_from, drums_until), drums_until)),
                seed=self._settings.seed,
                plan=run.left_hand.plan if run.left_hand.plan.chords else None,
            )
        )

    def _directions(self, run: _Run, drums: range) -> Directions:
        ending = run.end_step if self._settings.final_chord else None
        return run.form.directions(self._choices.directions, drums, ending)

    def _past(self, run: _Run, step: int, drums_from: int) -> BandRoll:
        first = max(run.first, step - BAND_STEPS)
        parts = self._stage.genre.parts
        notes = run.timeline.past(first, [step if part.reacts else drums_from for part in parts])
        return BandRoll(first, notes_to_cells(notes, first, max(step, drums_from), len(parts)))

    def _lay_drums(self, run: _Run, section: Section, now: float) -> None:
        """Drums are laid once a bar and stay; what comes too late for its steps is not played."""
        if section.first >= run.drums_until and section.until > run.drums_until:
            run.timeline.lay(section, run.tempo.beat_at(now))
            run.drums_until = section.until

    def _lay_unplanned(self, run: _Run, section: Section, now: float) -> None:
        """Of a late answer only what nobody has planned: on a slow machine better heard late than never."""
        first = max(run.laid_until, ceil(run.tempo.beat_at(now) * STEPS_PER_BEAT))
        if section.until > first:
            run.timeline.lay(remainder(section, first), run.tempo.beat_at(now))
            run.laid_until = section.until

    def _placed(self, note: PartNote) -> Placed:
        run = self._run
        assert run is not None
        part = self._stage.genre.parts[note.part]
        on, off, velocity = place(note, part, self._stage.genre.feel, run.grid, run.tempo.bpm, self._settings.seed)
        return Placed(on, off, self._dynamics.shaped(velocity))

    def _hold(self, note: PartNote) -> float:
        """Beats that a note waits for its key: the grace, where the player is likely to press one on its step."""
        run = self._run
        assert run is not None
        reacts = self._stage.genre.parts[note.part].reacts
        return self._grace(run) if reacts and note.step == run.open_step and self._key_expected(run) else 0.0

    def _key_expected(self, run: _Run) -> bool:
        step = run.open_step
        if any(keyed and asked == step for asked, keyed in run.asked.values()):
            return True
        planned = run.plan.at(step)
        if planned is not None and planned.step != step:  # within a chord the key changes little: sound on the step
            return False
        bar = run.grid.place(step).bar_steps
        on_beats = [run.recorder.struck(step - STEPS_PER_BEAT * back) for back in range(1, 5)]
        regular = step % STEPS_PER_BEAT == 0 and sum(on_beats) >= 2
        return regular or run.recorder.struck(step - bar)

    def _grace(self, run: _Run) -> float:
        """The grace in beats."""
        return min(self._settings.grace_ms / 1000 * run.tempo.bpm / 60, LATEST_GRACE / STEPS_PER_BEAT)

    def _closes_at(self, run: _Run) -> float:
        return swung(run.open_step, self._stage.genre.feel) + self._grace(run)

    def _position(self, run: _Run, at: float) -> float:
        """The step, with its fraction, that second `at` is, swing taken out."""
        return unswung(run.tempo.beat_at(at), self._stage.genre.feel)

    def _ringing(self, run: _Run) -> bool:
        """Past the end: only what still sounds rings."""
        return run.end_step is not None and run.open_step > run.end_step

    def _ring_until(self, run: _Run) -> int:
        assert run.end_step is not None
        if not self._settings.final_chord:
            return run.end_step
        return run.end_step + run.grid.place(run.end_step).bar_steps

    def _play(self, run: _Run, beat: float, now: float) -> None:
        while run.clicks and run.clicks[0][0] <= beat:
            at, message = run.clicks.pop(0)
            self._stage.click(min(now, run.tempo.second_at(at)), message)
        if run.form.hush_due(beat):
            self._stage.hush(now)
        self._stage.band(run.form.audible(run.timeline.due(beat, self._hold)), run.tempo, now)

    def _counting_in(self, run: _Run, at: float) -> bool:
        return not self._fixed and run.tempo.beat_at(at) * STEPS_PER_BEAT < -0.5

    def _state(self, run: _Run, now: float) -> str:
        if self._counting_in(run, now):
            return "count-in"
        return "ending" if run.end_step is not None else "playing"


def _clicks(grid: BarGrid, first: int, until: int, before: int = 0) -> list[tuple[float, Midi]]:
    """Clicks over the steps [first, until), by beat, `before` steps earlier than they stand."""
    found = [
        ((step - before + i * CLICK_STEPS) / STEPS_PER_BEAT, message)
        for step, *messages in clicks(grid, first, until)
        for i, message in enumerate(messages)
    ]
    return sorted(found, key=lambda click: click[0])
