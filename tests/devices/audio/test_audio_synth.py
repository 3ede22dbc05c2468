from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import numpy as np
import pytest

from composerd.devices.audio.channel_strip import instruments
from composerd.devices.audio.synth import CHUNK, LANES, Event, Samples, Synth
from composerd.errors import DeviceError
from composerd.music.midi import Midi, control, note_off, note_on, program
from fakes import duo
from sound import TIMGM

RATE = 48000
WOOD_BLOCK, ORGAN, STRINGS = 115, 19, 48
DRY = tuple(control(channel, number, 0) for channel in (1, 2, 3) for number in (91, 93))


@pytest.fixture
def synth() -> Iterator[Synth]:
    with closing(Synth(TIMGM, RATE, reverb=0.0)) as one:
        for message in DRY:
            one.render(CHUNK, [(one.position, message)])
        yield one


def play(synth: Synth, events: list[Event], frames: int, block: int = 512) -> Samples:
    """`frames` frames in blocks; events counted from the first of them."""
    start, found, at = synth.position, [], 0
    due = [(frame + start, message) for frame, message in events]
    while synth.position < start + frames:
        first, horizon = at, synth.horizon(block)
        while at < len(due) and due[at][0] < horizon:
            at += 1
        found.append(synth.render(block, due[first:at]))
    return np.concatenate(found, axis=1)[:, :frames]


def level(sound: Samples) -> float:
    return float(np.sqrt((sound.astype(np.float64) ** 2).mean()))


@pytest.mark.parametrize("block", [64, 256, 441, 1024])
def test_every_note_starts_at_its_own_sample(synth: Synth, block: int) -> None:
    play(synth, [(0, program(2, WOOD_BLOCK))], CHUNK)
    moments = [12000 * n + 37 * n for n in range(1, 24)]
    events: list[Event] = []
    for moment in moments:
        events += [(moment, note_on(2, 72, 120)), (moment + 400, note_off(2, 72))]
    sound = play(synth, events, 12000 * 25, block)
    # without the first: FluidSynth fades a voice that was never used in over its first chunk
    notes = np.stack([sound[:, moment - 8 : moment + 300] for moment in moments[1:]])
    assert np.abs(notes - notes[0]).max() < 1e-4, "the same note at another sample is the same sound, moved"
    assert np.abs(notes[:, :, :8]).max() < 1e-4
    assert np.abs(notes).max() > 0.1
    assert synth.inexact == 0


def test_blocks_of_any_size_join_without_a_seam(synth: Synth) -> None:
    events = [(100, note_on(1, 60, 100)), (5000, note_on(1, 64, 100)), (20000, note_off(1, 60))]
    with closing(Synth(TIMGM, RATE, reverb=0.0)) as other:
        for message in DRY:
            other.render(CHUNK, [(other.position, message)])
        assert np.allclose(play(synth, events, 30000, 333), play(other, events, 30000, 1024), atol=1e-6)


def test_a_note_struck_again_does_not_pile_up(synth: Synth) -> None:
    play(synth, [(0, program(1, ORGAN))], CHUNK)
    once = level(play(synth, [(0, note_on(1, 60, 100))], 24000)[:, 12000:])
    events: list[Event] = [(331 * n, note_on(1, 60, 100)) for n in range(20)]
    again = level(play(synth, events, 36000)[:, 24000:])
    assert again < 1.2 * once
    silent = play(synth, [(0, note_off(1, 60))], 48000)
    assert level(silent[:, -4000:]) < 1e-3 * once


def test_the_pedal_holds_what_the_keys_let_go(synth: Synth) -> None:
    play(synth, [(0, program(1, ORGAN))], CHUNK)
    pedal: list[Event] = [(0, control(1, 64, 127)), (10, note_on(1, 60, 100)), (900, note_off(1, 60))]
    held = level(play(synth, pedal, 24000)[:, -8000:])
    released = level(play(synth, [(0, control(1, 64, 0))], 48000)[:, -8000:])
    assert held > 0.01
    assert released < held / 100


