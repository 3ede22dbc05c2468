"""iReal Pro's notation, a sign at a time; links and pages of several songs; what can be written and what cannot."""

from __future__ import annotations

import re
from dataclasses import replace
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from charts import BLUES, chart_of
from composerd.errors import ConfigError
from composerd.files.charts.formats import write_charts
from composerd.files.charts.ireal import read_ireal
from composerd.files.charts.ireal_scramble import scrambled
from composerd.files.charts.ireal_writer import write_ireal
from composerd.files.charts.problem import ChartProblem
from composerd.files.charts.text import read_text, systems
from composerd.music.charts.chart import Chart, ChartSection, bar_of
from composerd.music.charts.symbols import ChordSymbol
from composerd.music.metre import Metre


def song(music: str) -> str:
    return f"irealbook://Song=Someone=Swing=C=n={music}"


def lines(music: str) -> list[str]:
    """The bars of open music as lines of text, without the columns' blanks."""
    [chart] = read_ireal(song(music))
    return [" ".join(line.split()) for line in systems(chart) if line]


def played(music: str) -> str:
    """The first letters of the bars in the order in which they are played."""
    return "".join(re.findall(r"(?<=\| )[A-G]", " ".join(line for line in lines(music) if line[0] == "|")))


@pytest.mark.parametrize(
    ("music", "bar"),
    [
        ("[T44C   Z", "| C |"),
        ("[T44C F Z", "| C F |"),
        ("[T44C,F,G,A,Z", "| C F G A |"),
        ("[T44C,p,p,F,Z", "| C . . F |"),
        ("[T44CsG7lZ", "| C G7 |"),
        ("[T44C(Eb7)   Z", "| C |"),
        ("[T44n C Z", "| N.C. C |"),
        ("[T44C W/E Z", "| C C/E |"),
        ("[T44C- W/Eb Z", "| Cm Cm/Eb |"),
        ("[T44C G,W/B,Z", "| C . G G/B |"),
        ("[T44<slowly>C   fZ", "| C |"),
        ("[T34C,F,G,Z", "| C F G |"),
        ("[T34C  Z", "| C |"),
        ("[T12C  Z", "| C |"),
        ("[T68C  F  Z", "| C F |"),
    ],
)
def test_the_cells_of_a_bar_share_its_beats(music: str, bar: str) -> None:
    assert lines(music) == [bar]


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("C^7", "Cmaj7"), ("C-7", "Cm7"), ("Ch7", "Cm7b5"), ("Co7", "Cdim7"), ("C+", "Caug"), ("C-^7", "Cmmaj7"),
        ("C7alt", "C7alt"), ("C7sus", "C7sus4"), ("C2", "Csus2"), ("C5", "C5"), ("C69", "C69"), ("C7b9sus", "C7b9sus4"),
        ("C^", "Cmaj7"), ("C7#5", "C7#5"), ("C-7/Bb", "Cm7/Bb"), ("Eb6", "Eb6"), ("F#-7", "Gbm7"), ("Cadd9", "Cadd9"),
    ],
)  # fmt: skip
def test_chords_in_its_spelling_have_our_names(theirs: str, ours: str) -> None:
    [bar] = read_ireal(song(f"[T44{theirs}   Z"))[0].bars
    assert [change.chord for change in bar.changes] == [read_text(f"| {ours} |").bars[0].at(0)]


@pytest.mark.parametrize(
    ("music", "order"),
    [
        ("{T44C |D }|E Z", "CDCDE"),
        ("{T44C |D <3x>}|E Z", "CDCDCDE"),
        ("{T44<3x>C |D }|E |{F }Z", "CDCDCDEFF"),
        ("{T44C |N1D }|N2E ]", "CDCE"),
        ("{T44C |N1D }|N2E }|N3F |G Z", "CDCECFG"),
        ("{T44C |N1D }|N0E |F Z", "CDCEF"),
        ("{T44C |N1D }|N2E ]{F |N1G }|N0A Z", "CDCEFGFA"),
        ("{T44C |N1D }|N2E {F |G }Z", "CDCEFGFG"),
        ("{T44C |N1D }|N2E |*BF |G Z", "CDCEFG"),
        ("[T44C |D <Fine>|E |F <D.C. al Fine>Z", "CDEFCD"),
        ("[T44C |SD |E <D.S.>Z", "CDEDE"),
        ("[T44C |SD |QE |F <D.S. al Coda>][QG |A Z", "CDEFDEGA"),
        ("[T44C |D |x |E Z", "CDDE"),
        ("[T44C |D |r|  |E Z", "CDCDE"),
        ("[T44C |   |E Z", "CCE"),
        ("[T44C |D ||E |F Z", "CDEF"),
    ],
)
def test_repeats_endings_jumps_and_signs_for_bars_are_followed(music: str, order: str) -> None:
    assert played(music) == order


