"""Renders a MIDI file: the file as the player, the same engine on a virtual clock, the music on the file's time
axis."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from composerd.app.heard_melody import heard_of, step_at
from composerd.engine.commands.band import EndBand, StartBand
from composerd.engine.commands.time import SetTempo
from composerd.engine.conductor import Conductor, Start
from composerd.engine.jam.mode import Jam
from composerd.engine.messages import Composed, KeyboardMessage, Mode, Played, Request, SongbookLoaded, SongLoaded
from composerd.engine.output.dynamics import Dynamics
from composerd.engine.output.stage import Stage
from composerd.engine.phrase.request import phrase_request
from composerd.engine.ports import Generator
from composerd.engine.settings import EngineSettings
from composerd.engine.virtual import VirtualInbox
from composerd.generators.worker import Immediate
from composerd.music.charts.chart import Chart
from composerd.music.charts.spelling import chord_name
from composerd.music.charts.symbols import symbol_of
from composerd.music.chords import ChordPlan, PlannedChord
from composerd.music.feel import place
from composerd.music.genre import PLAYER_CHANNEL, Genre
from composerd.music.metre import STEPS_PER_BEAT, BarGrid
from composerd.music.midi import note_off, note_on
from composerd.music.midi_tracks import (
    Axis,
    FileTrack,
    Line,
    MelodyTrack,
    MetreChange,
    apart,
    lasting_ticks,
    with_explicit_start,
)
from composerd.music.notes import PartNote
from composerd.music.roll import MelodyRoll
from composerd.music.songbook import NO_SONGS, Songbook

CHORD_TRACK = "chords"
Progress = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class RenderedPerformance:
    """Player and band on a file's time axis; `lines` in order."""

    axis: Axis
    genre: Genre
    lines: tuple[Line, ...]
    end_tick: int
    chords: ChordPlan = field(default_factory=ChordPlan)
    """the band's chords"""


def render(
    melody: MelodyTrack,
    genre: Genre,
    mode: Mode,
    generator: Generator,
    settings: EngineSettings,
    progress: Progress = lambda _: None,
    chart: Chart | None = None,
    choruses: int | None = None,
    book: Songbook = NO_SONGS,
) -> RenderedPerformance:
    """Play `melody` to the band and return its performance. Equal arguments give equal music.

    `chart`: the band plays by it (in jam mode), from the bar on in which the melody begins; without a melody from the
    start, with intro and ending. `choruses`: it ends after these instead of with the melody. `book`: the songs that are
    recognised (`engine.memory: book`).

    `progress` is called with the share of the melody that has been played, 1 at the end.
    """
    melody = with_explicit_start(melody)
    if mode is Mode.JAM:
        performance = _jam(melody, genre, generator, settings, progress, chart, choruses, book)
    else:
        performance = _phrase(melody, genre, generator, settings)
    progress(1.0)
    return performance


@dataclass
class _RecordingSink:
    """A sink that keeps what is played."""

    played: list[Played] = field(default_factory=list)

    def play(self, played: Played) -> None:
        self.played.append(played)

    def set_genre(self, genre: Genre) -> None:
        """Ignored: programs are written into the tracks."""

    def close(self) -> None:
        """Nothing to close."""


@dataclass
class _ChordRecorder:
    """Wraps a generator and records the chords of its answers."""

    generator: Generator
    answers: list[tuple[Request, ChordPlan]] = field(default_factory=list)

    def compose(self, request: Request) -> Composed:
        answer = self.generator.compose(request)
        self.answers.append((request, answer.plan))
        return answer

    def chords(self) -> ChordPlan:
        """The chords that were in force on each step: those of each answer up to the next one."""
        found: list[PlannedChord] = []
        ends = [request.step for request, _ in self.answers[1:]]
        ends += [request.until for request, _ in self.answers[-1:]]
        for (request, plan), end in zip(self.answers, ends, strict=True):
            found += plan.between(request.step, end).chords
        last = self.answers[-1][1] if self.answers else ChordPlan()
        return ChordPlan(tuple(found), last.key, last.minor)


