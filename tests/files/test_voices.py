"""The voices of a file: tracks and channels, every note with one end."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

import smf
from composerd.files.midi_reader import MidiFile, parse_midi
from composerd.files.voices import OFF, ON, PITCH, FileVoice, voices_of

ON_60, OFF_60 = bytes([0x90, 60, 80]), bytes([0x80, 60, 0])


def read(*tracks: bytes, kind: int = 1) -> tuple[FileVoice, ...]:
    return voices_of(parse_midi(smf.song(*tracks, kind=kind)))


def spans(voice: FileVoice) -> list[tuple[float, float]]:
    """(beat of the start, of the end) of each note."""
    return [(float(note[ON]), float(note[OFF])) for note in voice.notes]


def track(*events: tuple[int, bytes]) -> bytes:
    """Events as (beats since the one before, message)."""
    return b"".join(smf.number(480 * beats) + message for beats, message in events) + smf.END


def test_a_melody_over_eight_channels_is_one_voice_in_both_types_of_file() -> None:
    for kind in (0, 1):
        (voice,) = read(smf.mpe_tune(), kind=kind)
        assert voice.notes[:, PITCH].tolist() == list(smf.C_MAJOR * 4)
        assert {message.channel for _, message in voice.events} == {2}
        assert {message.kind for _, message in voice.events} == {0x80, 0x90}, "a bend of one note would bend them all"


def test_channels_that_take_turns_are_one_voice_without_mpes_announcement() -> None:
    strings = b"".join(smf.notes([pitch], 11 + at % 6) for at, pitch in enumerate(smf.C_MAJOR * 4))
    (voice,) = read(strings + smf.END, kind=0)
    assert len(voice.notes) == 64


def test_the_channels_of_a_file_of_one_track_are_voices_of_their_own() -> None:
    chords = b""
    for pitch in range(48, 56):
        chords += b"".join(b"\0" + bytes([0x90 | channel, pitch + 7 * channel, 80]) for channel in range(4))
        for channel in range(4):
            chords += smf.number(0 if channel else 480) + bytes([0x80 | channel, pitch + 7 * channel, 0])
    assert [voice.channel for voice in read(chords + smf.END, kind=0)] == [1, 2, 3, 4]


def test_a_tracks_drums_and_other_instruments_are_voices_of_their_own() -> None:
    programs = b"\0\xc0\x38\0\xc1\x20\0\xc2\x38"
    events = programs + smf.notes([60], 1) + smf.notes([40], 2) + smf.notes([64], 3) + smf.notes([38], 10) + smf.END
    assert [(v.channel, v.program, len(v.notes)) for v in read(events)] == [(1, 0x38, 2), (2, 0x20, 1), (10, 0, 1)]


def test_a_note_struck_again_while_it_sounds_ends_there_and_its_own_end_is_not_the_next_ones() -> None:
    (voice,) = read(track((0, ON_60), (1, ON_60), (1, OFF_60), (2, OFF_60)))
    assert spans(voice) == [(0, 1), (1, 4)]


def test_where_ends_are_missing_the_next_end_of_the_pitch_ends_all() -> None:
    (voice,) = read(track((0, ON_60), (1, ON_60), (1, OFF_60), (4, ON_60), (1, OFF_60)))
    assert spans(voice) == [(0, 1), (1, 2), (6, 7)]


def test_a_file_without_a_note_has_no_voice() -> None:
    with pytest.raises(ValueError, match="no notes"):
        read(track((0, OFF_60)))


NOTES = st.lists(st.tuples(st.integers(0, 3), st.integers(60, 62), st.integers(1, 4), st.booleans()), max_size=40)


@given(events=NOTES, kind=st.sampled_from((0, 1)))
def test_no_voice_holds_two_notes_of_one_pitch_at_once_and_every_note_ends_once(
    events: list[tuple[int, int, int, bool]], kind: int
) -> None:
    data = track(*((beats, bytes([0x90 | channel, pitch, 80 * starts])) for beats, pitch, channel, starts in events))
    file: MidiFile = parse_midi(smf.song(data, kind=kind))
    started = sum(starts for _, _, _, starts in events)
    voices = voices_of(file) if started else ()
    for voice in voices:
        sounding: set[int] = set()
        for _, message in voice.events:
            assert message.starts_note != (message.data1 in sounding)
            sounding ^= {message.data1}
        assert not sounding
        assert len(voice.notes) == sum(message.starts_note for _, message in voice.events)
    assert sum(len(voice.notes) for voice in voices) <= started
