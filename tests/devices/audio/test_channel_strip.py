from __future__ import annotations

import pytest

from composerd.devices.audio.channel_strip import ChannelStrips, balances, instruments, pan
from composerd.music.genre import Genre, Part
from composerd.music.metre import BarGrid, Metre
from composerd.music.metronome import METRONOME_CHANNEL, METRONOME_PROGRAM, clicks
from composerd.music.midi import PAN, PROGRAM, VOLUME, control, note_on


def test_a_fader_scales_the_channels_own_volume() -> None:
    strips = ChannelStrips()
    assert strips.set_volume(2, 0.5) == control(2, VOLUME, 50)
    assert strips.through(control(2, VOLUME, 80)) == control(2, VOLUME, 40)
    assert strips.set_volume(2, 1.0) == control(2, VOLUME, 80)


def test_a_muted_channel_remembers_its_fader() -> None:
    strips = ChannelStrips()
    strips.set_volume(3, 0.7)
    assert strips.set_muted(3, True) == control(3, VOLUME, 0)
    assert strips.through(control(3, VOLUME, 120)) == control(3, VOLUME, 0)
    assert strips.set_muted(3, False) == control(3, VOLUME, 84)


def test_no_fader_leaves_midis_range() -> None:
    strips = ChannelStrips()
    assert strips.set_volume(1, 40.0) == control(1, VOLUME, 127)
    assert strips.set_volume(1, -3.0) == control(1, VOLUME, 0)


def test_other_messages_pass_unchanged() -> None:
    for message in (note_on(2, 60, 90), control(2, 11, 30)):
        assert ChannelStrips().through(message) == message


def test_left_centre_and_right() -> None:
    assert [pan(1, place).data2 for place in (-1.0, 0.0, 1.0)] == [0, 64, 127]


def test_a_genre_sets_programs_and_spreads_equal_roles() -> None:
    parts = (Part("drums", "drums", 10), Part("alto", "voice", 2, program=19), Part("tenor", "voice", 3, program=20))
    messages = instruments(Genre("trio", "Trio", "plain", 90.0, parts, player_program=6))
    programs = {m.channel: m.data1 for m in messages if m.kind == PROGRAM}
    places = {m.channel: m.data2 for m in messages if m.data1 == PAN and m.kind != PROGRAM}
    assert programs == {1: 6, 10: 0, 2: 19, 3: 20, METRONOME_CHANNEL: METRONOME_PROGRAM}
    assert places[2] < 64 < places[3]
    assert places[1] == places[10] == 64


def test_the_more_voices_a_part_has_the_softer_is_each() -> None:
    parts = tuple(Part(f"keys {voices}", "comp", 2, voices=voices) for voices in (1, 4, 8))
    one, four, eight = (b.offset for b in balances(Genre("keys", "Keys", "plain", 90.0, parts)) if b.channel == 2)
    assert one == four
    assert four - eight == pytest.approx(3.0, abs=0.02)


def test_the_metronome_accents_the_first_pulse_of_a_bar() -> None:
    found = clicks(BarGrid.of(Metre(3, 4)), 0, 24)
    assert [step for step, _, _ in found] == [0, 4, 8, 12, 16, 20]
    loud = [on.data2 for _, on, _ in found]
    assert loud[0] == loud[3] > max(loud[1:3] + loud[4:])
    assert {on.channel for _, on, _ in found} == {METRONOME_CHANNEL}


def test_six_eight_is_felt_in_two() -> None:
    assert [step for step, _, _ in clicks(BarGrid.of(Metre(6, 8)), 0, 12)] == [0, 6]
