"""A MIDI file as the player: the same engine on a virtual clock, its music as lines on the file's time axis."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from fractions import Fraction
from math import floor

from composerd.engine.conductor import Conductor, Start
from composerd.engine.dynamics import Dynamics
from composerd.engine.left_hand import LeftHand
from composerd.engine.messages import EndBand, Heard, Mode, Played, SetTempo
from composerd.engine.phrase import phrase_request
from composerd.engine.ports import Generator
from composerd.engine.settings import EngineSettings
from composerd.engine.stage import Stage
from composerd.engine.virtual import VirtualInbox
from composerd.generators.worker import Immediate
from composerd.music.chords import ChordPlan
from composerd.music.feel import place, unswung
from composerd.music.genre import Feel, Genre
from composerd.music.melody import MelodyRecorder
from composerd.music.metre import STEPS_PER_BEAT, BarGrid
from composerd.music.midi import note_off, note_on
from composerd.music.notes import PartNote
from composerd.music.roll import MelodyRoll
from composerd.music.song import Axis, Line, MetreChange, Song, SongMessage, TempoChange

Progress = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class Performance:
    """Player and band on a file's time axis; `lines` in order."""

    axis: Axis
    genre: Genre
    lines: tuple[Line, ...]
    end_tick: int


def at_tempo(song: Song, bpm: float) -> Song:
    """The song with its beats at a steady `bpm` instead of the file's tempo."""
    axis = replace(song.axis, tempos=(TempoChange(0, round(60e6 / bpm)),))
    messages = tuple(SongMessage(m.tick, axis.second_at(m.tick), m.message) for m in song.messages)
    return replace(song, axis=axis, messages=messages)


def with_explicit_start(song: Song) -> Song:
    """The song with a tempo and a metre at tick 0, MIDI's defaults where the file has none."""
    tempos, metres = song.axis.tempos, song.axis.metres
    if not tempos or tempos[0].tick > 0:
        tempos = (TempoChange(0, 500_000), *tempos)
    if not metres or metres[0].tick > 0:
        metres = (MetreChange(0, song.axis.bar_grid().place(0).metre), *metres)
    return replace(song, axis=Axis(song.axis.ticks_per_beat, tempos, metres))


def render(
    song: Song,
    genre: Genre,
    mode: Mode,
    generator: Generator,
    settings: EngineSettings,
    progress: Progress = lambda _: None,
) -> Performance:
    """What player and band play to `song`. Equal arguments give equal music.

    `progress` is told the share of the song that has been played, 1 at the end.
    """
    song = with_explicit_start(song)
    if mode is Mode.JAM:
        performance = _jam(song, genre, generator, settings, progress)
    else:
        performance = _phrase(song, genre, generator, settings)
    progress(1.0)
    return performance


@dataclass
class _Listener:
    heard: list[Played] = field(default_factory=list)

    def play(self, played: Played) -> None:
        self.heard.append(played)

    def set_genre(self, genre: Genre) -> None:
        """Programs are written into the tracks."""

    def close(self) -> None:
        """Nothing to close."""


def _jam(song: Song, genre: Genre, generator: Generator, settings: EngineSettings, progress: Progress) -> Performance:
    inbox, listener = VirtualInbox(), _Listener()
    axis = song.axis
    for change in axis.tempos[1:]:
        inbox.post(axis.second_at(change.tick), SetTempo(change.bpm))
    for message in song.messages:
        inbox.post(message.second, Heard(message.second, message.message))
    inbox.post(song.seconds, EndBand())
    start = Start(Mode.JAM, axis.tempos[0].bpm, axis.bar_grid(), fixed_at=0.0)
    composer = Immediate(generator, inbox.put)
    length = max(1.0, song.seconds)
    Conductor(inbox, composer, Stage([listener], genre), settings, start).run(
        lambda now: progress(min(1.0, now / length))
    )
    lines = [
        (axis.tick_at(played.at), None if played.part is None else genre.parts[played.part], played.message)
        for played in listener.heard
        if not played.is_click
    ]
    return _performance(axis, genre, lines)


def _phrase(song: Song, genre: Genre, generator: Generator, settings: EngineSettings) -> Performance:
    axis, grid = song.axis, song.axis.bar_grid()
    melody, chords = heard_of(song, genre.feel, settings)
    steps = grid.next_bar_line(max(0, melody.end - 1))
    bpm = axis.tempos[0].bpm
    answer = generator.compose(
        phrase_request(genre, grid, bpm, melody, steps, performance=1, seed=settings.seed, plan=chords)
    )
    notes = sorted(note for section in answer.sections for note in section.notes)
    lines: list[Line] = [(message.tick, None, message.message) for message in song.messages]
    lines += _placed(notes, song, genre, grid, settings)
    return _performance(axis, genre, sorted(lines, key=lambda line: line[2].starts_note))


def _placed(notes: list[PartNote], song: Song, genre: Genre, grid: BarGrid, settings: EngineSettings) -> list[Line]:
    """The band's notes at their ticks, their loudness following the melody's."""
    dynamics, axis = Dynamics(settings.dynamics), song.axis
    touches = [(_step(axis, m.tick), m.message.data2) for m in song.messages if m.message.starts_note]
    lines: list[Line] = []
    for note in notes:
        while touches and touches[0][0] <= note.step:
            dynamics.hear(touches.pop(0)[1])
        part = genre.parts[note.part]
        on, off, velocity = place(note, part, genre.feel, grid, axis.tempos[0].bpm, settings.seed)
        start = max(0, round(on * axis.ticks_per_beat))
        end = max(start + 1, round(off * axis.ticks_per_beat))
        lines.append((start, part, note_on(part.channel, note.pitch, dynamics.shaped(velocity))))
        lines.append((end, part, note_off(part.channel, note.pitch)))
    return lines


def heard_of(
    song: Song, feel: Feel | None = None, settings: EngineSettings | None = None
) -> tuple[MelodyRoll, ChordPlan | None]:
    """The whole melody on the grid (every onset and end at its nearest step, swing taken out), the left hand's chords.

    The plan is None where the settings give the left hand no chords to play, or it plays none.
    """
    settings = settings or EngineSettings()
    recorder, left_hand = MelodyRecorder(0, settings.melody, settings.split_pitch), LeftHand()
    for tick, message in ((one.tick, one.message) for one in song.messages):
        step = _step(song.axis, tick, feel)
        while recorder.end < step:
            recorder.close(recorder.end)
        if message.starts_note and settings.left_hand and message.data1 < settings.split_pitch:
            left_hand.press(step, message.data1)
        elif message.starts_note:
            recorder.press(step, message.data1)
        elif message.ends_note:
            recorder.release(step, message.data1)
            left_hand.release(message.data1)
    recorder.close(recorder.end)
    end = max(recorder.last_heard, left_hand.last_step) + 1
    return recorder.roll(end, end), left_hand.plan if left_hand.plan.chords else None


def _step(axis: Axis, tick: int, feel: Feel | None = None) -> int:
    """The nearest step, a half counting up, in exact arithmetic where nothing swings."""
    if feel is not None and feel.swing:
        return floor(unswung(tick / axis.ticks_per_beat, feel) + 0.5)
    return int(Fraction(tick * STEPS_PER_BEAT, axis.ticks_per_beat) + Fraction(1, 2))


def _performance(axis: Axis, genre: Genre, lines: list[Line]) -> Performance:
    ordered = tuple(sorted(lines, key=lambda line: line[0]))
    return Performance(axis, genre, ordered, max((line[0] for line in ordered), default=0))
