from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import numpy as np
import pytest

from composerd.devices.audio.channel_strip import Balance
from composerd.devices.audio.performer import STALE, UNMEASURED, Performer, bent
from composerd.devices.audio.records import ALL, Memory, Op, Record
from composerd.devices.audio.synth import Samples, Synth
from composerd.music.midi import Midi, control, note_off, note_on, program
from sound import TIMGM

RATE, BLOCK, DELAY = 48000, 256, 0.010
START = 1000.0


class Device:
    """Calls a performer as a sound card would whose callbacks come exactly in time."""

    def __init__(self, performer: Performer | None = None) -> None:
        self.performer = performer or Performer(Synth(TIMGM, RATE, reverb=0.0), Memory())
        self.synth = self.performer.synth
        self.now = START
        self.run(0.2)

    def run(self, seconds: float, *records: Record) -> Samples:
        """Render blocks after putting `records` into the pipe."""
        found, end = [], self.now + seconds
        while self.now < end - 1e-9:
            self.performer.receive(records, self.now)
            records = ()
            found.append(self.performer.block(BLOCK, self.now, DELAY))
            self.now += BLOCK / RATE
        return np.concatenate(found, axis=1)

    def set(self, *messages: Midi) -> None:
        self.run(0.02, *(Record.of(Op.LIVE, self.now, message) for message in messages))


@pytest.fixture
def device() -> Iterator[Device]:
    one = Device()
    with closing(one.synth):
        one.set(program(2, 115), control(2, 91, 0), control(2, 93, 0))
        yield one


def first_loud(sound: Samples) -> int:
    return int(np.flatnonzero(np.abs(sound).max(axis=0) > 5e-3)[0])


def test_due_notes_sound_at_their_moment_plus_the_same_latency_to_the_sample(device: Device) -> None:
    offsets = set()
    for n in range(20):
        at = device.now + 0.003 + n * 0.000417
        start, begin = device.synth.position, device.now
        sound = device.run(
            0.2, Record.of(Op.DUE, at, note_on(2, 72, 120)), Record.of(Op.DUE, at + 0.01, note_off(2, 72))
        )
        assert start == pytest.approx((begin - START) * RATE, abs=0.01)
        due = (at + device.performer.latency - DELAY - START) * RATE
        offsets.add(round(start + first_loud(sound) - due))
    assert max(offsets) - min(offsets) <= 1
    assert device.performer.late == 0


def test_a_live_note_sounds_with_the_next_block(device: Device) -> None:
    device.run(0.2, Record.of(Op.DUE, device.now, note_on(2, 72, 120)))
    reaction = first_loud(device.run(0.1, Record.of(Op.LIVE, device.now, note_on(2, 72, 120))))
    assert reaction < 32, "the attack of the sound itself"


def test_the_latency_covers_device_block_and_margin(device: Device) -> None:
    assert device.performer.latency == pytest.approx(DELAY + BLOCK / RATE + 0.002)


def test_a_note_too_late_for_its_frame_is_played_at_once_and_counted(device: Device) -> None:
    sound = device.run(0.1, Record.of(Op.DUE, device.now - 0.5, note_on(2, 72, 120)))
    assert first_loud(sound) < 128
    assert device.performer.late == 1


def test_a_key_pressed_while_no_device_was_there_is_not_played_later(device: Device) -> None:
    stale = device.now - STALE - 0.01
    sound = device.run(
        0.1, Record.of(Op.LIVE, stale, note_on(2, 72, 120)), Record.of(Op.LIVE, stale, control(2, 7, 50))
    )
    assert np.abs(sound).max() < 1e-3
    quiet = np.abs(device.run(0.1, Record.of(Op.LIVE, device.now, note_on(2, 72, 120)))).max()
    device.set(control(2, 7, 100))
    assert quiet < 0.5 * np.abs(device.run(0.1, Record.of(Op.LIVE, device.now, note_on(2, 72, 120)))).max()


def test_panic_silences_what_sounds_and_forgets_what_is_due(device: Device) -> None:
    device.set(program(3, 19), note_on(3, 60, 120))
    due = Record.of(Op.DUE, device.now + 0.05, note_on(3, 64, 120))
    assert np.abs(device.run(0.03, due)).max() > 0.01
    faded = device.run(0.2, Record(Op.PANIC))
    assert np.abs(faded[:, :64]).max() > 1e-3, "a fade, not a click"
    assert np.abs(faded[:, BLOCK:]).max() < 1e-6


def test_after_panic_the_band_can_go_on(device: Device) -> None:
    device.run(0.1, Record(Op.PANIC))
    assert np.abs(device.run(0.2, Record.of(Op.DUE, device.now, note_on(2, 72, 120)))).max() > 0.05


def test_quit_fades_and_says_so(device: Device) -> None:
    device.set(program(3, 19), note_on(3, 60, 120))
    device.run(0.1, Record(Op.QUIT))
    assert device.performer.quit


def test_master_and_part_faders_work_while_a_note_sounds(device: Device) -> None:
    device.set(program(3, 19), note_on(3, 60, 100))
    full = _level(device.run(0.3))
    half = _level(device.run(0.3, Record(Op.VOLUME, channel=ALL, value=0.5))[:, 4800:])
    assert 20 * np.log10(half / full) == pytest.approx(-12.0, abs=1.5)
    device.run(0.1, Record(Op.VOLUME, channel=ALL, value=1.0))
    part = _level(device.run(0.3, Record(Op.VOLUME, channel=3, value=0.5))[:, 4800:])
    assert 20 * np.log10(part / full) == pytest.approx(-12.0, abs=1.5)
    muted = _level(device.run(0.3, Record(Op.MUTE, channel=3, value=1.0))[:, 4800:])
    assert muted < 1e-4 * full
    back = _level(device.run(0.3, Record(Op.MUTE, channel=3, value=0.0))[:, 4800:])
    assert back == pytest.approx(part, rel=0.25)


