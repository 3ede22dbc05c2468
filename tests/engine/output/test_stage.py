"""What reaches the sinks: the player's keys and pedals, the band's notes, and their release, whatever was played."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from composerd.engine.messages import Played
from composerd.engine.output.mixer import BAND, MASTER, METRONOME
from composerd.engine.output.output import Output, is_wheel
from composerd.engine.output.stage import Stage
from composerd.engine.output.timeline import Event
from composerd.music.genre import Genre
from composerd.music.metronome import METRONOME_CHANNEL, METRONOME_PROGRAM
from composerd.music.midi import (
    CONTROL,
    PAN,
    PITCH_BEND,
    PRESSURE,
    PROGRAM,
    SOFT_PEDAL,
    SUSTAIN_PEDAL,
    VOLUME,
    Midi,
    control,
    note_off,
    note_on,
    program,
)
from composerd.music.tempo import Tempo
from fakes import ListeningSink, duo, overlaps

TEMPO = Tempo(120.0, 10.0, 0.0)
"""beat 0 is second 10, a beat half a second"""
KICK, BASS = 0, 1
BENT, LEVEL_BEND = Midi(PITCH_BEND, 1, 3, 90), Midi(PITCH_BEND, 1, 0, 64)
MESSAGES = st.one_of(
    st.builds(note_on, st.sampled_from([1, 2, 10]), st.integers(58, 62), st.integers(0, 2)),
    st.builds(note_off, st.sampled_from([1, 2, 10]), st.integers(58, 62)),
    st.builds(control, st.integers(1, 2), st.sampled_from([1, 64, 66, 67, 7, 11]), st.integers(0, 127)),
    st.builds(Midi, st.sampled_from([PITCH_BEND, PRESSURE, PROGRAM]), st.integers(1, 2), st.integers(0, 127),
              st.just(64)),
)  # fmt: skip


def stage(genre: Genre | None = None) -> tuple[Stage, ListeningSink]:
    sink = ListeningSink()
    return Stage([sink], genre or duo()), sink


def short(heard: Iterable[Played]) -> list[str]:
    """Messages as texts: `+2:40` begins pitch 40 on channel 2, `-2:40` ends it, `7=50@2` is controller 7."""
    found = []
    for played in heard:
        one = played.message
        if one.starts_note:
            found.append(f"+{one.channel}:{one.data1}")
        elif one.ends_note:
            found.append(f"-{one.channel}:{one.data1}")
        elif one.kind == CONTROL:
            found.append(f"{one.data1}={one.data2}@{one.channel}")
        else:
            found.append(f"{one.kind:x}:{one.data1}@{one.channel}")
    return found


def played_by(messages: Sequence[Midi]) -> tuple[Stage, ListeningSink]:
    """A stage on which the player has played these."""
    on, sink = stage()
    for at, message in enumerate(messages):
        on.player(float(at), message, None)
    return on, sink


def begin(part: int, pitch: int, beat: float = 0.0, velocity: int = 80) -> Event:
    return Event(beat, part, pitch, velocity)


def end(part: int, pitch: int, beat: float = 1.0) -> Event:
    return Event(beat, part, pitch, 0)


@pytest.mark.parametrize(
    ("messages", "heard"),
    [
        ([note_on(1, 60, 80), note_off(1, 60)], "+1:60 -1:60"),
        ([note_on(1, 60, 80), note_on(1, 60, 0)], "+1:60 -1:60"),
        ([note_on(5, 60, 80), note_off(5, 60)], "+1:60 -1:60"),  # whatever the keyboard's channel
        ([note_on(1, 60, 80), note_on(1, 60, 90), note_off(1, 60)], "+1:60 -1:60 +1:60 -1:60"),
        ([note_on(1, 60, 80), note_on(2, 60, 90), note_off(1, 60)], "+1:60 -1:60 +1:60"),  # still held on 2
        ([note_on(1, 60, 80), note_on(2, 60, 90), note_off(1, 60), note_off(2, 60)], "+1:60 -1:60 +1:60 -1:60"),
        ([note_off(1, 60)], "-1:60"),
        ([control(3, 64, 127), BENT], "64=127@1 e0:3@1"),
    ],
)
def test_the_players_keys_sound_on_channel_1_and_none_begins_twice(messages: list[Midi], heard: str) -> None:
    assert " ".join(short(played_by(messages)[1].heard)) == heard


@settings(max_examples=40)
@given(st.lists(MESSAGES, max_size=25))
def test_whatever_was_played_a_release_leaves_no_key_pedal_or_wheel(messages: list[Midi]) -> None:
    on, sink = played_by(messages)
    sounding = sorted(pitch for _, pitch in sink.sounding)
    assert on.release_player(99.0) == sounding
    assert sink.sounding == set()
    assert overlaps(played.message for played in sink.heard) == []
    last = {
        (one.message.kind, one.message.data1 if one.message.kind == CONTROL else 0): one.message for one in sink.heard
    }
    for pedal in (1, 64, 66, 67):
        assert last.get((CONTROL, pedal), control(1, pedal, 0)).data2 == 0
    assert last.get((PITCH_BEND, 0), LEVEL_BEND) in (LEVEL_BEND, Midi(PITCH_BEND, 1, 0, 64))
    assert last.get((PRESSURE, 0), Midi(PRESSURE, 1, 0)).data1 == 0
    before = len(sink.heard)
    assert on.release_player(100.0) == []
    assert len(sink.heard) == before, "there is nothing left to release"


def test_wheels_go_to_rest_without_the_pedals() -> None:
    on, sink = played_by([control(1, SUSTAIN_PEDAL, 127), control(1, 1, 50), BENT, Midi(PRESSURE, 1, 70)])
    del sink.heard[:]
    on.rest_wheels(9.0)
    assert sorted(short(sink.heard)) == ["1=0@1", "d0:0@1", "e0:0@1"]
    assert sink.heard[0].at == 9.0
    on.rest_wheels(10.0)
    assert len(sink.heard) == 3, "they are at rest"
    on.release_player(11.0)
    assert short(sink.heard)[3:] == ["64=0@1"]


def test_a_pedal_that_came_up_needs_no_release() -> None:
    on, sink = played_by([control(1, SOFT_PEDAL, 127), control(1, SOFT_PEDAL, 0), BENT, LEVEL_BEND])
    before = len(sink.heard)
    on.release_player(9.0)
    assert len(sink.heard) == before


@pytest.mark.parametrize(
    ("message", "wheel"),
    [(BENT, True), (control(1, 1, 4), True), (Midi(PRESSURE, 1, 4), True), (control(1, 64, 1), False),
     (note_on(1, 60, 1), False), (program(1, 1), False)],
)  # fmt: skip
def test_wheels_are_bend_modulation_and_pressure(message: Midi, wheel: bool) -> None:
    assert is_wheel(message) == wheel


def test_all_keys_but_one_are_released() -> None:
    on, sink = played_by([note_on(1, pitch, 80) for pitch in (60, 64, 67)])
    assert on.release_keys(5.0, but=64) == [60, 67]
    assert sink.sounding == {(1, 64)}
    assert on.release_keys(6.0) == [64]


def test_notes_of_the_band_sound_at_their_beats_and_late_ones_now() -> None:
    on, sink = stage()
    on.band([begin(BASS, 40, 1.0), end(BASS, 40, 2.0), begin(KICK, 36, 9.0)], TEMPO, 11.0)
    assert [(played.at, played.part, played.beat) for played in sink.heard] == [(10.5, 1, 1.0), (11.0, 1, 2.0),
                                                                                (11.0, 0, 9.0)]  # fmt: skip
    assert short(sink.heard) == ["+2:40", "-2:40", "+10:36"]


@pytest.mark.parametrize(
    ("events", "heard"),
    [
        ([begin(BASS, 40), begin(BASS, 40)], "+2:40 -2:40 +2:40"),
        ([end(BASS, 40)], ""),
        ([begin(BASS, 40), end(BASS, 40), end(BASS, 40)], "+2:40 -2:40"),
        ([begin(BASS, 40), begin(BASS, 43), end(BASS, 40)], "+2:40 +2:43 -2:40"),
    ],
)
def test_a_note_of_the_band_begins_and_ends_once(events: list[Event], heard: str) -> None:
    on, sink = stage()
    on.band(events, TEMPO, 11.0)
    assert " ".join(short(sink.heard)) == heard


def test_a_part_that_is_muted_ends_what_sounds_and_begins_nothing() -> None:
    on, sink = stage()
    on.band([begin(BASS, 40), begin(KICK, 36)], TEMPO, 10.0)
    on.mixer.mute("bass", True)
    on.mix(11.0)
    on.band([begin(BASS, 43), end(BASS, 40), end(KICK, 36)], TEMPO, 12.0)
    assert short(sink.heard) == ["+2:40", "+10:36", "-2:40", "-10:36"]
    on.mixer.mute("bass", False)
    on.mix(13.0)
    on.band([begin(BASS, 45)], TEMPO, 14.0)
    assert short(sink.heard)[-1] == "+2:45"


def test_a_solo_ends_the_others() -> None:
    on, sink = stage()
    on.band([begin(BASS, 40), begin(KICK, 36)], TEMPO, 10.0)
    on.mixer.solo("drums", True)
    on.mix(11.0)
    assert sink.sounding == {(10, 36)}


@pytest.mark.parametrize("semitones", [-11, -5, 3, 11])
def test_a_transposed_band_sounds_so_many_semitones_higher_but_its_drums(semitones: int) -> None:
    on, sink = stage()
    on.transpose(semitones, 9.0)
    on.band([begin(BASS, 40), begin(KICK, 36), end(BASS, 40), end(KICK, 36)], TEMPO, 12.0)
    assert short(sink.heard) == [f"+2:{40 + semitones}", "+10:36", f"-2:{40 + semitones}", "-10:36"]


@pytest.mark.parametrize(("pitch", "semitones", "sounds"), [(125, 11, 124), (3, -11, 4), (0, 0, 0), (127, 1, 116)])
def test_a_pitch_that_leaves_midis_range_comes_back_by_an_octave(pitch: int, semitones: int, sounds: int) -> None:
    on, sink = stage()
    on.transpose(semitones, 9.0)
    on.band([begin(BASS, pitch)], TEMPO, 12.0)
    assert sink.sounding == {(2, sounds)}


def test_what_sounds_ends_where_it_began_when_the_band_is_transposed() -> None:
    on, sink = stage()
    on.band([begin(BASS, 40)], TEMPO, 10.0)
    on.transpose(2, 11.0)
    assert short(sink.heard) == ["+2:40", "-2:40"]
    on.transpose(2, 12.0)
    on.band([end(BASS, 40)], TEMPO, 13.0)
    assert len(sink.heard) == 2, "no change, and the note has ended"


def test_only_the_players_notes_that_the_band_plays_back_are_transposed() -> None:
    on, sink = stage()
    on.transpose(5, 0.0)
    on.player(1.0, note_on(1, 60, 80), 0.0)
    on.player(2.0, note_on(1, 62, 80), 1.0, replayed=True)
    on.player(2.5, control(1, 64, 127), 1.0, replayed=True)
    on.player(3.0, note_off(1, 62), 1.5, replayed=True)
    assert short(sink.heard) == ["+1:60", "+1:67", "64=127@1", "-1:67"]
    assert [played.replayed for played in sink.heard] == [False, True, True, True]


def test_a_new_genre_is_told_to_every_sink_and_its_mix_goes_with_its_first_note() -> None:
    sinks = [ListeningSink(), ListeningSink()]
    on = Stage(sinks, duo())
    on.mixer.set_program("bass", 38, duo())
    on.mixer.set_volume(BAND, 50)
    on.set_genre(replace(duo(), name="other"))
    on.set_genre(duo())
    on.band([begin(BASS, 40)], TEMPO, 10.0)
    for sink in sinks:
        assert sink.genres == ["duo", "other", "duo"]
        assert short(sink.heard) == ["c0:38@2", "7=50@10", "7=50@2", "+2:40"]


def test_the_mix_is_sent_once() -> None:
    on, sink = stage()
    on.mixer.set_place("bass", 20)
    on.mix(1.0)
    on.mix(2.0)
    assert [(played.at, played.message) for played in sink.heard] == [(1.0, control(2, PAN, 20))]


def test_the_metronomes_instrument_and_volume_go_before_its_first_click_of_a_genre() -> None:
    on, sink = stage()
    on.mixer.set_volume(METRONOME, 60)
    on.mixer.set_volume(MASTER, 50)
    for at in (1.0, 2.0):
        on.click(at, note_on(METRONOME_CHANNEL, 84, 100))
        on.click(at + 0.1, note_off(METRONOME_CHANNEL, 84))
    heard = [played.message for played in sink.heard]
    assert heard[0] == program(METRONOME_CHANNEL, METRONOME_PROGRAM)
    assert heard.count(heard[0]) == 1
    assert heard.index(control(METRONOME_CHANNEL, VOLUME, 30)) < heard.index(note_on(METRONOME_CHANNEL, 84, 100))
    on.set_genre(duo())
    on.click(3.0, note_on(METRONOME_CHANNEL, 84, 100))
    assert [played.message for played in sink.heard].count(heard[0]) == 2, "a sink forgets it with a new genre"


def test_a_panic_ends_band_and_player_and_then_silences_the_sinks() -> None:
    on, sink = stage()
    on.band([begin(BASS, 40), begin(KICK, 36)], TEMPO, 10.0)
    on.player(10.0, note_on(1, 60, 80), None)
    on.player(10.0, control(1, SUSTAIN_PEDAL, 127), None)
    on.panic(11.0)
    assert sink.panics == 1
    assert sink.sounding == set()
    assert short(sink.heard)[-1] == "64=0@1"


def test_a_sink_that_cannot_be_silenced_is_left_out() -> None:
    class Plain:
        def play(self, played: Played) -> None: ...

        def set_genre(self, genre: Genre) -> None: ...

        def close(self) -> None: ...

    sink = ListeningSink()
    Output([Plain(), sink]).silence()
    assert sink.panics == 1


def test_closing_closes_every_sink() -> None:
    sinks = [ListeningSink(), ListeningSink()]
    Stage(sinks, duo()).close()
    assert [sink.closed for sink in sinks] == [True, True]