@pytest.mark.parametrize(("mark", "name"), [("*A", "A"), ("*i", "Intro"), ("*V", "Verse"), ("<Section: Out>", "Out")])
def test_a_mark_names_a_section(mark: str, name: str) -> None:
    assert [one.name for one in read_ireal(song(f"[T44{mark}C |F ][*BG Z"))[0].sections] == [name, "B"]


@pytest.mark.parametrize(
    ("music", "says"),
    [
        ("", "found no bars, expected at least one"),
        ("[T44x Z", "found a sign that repeats bars before there are bars"),
        ("[T44C |rZ", "found a sign that repeats bars before there are bars"),
        ("[T44C ! Z", "found '! Z' at character 7 of its music, expected a chord or a bar line"),
        ("[T40C Z", "time signature 4/0 is not one"),
        ("[T44" + "C |" * 2001 + "Z", "found more than 2000 bars"),
        ("{T44" + "C |" * 1200 + "}", "more than 2000 bars"),
    ],
)
def test_a_mistake_names_the_song(music: str, says: str) -> None:
    with pytest.raises(ChartProblem) as told:
        read_ireal(song(music))
    assert str(told.value).startswith("song 'Song': ")
    assert says in str(told.value)


def test_a_mistake_in_a_page_is_named_with_the_links_line_and_column() -> None:
    page = f'<html>\n<p>Hello\n  <a href="{quote(song("[T44!"), safe=":/")}">Song</a>\n'
    with pytest.raises(ChartProblem, match="found '!'") as told:
        read_ireal(page)
    assert (told.value.line, told.value.column) == (3, 12)


def test_a_page_holds_links_of_both_kinds_in_either_quotes_and_with_ampersands_escaped() -> None:
    [chart] = [replace(read_text(BLUES), title="Ups & Downs", genre="", bpm=None)]
    both = [write_ireal([chart]), write_ireal([chart], is_open=True)]
    escaped = both[1].replace("%26", "&amp;")
    page = f"<html><a href='{both[0]}'>1</a> <a href=\"{escaped}\">2</a></html>"
    assert read_ireal(page) == [chart, chart]


def test_a_playlist_with_its_own_name_at_the_end_is_its_songs() -> None:
    songs = [replace(read_text(BLUES), title=f"No. {number}", genre="") for number in range(3)]
    link = f"{write_ireal(songs)}%3D%3D%3DMy%20List"
    assert [chart.title for chart in read_ireal(link)] == ["No. 0", "No. 1", "No. 2"]


@pytest.mark.parametrize(
    ("tail", "bpm"), [("", None), ("==120=3", 120.0), ("==0=0", None), ("==20=0", None), ("=Jazz=x=y", None)]
)
def test_the_tempo_stands_behind_the_music_if_it_is_one_that_can_be_played(tail: str, bpm: float | None) -> None:
    link = f"irealb://Song=Someone==Swing=D-=={scrambled('[T44C   Z')}{tail}"
    [chart] = read_ireal(link)
    assert (chart.bpm, chart.style, chart.key, chart.minor) == (bpm, "Swing", 2, True)


def test_a_transposition_behind_the_key_is_not_taken_for_the_style() -> None:
    [chart] = read_ireal(f"irealb://Song=Someone==Bossa Nova=Eb=2={scrambled('[T44C   Z')}==120=0")
    assert (chart.style, chart.key) == ("Bossa Nova", 3)


def test_a_link_broken_over_lines_by_a_mail_program_is_read() -> None:
    link = write_ireal([replace(read_text(BLUES), genre="")])
    wrapped = "\r\n".join(link[at : at + 60] for at in range(0, len(link), 60))
    assert read_ireal(f"\n {wrapped}\n") == read_ireal(link)


@pytest.mark.parametrize(("over", "under"), [(10, 8), (12, 4), (7, 16), (16, 16)])
def test_a_metre_that_it_does_not_have_is_refused_instead_of_written_unreadably(over: int, under: int) -> None:
    metre = Metre(over, under)
    chart = Chart((ChartSection("A", (bar_of([ChordSymbol(0)] * over, metre),)),))
    for name in ("x.html", "x.ireal"):
        with pytest.raises(ConfigError, match=f"time signature: found {metre}, expected 12/8 or two figures"):
            write_charts(name, [chart])


@given(st.text(st.characters(codec="utf-8"), max_size=40), st.integers(0, 500))
def test_any_title_leaves_the_link_readable(title: str, seed: int) -> None:
    chart = replace(chart_of(seed), title=title, composer=title, style=title)
    for is_open in (False, True):
        [again] = read_ireal(write_ireal([chart], is_open))
        assert (again.bars, again.key, again.minor) == (chart.bars, chart.key, chart.minor)


@given(st.text("[]{}|ZTN1234SQxrnp CDEFGABb#-^7o/W,*<>.xFine()", max_size=50))
def test_whatever_music_a_link_holds_is_a_chart_or_one_line(music: str) -> None:
    told = ""
    try:
        assert all(chart.bars for chart in read_ireal(song(quote(music))))
    except ChartProblem as problem:
        told = str(problem)
    assert "\n" not in told