def test_a_key_struck_again_under_the_pedal_replaces_itself(synth: Synth) -> None:
    play(synth, [(0, program(1, ORGAN)), (0, control(1, 64, 127))], CHUNK)
    once = level(play(synth, [(0, note_on(1, 60, 100)), (500, note_off(1, 60))], 24000)[:, 12000:])
    events: list[Event] = []
    for n in range(10):
        events += [(1333 * n, note_on(1, 60, 100)), (1333 * n + 500, note_off(1, 60))]
    assert level(play(synth, events, 48000)[:, 24000:]) < 1.5 * once


def test_a_closed_hi_hat_chokes_the_open_one_wherever_it_sounds(synth: Synth) -> None:
    def tail(*events: Event) -> float:
        synth.silence()
        return level(play(synth, list(events), 9600)[:, 7200:])

    open_hat, same_lane, another = (17, note_on(10, 46, 120)), 17 + 64 * 60, 40 + 64 * 60
    ringing = tail(open_hat)
    choked_by_fluidsynth = tail(open_hat, (same_lane, note_on(10, 42, 1)))
    assert tail(open_hat, (another, note_on(10, 42, 1))) < 1.1 * choked_by_fluidsynth < 0.7 * ringing


def test_bend_modulation_and_pressure_reach_a_sounding_note(synth: Synth) -> None:
    play(synth, [(0, program(1, ORGAN))], CHUNK)
    straight = play(synth, [(0, note_on(1, 69, 100))], 24000)
    bent = play(synth, [(0, Midi(0xE0, 1, 0x7F, 0x7F))], 24000)
    assert _peak_hertz(bent) / _peak_hertz(straight) == pytest.approx(2 ** (2 / 12), rel=0.004)
    play(synth, [(0, Midi(0xE0, 1, 0, 0x40)), (0, Midi(0xD0, 1, 90)), (0, Midi(0xA0, 1, 69, 90))], 4800)
    steady, vibrating = play(synth, [], 24000), play(synth, [(0, control(1, 1, 127))], 24000)
    assert _spread(vibrating) > 1.5 * _spread(steady)


def _peak_hertz(sound: Samples) -> float:
    piece = sound[0, -16384:] * np.hanning(16384)
    return float(np.abs(np.fft.rfft(piece)).argmax()) * RATE / 16384


def _spread(sound: Samples) -> float:
    """Share of the spectrum's power outside its strongest bins."""
    power = np.abs(np.fft.rfft(sound[0, -16384:] * np.hanning(16384))) ** 2
    return float(1 - np.sort(power)[-12:].sum() / power.sum())


def test_silence_leaves_no_tail_of_notes_or_room() -> None:
    with closing(Synth(TIMGM, RATE, reverb=1.0)) as wet:
        assert level(play(wet, [(0, control(1, 91, 127)), (10, note_on(1, 60, 127))], 9600)) > 0.01
        wet.silence()
        assert np.abs(play(wet, [], 9600)).max() < 1e-6


def test_after_silence_the_instruments_are_still_chosen(synth: Synth) -> None:
    play(synth, [(0, program(1, STRINGS)), (0, control(1, 7, 64))], CHUNK)
    before = play(synth, [(0, note_on(1, 60, 100))], 24000)
    synth.silence()
    after = play(synth, [(0, note_on(1, 60, 100))], 24000)
    assert level(after) == pytest.approx(level(before), rel=0.2), "but for where the chorus stands"


def test_more_moments_than_lanes_are_played_all_the_same(synth: Synth) -> None:
    play(synth, [(0, program(1, ORGAN))], CHUNK)
    events: list[Event] = [(n, note_on(1, 40 + n, 60)) for n in range(LANES + 8)]
    assert level(play(synth, events, 9600)) > 0.01
    assert synth.inexact > 0
    assert synth.voices >= LANES + 8


def test_drums_sound_on_channel_10_and_only_there(synth: Synth) -> None:
    for message in instruments(duo()):
        play(synth, [(0, message)], CHUNK)
    tone = play(synth, [(0, note_on(2, 42, 110))], 16384)
    synth.silence()
    drum = play(synth, [(0, note_on(10, 42, 110))], 16384)
    assert _spread(drum) > 3 * _spread(tone)


def test_a_file_that_is_no_soundfont_is_named(tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("fonts") / "broken.sf2"
    path.write_bytes(b"RIFF\0\0\0\0sfbk")
    with pytest.raises(DeviceError, match=r"broken\.sf2"):
        Synth(path, RATE)
