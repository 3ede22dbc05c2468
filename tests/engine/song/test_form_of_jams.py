"""What a jam by a chart shows: the position in the song, and the chords that come."""

from __future__ import annotations

import pytest

from composerd.engine.jam.status import chords_ahead, with_song
from composerd.engine.messages import Snapshot
from composerd.engine.song.form_place import SongPosition
from composerd.engine.song.jam_song import form_of
from composerd.files.charts.text import read_text
from composerd.library.genre_files import load_genre
from composerd.music.chords import ChordPlan
from scenes import AM, BAR, G7, C, F, plan_of

SNAPSHOT = Snapshot("playing", "pop", 100.0, ahead=("F",))
STANDING = SongPosition("Blues in F", "A", 3, 12, 2, ("Bb7", "F7"))


def test_chords_ahead_are_named_once_however_long_they_last() -> None:
    assert chords_ahead(plan_of([C, C, F, F, G7]), 0) == ("F", "G7")


def test_the_chord_that_sounds_is_not_ahead() -> None:
    assert chords_ahead(plan_of([C, F, C]), BAR + 3) == ("C",)


@pytest.mark.parametrize("most", [0, 1, 2])
def test_no_more_than_so_many_are_named(most: int) -> None:
    assert chords_ahead(plan_of([C, F, G7, AM]), 0, most) == ("F", "G7", "Am")[:most]


def test_before_the_first_chord_all_are_ahead() -> None:
    assert chords_ahead(plan_of([C, F]).moved(2 * BAR), 0) == ("C", "F")


def test_nothing_is_ahead_of_no_plan() -> None:
    assert chords_ahead(ChordPlan(), 0) == ()


def test_the_snapshot_has_the_songs_title_place_and_chords() -> None:
    shown = with_song(SNAPSHOT, STANDING)
    assert (shown.song, shown.place, shown.ahead) == ("Blues in F", "A, chorus 2, bar 3 of 12", ("Bb7", "F7"))


def test_a_song_without_a_title_or_chords_ahead_is_shown_all_the_same() -> None:
    shown = with_song(SNAPSHOT, SongPosition("", "", 1, 8, 1, (), stays=True))
    assert (shown.song, shown.place, shown.ahead) == ("song", "chorus 1, bar 1 of 8, staying", ("F",))


def test_without_a_song_the_snapshot_stays_as_it_is() -> None:
    assert with_song(SNAPSHOT, None) is SNAPSHOT


def test_without_a_chart_there_is_no_form() -> None:
    assert form_of(None, load_genre("pop"), 0, True, None) is None


def test_a_form_begins_at_the_step_where_it_is_asked_for() -> None:
    chart = read_text("title: Two\nkey: C\n\n[A]\n| C | F |\n")
    form = form_of(chart, load_genre("pop"), 2 * BAR, False, 1)
    assert form is not None
    form.reach(2 * BAR)
    assert form.bar_at(0).step == 2 * BAR
    assert [str(chord.chord) for chord in form.plan().chords][:2] == ["C", "F"]