def backing(chart: Chart, bpm: float) -> MelodyTrack:
    """A melody without notes, in the chart's tempo and metre."""
    return MelodyTrack(Axis.steady(chart.bpm or bpm, chart.metre), "", (), 0)


def _jam(
    melody: MelodyTrack,
    genre: Genre,
    generator: Generator,
    settings: EngineSettings,
    progress: Progress,
    chart: Chart | None,
    choruses: int | None,
    book: Songbook,
) -> RenderedPerformance:
    inbox, sink = VirtualInbox(), _RecordingSink()
    axis = melody.axis
    for change in axis.tempos[1:]:
        inbox.post(axis.second_at(change.tick), SetTempo(change.bpm))
    if chart is not None:
        inbox.post(0.0, SongLoaded(chart, choruses))
    inbox.post(0.0, SongbookLoaded(book))
    if not melody.messages:
        inbox.post(0.0, StartBand())
    for message in melody.messages:
        inbox.post(message.second, KeyboardMessage(message.second, message.message))
    if choruses is None:
        inbox.post(melody.seconds, EndBand())
    start = Start(Mode.JAM, axis.tempos[0].bpm, axis.bar_grid(), fixed_at=0.0, rests_end=False)
    recorder = _ChordRecorder(generator)
    composer = Immediate(recorder, inbox.put)
    length = max(1.0, melody.seconds, _seconds(chart, choruses, axis))
    conductor = Conductor(inbox, composer, Stage([sink], genre), settings, start)
    conductor.run(lambda now, _: progress(min(1.0, now / length)))
    lines = [
        (axis.tick_at(played.at), None if played.part is None else genre.parts[played.part], played.message)
        for played in sink.played
        if not played.is_click
    ]
    if (chart is not None or book.charts) and isinstance(conductor.band.mode, Jam):
        axis = _with_metres(axis, conductor.band.mode.grid, max((line[0] for line in lines), default=0))
    return replace(_performance(axis, genre, lines), chords=recorder.chords())


