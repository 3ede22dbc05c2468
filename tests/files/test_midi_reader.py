"""Files of other programs: invalid data is skipped and reported, and the music is read."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import smf
from composerd.files import midi_events, midi_reader
from composerd.files.midi_reader import MidiFile, parse_midi, read_midi
from composerd.music.metre import Metre
from composerd.music.midi_tracks import MetreChange, TempoChange
from fluid_player import library, notes_of
from odd_files import FINE, MASTER, ODD, WHOLE

PROGRAMS = b"\0\xc0\1" + b"\0\1" * 9
"""ten program changes, all but the first with running status"""


def started(file: MidiFile) -> Counter[tuple[int, int, int]]:
    events = (message for track in file.tracks for _, message in track.events)
    return Counter((m.channel, m.data1, m.data2) for m in events if m.starts_note)


@pytest.mark.parametrize("odd", ODD)
def test_what_makes_no_sense_is_passed_over_and_said_once(odd: str) -> None:
    data, said = ODD[odd]
    file = parse_midi(data)
    assert started(file).total() == 64
    assert file.ignored == (said,)


@pytest.mark.parametrize("data", FINE.values(), ids=FINE)
def test_what_is_unusual_but_whole_is_read_without_a_word(data: bytes) -> None:
    file = parse_midi(data)
    assert started(file).total() == 64
    assert [text for text in file.ignored if "length" not in text] == []


def test_the_tempo_and_the_metre_before_a_senseless_one_go_on() -> None:
    senseless = smf.meta(0x51, b"\0\0\0", 480) + smf.meta(0x58, b"\x0d\5\x18\x08") + smf.meta(0x51, b"\0\0\1", 480)
    file = parse_midi(smf.song(MASTER + senseless + smf.END, smf.tune()))
    assert file.tempos == (TempoChange(0, 545_455), TempoChange(960, 1))
    assert file.metres == (MetreChange(0, Metre()),)


def test_the_same_oddity_a_hundred_times_is_one_line_and_twenty_are_five() -> None:
    keys = b"".join(smf.meta(0x59, bytes([8 + number % 20, 0])) for number in range(100))
    lines = parse_midi(smf.song(smf.tune(keys))).ignored
    assert lines == (*(f"a key signature of {sharps} sharps" for sharps in range(8, 12)), "and 16 more")


@pytest.mark.parametrize("length", [40, 100, 300, 500])
def test_of_a_file_that_is_cut_off_the_music_before_the_cut_is_read(length: int) -> None:
    file = parse_midi(WHOLE[:length])
    whole = list(parse_midi(WHOLE).tracks[-1].events)
    if len(file.tracks) > 1:
        events = list(file.tracks[1].events)
        assert events == whole[: len(events)]
        assert "the rest of track 2, which is cut off" in file.ignored or not events
    assert file.ignored


def test_where_a_track_stops_making_sense_what_came_before_is_read() -> None:
    file = parse_midi(smf.song(smf.notes([60, 62]) + b"\xff\xff\xff\xff\x7f" + smf.tune(), smf.tune()))
    assert [len(track.events) for track in file.tracks] == [4, 128]
    assert file.ignored == ("the rest of track 1, which makes no sense (a length of more than four bytes)",)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"RIFF\0\0\0\0WAVEfmt ", "found a RIFF file of kind 'WAVE', expected 'RMID'"),
        (b"RIFF\0\0\0\0RMIDdata\0\0\0\0", "without a MIDI file"),
        (b"ID3\4 music", "found 'ID3\\\\x04' at its start, expected 'MThd'"),
        (b"MThd\0\0\0\6\0\1", "found a header of 10 bytes, expected 14: the file is cut off"),
        (smf.song(smf.tune(), division=0xE728), "found SMPTE time code"),
        (smf.song(smf.tune(), division=0), "found 0 ticks a beat"),
        (smf.header(), "found a header and no track"),
        (WHOLE + bytes(midi_reader.MAX_BYTES), "more than 16,000,000 bytes"),
        (smf.song(smf.meta(1) * (midi_events.MAX_EVENTS - 9) + PROGRAMS), "more than 500,000 events"),
        (smf.song(*[smf.meta(1) * (midi_events.MAX_EVENTS // 2)] * 2, PROGRAMS), "more than 500,000 events"),
        (smf.song(smf.meta(1) * (midi_events.MAX_EVENTS + 1)), "more than 500,000 events"),
    ],
)
def test_what_is_refused_is_refused_for_a_reason_that_is_true(data: bytes, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        parse_midi(data)


def test_a_container_may_be_larger_than_the_file_in_it(tmp_path: Path) -> None:
    instruments = b"DLS " + bytes(4) + bytes(midi_reader.MAX_BYTES)
    (tmp_path / "SONG.RMI").write_bytes(smf.rmid(WHOLE) + instruments)
    assert started(read_midi(tmp_path / "SONG.RMI")).total() == 64


@pytest.mark.parametrize(("division", "read"), [(1, 480), (24, 480), (48, 480), (95, 570), (96, 96), (32_767, 32_767)])
def test_a_coarse_file_is_read_at_a_finer_resolution_of_which_its_own_is_a_whole_part(division: int, read: int) -> None:
    tempo = smf.meta(0x51, b"\7\xa1\x20", division)
    file = parse_midi(smf.song(tempo + smf.END, smf.notes([60, 62], ticks=division) + smf.END, division=division))
    assert file.ticks_per_beat == read
    assert [tick for tick, _ in file.tracks[1].events] == [0, read, read, 2 * read]
    assert file.tempos == (TempoChange(read, 500_000),)


@pytest.mark.parametrize("odd", [odd for odd in ODD if "MacBinary" not in odd])
def test_everything_that_fluidsynth_plays_of_an_odd_file_is_read(odd: str) -> None:
    data, _ = ODD[odd]
    assert not Counter(notes_of(library(), data)) - started(parse_midi(data))


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A file with some bytes changed, lost or added, perhaps cut off."""
    files = (WHOLE, smf.song(smf.mpe_tune()), smf.song(MASTER + smf.END, *smf.band()))
    data = bytearray(draw(st.sampled_from(files)))
    for _ in range(draw(st.integers(1, 5))):
        place, value = draw(st.integers(0, len(data) - 1)), draw(st.integers(0, 255))
        what = draw(st.sampled_from(("change", "change", "lose", "add")))
        data[place : place + (what != "add")] = b"" if what == "lose" else bytes([value])
    return bytes(data[: draw(st.sampled_from((len(data), len(data), len(data) // 2)))])


@settings(max_examples=150, deadline=None, derandomize=True)
@given(data=damaged())
def test_everything_that_fluidsynth_plays_of_a_damaged_file_is_read(data: bytes) -> None:
    """But for data that follows a meta event without a status: FluidSynth takes it for a meta event again."""
    played = Counter(note for note in notes_of(library(), data) if max(note) < 128)
    assert not played - (started(parse_midi(data)) if played else Counter())


@settings(max_examples=300, deadline=None)
@given(data=st.one_of(damaged(), st.binary(max_size=300), st.binary(max_size=300).map(lambda b: smf.song(b))))
def test_any_bytes_are_music_in_order_or_a_clear_refusal(data: bytes) -> None:
    try:
        file = parse_midi(data)
    except ValueError:
        with pytest.raises(ValueError, match=r"^found "):
            parse_midi(data)
        return
    for track in file.tracks:
        ticks = [tick for tick, _ in track.events]
        assert ticks == sorted(ticks)
        assert all(0 <= value < 128 for _, m in track.events for value in (m.data1, m.data2))
    assert all(change.microseconds > 0 for change in file.tempos)
    assert file.ticks_per_beat >= midi_reader.COARSEST
