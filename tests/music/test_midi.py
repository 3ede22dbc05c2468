"""MIDI messages as values: what a wire carries is read, and everything else is none."""

from __future__ import annotations

import mido
import pytest
from hypothesis import given
from hypothesis import strategies as st

from composerd.music.metre import BarGrid, Metre
from composerd.music.metronome import METRONOME_CHANNEL, clicks
from composerd.music.midi import (
    ALL_NOTES_OFF,
    CONTROL,
    NOTE_OFF,
    NOTE_ON,
    PITCH_BEND,
    POLY_PRESSURE,
    PRESSURE,
    PROGRAM,
    SUSTAIN_PEDAL,
    Midi,
    control,
    note_off,
    note_on,
    parse,
    program,
    silence,
)
from composerd.music.tempo import Tempo

KINDS = st.sampled_from((NOTE_OFF, NOTE_ON, POLY_PRESSURE, CONTROL, PROGRAM, PRESSURE, PITCH_BEND))
BYTE, CHANNEL = st.integers(0, 127), st.integers(1, 16)


@st.composite
def messages(draw: st.DrawFn) -> Midi:
    kind = draw(KINDS)
    return Midi(kind, draw(CHANNEL), draw(BYTE), 0 if kind in (PROGRAM, PRESSURE) else draw(BYTE))


@given(messages())
def test_a_message_comes_back_from_the_wire(message: Midi) -> None:
    assert parse(message.to_bytes()) == message
    assert parse(bytes(message.to_bytes())) == message


@given(messages())
def test_another_library_reads_the_same_bytes(message: Midi) -> None:
    other = mido.Message.from_bytes(message.to_bytes())
    assert other.channel == message.channel - 1
    assert other.bytes() == message.to_bytes()


@given(st.binary(max_size=5))
def test_any_bytes_are_a_message_or_none(data: bytes) -> None:
    found = parse(data)
    if found is not None:
        assert data.startswith(bytes(found.to_bytes()))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x90",
        b"\x90\x3c",
        b"\xc0",
        b"\xf8",
        b"\xf0\x7e\x7f\xf7",
        b"\x3c\x40\x40",
        b"\x90\x80\x40",
        b"\x90\x40\xff",
    ],
)
def test_what_is_cut_broken_or_the_systems_is_none(data: bytes) -> None:
    assert parse(data) is None


def test_a_note_on_of_velocity_zero_ends_a_note() -> None:
    assert (note_on(1, 60, 1).starts_note, note_on(1, 60, 1).ends_note) == (True, False)
    assert (note_on(1, 60, 0).starts_note, note_on(1, 60, 0).ends_note) == (False, True)
    assert (note_off(1, 60).starts_note, note_off(1, 60).ends_note) == (False, True)
    assert not control(1, 7, 100).starts_note


@given(messages(), CHANNEL)
def test_on_another_channel_all_else_stays(message: Midi, channel: int) -> None:
    moved = message.on_channel(channel)
    assert (moved.kind, moved.data1, moved.data2, moved.channel) == (
        message.kind,
        message.data1,
        message.data2,
        channel,
    )
    assert moved.on_channel(message.channel) == message


def test_silence_reaches_every_channel_pedals_first() -> None:
    told = silence()
    assert {message.channel for message in told} == set(range(1, 17))
    first = {message.data1: at for at, message in reversed([*enumerate(told)])}
    assert first[SUSTAIN_PEDAL] < first[ALL_NOTES_OFF]
    assert all(message.data2 == 0 for message in told)


def test_a_program_is_two_bytes() -> None:
    assert program(10, 40).to_bytes() == [0xC9, 40]


@pytest.mark.parametrize(
    ("metre", "steps"),
    [
        (Metre(4, 4), [0, 4, 8, 12]),
        (Metre(3, 4), [0, 4, 8]),
        (Metre(6, 8), [0, 6]),
        (Metre(7, 8), [0, 2, 4, 6, 8, 10, 12]),
    ],
)
def test_the_metronome_clicks_on_every_pulse_and_higher_on_the_first(metre: Metre, steps: list[int]) -> None:
    found = clicks(BarGrid.of(metre), 0, 2 * metre.bar_steps)
    assert [step for step, _, _ in found] == [*steps, *(metre.bar_steps + step for step in steps)]
    heights = [on.data1 for _, on, _ in found[: len(steps)]]
    assert heights[0] > max(heights[1:], default=0)
    assert all((on.channel, off.data1) == (METRONOME_CHANNEL, on.data1) for _, on, off in found)


def test_no_step_is_clicked_twice_where_stretches_meet() -> None:
    grid = BarGrid.of(Metre(4, 4))
    assert (*clicks(grid, 0, 7), *clicks(grid, 7, 32)) == clicks(grid, 0, 32)
    assert clicks(grid, 5, 5) == ()


@given(st.floats(30, 300), st.floats(-100, 100), st.floats(-50, 50), st.floats(-100, 100))
def test_a_beat_and_its_second_belong_together(bpm: float, second: float, beat: float, at: float) -> None:
    line = Tempo(bpm, second, beat)
    assert line.second_at(line.beat_at(at)) == pytest.approx(at, abs=1e-6)


@given(st.floats(30, 300), st.floats(30, 300), st.floats(0, 100))
def test_a_new_tempo_agrees_with_the_old_one_where_it_begins(bpm: float, new: float, at: float) -> None:
    line = Tempo(bpm, 3.0, 5.0)
    changed = line.changed(new, at)
    assert changed.beat_at(at) == pytest.approx(line.beat_at(at))
    assert changed.beat_at(at + 60.0) - changed.beat_at(at) == pytest.approx(new)
