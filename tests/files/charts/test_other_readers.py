"""What we write is read by other people's readers, and what they describe is read by ours."""

from __future__ import annotations

import pytest
from pyRealParser import Tune

from charts import BLUES
from composerd.files.charts.bar_line import BarReader
from composerd.files.charts.chordpro import read_chordpro
from composerd.files.charts.ireal import read_ireal
from composerd.files.charts.ireal_scramble import scrambled, unscrambled
from composerd.files.charts.ireal_writer import write_ireal
from composerd.files.charts.midi_chords import read_midi_chart, write_midi_chart
from composerd.files.charts.musicxml import read_musicxml
from composerd.files.charts.musicxml_writer import write_musicxml
from composerd.files.charts.text import read_text, systems
from composerd.music.charts.symbols import ChordSymbol

WALKING = (
    "irealbook://A%20Walk%3DTrad%3DMedium%20Swing%3DD-%3Dn%3D%7B*AT44D-%20D-/C%20%7CBh7%2C%20Bb7(A7b9)%20%7CD-/A%20G-7%20"
    "%7CN1D-/F%20sEh%2CA7%7D%20%20%20%20%20%20%20%20%20%20%20%20Y%7CN2sD-%2CG-%2ClD-%20%5D%5B*BC-7%20F7%20%7CBb%5E7%20%7Cx%20"
    "%20%7CBb%5E7%20n%20%7C%7CW/F%20p%20%7CA7%2Cp%2Cp%2Cp%2CZ"
)


def test_an_open_ireal_link_with_endings_repeats_and_slashes_is_read() -> None:
    [chart] = read_ireal(WALKING)
    assert [" ".join(line.split()) for line in systems(chart) if line] == [
        "[A]",
        "| Dm Dm/C | Bm7b5 Bb7 | Dm/A Gm7 | Dm/F . Em7b5 A7 |",
        "[A]",
        "| Dm Dm/C | Bm7b5 Bb7 | Dm/A Gm7 | Dm Gm Dm . |",
        "[B]",
        "| Cm7 F7 | Bbmaj7 | Bbmaj7 | Bbmaj7 N.C. |",
        "| Bbmaj7/F | A7 |",
    ]


def test_another_library_hears_the_same_bars() -> None:
    [theirs] = Tune.parse_ireal_url(write_ireal([read_text(BLUES)]))
    assert theirs.measures_as_strings == [
        "F7", "Bb7", "F7", "C-7F7", "Bb7", "Bo7", "F7/C", "Ah7D7", "G-7", "C7", "F7D7", "G-7C7",
    ]  # fmt: skip
    assert theirs.key == "F"


def test_obfuscated_music_comes_back() -> None:
    music = "".join(chr(33 + index % 90) for index in range(251))
    for length in (0, 10, 49, 50, 51, 52, 100, 101, 102, 251):
        assert unscrambled(scrambled(music[:length])[10:]) == music[:length]
    assert unscrambled("C^7XyQLZD-7KclLZ") == "C^7    |D-7| x |"


def test_chords_between_words_are_a_bar_each() -> None:
    song = "{t: Song}\n{key: G}\n{soc}\nHere [G]comes a [Em7]line\nand [C]one [D]more\n{eoc}\n{c: a comment}\n"
    chart = read_chordpro(song)
    assert (chart.title, chart.key, systems(chart)) == ("Song", 7, ["", "[Chorus]", "| G   | Em7 | C   | D   |"])


def test_a_chordpro_grid_with_repeats_and_endings_is_read() -> None:
    grid = '{start_of_grid: label="A"}\nA ||: C . . . | F . G . |1 C . . . :|2 D7 . . . | % |] text\n{end_of_grid}\n'
    assert systems(read_chordpro(grid)) == [
        "", "[A]", "| C   | F G | C   |", "", "[A]", "| C   | F G | D7  | D7  |",
    ]  # fmt: skip


