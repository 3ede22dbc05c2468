"""A learned song that is played is recognised, and the band plays its chords until the player leaves it."""

from __future__ import annotations

from charts import MINE
from composerd.engine.conductor import Conductor, Start
from composerd.engine.messages import KeyboardMessage, Request, Snapshot, SongbookLoaded, Stop
from composerd.engine.output.stage import Stage
from composerd.engine.settings import EngineSettings
from composerd.engine.virtual import VirtualInbox
from composerd.files.charts.text import read_text
from composerd.music.charts.chart import Chart
from composerd.music.metre import BarGrid, Metre
from composerd.music.midi import note_off, note_on
from composerd.music.songbook import Songbook
from fakes import InstantComposer, ListeningSink, duo, echo_bass

BEAT = 0.5  # seconds, at 120 bpm
TUNE = [60, 64, 67, 72, 71, 67, 65, 62, 64, 60, 57, 65, 67, 69, 71, 74]
"""a note a beat: four bars, then the same a third higher"""


def song() -> Chart:
    return read_text(MINE)


def tune(bars: int) -> list[int]:
    """The song's melody from the top, `bars` of it."""
    pitches = [note.pitch for note in song().melody]
    return [pitches[index % len(pitches)] for index in range(4 * bars)]


class Played:
    """What the generator was asked, and what was shown, while `pitches` were played, a note a beat."""

    def __init__(self, pitches: list[int], memory: str = "book", grid: BarGrid | None = None) -> None:
        inbox, self.shown = VirtualInbox(), list[Snapshot]()
        inbox.post(0.0, SongbookLoaded(Songbook([song()])))
        for index, pitch in enumerate(pitches):
            at = 1.0 + index * BEAT
            inbox.post(at, KeyboardMessage(at, note_on(1, pitch, 80)))
            inbox.post(at + 0.4, KeyboardMessage(at + 0.4, note_off(1, pitch)))
        inbox.post(1.0 + len(pitches) * BEAT, Stop())
        composer = InstantComposer(inbox, echo_bass)
        settings = EngineSettings(memory="book" if memory == "book" else "song")
        start = Start(bpm=120.0, grid=grid or BarGrid())
        Conductor(inbox, composer, Stage([ListeningSink()], duo()), settings, start, self.shown.append).run()
        self.requests: list[Request] = composer.requests

    def chord(self, bar: int) -> list[str]:
        """Chords that the generator is given in a bar, from 0, a beat each; empty where it is given none."""
        found = []
        for beat in range(4):
            step = 16 * bar + 4 * beat
            asked = next(one for one in self.requests if one.step == step and one.melody.end == step + 1)
            planned = asked.plan.at(step) if asked.plan is not None else None
            found.append(str(planned.chord) if planned is not None else "")
        return found


def test_from_the_fourth_bar_on_the_band_has_the_chords_of_the_song_in_the_players_key() -> None:
    played = Played([pitch + 3 for pitch in tune(12)])
    assert [played.chord(bar) for bar in (4, 5, 6, 7)] == [["Cm"] * 4, ["Fm"] * 4, ["E♭"] * 4, ["B♭7"] * 4]
    assert [played.chord(bar)[0] for bar in (8, 9, 10, 11)] == ["E♭", "B♭7", "A♭", "B♭7"], "the second chorus"


def test_the_chords_ahead_and_the_place_in_the_song_are_shown() -> None:
    shown = [shot for shot in Played(tune(12)).shown if shot.bar == 6]
    assert {shot.song for shot in shown} == {"Mine"}
    assert {shot.place for shot in shown} == {"B, chorus 1, bar 2 of 4"}
    again = [shot for shot in Played(tune(12)).shown if shot.bar == 10]
    assert {shot.place for shot in again} == {"A, chorus 2, bar 2 of 4"}


def test_the_melody_to_come_is_foreseen_and_sections_are_known() -> None:
    asked = next(one for one in Played(tune(12)).requests if one.step == 80 and one.melody.end == 81)
    assert asked.ahead is not None
    assert [int(pitch) for pitch in asked.ahead.window(84, 96).pitch[::4]] == tune(12)[21:24]
    assert {64, 128} <= set(asked.directions.sections)


def test_who_leaves_the_song_is_let_go_within_a_bar() -> None:
    played = Played([*tune(6), 61, 58, 54, 56, 63, 66, 68, 70])
    assert played.chord(5)[0] == "Dm"
    assert all(one.plan is None for one in played.requests if one.step >= 16 * 6 + 4)


def test_nothing_is_recognised_unless_the_setting_says_so() -> None:
    assert all(shot.song == "" for shot in Played(tune(8), memory="song").shown)


def test_bars_are_set_right_when_the_player_began_with_a_pickup() -> None:
    played = Played([67, *tune(12)])
    late = [one for one in played.requests if one.step > 16 * 7]
    assert late
    assert all(one.grid.place(4 + 16 * 8).step == 0 for one in late), "the song's bar lines are a beat after the band's"


def test_a_song_in_another_metre_brings_its_metre() -> None:
    played = Played(tune(12), grid=BarGrid.of(Metre(3, 4)))
    assert str(played.requests[-1].grid.place(16 * 9).metre) == "4/4"
    assert played.requests[-1].grid.place(16 * 9).step == 0
