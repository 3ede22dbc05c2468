"""The form as it unfolds: intro, choruses, fills' places, what the player asks for, and the ending."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from charts import BLUES
from composerd.engine.song.form import SongForm
from composerd.files.charts.text import read_text
from composerd.music.metre import BarGrid, Metre

SONG = """key: C
[Intro]
| C | G7 |
[A]
| C | F | C | G7 |
[B]
| Am | Dm |
[Outro]
| F | G7 | C | C |
"""
BAR = 16


def heard(form: SongForm, bars: int, step: int = 0) -> str:
    """The sections of the next bars, one letter a bar, capital where one begins; the end as a point."""
    found = ""
    for _ in range(bars):
        form.reach(step)
        laid = form.bar_at(step)
        if form.end_step is not None and step >= form.end_step:
            return found + "."
        name = "t" if laid.place.part == "tag" else form.chart.sections[laid.place.section].name[:1].lower()
        found += name.upper() if laid.place.bar == 0 else name
        step += BAR
    return found


def test_the_intro_comes_once_and_the_choruses_repeat() -> None:
    assert heard(SongForm(read_text(SONG), 0), 20) == "IiAaaaBbAaaaBbAaaaBb"


def test_asked_for_the_ending_comes_after_the_chorus_and_lands_on_its_tonic() -> None:
    form = SongForm(read_text(SONG), 0)
    form.reach(9 * BAR)
    form.ask_ending(9 * BAR)
    assert heard(form, 20, 9 * BAR) == "aaaBbOo."
    planned = form.plan().at(16 * BAR)
    assert (form.end_step, planned and str(planned.chord)) == (16 * BAR, "C")


def test_a_number_of_choruses_ends_by_itself() -> None:
    assert heard(SongForm(read_text(SONG), 0, choruses=2), 30) == "IiAaaaBbAaaaBbOo."


def test_a_chart_without_intro_and_ending_gets_its_last_bars_before_and_a_tag_after() -> None:
    form = SongForm(read_text(BLUES), 0, choruses=1)
    assert heard(form, 40) == "aaaaAaaaaaaaaaaatttt."
    assert str(form.plan().chords[-1].chord) == "F"
    assert heard(SongForm(read_text(BLUES), 0, intro=False, tag=False, choruses=1), 40) == "Aaaaaaaaaaaa."


def test_the_next_section_the_top_and_staying_hold_from_the_next_bar_line() -> None:
    form = SongForm(read_text(SONG), 0)
    form.reach(3 * BAR)
    form.next_section(3 * BAR + 5)
    assert heard(form, 8, 3 * BAR) == "aBbAaaaB"
    form.stay(6 * BAR)
    assert heard(form, 10, 6 * BAR) == "AaaaAaaaAa"
    form.stay(15 * BAR)
    assert heard(form, 6, 15 * BAR) == "aaaBbA"
    form.from_top(16 * BAR + 3)
    assert heard(form, 4, 16 * BAR) == "aAaa"


def test_staying_is_left_when_the_ending_is_asked_for() -> None:
    form = SongForm(read_text(SONG), 0)
    form.reach(7 * BAR)
    form.stay(7 * BAR)
    form.ask_ending(7 * BAR)
    assert heard(form, 9, 7 * BAR) == "bOo."


def test_fills_lead_out_of_sections_and_groups_count_from_where_they_begin() -> None:
    form = SongForm(read_text(SONG), 0)
    assert [form.fill_before(bar * BAR) for bar in (1, 2, 3, 6, 7)] == [None, 2 * BAR, 2 * BAR, 6 * BAR, 6 * BAR]
    assert [form.section_start(bar * BAR + 3) // BAR for bar in range(8)] == [0, 0, 2, 2, 2, 2, 6, 6]
    assert [form.is_fuller(bar * BAR) for bar in (2, 6)] == [False, True]


def test_bars_without_chords_are_breaks_and_the_chords_are_the_charts() -> None:
    form = SongForm(read_text("key: F\n| F | N.C. | Bb . . C | (3/4) F |\n"), 0, intro=False)
    assert form.breaks(0)[0] == (16, 32)
    assert [(c.step, c.length, str(c.chord)) for c in form.plan().chords[:5]] == [
        (0, 16, "F"), (32, 12, "B♭"), (44, 4, "C"), (48, 12, "F"), (60, 16, "F"),
    ]  # fmt: skip
    assert [form.grid(BarGrid()).place(step).metre for step in (0, 48, 60)] == [Metre(), Metre(3, 4), Metre()]


def test_where_the_song_stands_is_told_with_the_chords_ahead() -> None:
    form = SongForm(read_text(SONG), 0)
    position = form.position(3 * BAR)
    assert (str(position), position.ahead) == ("A, chorus 1, bar 2 of 4", ("C", "G7", "Am", "Dm"))


@given(st.lists(st.sampled_from(("next_section", "from_top", "stay", "ask_ending", "play")), max_size=30))
def test_whatever_is_asked_bars_follow_each_other_without_gaps(asked: list[str]) -> None:
    form = SongForm(read_text(SONG), 0)
    step = 0
    for word in asked:
        form.reach(step)
        if word != "play":
            getattr(form, word)(step)
        laid = form.bar_at(step)
        assert laid.step <= step < laid.end or form.end_step is not None
        chords = form.plan().chords
        assert all(one.end <= other.step for one, other in itertools.pairwise(chords))
        step += BAR