def test_musicxml_of_other_programs_is_read() -> None:
    """A pickup, divisions of their own, a repeat with endings, words for the jumps, an inverted chord."""
    score = """<?xml version="1.0"?><!DOCTYPE score-partwise PUBLIC "x" "http://nowhere/partwise.dtd">
    <score-partwise><movement-title>Tune</movement-title><part-list/><part id="P1">
    <measure implicit="yes" number="0"><attributes><divisions>2</divisions><key><fifths>-1</fifths></key>
      <time><beats>3</beats><beat-type>4</beat-type></time></attributes><note><pitch><step>C</step><octave>5</octave>
      </pitch><duration>2</duration></note></measure>
    <measure number="1"><barline location="left"><repeat direction="forward"/></barline>
      <harmony><root><root-step>F</root-step>
      </root><kind>major</kind></harmony><note><pitch><step>A</step><octave>4</octave></pitch><duration>6</duration>
      </note></measure>
    <measure number="2"><barline><ending number="1" type="start"/></barline><harmony><root><root-step>B</root-step>
      <root-alter>-1</root-alter></root><kind>dominant</kind><bass><bass-step>D</bass-step></bass></harmony>
      <note><rest/><duration>4</duration></note><harmony><root><root-step>C</root-step></root><kind>dominant</kind><degree>
      <degree-value>9</degree-value><degree-alter>-1</degree-alter><degree-type>add</degree-type></degree></harmony>
      <note><rest/><duration>2</duration></note>
      <barline><ending number="1" type="stop"/><repeat direction="backward"/></barline></measure>
    <measure number="3"><barline><ending number="2" type="start"/></barline><harmony><root><root-step>F</root-step>
      </root><kind>minor-seventh</kind></harmony><note><rest/><duration>6</duration></note>
      <barline><ending number="2" type="discontinue"/></barline></measure></part></score-partwise>"""
    chart = read_musicxml(score.encode())
    assert (chart.title, chart.key) == ("Tune", 5)
    assert systems(chart)[0] == "| N.C.         | F            | Bb7/D . C7b9 | F            |"
    assert systems(chart)[2] == "| Fm7          |"
    assert [(note.step, note.length, note.pitch) for note in chart.melody] == [(8, 4, 72), (12, 12, 69), (36, 12, 69)]


def test_yamaha_xf_chords_alone_are_a_chart() -> None:
    chart = read_text("key: F\n| F | Bb7 | Cm7 F7/A | N.C. |")
    whole = write_midi_chart(chart)
    xf_only = whole.replace(b"\xff\x01", b"\xff\x09")  # its texts become metas that nobody reads
    assert read_midi_chart(xf_only).sections == chart.sections


def test_music21_reads_the_same_chords() -> None:
    music21 = pytest.importorskip("music21")
    chart = read_text(BLUES)
    score = music21.converter.parse(write_musicxml(chart), format="musicxml")
    theirs = list(score.recurse().getElementsByClass("ChordSymbol"))
    ours = [change.chord for bar in chart.bars for change in bar.changes]
    assert [symbol.root().pitchClass for symbol in theirs] == [chord.root for chord in ours if chord]


def test_a_line_of_bars_goes_on_from_the_line_before() -> None:
    reader = BarReader()
    reader.line("| C | D . / E |", 1)
    reader.line("| . . G . | N.C. |", 2)
    assert [[change.chord for change in written.bar.changes] for written in reader.bars] == [
        [ChordSymbol(0)], [ChordSymbol(2), ChordSymbol(4)], [ChordSymbol(4), ChordSymbol(7)], [None],
    ]  # fmt: skip


@pytest.mark.parametrize("bars", range(1, 36))
def test_another_library_reads_music_of_any_length(bars: int) -> None:
    """Obfuscation mirrors blocks of 50 characters, but not a last one that nothing or one character follows."""
    names = ["C", "Dm7", "Bbmaj7", "Em7b5", "G7/B"]
    for shift in range(len(names)):
        chords = [names[(number + shift) % len(names)] for number in range(bars)]
        chart = read_text("".join(f"| {chord} |\n" for chord in chords))
        [theirs] = Tune.parse_ireal_url(write_ireal([chart]))
        assert len(theirs.measures_as_strings) == bars
        assert [text[0] for text in theirs.measures_as_strings] == [chord[0] for chord in chords]
