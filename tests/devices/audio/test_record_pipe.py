from __future__ import annotations

import os
import threading
from itertools import count

from composerd.devices.audio.record_pipe import RecordPipe
from composerd.devices.audio.records import Op, Record, unpack
from composerd.music.midi import note_on, program


def volume(value: float) -> Record:
    return Record(Op.VOLUME, channel=1, value=value)


def arrived(reader: int) -> list[Record]:
    os.set_blocking(reader, False)
    try:
        return list(unpack(os.read(reader, 1 << 16)))
    except BlockingIOError:
        return []
    finally:
        os.close(reader)


def connect(pipe: RecordPipe) -> int:
    """The reading end of a fresh process."""
    reader, writer = os.pipe()
    pipe.connect(writer)
    os.close(writer)
    return reader


def test_a_fresh_process_is_told_what_lasts_and_no_note() -> None:
    pipe = RecordPipe()
    lasting = [volume(0.25), Record.of(Op.LIVE, 1.0, program(2, 33))]
    for record in (volume(1.0), *lasting, Record.of(Op.LIVE, 1.0, note_on(2, 40, 80))):
        pipe.send(record)
    assert arrived(connect(pipe)) == lasting
    pipe.disconnect()


def test_a_process_that_is_gone_costs_what_was_sent_to_it_and_nothing_else() -> None:
    pipe = RecordPipe()
    os.close(connect(pipe))
    pipe.send(volume(0.5))
    assert pipe.lost == 1
    assert arrived(connect(pipe)) == [volume(0.5)]
    pipe.disconnect()


def test_volumes_sent_while_a_process_is_replaced_are_never_older_than_the_last() -> None:
    pipe, over, sent = RecordPipe(), threading.Event(), list[float]()

    def turn_the_knob() -> None:
        for number in count():
            pipe.send(volume(float(number)))
            sent.append(float(number))
            if over.is_set():
                return

    knob = threading.Thread(target=turn_the_knob)
    knob.start()
    heard = list[list[float]]()
    for _ in range(300):
        reader = connect(pipe)
        heard.append([record.value for record in arrived(reader)])
    over.set()
    knob.join()
    assert all(values == sorted(values) for values in heard)
    assert [record.value for record in arrived(connect(pipe))] == sent[-1:]
    pipe.disconnect()