def _with_metres(axis: Axis, grid: BarGrid, end: int) -> Axis:
    """The axis with the metres of the bars that a chart brought, up to tick `end`."""
    changes = (MetreChange(step * axis.ticks_per_beat // STEPS_PER_BEAT, metre) for step, _, metre in grid.changes)
    return replace(axis, metres=tuple(change for change in changes if change.tick <= end))


def _seconds(chart: Chart | None, choruses: int | None, axis: Axis) -> float:
    """Approximate length of the choruses [s]."""
    steps = 0 if chart is None else chart.steps * (choruses or 0)
    return axis.second_at(steps * axis.ticks_per_beat // STEPS_PER_BEAT)


def _phrase(melody: MelodyTrack, genre: Genre, generator: Generator, settings: EngineSettings) -> RenderedPerformance:
    axis, grid = melody.axis, melody.axis.bar_grid()
    heard = heard_of(melody, genre.feel, settings)
    # the band's first bar is the one in which the melody begins
    struck = next((one.tick for one in melody.messages if one.message.starts_note), 0)
    first = grid.bar_line(step_at(axis, struck, genre.feel))
    steps = grid.next_bar_line(max(0, heard.melody.end - 1)) - first
    bpm = axis.tempos[0].bpm
    request = phrase_request(
        genre,
        grid.starting(first),
        bpm,
        MelodyRoll(0, heard.melody.pitch[first:], heard.melody.onset[first:]),
        steps,
        performance=1,
        seed=settings.seed,
        plan=None if heard.chords is None else heard.chords.moved(-first),
        below=None if heard.below is None else heard.below.since(first),
    )
    answer = generator.compose(request)
    notes = sorted(replace(note, step=note.step + first) for section in answer.sections for note in section.notes)
    player = apart((message.tick, message.message.on_channel(PLAYER_CHANNEL)) for message in melody.messages)
    band = sorted(_placed(notes, melody, genre, grid, settings), key=lambda line: (line[0], line[2].starts_note))
    lines = [*((tick, None, message) for tick, message in player), *band]
    chords = answer.plan.between(0, steps).moved(first)
    return replace(_performance(axis, genre, lines), chords=chords)


@dataclass(frozen=True, slots=True)
class _Sounding:
    """A note of the band in ticks."""

    start: int
    end: int
    part: int
    pitch: int
    velocity: int


def _placed(
    notes: list[PartNote], melody: MelodyTrack, genre: Genre, grid: BarGrid, settings: EngineSettings
) -> list[Line]:
    """The band's notes in ticks, with velocities that follow the melody's."""
    dynamics, axis = Dynamics(settings.dynamics), melody.axis
    touches = [(step_at(axis, m.tick), m.message.data2) for m in melody.messages if m.message.starts_note]
    sounding: list[_Sounding] = []
    for note in notes:
        while touches and touches[0][0] <= note.step:
            dynamics.add(touches.pop(0)[1])
        on, off, velocity = place(
            note, genre.parts[note.part], genre.feel, grid, axis.tempos[0].bpm, settings.seed
        )  # fmt: skip
        start = max(0, round(on * axis.ticks_per_beat))
        end = max(start + 1, round(off * axis.ticks_per_beat))
        sounding.append(_Sounding(start, end, note.part, note.pitch, dynamics.shaped(velocity)))
    return [line for note in _ended_when_struck_again(sounding) for line in _lines(note, genre)]


def _ended_when_struck_again(notes: list[_Sounding]) -> list[_Sounding]:
    """The notes, each ending at the latest when its part strikes the same pitch again; of two that begin at once the
    later one of `notes` is left out."""
    ends: dict[int, int] = {}
    """index of a note that is kept -> tick of its end"""
    next_start: dict[tuple[int, int], int] = {}
    for index in sorted(range(len(notes)), key=lambda index: notes[index].start, reverse=True):
        note = notes[index]
        following = next_start.get((note.part, note.pitch))
        if following != note.start:
            ends[index] = note.end if following is None else min(note.end, following)
            next_start[note.part, note.pitch] = note.start
    return [replace(note, end=ends[index]) for index, note in enumerate(notes) if index in ends]


def _lines(note: _Sounding, genre: Genre) -> tuple[Line, Line]:
    part = genre.parts[note.part]
    return (
        (note.start, part, note_on(part.channel, note.pitch, note.velocity)),
        (note.end, part, note_off(part.channel, note.pitch)),
    )


def _performance(axis: Axis, genre: Genre, lines: list[Line]) -> RenderedPerformance:
    """`lines` in the order of their ticks; those of one tick stay in the order given.

    Every note lasts at least a tick. One of the band's that would last none is left out: it was planned, and as it
    began a key of the player's changed the plan.
    """
    ordered = sorted(lines, key=lambda line: line[0])
    ticks = lasting_ticks(
        [(tick, message) for tick, _, message in ordered], lambda index: ordered[index][1] is not None
    )
    lasting = [
        (tick, part, message)
        for tick, (_, part, message) in zip(ticks, ordered, strict=True)
        if tick is not None
    ]  # fmt: skip
    lasting.sort(key=lambda line: line[0])
    return RenderedPerformance(axis, genre, tuple(lasting), max((line[0] for line in lasting), default=0))


def chord_track(performance: RenderedPerformance) -> FileTrack:
    """The chords as text events, each where it changes."""
    texts: list[tuple[int, str]] = []
    chords, axis = performance.chords, performance.axis
    for planned in chords.chords:
        text = chord_name(symbol_of(planned.chord), chords.key, chords.minor)
        if not texts or texts[-1][1] != text:
            texts.append((planned.step * axis.ticks_per_beat // STEPS_PER_BEAT, text))
    return FileTrack(CHORD_TRACK, (), tuple(texts))
