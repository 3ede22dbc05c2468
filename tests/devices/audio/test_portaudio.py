"""Which output device is chosen, at which rates, and what is said where it refuses: without any sound hardware."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from composerd.devices.audio.portaudio import AudioDevice, choose, of_server, rates, reason
from composerd.devices.audio.settings import AudioSettings
from composerd.devices.audio.status import AudioStatus, State
from composerd.errors import DeviceError

CARD = AudioDevice(0, "USB Audio: - (hw:1,0)", "ALSA", 2, 48000.0)
HDMI = AudioDevice(1, "HDA: HDMI 0 (hw:0,3)", "ALSA", 8, 44100.0)
USB = AudioDevice(2, "usb", "ALSA", 2, 96000.0)
JACK = AudioDevice(3, "system", "JACK Audio Connection Kit", 2, 48000.0)
ALL = (CARD, HDMI, USB, JACK)


@pytest.mark.parametrize(
    ("wanted", "device"),
    [
        ("", CARD),
        ("hdmi", HDMI),
        ("HDMI", HDMI),
        ("usb", USB),
        ("USB", USB),
        ("USB Audio", CARD),
        ("jack", JACK),
        ("(alsa)", CARD),
        ("hw:0,3", HDMI),
    ],
)
def test_a_device_is_found_by_part_of_its_name_and_one_that_is_called_just_so_goes_before(
    wanted: str, device: AudioDevice
) -> None:
    assert choose(ALL, wanted) is device


def test_a_device_that_is_not_there_is_named_with_those_that_are() -> None:
    with pytest.raises(DeviceError, match=r"audio\.device: no output named 'moon'; there are: USB Audio.*, system$"):
        choose(ALL, "moon")
    for wanted in ("", "moon"):
        with pytest.raises(DeviceError, match="audio: no output device found"):
            choose((), wanted)


@given(st.text(max_size=8))
def test_whatever_is_wanted_is_a_device_that_is_called_so_or_refused(wanted: str) -> None:
    told, found = "", None
    try:
        found = choose(ALL, wanted)
    except DeviceError as error:
        told = str(error)
    assert told or (found is not None and wanted.lower() in str(found).lower())


def test_the_rate_of_the_settings_is_tried_first_then_the_devices_and_none_twice() -> None:
    assert rates(USB, AudioSettings(rate=44100)) == (44100.0, 96000.0, 48000.0)
    assert rates(CARD, AudioSettings(rate=48000)) == (48000.0, 44100.0)


def test_only_a_sound_server_sets_the_blocks() -> None:
    assert [of_server(device) for device in ALL] == [False, False, False, True]


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (ValueError("Error opening OutputStream: Invalid sample rate [PaErrorCode -9997]"), "Invalid sample rate"),
        (ValueError("Device unavailable [PaErrorCode -9985]"), "Device unavailable"),
        (ValueError("no numbers"), "no numbers"),
        (ValueError(), ""),
        (ValueError(3), "3"),
    ],
)
def test_portaudios_numbers_are_left_out_of_what_is_said(error: Exception, text: str) -> None:
    assert reason(error) == text


PLAYING = AudioStatus("playing", device="USB", rate=44100.0, latency_ms=11.6, block=128)


@pytest.mark.parametrize(
    ("status", "brief", "line"),
    [
        (PLAYING, "sound 12 ms (block 128 at 44.1 kHz)", "audio: USB, 44.1 kHz, 12 ms"),
        (
            AudioStatus("playing", device="USB", rate=48000.0, latency_ms=5.0, block=64, underflows=3),
            "sound 5 ms (block 64 at 48 kHz), stutters: 3",
            "audio: USB, 48 kHz, 5 ms, 3 stutters",
        ),
        (
            AudioStatus("waiting", "audio: no output device found"),
            "no sound device yet",
            "audio: no output device found",
        ),
        (
            AudioStatus("failed", "audio: the PortAudio library is missing"),
            "no sound (the log says why)",
            "audio: the PortAudio library is missing",
        ),
        (AudioStatus(), "sound starting", "audio: starting"),
        (AudioStatus("closed"), "sound off", "audio: closed"),
    ],
)
def test_how_the_sound_stands_is_said_in_a_few_words_and_in_a_line(status: AudioStatus, brief: str, line: str) -> None:
    assert (status.brief, str(status)) == (brief, line)


@pytest.mark.parametrize("state", ["starting", "waiting", "failed", "closed"])
def test_what_went_wrong_is_in_the_line_of_every_state_without_sound(state: State) -> None:
    assert str(AudioStatus(state, "this is why")) == "this is why"
