"""Takes as scores: every sixteenth of every bar is written, and the notes are those of the file."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree as Xml

from composerd.files.midi_file import write_song
from composerd.files.midi_notes import read_notes
from composerd.files.musicxml import score, write_score
from composerd.music.metre import Metre
from composerd.music.midi import note_off, note_on
from composerd.music.song import Axis, SongTrack


def written(
    tmp_path: Path, notes: list[tuple[int, int, int]], metre: Metre | None = None, channel: int = 1
) -> Xml.Element:
    """The score of notes given as (step, length in steps, pitch)."""
    events = [(step * 120, note_on(channel, pitch, 80)) for step, _, pitch in notes]
    events += [((step + length) * 120, note_off(channel, pitch)) for step, length, pitch in notes]
    path = tmp_path / "take.mid"
    write_song(
        path, Axis.steady(96.0, metre or Metre()), [SongTrack("melody", tuple(sorted(events, key=lambda e: e[0])))]
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
