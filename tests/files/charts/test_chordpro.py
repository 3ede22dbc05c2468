"""ChordPro as people write it: directives and their short names, environments, grids, chords between words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from charts import chart_of
from composerd.files.charts.chordpro import read_chordpro, write_chordpro
from composerd.files.charts.problem import ChartProblem
from composerd.files.charts.text import systems
from composerd.music.charts.chart import Bar, Chart, ChartSection, bar_of
from composerd.music.charts.symbols import ChordSymbol
from composerd.music.metre import Metre


def lines(song: str) -> list[str]:
    """The song's bars as lines of text, without the columns' blanks."""
    return [" ".join(line.split()) for line in systems(read_chordpro(song)) if line]


@pytest.mark.parametrize(
    ("directive", "field", "value"),
    [
        ("{title: A Song}", "title", "A Song"),
        ("{t:A Song}", "title", "A Song"),
        ("{ title :A Song }", "title", "A Song"),
        ("{TITLE: A Song}", "title", "A Song"),
        ("{title A Song}", "title", "A Song"),
        ("{meta: title A  Song}", "title", "A Song"),
        ("{composer: Someone}", "composer", "Someone"),
        ("{artist: Someone}", "composer", "Someone"),
        ("{meta: style Slow Rock}", "style", "Slow Rock"),
        ("{meta: genre jazz}", "genre", "jazz"),
        ("{key: F#m}", "key", 6),
        ("{key: F#m}", "minor", True),
        ("{tempo: 96}", "bpm", 96.0),
        ("{time: 3/4}", "metre", Metre(3, 4)),
    ],
)
def test_a_directive_is_read_in_every_way_it_is_written(directive: str, field: str, value: object) -> None:
    assert getattr(read_chordpro(f"{directive}\n[C]la\n"), field) == value


@pytest.mark.parametrize("order", ["{composer: C}\n{artist: A}\n", "{artist: A}\n{composer: C}\n"])
def test_a_composer_goes_before_an_artist(order: str) -> None:
    assert read_chordpro(f"{order}[C]la").composer == "C"


@pytest.mark.parametrize(
    "passed_over",
    ["# [F]a remark", "", "{capo: 2}", "{define: C frets x 3 2 0 1 0}", "{comment: [F]}",
     "{x_own: word}", "no chord", "[]", "[*Rit.]", "[|]"],
)  # fmt: skip
def test_what_is_no_chord_and_no_fact_is_passed_over(passed_over: str) -> None:
    assert lines(f"[C]la\n{passed_over}\n[G]la\n") == ["| C | G |"]


@pytest.mark.parametrize(
    ("start", "end"), [("sot", "eot"), ("start_of_tab", "end_of_tab"), ("start_of_abc", "end_of_abc")]
)
def test_tablature_and_other_notations_hold_no_chords_of_ours_and_name_no_section(start: str, end: str) -> None:
    assert lines(f"[C]la\n{{{start}}}\ne|--[3]--[F]--|\n{{{end}}}\n[G]la\n") == ["| C | G |"]


@pytest.mark.parametrize(
    ("directive", "name"),
    [
        ("{soc}", "Chorus"),
        ("{sov}", "Verse"),
        ("{start_of_bridge}", "Bridge"),
        ("{start_of_verse: Verse 1}", "Verse 1"),
        ('{start_of_verse: label="All in"}', "All in"),
        ('{start_of_verse: label=""}', ""),
    ],
)
def test_an_environment_is_a_section_of_its_name(directive: str, name: str) -> None:
    [_, section] = read_chordpro(f"[C]la\n{directive}\n[G]la\n").sections
    assert section.name == name


def test_what_stands_after_an_environments_end_is_no_longer_in_it() -> None:
    assert lines("{soc}\n[C]la\n{eoc}\n[G]la\n") == ["[Chorus]", "| C |", "[]", "| G |"]


def test_a_recalled_chorus_is_played_again() -> None:
    song = "{sov}\n[Am]la\n{eov}\n{soc}\n[C]la [F]la\n{eoc}\n{sov}\n[Dm]la\n{eov}\n{chorus}\n[G]end\n"
    assert lines(song) == [
        "[Verse]", "| Am |", "[Chorus]", "| C | F |", "[Verse]", "| Dm |", "[Chorus]", "| C | F |", "[]", "| G |",
    ]  # fmt: skip


def test_a_recalled_chorus_is_the_last_one_its_repeats_with_it_and_may_have_a_name_of_its_own() -> None:
    song = "{soc}\n[C]la\n{eoc}\n{soc}\n{sog}\n|: F :| G |\n{eog}\n{eoc}\n{chorus: Last time}\n"
    assert lines(song)[-4:] == ["[Last time]", "| F |", "[Last time]", "| F | G |"]


def test_a_chorus_that_never_was_is_recalled_in_silence() -> None:
    assert lines("[C]la\n{chorus}\n[G]la\n") == ["| C | G |"]


@pytest.mark.parametrize(
    ("row", "played"),
    [
        ("| C . . . | F . . . |", ["| C | F |"]),
        ("A | C . F . | coda", ["| C F |"]),
        ("||: C . . . :|| G . . . |", ["| C |", "[]", "| C | G |"]),
        ("|: C . . . |1 D . . . :|2 E . . . |", ["| C | D |", "[]", "| C | E |"]),
        ("|: C . . . |1> D . . . :|2> E . . . |", ["| C | D |", "[]", "| C | E |"]),
        ("| C . . . | % . . . | % |", ["| C | C | C |"]),
        ("| C . . . | . . F . |", ["| C | C F |"]),
        ("verse |: C . . . :|", ["| C |", "[]", "| C |"]),
    ],
)
def test_a_grid_is_read_with_its_margins_repeats_and_endings(row: str, played: list[str]) -> None:
    assert lines(f"{{start_of_grid}}\n{row}\n{{end_of_grid}}\n") == played


@pytest.mark.parametrize(
    ("given", "names"),
    [
        ("", ["Verse 1"]),
        (" 4x4", ["Verse 1"]),
        (": 1+4x4+2", ["Verse 1"]),
        (': shape="4x4"', ["Verse 1"]),
        (': label="Solo"', ["Verse 1", "Solo"]),
        (': shape="4x4" label="Solo"', ["Verse 1", "Solo"]),
        (": Solo", ["Verse 1", "Solo"]),
    ],
)
def test_a_grid_without_a_name_goes_on_with_its_section(given: str, names: list[str]) -> None:
    chart = read_chordpro(
        f"{{start_of_verse: Verse 1}}\n[C]la\n{{start_of_grid{given}}}\n| G . . . |\n{{end_of_grid}}\n"
    )
    assert [section.name for section in chart.sections] == names


def test_each_chord_between_words_lasts_a_bar_of_the_metre_that_stands() -> None:
    chart = read_chordpro("{time: 3/4}\n[C]la [N.C.]\n{time: 6/8}\n[G]la\n")
    assert chart.bars == (
        bar_of([ChordSymbol(0)] * 3, Metre(3, 4)), bar_of([None] * 3, Metre(3, 4)),
        bar_of([ChordSymbol(7)] * 6, Metre(6, 8)),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("song", "line", "column", "says"),
    [
        ("\n  {title", 2, 3, "found '{title', expected a directive such as {title: Name}"),
        ("{key: H9}", 1, 7, "found 'H9', expected a key such as Eb or F#m"),
        ("[C]la\n{tempo: quick}", 2, 9, "found tempo 'quick', expected 30 to 300"),
        ("{time: 4/5}", 1, 8, "found '4/5'"),
        ("la la [C]la [Cq]la", 1, 14, "found 'Cq', expected a chord"),
        ("{sog}\nno bar line\n", 2, 1, "found a line of a grid without |, expected bars such as | C . | F . |"),
        ("{sog}\nA || C . . . | Q . . . |\n", 2, 16, "found 'Q', expected a chord"),
        ("{title: Only words}\nla la\n", 2, 1, "found no bars, expected at least one"),
    ],
)
def test_a_mistake_is_named_with_its_line_and_column(song: str, line: int, column: int, says: str) -> None:
    with pytest.raises(ChartProblem) as told:
        read_chordpro(song)
    assert (told.value.line, told.value.column) == (line, column)
    assert says in str(told.value)


def test_windows_line_ends_change_nothing() -> None:
    song = "{t: Song}\n{soc}\n[C]la\n{eoc}\n{sog}\n| F . . . |\n{eog}\n"
    assert read_chordpro(song.replace("\n", "\r\n")) == read_chordpro(song)


def test_braces_and_quotes_in_names_leave_the_file_readable() -> None:
    section = ChartSection('The "{big}" one', (bar_of([ChordSymbol(0)] * 4, Metre()),))
    again = read_chordpro(write_chordpro(Chart((section,), title="{A} Song}", composer="{", style="x}")))
    assert (again.title, again.composer, again.style) == ("A Song", "", "x")
    assert [(one.name, one.bars) for one in again.sections] == [("The 'big' one", section.bars)]


def test_a_metre_that_changes_within_a_section_does_not_part_it() -> None:
    bars: list[Bar] = [bar_of([ChordSymbol(0)] * beats, Metre(beats, 4)) for beats in (4, 4, 3, 4)]
    chart = Chart((ChartSection("A", tuple(bars)), ChartSection("B", tuple(bars[2:]))))
    assert read_chordpro(write_chordpro(chart)).sections == chart.sections


@given(st.integers(0, 2000), st.integers(-14, 14))
def test_a_transposed_chart_comes_back_from_its_file_transposed(seed: int, semitones: int) -> None:
    chart = chart_of(seed).transposed(semitones)
    again = read_chordpro(write_chordpro(chart))
    assert (again.sections, again.key, again.minor, again.bpm) == (chart.sections, chart.key, chart.minor, chart.bpm)


def mistake_in(song: str) -> ChartProblem | None:
    try:
        read_chordpro(song)
    except ChartProblem as problem:
        return problem
    return None


PIECES = st.sampled_from(
    ["{soc}", "{eoc}", "{chorus}", "{sog}", "{eog}", "{key: ", "}", "| C . ", "|", ":|", "|:", "|1 ", "%", "[C]", "[",
     "]", "{time: 3/4}", "{t", ":", "la", " ", "\n", "\r\n", "x2", "é"]
)  # fmt: skip


@given(st.lists(PIECES, max_size=30).map("".join))
def test_whatever_is_typed_is_a_chart_or_a_mistake_with_its_place(song: str) -> None:
    found = mistake_in(song)
    assert found is None or (1 <= found.line <= max(1, len(song.splitlines())) and found.column >= 1)


def test_a_repeat_sign_at_the_beginning_of_a_row_ends_the_row_before() -> None:
    assert lines("{sog}\n|: C . . . | F . . . |\n:| G . . . |\n{eog}\n") == ["| C | F |", "[]", "| C | F | G |"]


def test_a_recalled_chorus_that_ends_with_a_repeat_is_repeated_from_its_own_beginning() -> None:
    song = "{sov}\n[Am]la\n{eov}\n{soc}\n{sog}\n|: C | F :|\n{eog}\n{eoc}\n{sov}\n[Dm]la\n{eov}\n{chorus}\n"
    assert lines(song)[-4:] == ["[Chorus]", "| C | F |", "[Chorus]", "| C | F |"]
    open_ended = song.replace("|: C", "| C")
    assert lines(open_ended)[-4:] == ["[Chorus]", "| C | F |", "[Chorus]", "| C | F |"]


@given(st.integers(0, 2000))
def test_every_grid_that_is_written_is_closed_before_the_next_thing_begins(seed: int) -> None:
    is_open = False
    for line in write_chordpro(chart_of(seed)).splitlines():
        if line.startswith("{start_of_grid"):
            assert not is_open
            is_open = True
        elif line == "{end_of_grid}":
            assert is_open
            is_open = False
        else:
            assert is_open == line.startswith("|")
    assert not is_open
