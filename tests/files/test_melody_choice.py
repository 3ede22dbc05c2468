"""Which voice of a file is the melody: one chooser for `render` and `data import`."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest

import smf
from composerd.errors import ConfigError
from composerd.files.melody_choice import melody_of
from composerd.files.melody_file import open_melody
from composerd.files.midi_reader import parse_midi
from composerd.files.voices import FileVoice, voices_of
from composerd_export.data.importing.folder import import_folder

Note = tuple[float, float, int]
"""beat, beats, pitch"""


def voice(notes: Iterable[Note], name: str = "", channel: int = 1) -> FileVoice:
    rows = np.array([(on, on + beats, pitch, 90) for on, beats, pitch in notes], np.float64)
    return FileVoice(name, channel, 0, rows[np.argsort(rows[:, 0], kind="stable")])


def tune() -> list[Note]:
    pitches = np.random.default_rng(0).choice((60, 62, 64, 65, 67, 69, 71, 72), 32).tolist()
    return [(float(beat), 0.9, pitch) for beat, pitch in enumerate(pitches)]


def bass() -> list[Note]:
    return [(2.0 * half, 1.5, 36 + 7 * (half % 2)) for half in range(16)]


DRUMS = voice([(beat / 2, 0.1, 42) for beat in range(64)], channel=10)


def test_without_names_the_singing_voice_is_the_melody_and_not_the_highest() -> None:
    pad = [(4.0 * bar, 4.0, pitch) for bar in range(8) for pitch in (84, 88, 91)]
    steps = [(i / 2, 0.5, 60 + (0, 2, 4, 5, 7, 5, 4, 2)[i % 8]) for i in range(64)]
    assert melody_of([voice(bass()), voice(pad), voice(steps), DRUMS]).index == 2


@pytest.mark.parametrize(
    "name",
    ["Vox (main)", "Melodica", "Melodie", "LEAD", "メロディ", "主旋律", "Right Hand", "Piano right", "R.H.", "Upper"],
)
def test_a_name_wins_over_looks(name: str) -> None:
    choice = melody_of([voice(tune(), "soloist?"), voice(bass(), name)])
    assert (choice.index, choice.reason) == (1, "chosen by its name")


@pytest.mark.parametrize("name", ["misleading", "Guitar right 2", "Ritual", "Pleader"])
def test_a_name_that_only_holds_the_word_does_not_count(name: str) -> None:
    assert melody_of([voice(tune()), voice(bass(), name)]).index == 0


def test_of_several_named_so_the_likeliest_is_taken_and_that_is_said() -> None:
    choice = melody_of([voice(bass(), "Vocal low"), voice(tune(), "Vocal")])
    assert str(choice) == "melody: track 2 'Vocal', 32 notes, chosen from 2 with such a name"


def test_of_a_band_without_names_the_trumpets_tune_is_found_and_said_with_how_sure_that_is() -> None:
    choice = melody_of(voices_of(parse_midi(smf.song(*smf.band()))))
    assert choice.voice.name == "Trumpet"
    assert str(choice).startswith("melody: track 3 'Trumpet', 128 notes, ")
    assert "% sure by its notes (next: track 4 'Violins')" in str(choice)


def test_render_and_data_import_choose_the_same_voice(tmp_path: Path) -> None:
    (tmp_path / "band.mid").write_bytes(smf.song(*smf.band()))
    imported = import_folder(tmp_path, "mine", valid=0)
    ((_, said, _),) = imported.read
    assert said == str(open_melody(tmp_path / "band.mid").choice)
    melody = imported.splits["train"].pieces[0].track(0)
    assert len(melody) == 128


@pytest.mark.parametrize(
    ("wanted", "found"), [("Trumpet", 2), ("violins", 3), ("vio", 3), ("1", 0), ("4", 3), ("  piano ", 1)]
)
def test_a_track_can_be_asked_for_by_name_part_of_it_or_number(wanted: str, found: int) -> None:
    choice = melody_of(voices_of(parse_midi(smf.song(*smf.band()))), wanted)
    assert (choice.index, choice.reason) == (found, "as asked for")


def test_a_name_that_is_a_number_wins_over_the_number() -> None:
    assert melody_of([voice(bass(), "2"), voice(tune(), "1")], "1").index == 1


@pytest.mark.parametrize(
    ("wanted", "reason"),
    [
        (
            "flute",
            "found 'flute', expected one of track 1 'Bass', track 2 'Piano', track 3 'Trumpet', track 4 'Violins'",
        ),
        ("i", "found 'i', expected one of track 2 'Piano', track 4 'Violins'"),
        ("9", "found '9', expected one of track 1"),
        ("0", "found '0', expected one of track 1"),
        ("9" * 5000, "found '9{39}…', expected one of track 1"),
    ],
)
def test_a_track_that_is_not_there_is_refused_with_those_that_are(tmp_path: Path, wanted: str, reason: str) -> None:
    (tmp_path / "band.mid").write_bytes(smf.song(*smf.band()))
    with pytest.raises(ConfigError, match=f"^--track: {reason}"):
        open_melody(tmp_path / "band.mid", wanted)


def test_drums_are_never_the_melody() -> None:
    with pytest.raises(ValueError, match="no notes outside the drum channel"):
        melody_of([DRUMS])
    with pytest.raises(ValueError, match=r"which is drums, expected a melody"):
        melody_of([voice(tune()), DRUMS], "2")


def test_a_long_name_is_cut_where_it_is_said() -> None:
    (found,) = voices_of(parse_midi(smf.song(smf.tune(name=b"x" * 5000))))
    assert len(found.name) == 5000
    assert str(melody_of([found])) == f"melody: track 1 '{'x' * 39}…', 64 notes, the only voice"
