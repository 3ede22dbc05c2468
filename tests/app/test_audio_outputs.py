from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from typing import Literal

import pytest

from composerd.app.outputs import Outputs, midi_settings, open_outputs
from composerd.config.layers import Settings
from composerd.devices.audio.settings import AudioSettings
from composerd.devices.audio.sink import AudioSink
from composerd.devices.audio.status import AudioStatus
from composerd.devices.midi.output import MidiOutSink
from composerd.devices.midi.settings import VIRTUAL, MidiSettings
from composerd.engine.messages import Snapshot
from sound import SOUNDFONT

NOWHERE = AudioSettings(device="no such device", soundfont=SOUNDFONT)


@pytest.fixture
def waiting() -> Iterator[AudioSink]:
    with closing(AudioSink(NOWHERE)) as sink:
        assert sink.wait(20.0, "waiting").state == "waiting"
        yield sink


def test_without_an_audio_device_a_synth_among_the_midi_ports_is_looked_for(waiting: AudioSink) -> None:
    assert midi_settings(Settings(audio=NOWHERE), waiting).output == ""


def test_sound_asked_for_keeps_midi_on_a_port_of_our_own(waiting: AudioSink) -> None:
    always = Settings(audio=replace(NOWHERE, enabled="always"))
    assert midi_settings(always, waiting).output == VIRTUAL


def test_a_chosen_midi_output_is_kept() -> None:
    settings = Settings(midi=MidiSettings(output="FluidSynth"))
    assert midi_settings(settings, None).output == "FluidSynth"


@pytest.mark.parametrize("enabled", ["auto", "always"])
def test_without_a_soundfont_it_plays_on_over_midi_and_says_so(
    enabled: Literal["auto", "always"], caplog: pytest.LogCaptureFixture
) -> None:
    settings = Settings(audio=AudioSettings(soundfont="nowhere.sf2", enabled=enabled))
    quiet = replace(settings, takes=replace(settings.takes, record=False))
    with closing(open_outputs(quiet)) as outputs:
        assert outputs.audio is None
        assert midi_settings(quiet, outputs.audio).output == "", "a synth among the MIDI ports is looked for"
    assert "nowhere.sf2" in caplog.text


def test_the_status_line_tells_how_the_sound_stands(waiting: AudioSink) -> None:
    shown: list[Snapshot] = []
    here = Snapshot("ready", "rock", 120.0, notes=("first",))
    outputs = Outputs(MidiOutSink(), waiting, None)
    outputs.on_line(shown.append)(here)
    assert shown == [replace(here, notes=("first", "no sound device yet"))]


def test_the_status_line_tells_what_the_device_grants() -> None:
    status = AudioStatus("playing", device="speakers", rate=44100.0, latency_ms=23.2, block=256, underflows=1)
    assert status.brief == "sound 23 ms (block 256 at 44.1 kHz), stutters: 1"
