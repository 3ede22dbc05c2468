"""Chords are recorded from the next bar line on, looped on the same control, and left at any time."""

from __future__ import annotations

from composerd.engine.commands.band import StartBand
from composerd.engine.commands.song import ChooseSong, ChordLoop, ClearLoop
from composerd.engine.conductor import Conductor, Start
from composerd.engine.messages import (
    Delegated,
    KeepLoop,
    KeyboardMessage,
    LoopsKept,
    Message,
    Snapshot,
    SongLoaded,
    Stop,
)
from composerd.engine.output.stage import Stage
from composerd.engine.settings import EngineSettings
from composerd.engine.virtual import VirtualInbox
from composerd.files.charts.text import read_text, write_text
from composerd.generators.plain import PlainGenerator
from composerd.generators.worker import Immediate
from composerd.library.genre_files import load_genre
from composerd.music.midi import note_off, note_on
from fakes import ListeningSink

BAR = 2.0  # seconds, at 120 bpm
C, F, G, AM = (60, 64, 67), (53, 57, 60), (55, 59, 62), (57, 60, 64)
Asked = tuple[float, Message]


class Looped:
    """A jam in pop in which `asked` came (bar, message)."""

    def __init__(self, asked: list[Asked], bars: float) -> None:
        genre, self.sink, inbox = load_genre("pop"), ListeningSink(), VirtualInbox()
        self.delegated, self.shown = list[Delegated](), list[Snapshot]()
        for bar, message in asked:
            inbox.post(bar * BAR, message)
        inbox.post(bars * BAR, Stop())
        composer = Immediate(PlainGenerator(genre), inbox.put)
        stage = Stage([self.sink], genre)
        Conductor(
            inbox, composer, stage, EngineSettings(), Start(bpm=120.0), self.shown.append, self.delegated.append
        ).run()

    @property
    def kept(self) -> list[str]:
        """The loop that was kept last, a bar each."""
        chart = [one.chart for one in self.delegated if isinstance(one, KeepLoop)][-1]
        return (
            []
            if chart is None
            else [" ".join(str(c.chord.chord()) for c in bar.changes if c.chord) for bar in chart.bars]
        )

    def chords(self, first: int, until: int) -> list[str]:
        """The band's chord in the middle of each bar, from 0."""
        found = {shot.bar - 1: shot.chord for shot in self.shown if shot.beat == 3}
        return [found.get(bar, "") for bar in range(first, until)]


def played(*triads: tuple[int, ...], first: int = 0) -> list[Asked]:
    """A triad held for a bar each, with its fifth above struck on every beat."""
    found: list[Asked] = []
    for index, triad in enumerate(triads):
        bar = first + index
        for pitch in triad:
            found.append((bar, KeyboardMessage(bar * BAR, note_on(1, pitch, 80))))
            found.append((bar + 0.97, KeyboardMessage((bar + 0.97) * BAR, note_off(1, pitch))))
        for beat in range(4):
            at = bar + beat / 4
            found.append((at, KeyboardMessage(at * BAR, note_on(1, triad[1] + 24, 80))))
            found.append((at + 0.2, KeyboardMessage((at + 0.2) * BAR, note_off(1, triad[1] + 24))))
    return found


def test_chords_are_recorded_from_the_next_bar_line_and_looped_on_the_same_control() -> None:
    looped = Looped([*played(C, C, AM, F, G), (0.6, ChordLoop()), (4.9, ChordLoop())], 14)
    assert looped.kept == ["C", "Am", "F", "G"]
    assert looped.chords(5, 13) == ["C", "Am", "F", "G", "C", "Am", "F", "G"], "the player is silent, the band goes on"


def test_a_press_just_after_the_bar_line_still_means_that_line() -> None:
    looped = Looped([(0.0, ChordLoop()), *played(C, AM, F, G), (4.1, ChordLoop())], 13)
    assert looped.kept == ["C", "Am", "F", "G"]
    assert looped.chords(4, 12) == ["C", "Am", "F", "G"] * 2


def test_it_is_left_at_any_time_and_the_slot_plays_it_again() -> None:
    asked = [(0.0, ChordLoop("2")), *played(C, AM, F, G), (3.9, ChordLoop("2")), (5.8, ChordLoop("2"))]
    looped = Looped([*asked, *played(G, G, G, G, first=5), (8.5, ChordLoop("2"))], 10)
    assert looped.chords(4, 6) == ["C", "Am"]
    assert looped.chords(6, 8) == ["G", "G"], "what the player plays"
    assert looped.delegated[-1] == ChooseSong("loop-2"), "read anew: it may have been edited"


def test_the_state_is_shown() -> None:
    looped = Looped([*played(C, AM, F, G), (0.5, ChordLoop("3")), (3.9, ChordLoop("3"))], 6)
    places = {shot.bar: (shot.song, shot.place) for shot in looped.shown if shot.beat == 3}
    assert places[1] == ("Loop 3", "recording from the next bar on")
    assert places[3] == ("Loop 3", "recording, bar 2")
    assert places[5] == ("Loop 3", "chorus 1, bar 1 of 3")
    stands = [str(shot.controls["chord_loop"]) for shot in looped.shown]
    assert list(dict.fromkeys(stands)) == ["off", "recording 3", "looping 3"]


def test_a_kept_slot_is_played_without_recording_and_a_cleared_one_records_anew() -> None:
    kept = Looped([(0.0, LoopsKept(frozenset({"1"}))), (0.0, StartBand()), (1.0, ChordLoop())], 3)
    assert kept.delegated == [ChooseSong("loop-1")]
    asked: list[Asked] = [(0.0, LoopsKept(frozenset({"1"}))), (0.0, ClearLoop()), (0.0, ChordLoop())]
    cleared = Looped([*asked, *played(F, G), (1.9, ChordLoop())], 4)
    assert cleared.delegated[0] == KeepLoop("1", None)
    assert cleared.kept == ["F", "G"]


def test_without_a_chord_nothing_is_looped() -> None:
    looped = Looped([(0.0, StartBand()), (0.5, ChordLoop()), (2.9, ChordLoop())], 5)
    assert not [one for one in looped.delegated if isinstance(one, KeepLoop)]


def test_another_song_ends_the_loop() -> None:
    chart = read_text("title: Other\n| Dm | Em |\n")
    asked = [(0.0, ChordLoop()), *played(C, AM), (1.9, ChordLoop()), (4.5, SongLoaded(chart))]
    looped = Looped(asked, 8)
    assert looped.chords(5, 7) == ["Dm", "Em"]
    assert looped.shown[-1].controls["chord_loop"] == "off"


def test_a_loop_is_a_text_chart() -> None:
    looped = Looped([(0.0, ChordLoop()), *played(C, AM, F, G), (3.9, ChordLoop())], 5)
    chart = next(one.chart for one in looped.delegated if isinstance(one, KeepLoop))
    assert chart is not None
    assert "| C  | Am | F  | G  |" in write_text(chart)
    assert read_text(write_text(chart)) == chart
