"""What goes to a synth that comes and goes, byte by byte: nothing sounds on, and it plays as was chosen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import pytest
import rtmidi
from hypothesis import given
from hypothesis import strategies as st

from composerd.devices.midi.output import MidiOutSink
from composerd.engine.messages import Played
from composerd.engine.output.mixer import CENTRE
from composerd.library.genre_files import load_genre
from composerd.music.genre import PLAYER_CHANNEL
from composerd.music.midi import PAN, VOLUME, Midi, control, note_off, note_on, program

POP, JAZZ = load_genre("pop"), load_genre("jazz")
BASS = next(part for part in POP.parts if part.role == "bass")


@dataclass
class Synth:
    """A MIDI port at whose other end a synth counts what sounds and keeps what it was told."""

    fails: bool = False
    heard: list[list[int]] = field(default_factory=list)
    sounding: set[tuple[int, int]] = field(default_factory=set)
    programs: dict[int, int] = field(default_factory=dict)
    controls: dict[tuple[int, int], int] = field(default_factory=dict)
    deleted: int = 0

    def send_message(self, data: Sequence[int]) -> None:
        if self.fails:
            raise rtmidi.SystemError("gone")
        self.heard.append(list(data))
        kind, channel = data[0] & 0xF0, (data[0] & 0x0F) + 1
        if kind == 0x90 and data[2]:
            self.sounding.add((channel, data[1]))
        elif kind in (0x80, 0x90):
            self.sounding.discard((channel, data[1]))
        elif kind == 0xC0:
            self.programs[channel] = data[1]
        elif kind == 0xB0:
            self.controls[channel, data[1]] = data[2]
            if data[1] in (120, 123):
                self.sounding = {one for one in self.sounding if one[0] != channel}

    def delete(self) -> None:
        self.deleted += 1


@pytest.fixture
def sink() -> MidiOutSink:
    found = MidiOutSink()
    found.set_genre(POP)
    return found


def plugged(sink: MidiOutSink) -> Synth:
    synth = Synth()
    sink.attach(synth)
    synth.heard.clear()
    return synth


def play(sink: MidiOutSink, *messages: Midi) -> None:
    for message in messages:
        sink.play(Played(0.0, 0, message))


def test_messages_go_out_as_they_come_and_at_once(sink: MidiOutSink) -> None:
    synth = plugged(sink)
    play(sink, note_on(2, 40, 90), program(3, 5), note_off(2, 40))
    sink.send_bytes([0xF8])
    assert synth.heard == [[0x91, 40, 90], [0xC2, 5], [0x81, 40, 64], [0xF8]]


def test_a_synth_that_comes_is_silenced_on_all_channels_and_told_the_instruments(sink: MidiOutSink) -> None:
    synth = Synth()
    synth.sounding = {(channel, 60) for channel in range(1, 17)}
    sink.attach(synth)
    assert synth.sounding == set()
    assert synth.programs == {
        PLAYER_CHANNEL: POP.player_program, **{part.channel: part.program for part in POP.parts}
    }  # fmt: skip


def test_what_was_chosen_while_no_synth_was_there_is_told_to_the_next(sink: MidiOutSink) -> None:
    play(sink, program(BASS.channel, 38), control(BASS.channel, VOLUME, 33), control(BASS.channel, PAN, 0))
    synth = plugged(sink)
    assert synth.programs[BASS.channel] == 38
    assert (synth.controls[BASS.channel, VOLUME], synth.controls[BASS.channel, PAN]) == (33, 0)


def test_what_was_chosen_is_told_again_to_a_synth_that_comes_back(sink: MidiOutSink) -> None:
    plugged(sink)
    play(sink, program(BASS.channel, 38), control(BASS.channel, VOLUME, 33))
    sink.detach()
    play(sink, control(BASS.channel, VOLUME, 44))
    synth = plugged(sink)
    assert (synth.programs[BASS.channel], synth.controls[BASS.channel, VOLUME]) == (38, 44)


def test_another_genre_brings_its_own_instruments_and_centres_what_was_moved(sink: MidiOutSink) -> None:
    synth = plugged(sink)
    play(sink, program(BASS.channel, 38), control(BASS.channel, PAN, 0))
    sink.set_genre(JAZZ)
    assert all(synth.programs[part.channel] == part.program for part in JAZZ.parts)
    assert synth.controls[BASS.channel, PAN] == CENTRE


def test_a_synth_that_goes_with_notes_on_is_silent_when_it_is_back(sink: MidiOutSink) -> None:
    synth = plugged(sink)
    play(sink, note_on(2, 40, 90), note_on(2, 40, 90), note_on(3, 60, 90))
    sink.detach()
    play(sink, note_off(2, 40))
    assert synth.sounding
    assert synth.deleted == 1
    sink.attach(synth)
    assert synth.sounding == set()
    assert [data for data in synth.heard if data[0] == 0x81] == [[0x81, 40, 64], [0x81, 40, 64]]


def test_without_a_synth_everything_is_silence(sink: MidiOutSink) -> None:
    play(sink, note_on(2, 40, 90))
    sink.send_bytes([0xFA])
    sink.panic()
    sink.detach()
    assert sink.failed == 0
    assert sink.sent.recent(0.0) == []


def test_a_port_that_refuses_is_counted_and_never_raises(sink: MidiOutSink) -> None:
    synth = plugged(sink)
    synth.fails = True
    play(sink, note_on(2, 40, 90), note_off(2, 40))
    sink.send_bytes([0xF8])
    assert sink.failed == 3
    synth.fails = False
    play(sink, note_on(2, 41, 90))
    assert synth.heard == [[0x91, 41, 90]]


def test_a_panic_ends_each_note_by_name_and_then_all_channels(sink: MidiOutSink) -> None:
    synth = plugged(sink)
    play(sink, note_on(4, 50, 90), note_on(2, 40, 90))
    sink.panic()
    assert synth.heard[2:4] == [[0x81, 40, 64], [0x83, 50, 64]]
    assert len(synth.heard) == 4 + 4 * 16
    assert synth.sounding == set()
    sink.panic()
    assert len(synth.heard) == 4 + 8 * 16, "what was ended is not ended again by name"


def test_closing_silences_the_synth_twice_and_no_other_is_played_after_it(sink: MidiOutSink) -> None:
    synth = plugged(sink)
    play(sink, note_on(2, 40, 90))
    sink.close()
    assert synth.sounding == set()
    assert (synth.deleted, len(synth.heard)) == (1, 2 + 2 * 4 * 16)
    later = Synth()
    sink.attach(later)
    play(sink, note_on(2, 40, 90))
    assert (later.heard, later.deleted) == ([], 1)


def test_what_goes_out_is_known_to_the_guard_against_echoes_until_another_port_comes(sink: MidiOutSink) -> None:
    plugged(sink)
    play(sink, note_on(2, 40, 90))
    assert sink.sent.recent(0.0)[-1].message == note_on(2, 40, 90)
    plugged(sink)
    assert note_on(2, 40, 90) not in [one.message for one in sink.sent.recent(0.0)]


MESSAGES = st.one_of(
    st.builds(note_on, st.sampled_from((2, 3)), st.integers(40, 43), st.sampled_from((0, 90))),
    st.builds(note_off, st.sampled_from((2, 3)), st.integers(40, 43)),
    st.builds(program, st.sampled_from((2, 3)), st.integers(0, 127)),
    st.builds(control, st.sampled_from((2, 3)), st.sampled_from((VOLUME, PAN)), st.integers(0, 127)),
)
EVENTS = st.lists(st.one_of(MESSAGES, st.sampled_from(["plug", "pull", "panic", "genre"])), max_size=40)


@given(EVENTS)
def test_whatever_happens_a_synth_that_is_there_plays_as_was_chosen_last_and_falls_silent(
    events: list[Midi | str],
) -> None:
    """It sounds and stands as a synth does that was there from the beginning."""
    genre = replace(
        POP, parts=tuple(replace(part, channel=channel) for channel, part in zip((2, 3), POP.parts, strict=False))
    )
    sink, always = MidiOutSink(), MidiOutSink()
    synth, reference = Synth(), Synth()
    always.attach(reference)
    sink.set_genre(genre)
    always.set_genre(genre)
    for event in events:
        for one, device in ((sink, synth), (always, reference)):
            if isinstance(event, Midi):
                play(one, event)
            elif event == "genre":
                one.set_genre(genre)
            elif event == "panic":
                one.panic()
            elif one is sink:
                one.attach(device) if event == "plug" else one.detach()
    sink.attach(synth)
    assert synth.sounding == set()
    assert (synth.programs, {key: value for key, value in synth.controls.items() if key[1] in (VOLUME, PAN)}) == (
        reference.programs,
        {key: value for key, value in reference.controls.items() if key[1] in (VOLUME, PAN)},
    )
