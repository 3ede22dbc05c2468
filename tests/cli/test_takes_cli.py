"""`composerd takes`: list, play, export, and what a crash cut short."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import mido
import pytest
import soundfile

from composerd.app.outputs import session_lines
from composerd.app.take_player import read_take
from composerd.cli.main import main
from composerd.engine.messages import Played
from composerd.music.genre import Genre, Part
from composerd.music.midi import note_off, note_on
from composerd.takes.folder import SUFFIX, list_takes
from composerd.takes.journal import GenreFrom, JournalWriter
from composerd.takes.settings import TakeSettings
from composerd.takes.take_sink import TakeSink

ROCK = Genre("rock", "Rock", "plain", 120.0, (Part("drums", "drums", 10), Part("bass", "bass", 3, program=33)))
TUNE = [
    played
    for beat in range(8)
    for played in (
        Played(beat / 2, None, note_on(1, 60 + beat, 90), float(beat)),
        Played(beat / 2, 1, note_on(3, 36, 90), float(beat)),
        Played(beat / 2 + 0.4, None, note_off(1, 60 + beat), beat + 0.8),
        Played(beat / 2 + 0.4, 1, note_off(3, 36), beat + 0.8),
    )
]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's folder of takes; the working folder is beside it."""
    for variable in ("XDG_CONFIG_HOME", "XDG_DATA_HOME"):
        monkeypatch.setenv(variable, str(tmp_path))
    monkeypatch.chdir(tmp_path)
    return tmp_path / "composerd" / "takes"


def record(folder: Path, *moments: datetime) -> TakeSink:
    shown = iter(moments)
    sink = TakeSink(TakeSettings(), folder, lambda: next(shown))
    sink.set_genre(ROCK)
    for _ in moments:
        for played in TUNE:
            sink.play(played)
        sink.end()
    sink.close()
    return sink


def test_a_take_is_listed_with_its_number_length_bars_tempo_and_genre(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    record(folder, datetime(2026, 2, 1, 10), datetime(2020, 1, 1))
    assert main(["takes"]) == 0
    lines = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert lines == [
        "1 2026-02-01 10:00:00 rock 0.1 min 2 bars 120.0 bpm 0001_2026-02-01_10-00-00_rock.mid",
        "2 2020-01-01 00:00:00 rock 0.1 min 2 bars 120.0 bpm 0002_2020-01-01_00-00-00_rock.mid",
    ]


def test_the_ending_decides_what_is_exported(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    record(folder, datetime(2026, 2, 1, 10), datetime(2020, 1, 1))
    for name in ("x.mid", "x.MIDI", "x.wav", "x.flac"):
        assert main(["takes", "export", "last", "-o", name]) == 0
    newest = list_takes(folder)[-1].path
    assert Path("x.mid").read_bytes() == Path("x.MIDI").read_bytes() == newest.read_bytes()
    for name, kind in (("x.wav", "WAV"), ("x.flac", "FLAC")):
        sound, rate = soundfile.read(name)
        assert soundfile.info(name).format == kind
        assert len(sound) / rate > 3.9
        assert abs(sound).max() > 0.5
    assert main(["takes", "export", "1"]) == 0
    assert Path("0001_2026-02-01_10-00-00_rock.mid").exists()
    capsys.readouterr()


@pytest.mark.parametrize("name", ["x.mp3", "x", "x.wav.gz", ".mid"])
def test_an_ending_that_is_not_known_is_refused_and_nothing_written(
    folder: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    record(folder, datetime(2026, 2, 1, 10))
    assert main(["takes", "export", "-o", name]) == 2
    expected = "expected a name that ends in .mid, .midi, .wav, .flac"
    assert capsys.readouterr().err == f"composerd: -o: found {name!r}, {expected}\n"
    assert not Path(name).exists()


def test_last_after_a_crash_is_the_take_that_was_cut_short(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    record(folder, datetime(2026, 2, 1, 10))
    writer = JournalWriter(folder / f"0002_2020-01-01_00-00-00{SUFFIX}", datetime(2020, 1, 1))
    writer.write([GenreFrom(0.0, ROCK), *TUNE[:6]])
    assert main(["takes", "export", "last", "-o", "before.mid"]) == 0
    assert Path("before.mid").read_bytes() == list_takes(folder)[0].path.read_bytes(), "it is still being written"
    writer.close()
    assert main(["takes", "export", "last", "-o", "after.mid"]) == 0
    assert "recovered a performance that was cut short: 0002_2020-01-01_00-00-00_rock.mid" in capsys.readouterr().err
    melody = next(track for track in mido.MidiFile("after.mid").tracks if track.name == "melody")
    assert [message.note for message in melody if message.type == "note_on"] == [60, 61]


def test_the_end_of_a_session_says_what_was_kept_and_how_to_get_it(folder: Path) -> None:
    sink = record(folder, *(datetime(2026, 2, 1, 10, minute) for minute in range(5)))
    assert session_lines(sink.finished[:1]) == [
        "kept: take 1, 0.1 min, 2 bars, 120 bpm, rock",
        "hear it: composerd takes play last; as a file: composerd takes export last -o NAME.mid (.wav, .flac)",
    ]
    assert session_lines(sink.finished)[:2] == [
        "kept: 5 takes, from 1 to 5; the last ones:",
        "kept: take 3, 0.1 min, 2 bars, 120 bpm, rock",
    ]
    assert session_lines(()) == []


def test_a_takes_music_is_read_back_as_it_was_played_with_the_parts_of_its_genre(folder: Path) -> None:
    record(folder, datetime(2026, 2, 1, 10))
    recorded = read_take(list_takes(folder)[0])
    names = {part.name: part for part in recorded.genre.parts}
    assert (names["bass"].channel, names["bass"].program, names["bass"].role) == (3, 33, "bass")
    struck = [(round(p.at, 3), p.part is None, p.message.data1) for p in recorded.played if p.message.starts_note]
    assert struck == [(p.at, p.part is None, p.message.data1) for p in TUNE if p.message.starts_note]


def test_a_take_that_is_no_music_any_more_is_named(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    record(folder, datetime(2026, 2, 1, 10))
    path = list_takes(folder)[0].path
    path.write_bytes(b"gone")
    assert main(["takes", "export", "-o", "x.wav"]) == 2
    assert capsys.readouterr().err == f"composerd: {path}: found 'gone' at its start, expected 'MThd' (a MIDI file)\n"
    assert main(["takes"]) == 0
    assert "damaged" in capsys.readouterr().out


def test_where_nothing_can_sound_a_take_is_offered_as_a_file(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JACK_DEFAULT_SERVER", "nobody")
    monkeypatch.setenv("JACK_NO_START_SERVER", "1")
    record(folder, datetime(2026, 2, 1, 10))
    assert main(["takes", "play", "--no-audio", "--midi-api", "jack"]) == 1
    assert "`composerd takes export last -o NAME.wav` writes a file" in capsys.readouterr().err


def test_a_listing_answers_without_numpy(folder: Path) -> None:
    record(folder, datetime(2026, 2, 1, 10))
    code = "import sys; from composerd.cli.main import main; main(['takes']); print('numpy' in sys.modules)"
    environ = {**os.environ, "XDG_DATA_HOME": str(folder.parents[1])}
    done = subprocess.run([sys.executable, "-c", code], env=environ, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "False"
