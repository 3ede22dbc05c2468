"""A song made of a take: its melody, the chords that the band played, its sections; played again in another key."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from operator import itemgetter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import smf
from composerd.app.learned_song import learned
from composerd.app.render import render
from composerd.engine.messages import Mode
from composerd.engine.settings import EngineSettings
from composerd.errors import ConfigError
from composerd.files.charts.text import read_text, write_text
from composerd.files.midi_file import write_tracks
from composerd.generators.plain import PlainGenerator
from composerd.library.genre_files import load_genre
from composerd.music.metre import Metre
from composerd.music.midi import Midi, note_off, note_on
from composerd.music.midi_tracks import Axis, FileTrack, MelodyTrack, TrackMessage, tracks
from composerd.music.songbook import Songbook

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
            messages.append(TrackMessage(tick, axis.second_at(tick), message))
    song = MelodyTrack(axis, "melody", tuple(messages), messages[-1].tick)
    done = render(song, pop, Mode.JAM, PlainGenerator(pop), EngineSettings(), chart=read_text(CHART))
    path = tmp_path / "take.mid"
    write_tracks(path, done.axis, tracks(done.genre, done.lines, done.end_tick))
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
    alone = FileTrack("melody", ((0, note_on(1, 60, 80)), (480, note_off(1, 60))))
    write_tracks(tmp_path / "alone.mid", axis, (alone,))
    with pytest.raises(ConfigError, match="take: found no band, expected a performance with chords"):
        learned(tmp_path / "alone.mid", "x", "")


def performance(
    *first: bytes, pitches: tuple[int, ...] = (60, 64, 67, 72) * 4, ticks: int = 480, name: bytes = b"melody"
) -> bytes:
    """A file with a conductor's track, a melody, and chords of a bar each."""
    conductor = b"".join(first) + smf.END
    melody = smf.meta(3, name) + smf.notes(pitches, ticks=ticks) + smf.END
    band = b"".join(
        b"\0" + bytes([0x92, pitch, 80]) for pitch in (48, 52, 55)
    ) + smf.number(1920) + b"".join(bytes([0x82, pitch, 0]) + b"\0" for pitch in (48, 52, 55))  # fmt: skip
    return smf.song(conductor, melody, smf.meta(3, b"keys") + band[:-1] + smf.END)


def tempo(bpm: float) -> bytes:
    return smf.meta(0x51, round(60e6 / bpm).to_bytes(3, "big"))


def metre(over: int, under: int) -> bytes:
    return smf.meta(0x58, bytes([over, under.bit_length() - 1, 24, 8]))


@pytest.mark.parametrize(("bpm", "kept"), [(30, 30.0), (300, 300.0), (15, None), (400, None), (96.54, 96.5)])
def test_a_tempo_that_no_chart_can_hold_is_left_open(tmp_path: Path, bpm: float, kept: float | None) -> None:
    path = tmp_path / "x.mid"
    path.write_bytes(performance(tempo(bpm)))
    chart = learned(path, "x", "")
    assert chart.bpm == kept
    assert read_text(write_text(chart)) == chart


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (performance(metre(8, 32)), "found bars of 8/32, expected beats of at least a 16th"),
        (performance(pitches=(60, 64) * 4200, ticks=960), "found more than 2000 bars"),
        (performance(name=b"Lead"), "found no track 'melody' in .*, expected a take"),
        (
            smf.song(smf.meta(3, b"melody") + smf.notes([60]) + smf.END, smf.notes([36, 38], channel=10) + smf.END),
            "no band",
        ),
        (b"no music", "x.mid"),
    ],
)
def test_what_can_be_no_song_is_refused_in_one_line_without_options_that_there_are_not(
    tmp_path: Path, data: bytes, says: str
) -> None:
    path = tmp_path / "x.mid"
    path.write_bytes(data)
    with pytest.raises(ConfigError, match=says) as told:
        learned(path, "x", "")
    assert "\n" not in str(told.value)
    assert "--track" not in str(told.value)


