"""Written lead sheets as a notation program needs them: full bars, ties that close, chords within their bars."""

from __future__ import annotations

import zipfile
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from charts import chart_of
from composerd.files.charts.musicxml_writer import DIVISIONS, write_musicxml, write_mxl
from composerd.files.charts.text import read_text
from composerd.files.charts.xml_tree import Element, parse_xml


def written(text: str) -> Element:
    return parse_xml(write_musicxml(read_text(text)).encode())


def measures(root: Element) -> list[Element]:
    part = root.first("part")
    assert part is not None
    return list(part.all("measure"))


@settings(max_examples=40)
@given(st.integers(0, 2000))
def test_every_bar_is_full_and_its_chords_lie_in_it(seed: int) -> None:
    chart = chart_of(seed)
    found = measures(parse_xml(write_musicxml(chart).encode()))
    assert [one.attributes["number"] for one in found] == [str(number) for number in range(1, len(chart.bars) + 1)]
    for measure, bar in zip(found, chart.bars, strict=True):
        notes = [int(note.value("duration")) for note in measure.all("note")]
        assert sum(notes) == bar.metre.bar_steps * DIVISIONS // 4
        offsets = [int(one.value("offset", "0")) for one in measure.all("harmony")]
        assert offsets == sorted(offsets)
        assert all(0 <= offset < bar.metre.bar_steps for offset in offsets)


@settings(max_examples=40)
@given(st.integers(0, 2000))
def test_a_tie_that_begins_ends_at_the_next_note_of_its_pitch(seed: int) -> None:
    tied = ""
    for measure in measures(parse_xml(write_musicxml(chart_of(seed)).encode())):
        for note in measure.all("note"):
            ends = [one.attributes["type"] for one in note.all("tie")]
            notations = note.first("notations")
            drawn = [] if notations is None else [one.attributes["type"] for one in notations.all("tied")]
            pitch = "".join(note.value(f"pitch/{name}") for name in ("step", "alter", "octave"))
            assert ends == drawn
            assert ("stop" in ends) == (tied != "")
            assert tied in ("", pitch)
            tied = pitch if "start" in ends else ""
    assert tied == ""


@pytest.mark.parametrize(
    ("key", "fifths", "mode"),
    [
        ("C", "0", "major"),
        ("Eb", "-3", "major"),
        ("E", "4", "major"),
        ("Gb", "-6", "major"),
        ("Am", "0", "minor"),
        ("F#m", "3", "minor"),
    ],
)
def test_a_key_is_written_in_fifths(key: str, fifths: str, mode: str) -> None:
    found = measures(written(f"key: {key}\n| C |\n"))[0].first("attributes/key")
    assert found is not None
    assert (found.value("fifths"), found.value("mode")) == (fifths, mode)


def test_what_is_not_known_is_not_written() -> None:
    root = written("| C |\n")
    assert root.first("work") is None
    assert measures(root)[0].first("attributes/key") is None
    assert measures(root)[0].first("direction/sound") is None


def test_the_time_is_written_where_it_changes_and_a_section_where_it_begins() -> None:
    found = measures(written("[A]\n| C | F |\n[B]\n| (3/4) G | C |\n"))
    assert [one.value("attributes/time/beats") for one in found] == ["4", "", "3", ""]
    assert [one.value("direction/direction-type/rehearsal") for one in found] == ["A", "", "B", ""]


def test_a_chord_is_spelt_in_its_key_and_says_how_it_looked() -> None:
    harmonies = [one.first("harmony") for one in measures(written("key: E\n| Abm7/Eb |\n"))]
    [harmony] = [one for one in harmonies if one is not None]
    kind = harmony.first("kind")
    assert (harmony.value("root/root-step"), harmony.value("root/root-alter")) == ("G", "1")
    assert (harmony.value("bass/bass-step"), harmony.value("bass/bass-alter")) == ("D", "1")
    assert kind is not None
    assert (kind.text, kind.attributes["text"]) == ("minor-seventh", "m7")


def test_names_are_escaped() -> None:
    root = written('title: <A> & "B"\ncomposer: C&D\n[<x> & y]\n| C |\n')
    assert root.value("work/work-title") == '<A> & "B"'
    assert root.value("identification/creator") == "C&D"
    assert measures(root)[0].value("direction/direction-type/rehearsal") == "<x> & y"


def test_the_archive_names_its_score_first() -> None:
    with zipfile.ZipFile(BytesIO(write_mxl(read_text("| C |\n")))) as archive:
        assert archive.namelist() == ["META-INF/container.xml", "score.musicxml"]
        named = parse_xml(archive.read("META-INF/container.xml")).first("rootfiles/rootfile")
        assert named is not None
        assert named.attributes["full-path"] == "score.musicxml"
