"""A jam by a chart, from the keyboard alone, on the virtual clock."""

from __future__ import annotations

import pytest

from charts import BLUES
from composerd.engine.commands.band import ToggleBand
from composerd.engine.commands.song import AskEnding, FromTop, NextSection, StaySection
from composerd.engine.conductor import Conductor, Start
from composerd.engine.messages import KeyboardMessage, Message, Snapshot, SongLoaded, Stop
from composerd.engine.output.stage import Stage
from composerd.engine.settings import EngineSettings
from composerd.engine.virtual import VirtualInbox
from composerd.files.charts.text import read_text
from composerd.generators.plain import PlainGenerator
from composerd.generators.plan import harmonist_plan
from composerd.generators.tables import harmonist
from composerd.generators.worker import Immediate
from composerd.library.genre_files import load_genre
from composerd.music.charts.chart import Chart
from composerd.music.harmony.chart_guard import lowest_part
from composerd.music.midi import note_off, note_on
from fakes import InstantComposer, ListeningSink, duo, echo_bass

BAR = 60 / 132 * 4
"""seconds"""
SONG = "key: C\ntempo: 132\n[A]\n| C | F | C | G7 |\n[B]\n| Am | N.C. |\n"


class Jammed:
    """What a jam played, and how it stood at every beat."""

    def __init__(self, chart: Chart, asked: list[tuple[float, Message]], until: float, genre: str = "jazz") -> None:
        self.genre, self.sink = load_genre(genre), ListeningSink()
        inbox = VirtualInbox()
        inbox.post(0.0, SongLoaded(chart))
        for bar, message in asked:
            inbox.post(bar * BAR, message)
        inbox.post(until * BAR, Stop())
        self.snapshots: list[Snapshot] = []
        composer = Immediate(PlainGenerator(self.genre), inbox.put)
        stage = Stage([self.sink], self.genre)
        Conductor(inbox, composer, stage, EngineSettings(), Start(), self.snapshots.append).run()

    def places(self) -> list[str]:
        """Section and chorus, one for each bar."""
        found: dict[int, str] = {}
        for shot in self.snapshots:
            if shot.state != "ready" and shot.place and shot.bar:
                found.setdefault(shot.bar, shot.place.rpartition(", bar")[0])
        return [found[bar] for bar in sorted(found)]

    def bass(self, bar: int) -> list[int]:
        """Pitch classes that the bass begins in a bar, the count-in not counted."""
        index = lowest_part(self.genre)
        return [
            played.message.data1 % 12
            for played in self.sink.heard
            if played.part == index and played.message.starts_note and played.beat is not None
            and round(played.beat * 4) // 16 == bar
        ]  # fmt: skip


def presses(bars: range) -> list[tuple[float, Message]]:
    """A player who strikes every beat."""
    found: list[tuple[float, Message]] = []
    for beat in range(4 * bars.start, 4 * bars.stop):
        at, pitch = beat / 4, 65 + 2 * (beat % 5)
        found.append((at, KeyboardMessage(at * BAR, note_on(1, pitch, 80))))
        found.append((at + 0.2, KeyboardMessage((at + 0.2) * BAR, note_off(1, pitch))))
    return found


@pytest.mark.parametrize("genre", ["bach", "jazz", "pop", "rock", "symphony"])
def test_a_blues_is_jammed_with_count_in_intro_four_choruses_and_ending(genre: str) -> None:
    """Play, play along, and Play once more in the fourth chorus; genres that end on a fermata add no tag."""
    bars_before = 1 + 4 + 36
    asked = [(0.0, ToggleBand()), *presses(range(5, 52)), (bars_before + 3.5, ToggleBand())]
    jam = Jammed(read_text(BLUES), asked, 70, genre)
    assert jam.snapshots[-1].state == "ready"
    places = jam.places()
    assert places[:4] == ["A, chorus 1"] * 4
    assert [places[4 + 12 * chorus] for chorus in range(4)] == [f"A, chorus {number}" for number in (1, 2, 3, 4)]
    tag = 0 if jam.genre.broadening else 4
    assert places[52 : 52 + tag] == ["tag, chorus 4"] * tag
    assert len(places) == 4 + 48 + tag + 1  # the final chord's bar
    roots = [5, 10, 5, 0, 10, 11, 0, 9, 7, 0, 5, 7]
    for chorus in range(4):
        assert [jam.bass(4 + 12 * chorus + bar)[0] for bar in range(12)] == roots
    assert jam.bass(52 + tag)[0] == 5


def test_the_status_says_where_the_song_is_and_which_chords_come() -> None:
    jam = Jammed(read_text(BLUES), [(0.0, ToggleBand()), *presses(range(1, 8))], 8)
    shot = next(shot for shot in jam.snapshots if shot.bar == 6 and shot.place)
    assert (shot.song, shot.place, shot.ahead) == ("Blues", "A, chorus 1, bar 2 of 12", ("F7", "Cm7", "F7", "B♭7"))


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        (NextSection(), ["A", "A", "B", "B", "A"]),
        (StaySection(), ["A", "A", "A", "A", "A", "A", "A", "A"]),
        (FromTop(), ["A", "A", "A", "A", "A", "A", "B"]),
        (AskEnding(), ["A", "A", "A", "A", "B", "B"]),
    ],
)
def test_a_command_of_the_form_holds_from_the_next_bar_line(command: Message, expected: list[str]) -> None:
    """A first key begins without intro; the command comes in bar 2."""
    jam = Jammed(read_text(SONG), [*presses(range(8)), (1.5, command)], 9, "rock")
    assert [place.partition(",")[0] for place in jam.places()][: len(expected)] == expected


def test_the_band_is_silent_where_the_chart_has_no_chord_and_does_not_end_without_the_player() -> None:
    jam = Jammed(read_text(SONG), presses(range(1)), 14, "rock")
    beats = [p.beat for p in jam.sink.heard if p.message.starts_note and p.part is not None and p.beat is not None]
    assert not [beat for beat in beats if 20.2 < beat < 23.7]
    assert [beat for beat in beats if 48 < beat < 50]


def test_without_a_song_nothing_is_shown_of_one() -> None:
    jam = Jammed(read_text(SONG), [(0.0, SongLoaded(None)), *presses(range(2))], 4, "rock")
    assert {shot.song for shot in jam.snapshots} == {""}


def test_a_chart_that_says_every_chord_is_the_plan_that_the_harmonist_would_be_led_to_with_the_chords_before() -> None:
    inbox = VirtualInbox()
    inbox.post(0.0, SongLoaded(read_text(BLUES)))
    for bar, message in presses(range(9)):
        inbox.post(bar * BAR, message)
    inbox.post(9 * BAR, Stop())
    composer = InstantComposer(inbox, echo_bass)
    Conductor(inbox, composer, Stage([ListeningSink()], duo()), EngineSettings(), Start(bpm=132.0)).run()
    asked = [request for request in composer.requests if request.step >= 64]
    assert asked
    for request in asked[::7]:
        own = harmonist("jazz").plan(request.melody, request.grid, request.step, request.drums_until)
        led, stated = own.led_by(request.plan), harmonist_plan(harmonist("jazz"), request)
        until = request.step + 16
        assert stated.between(0, until) == led.between(0, until)
        assert stated.chords[0].step < request.grid.bar_line(request.step)