def struck(pitches: Sequence[int], first: int, ticks: int, together: bool = False) -> Iterator[tuple[int, Midi]]:
    """Notes of `ticks`, one after the other from tick `first` on, or all at once."""
    for index, pitch in enumerate(pitches):
        at = first if together else first + index * ticks
        yield at, note_on(1, pitch, 80)
        yield at + ticks - 20, note_off(1, pitch)


@pytest.mark.parametrize(("third", "roots"), [((67, 71, 74, 71), [7, 0, 7, 0]), ((72, 67, 76, 67), [0, 0, 7, 0])])
def test_a_bar_before_the_harmony_entered_has_the_chord_that_it_has_where_it_returns(
    tmp_path: Path, third: tuple[int, ...], roots: list[int]
) -> None:
    tune = (67, 71, 74, 71, 60, 64, 67, 64, *third, 60, 64, 67, 64)
    band = [
        one
        for bar, chord in ((1, (48, 52, 55)), (2, (43, 47, 50)), (3, (48, 52, 55)))
        for one in struck(chord, 1920 * bar, 1920, together=True)
    ]
    both = FileTrack("melody", tuple(struck(tune, 0, 480))), FileTrack("keys", tuple(sorted(band, key=itemgetter(0))))
    write_tracks(tmp_path / "x.mid", Axis.steady(100, Metre()), both)
    found = [bar.at(0) for bar in learned(tmp_path / "x.mid", "x", "").bars]
    assert [one and one.root for one in found] == roots


def test_a_learned_song_that_is_played_again_in_another_key_has_its_chords(take: Path) -> None:
    chart = learned(take, "Tune", "pop")
    axis, pop = Axis.steady(120, Metre()), load_genre("pop")
    keys = struck([pitch + 5 for pitch in TUNE * 2], 0, 480)
    messages = tuple(TrackMessage(tick, axis.second_at(tick), message) for tick, message in keys)
    song = MelodyTrack(axis, "melody", messages, messages[-1].tick)
    done = render(song, pop, Mode.JAM, PlainGenerator(pop), EngineSettings(memory="book"), book=Songbook([chart]))
    wanted = [bar.at(0) for bar in chart.transposed(5).bars[4:]]
    found = [done.chords.at(16 * index) for index in range(4, 16)]
    assert [one and one.chord.root for one in found] == [one and one.root for one in wanted]


def test_groups_of_eight_bars_with_one_melody_are_one_section_and_others_have_letters_of_their_own(
    tmp_path: Path,
) -> None:
    one, other = (60, 64, 67, 64) * 8, (72, 71, 69, 67) * 8
    path = tmp_path / "x.mid"
    path.write_bytes(performance(pitches=one + other + one + other[:16]))
    assert [(section.name, len(section.bars)) for section in learned(path, "x", "").sections] == [
        ("A", 8), ("B", 8), ("A", 8), ("C", 4)
    ]  # fmt: skip


@given(
    pitches=st.lists(st.integers(48, 84), min_size=1, max_size=40),
    ticks=st.sampled_from([120, 240, 480, 700]),
    over=st.integers(1, 13),
    under=st.sampled_from([2, 4, 8, 16]),
    bpm=st.floats(10, 500),
)
def test_whatever_was_played_the_song_can_be_kept_and_read_again(
    tmp_path_factory: pytest.TempPathFactory, pitches: list[int], ticks: int, over: int, under: int, bpm: float
) -> None:
    path = tmp_path_factory.mktemp("take") / "x.mid"
    path.write_bytes(performance(tempo(bpm), metre(over, under), pitches=tuple(pitches), ticks=ticks))
    chart = learned(path, "x", "pop")
    assert {bar.metre for bar in chart.bars} == {Metre(over, under)}
    assert chart.melody[0].step < Metre(over, under).bar_steps
    again = read_text(write_text(chart))
    assert (again.sections, again.melody, again.bpm) == (chart.sections, chart.melody, chart.bpm)
