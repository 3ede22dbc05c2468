"""SoundFonts that lack instruments: whose part would be silent is known before anything is played."""

from __future__ import annotations

import logging
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

import smf
from composerd.app.outputs import open_outputs
from composerd.cli.main import main
from composerd.config.layers import Settings
from composerd.devices.audio.presets import presets_in, silent_parts
from composerd.devices.audio.render import render_audio
from composerd.devices.audio.settings import AudioSettings
from composerd.doctor.finding import Level, Patient
from composerd.doctor.timing import Measurements, synth
from composerd.engine.messages import Played
from composerd.errors import DeviceError
from composerd.music.genre import Genre, Part
from composerd.music.midi import note_off, note_on
from soundfont_of import soundfont_of

PARTS = (Part("drums", "drums", 10), Part("bass", "bass", 3, program=33), Part("pad", "pad", 4, program=48))
GENRE = Genre("rock", "Rock", "plain", 120.0, PARTS, player_program=4)
CHANNELS = {"your own keys": (None, 1), "drums": (0, 10), "bass": (1, 3), "pad": (2, 4)}
CASES: dict[str, tuple[set[tuple[int, int]], tuple[str, ...]]] = {
    "everything": ({(0, 0), (128, 0)}, ()),
    "no drums": ({(0, 0)}, ("drums",)),
    "drums only": ({(128, 0)}, ("your own keys", "bass", "pad")),
    "strings only": ({(0, 48)}, ("your own keys", "drums", "bass")),
    "what is asked for only": ({(0, 4), (0, 33), (0, 48), (128, 0)}, ()),
    "another bank only": ({(8, 0)}, ("your own keys", "drums", "bass", "pad")),
}


def notes(name: str) -> list[Played]:
    part, channel = CHANNELS[name]
    return [Played(0.1, part, note_on(channel, 60, 100)), Played(0.6, part, note_off(channel, 60))]


@pytest.mark.parametrize("case", CASES)
def test_the_parts_that_are_named_are_those_that_fluidsynth_leaves_silent(tmp_path: Path, case: str) -> None:
    presets, silent = CASES[case]
    font = soundfont_of(tmp_path / "x.sf2", presets)
    assert presets_in(font) == frozenset(presets)
    assert silent_parts(GENRE, presets_in(font)) == silent
    settings = AudioSettings(soundfont=str(font))
    for name in CHANNELS:
        if name in silent:
            with pytest.raises(DeviceError, match="not written, for nothing sounds"):
                render_audio(notes(name), GENRE, tmp_path / "out.wav", settings)
            assert not (tmp_path / "out.wav").exists()
        else:
            render_audio(notes(name), GENRE, tmp_path / f"{name}.wav", settings)
            assert np.abs(soundfile.read(tmp_path / f"{name}.wav")[0]).max() > 0.5


def test_a_file_of_zeros_is_never_written_and_the_reason_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    font = soundfont_of(tmp_path / "x.sf2", {(8, 0)})
    (tmp_path / "in.mid").write_bytes(smf.song(smf.tune()))
    out = tmp_path / "out.wav"
    assert main(["render", str(tmp_path / "in.mid"), "-o", str(out), "--soundfont", str(font), "--genre", "pop"]) == 1
    names = "your own keys, drums, bass, keys, strings"
    assert capsys.readouterr().err.splitlines()[-1] == (
        f"composerd: {out}: not written, for nothing sounds: {font} has no instrument for {names}"
    )
    assert not out.exists()


def test_parts_that_a_file_lacks_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    font = soundfont_of(tmp_path / "x.sf2", {(0, 0)})
    (tmp_path / "in.mid").write_bytes(smf.song(smf.tune()))
    out = tmp_path / "out.wav"
    assert main(["render", str(tmp_path / "in.mid"), "-o", str(out), "--soundfont", str(font), "--genre", "pop"]) == 0
    assert f"composerd: {out}: silent, for {font} has no instrument: drums\n" in capsys.readouterr().err


def test_the_live_start_and_the_doctor_name_them(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    font = soundfont_of(tmp_path / "x.sf2", {(0, 0)})
    audio = AudioSettings(soundfont=str(font), device="no such device")
    quiet = Settings(audio=audio)
    quiet = replace(quiet, takes=replace(quiet.takes, record=False, folder=str(tmp_path)))
    with caplog.at_level(logging.WARNING), closing(open_outputs(quiet)) as outputs:
        outputs.prepare(GENRE)
        assert outputs.audio is not None
        assert outputs.audio.wait(20.0, "waiting").state == "waiting"
    assert f"{font} has no instrument for drums of rock: silent" in caplog.messages
    found = {finding.name: finding for finding in synth(Patient(quiet), Measurements())}
    assert found["instruments"].level is Level.PROBLEM
    assert found["instruments"].says == f"{font} has no instrument for drums of pop, which would be silent"


@given(data=st.binary(max_size=200), framed=st.booleans())
def test_any_bytes_are_presets_or_none(tmp_path_factory: pytest.TempPathFactory, data: bytes, framed: bool) -> None:
    path = tmp_path_factory.mktemp("fonts") / "x.sf2"
    path.write_bytes((b"RIFF\0\0\0\0sfbkLIST\0\1\0\0pdta" if framed else b"") + data)
    found = presets_in(path)
    assert found is None or all(0 <= value < 65536 for preset in found for value in preset)
    assert presets_in(path.parent / "none.sf2") is None
