from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from composerd.devices.audio.records import SIZE, Memory, Op, Record, unpack
from composerd.music.midi import NOTE_ON, control, note_on, program

messages = st.builds(
    lambda kind, channel, data1, data2: Record(Op.DUE, 1.5, channel, kind, data1, data2),
    st.sampled_from([0x80, 0x90, 0xA0, 0xB0, 0xC0, 0xD0, 0xE0]),
    st.integers(1, 16),
    st.integers(0, 127),
    st.integers(0, 127),
)
faders = st.builds(
    lambda op, channel, value: Record(op, 0.0, channel, value=value),
    st.sampled_from([Op.VOLUME, Op.PAN, Op.MUTE]),
    st.integers(0, 16),
    st.floats(-1, 1, width=32),
)


@given(st.lists(st.one_of(messages, faders)))
def test_what_is_packed_is_unpacked(records: list[Record]) -> None:
    assert list(unpack(b"".join(record.pack() for record in records))) == records


@given(st.binary(max_size=SIZE - 1))
def test_the_beginning_of_a_record_is_no_record(rest: bytes) -> None:
    whole = Record.of(Op.LIVE, 2.0, note_on(3, 60, 90))
    assert list(unpack(whole.pack() + rest)) == [whole]


def test_a_record_fits_into_a_pipe_in_one_piece() -> None:
    assert SIZE == 16


def test_memory_keeps_programs_faders_and_lasting_controllers() -> None:
    memory = Memory()
    kept = [
        Record.of(Op.LIVE, 1.0, program(2, 33)),
        Record.of(Op.LIVE, 1.0, control(2, 7, 90)),
        Record(Op.VOLUME, channel=2, value=0.5),
        Record(Op.MUTE, channel=3, value=1.0),
    ]
    passing = [
        Record.of(Op.LIVE, 1.0, note_on(2, 60, 90)),
        Record.of(Op.LIVE, 1.0, control(2, 64, 127)),
        Record.of(Op.LIVE, 1.0, control(2, 123, 0)),
        Record(Op.PANIC),
    ]
    for record in kept + passing:
        memory.keep(record)
    assert list(memory) == kept


def test_an_instrument_that_was_chosen_is_kept_until_another_genre_has_the_channel() -> None:
    memory, chosen = Memory(), Record(Op.INSTRUMENT, 0.0, 2, 0, 38, 43, value=-3.0)
    for record in (Record(Op.BALANCE, 0.0, 2, 0, 33, 43), chosen):
        memory.keep(record)
    assert chosen in list(memory)
    memory.keep(Record(Op.BALANCE, 0.0, 2, 0, 32, 43))
    assert list(memory) == [Record(Op.BALANCE, 0.0, 2, 0, 32, 43)]


def test_the_last_word_counts() -> None:
    memory = Memory()
    memory.keep(Record.of(Op.LIVE, 1.0, program(2, 33)))
    memory.keep(Record.of(Op.DUE, 2.0, program(2, 40)))
    assert list(memory) == [Record.of(Op.LIVE, 2.0, program(2, 40))]


def test_a_note_keeps_its_moment() -> None:
    (record,) = unpack(Record.of(Op.DUE, 12345.678901, note_on(16, 127, 1)).pack())
    assert math.isclose(record.at, 12345.678901, abs_tol=1e-9)
    assert record.message.kind == NOTE_ON
    assert record.message.channel == 16
