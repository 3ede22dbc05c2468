"""A song made of a take: its melody, the chords that the band played, its sections; played again in another key."""

from __future__ import annotations

from pathlib import Path

import pytest

from composerd.app.learned_song import learned
from composerd.app.render import render
from composerd.engine.messages import Mode
from composerd.engine.settings import EngineSettings
from composerd.errors import ConfigError
from composerd.files.charts.text import read_text
from composerd.files.midi_file import write_song
from composerd.generators.plain import PlainGenerator
from composerd.library.genre_files import load_genre
from composerd.music.metre import Metre
from composerd.music.midi import note_off, note_on
from composerd.music.song import Axis, Song, SongMessage, SongTrack, tracks

CHART = "key: C\n[A] x2\n| C | F | G7 | C |\n| Am | Dm | G7 | C |\n"
TUNE = [
    *(60, 64, 67, 64, 65, 69, 72, 69, 67, 71, 74, 71, 72, 67, 64, 60),
    *(69, 72, 76, 72, 74, 69, 65, 62, 67, 65, 71, 67, 72, 67, 64, 60),
]


@pytest.fixture
def take(tmp_path: Path) -> Path:
    """A performance of the tune, twice, by a chart, as a recorded take."""
    axis, pop = Axis.steady(100, Metre()), load_genre("pop")
    messages = []
    for index, pitch in enumerate(TUNE * 2):
        for tick, message in ((480 * index, note_on(1, pitch, 80)), (480 * index + 440, note_off(1, pitch))):
            messages.append(SongMessage(tick, axis.second_at(tick), message))
    song = Song(axis, "melody", tuple(messages), messages[-1].tick)
    done = render(song, pop, Mode.JAM, PlainGenerator(pop), EngineSettings(), chart=read_text(CHART))
    path = tmp_path / "take.mid"
    write_song(path, done.axis, tracks(done.genre, done.lines, done.end_tick))
    return path


def test_a_take_becomes_a_song_with_its_melody_sections_chords_tempo_and_key(take: Path) -> None:
    chart = learned(take, "Tune", "pop")
    assert [section.name for section in chart.sections] == ["A", "A"]
    assert (chart.title, chart.genre, chart.bpm, chart.key, chart.minor) == ("Tune", "pop", 100.0, 0, False)
    assert [note.pitch for note in chart.melody] == TUNE * 2
    wanted = [bar.changes[0].chord for bar in read_text(CHART).bars]
    found = [bar.changes[0].chord for bar in chart.bars]
    pairs = [(one.root, other.root) for one, other in zip(wanted, found, strict=True) if one and other]
    assert sum(one == other for one, other in pairs) >= 14


def test_a_learned_song_is_moved_to_another_key_with_its_melody(take: Path) -> None:
    chart, higher = learned(take, "Tune", "pop"), learned(take, "Tune", "pop").transposed(3)
    assert higher.key == 3
    assert [note.pitch - 3 for note in higher.melody] == [note.pitch for note in chart.melody]


def test_a_take_without_a_band_is_refused_with_one_line(tmp_path: Path) -> None:
    axis = Axis.steady(100, Metre())
    alone = SongTrack("melody", ((0, note_on(1, 60, 80)), (480, note_off(1, 60))))
    write_song(tmp_path / "alone.mid", axis, (alone,))
    with pytest.raises(ConfigError, match="take: found no band, expected a performance with chords"):
        learned(tmp_path / "alone.mid", "x", "")