def test_pan_moves_a_sounding_note(device: Device) -> None:
    device.set(program(3, 19), note_on(3, 60, 100))
    left = device.run(0.3, Record(Op.PAN, channel=3, value=-1.0))[:, 4800:]
    assert _level(left[:1]) > 30 * _level(left[1:])


def _level(sound: Samples) -> float:
    return float(np.sqrt((sound.astype(np.float64) ** 2).mean()))


def test_a_fresh_synth_is_set_as_the_last_one_was() -> None:
    memory = Memory()
    for message in (program(3, 19), control(3, 7, 90)):
        memory.keep(Record.of(Op.LIVE, 1.0, message))
    memory.keep(Record(Op.MUTE, channel=3, value=1.0))
    synth = Synth(TIMGM, RATE, reverb=0.0)
    with closing(synth):
        performer = Performer(synth, memory)
        performer.receive([Record.of(Op.LIVE, START, note_on(3, 60, 127))], START)
        blocks = [performer.block(BLOCK, START + n * BLOCK / RATE, DELAY) for n in range(40)]
    assert max(float(np.abs(block).max()) for block in blocks) < 1e-4


ORGAN = Record(Op.BALANCE, channel=3, data1=19, data2=69)


def organ(device: Device, *before: Record) -> float:
    """dB of a note of an organ that comes with `before`."""
    sound = device.run(0.5, *before, Record.of(Op.LIVE, device.now, note_on(3, 69, 50)))
    device.run(0.2, Record(Op.PANIC))
    return float(10 * np.log10((sound.astype(np.float64) ** 2).mean()))


def test_an_instrument_that_was_measured_is_in_balance_from_its_first_note_and_another_is_soft_until_it_is() -> None:
    known: dict[int, float] = {}
    synth = Synth(TIMGM, RATE, reverb=0.0)
    with closing(synth):
        device = Device(Performer(synth, Memory(), known=lambda _, number, __: known.get(number)))
        device.set(program(3, 19), control(3, 91, 0), control(3, 93, 0))
        full = organ(device)
        soft = organ(device, ORGAN)
        wanted = device.performer.unbalanced.popleft()
        known[19] = -6.0
        device.performer.trims.append((wanted, known[19]))
        assert soft - full == pytest.approx(UNMEASURED, abs=0.2)
        assert [organ(device, *before) - full for before in ((), (ORGAN,), ())] == [pytest.approx(-6.0, abs=0.2)] * 3


def test_what_was_measured_of_an_instrument_that_is_gone_changes_nothing(device: Device) -> None:
    device.set(program(3, 19))
    gone, prepared = Balance(3, 48, 60, 0.0), ORGAN._replace(op=Op.PREPARE)
    soft = organ(device, ORGAN)
    device.performer.trims.append((gone, 0.0))
    assert organ(device, prepared) == pytest.approx(soft, abs=0.2)
    assert len(device.performer.unbalanced) == 2


def test_the_whole_band_at_full_velocity_never_clips(device: Device) -> None:
    for channel in range(2, 9):
        device.set(program(channel, 48 + channel))
    chord = [
        Record.of(Op.LIVE, device.now, note_on(channel, pitch, 127))
        for channel in (1, 2, 3, 4, 5, 6, 7, 8)
        for pitch in (40, 52, 59, 64, 67, 71)
    ]
    drums = [Record.of(Op.LIVE, device.now, note_on(10, pitch, 127)) for pitch in (36, 38, 49, 57, 46)]
    sound = device.run(1.5, *chord, *drums)
    assert 0.8 < np.abs(sound).max() < 1.0


def test_the_knee_bends_only_what_is_loud() -> None:
    ramp = np.linspace(-3.0, 3.0, 6001, dtype=np.float32)[None]
    out = bent(ramp)
    small = np.abs(ramp) <= 0.8
    assert np.array_equal(out[small], ramp[small])
    assert np.abs(out).max() <= 1.0
    assert (np.diff(out) >= 0).all()


def is_held(device: Device) -> bool:
    """Whether channel 2 plays a bass, which sounds on while its key is down, and no wood block."""
    device.run(0.4, Record.of(Op.LIVE, device.now, note_on(2, 43, 120)))
    sound = device.run(0.1)
    device.run(0.4, Record.of(Op.LIVE, device.now, note_off(2, 43)))
    return float(np.abs(sound).max()) > 5e-3


def test_another_instrument_plays_once_its_samples_are_loaded_and_until_then_the_one_before(device: Device) -> None:
    device.run(0.02, Record(Op.INSTRUMENT, 0.0, 2, 0, 38, 43, value=-3.0))
    assert not is_held(device)
    balance = device.performer.unbalanced.pop()
    assert balance == Balance(2, 38, 43, -3.0)
    device.performer.trims.append((balance, 0.0))
    device.run(0.02)
    assert is_held(device)


def test_an_instrument_that_is_still_being_loaded_does_not_come_into_another_genre(device: Device) -> None:
    device.run(0.02, Record(Op.INSTRUMENT, 0.0, 2, 0, 38, 43))
    balance = device.performer.unbalanced.pop()
    device.run(0.02, Record(Op.BALANCE, 0.0, 2, 0, 115, 43))
    device.performer.trims.append((balance, 0.0))
    device.run(0.02)
    assert not is_held(device)
