"""Takes as scores: every sixteenth of every bar is written, and the notes are those of the file."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree as Xml

import pytest
from hypothesis import given
from hypothesis import strategies as st

import smf
from composerd.errors import ConfigError
from composerd.files.charts.xml_tree import parse_xml
from composerd.files.midi_file import write_tracks
from composerd.files.midi_notes import read_notes
from composerd.files.musicxml_score import score, write_score
from composerd.music.metre import Metre
from composerd.music.midi import note_off, note_on
from composerd.music.midi_tracks import Axis, FileTrack


def written(
    tmp_path: Path, notes: list[tuple[int, int, int]], metre: Metre | None = None, channel: int = 1
) -> Xml.Element:
    """The score of notes given as (step, length in steps, pitch)."""
    events = [(step * 120, note_on(channel, pitch, 80)) for step, _, pitch in notes]
    events += [((step + length) * 120, note_off(channel, pitch)) for step, length, pitch in notes]
    path = tmp_path / "take.mid"
    write_tracks(
        path, Axis.steady(96.0, metre or Metre()), [FileTrack("melody", tuple(sorted(events, key=lambda e: e[0])))]
    )
    return score(read_notes(path))


def durations(root: Xml.Element) -> list[int]:
    """Steps of each bar, chord notes counted once."""
    return [
        sum(int(note.findtext("duration", "0")) for note in bar.findall("note") if note.find("chord") is None)
        for bar in root.iter("measure")
    ]


def pitches(root: Xml.Element) -> list[str]:
    return [f"{p.findtext('step')}{p.findtext('alter', '')}{p.findtext('octave')}" for p in root.iter("pitch")]


def test_every_bar_is_full(tmp_path: Path) -> None:
    assert durations(written(tmp_path, [(0, 4, 60), (5, 3, 64), (14, 9, 67), (40, 1, 72)])) == [16, 16, 16]
    assert durations(written(tmp_path, [(0, 7, 60), (13, 2, 64)], Metre(3, 4))) == [12, 12]


def test_a_note_over_a_bar_line_is_tied(tmp_path: Path) -> None:
    root = written(tmp_path, [(12, 8, 61)])
    assert pitches(root) == ["C14", "C14"]
    assert [tie.get("type") for tie in root.iter("tie")] == ["start", "stop"]


def test_what_begins_together_is_a_chord(tmp_path: Path) -> None:
    root = written(tmp_path, [(0, 4, 60), (0, 4, 64), (0, 4, 67)])
    assert pitches(root) == ["C4", "E4", "G4"]
    assert len(list(root.iter("chord"))) == 2


def test_drums_have_no_pitch_and_low_parts_the_bass_clef(tmp_path: Path) -> None:
    drums = written(tmp_path, [(0, 1, 36)], channel=10)
    assert (len(list(drums.iter("unpitched"))), drums.findtext(".//clef/sign")) == (1, "percussion")
    assert written(tmp_path, [(0, 1, 40)]).findtext(".//clef/sign") == "F"


def test_a_written_score_has_names_tempo_and_metre(tmp_path: Path) -> None:
    written(tmp_path, [(0, 4, 60)], Metre(6, 8))
    write_score(tmp_path / "take.mid", tmp_path / "take.musicxml")
    root = Xml.fromstring((tmp_path / "take.musicxml").read_text().partition('partwise.dtd">')[2])
    assert (root.findtext(".//part-name"), root.findtext(".//per-minute")) == ("melody", "96")
    assert (root.findtext(".//beats"), root.findtext(".//beat-type")) == ("6", "8")


def test_a_name_with_control_characters_leaves_the_score_readable(tmp_path: Path) -> None:
    source, out = tmp_path / "x.mid", tmp_path / "x.musicxml"
    name = smf.meta(3, b"<Lead>\x01 & \x1b[31mco\0")
    source.write_bytes(smf.song(name + smf.notes([60]) + smf.END))
    write_score(source, out)
    assert parse_xml(out.read_bytes()).value("part-list/score-part/part-name") == "<Lead> & [31mco"


def test_a_score_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    written(tmp_path, [(0, 4, 60)])
    with pytest.raises(ConfigError, match="cannot be written"):
        write_score(tmp_path / "take.mid", tmp_path / "none" / "x.musicxml")


def test_a_metre_that_changes_is_written_once_where_it_changes(tmp_path: Path) -> None:
    signs = smf.meta(0x58, b"\3\2\x18\x08") + smf.meta(0x58, b"\4\2\x18\x08", 6 * 480)
    (tmp_path / "x.mid").write_bytes(smf.song(signs + smf.END, smf.notes([60] * 14) + smf.END))
    root = score(read_notes(tmp_path / "x.mid"))
    assert [measure.findtext("attributes/time/beats") for measure in root.iter("measure")] == ["3", None, "4", None]
    assert durations(root) == [12, 12, 16, 16]


def test_a_file_without_notes_is_a_score_without_parts(tmp_path: Path) -> None:
    assert list(written(tmp_path, []).iter("measure")) == []


def test_a_part_that_is_silent_for_long_has_all_bars_of_the_others(tmp_path: Path) -> None:
    (tmp_path / "x.mid").write_bytes(smf.song(smf.notes([60] * 12) + smf.END, smf.notes([48]) + smf.END))
    first, second = score(read_notes(tmp_path / "x.mid")).findall("part")
    assert len(first.findall("measure")) == len(second.findall("measure")) == 3
    assert durations(second) == [16] * 3


NOTES = st.lists(st.tuples(st.integers(0, 60), st.integers(1, 40), st.integers(30, 90)), min_size=1, max_size=12)


@given(NOTES, st.sampled_from([Metre(4, 4), Metre(3, 4), Metre(7, 8), Metre(5, 16)]))
def test_every_bar_of_any_music_is_full_and_every_onset_is_written(
    tmp_path_factory: pytest.TempPathFactory, notes: list[tuple[int, int, int]], metre: Metre
) -> None:
    folder = tmp_path_factory.mktemp("score")
    root = written(folder, notes, metre)
    assert set(durations(root)) == {metre.bar_steps}
    onsets = sorted({(note.tick // 120, note.pitch) for note in read_notes(folder / "take.mid").notes})
    assert written_onsets(root) == onsets
    open_ties: set[int] = set()
    for step_pitch, kinds in ties(root):
        assert ("stop" in kinds) == (step_pitch in open_ties)
        open_ties = open_ties | {step_pitch} if "start" in kinds else open_ties - {step_pitch}
    assert not open_ties


def height(note: Xml.Element) -> int:
    letters = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
    octave = int(note.findtext("pitch/octave", "0"))
    return 12 * (octave + 1) + letters[note.findtext("pitch/step", "")] + int(note.findtext("pitch/alter", "0"))


def written_onsets(root: Xml.Element) -> list[tuple[int, int]]:
    """(step, pitch) of every note that is not tied to one before."""
    found, at, begun = [], 0, 0
    for note in root.iter("note"):
        if note.find("chord") is None:
            begun, at = at, at + int(note.findtext("duration", "0"))
        if note.find("rest") is None and "stop" not in [tie.get("type") for tie in note.findall("tie")]:
            found.append((begun, height(note)))
    return sorted(found)


def ties(root: Xml.Element) -> list[tuple[int, list[str | None]]]:
    return [
        (height(note), [tie.get("type") for tie in note.findall("tie")])
        for note in root.iter("note")
        if note.find("rest") is None
    ]
