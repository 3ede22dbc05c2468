from __future__ import annotations

import wave
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from composerd.devices.audio.loudness import SILENT, loudness, momentary
from composerd.devices.audio.render import PEAK_DB, check_audio, played_of, render_audio
from composerd.devices.audio.settings import AudioSettings
from composerd.engine.messages import Played
from composerd.errors import ConfigError, DeviceError
from composerd.music.metre import Metre
from composerd.music.midi import note_off, note_on
from composerd.music.midi_tracks import Axis
from fakes import duo
from sound import SOUNDFONT

RATE = 48000
DRY, WET = AudioSettings(reverb=0.0, soundfont=SOUNDFONT), AudioSettings(soundfont=SOUNDFONT)


def tune() -> list[Played]:
    """Two seconds: a melody, a bass and a kick, half a second apart."""
    played = []
    for n, pitch in enumerate((60, 64, 67, 72)):
        at = 0.5 * n
        played += [Played(at, None, note_on(1, pitch, 100)), Played(at + 0.4, None, note_off(1, pitch))]
        played += [Played(at, 1, note_on(2, 36, 90)), Played(at + 0.4, 1, note_off(2, 36))]
        played += [Played(at, 0, note_on(10, 36, 100)), Played(at + 0.1, 0, note_off(10, 36))]
    return played


def read(path: Path) -> npt.NDArray[np.float64]:
    with wave.open(str(path), "rb") as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (2, 2, RATE)
        return np.frombuffer(file.readframes(file.getnframes()), "<i2").reshape(-1, 2).T / 32768


def test_a_performance_fills_a_file_to_the_peak_without_clipping(tmp_path: Path) -> None:
    rendered = render_audio(tune(), duo(), tmp_path / "out.wav", WET)
    sound = read(tmp_path / "out.wav")
    assert 20 * np.log10(np.abs(sound).max()) == pytest.approx(PEAK_DB, abs=0.01)
    assert rendered.seconds == pytest.approx(sound.shape[1] / RATE)
    assert 2.0 < rendered.seconds < 11.0
    assert [path.name for path in tmp_path.iterdir()] == ["out.wav"]


def test_equal_performances_give_equal_bytes(tmp_path: Path) -> None:
    for name in ("one.wav", "two.wav"):
        render_audio(tune(), duo(), tmp_path / name, WET)
    assert (tmp_path / "one.wav").read_bytes() == (tmp_path / "two.wav").read_bytes()


def test_notes_start_at_their_samples(tmp_path: Path) -> None:
    at = [0.5, 1.0003, 1.7]
    # the first only warms up: FluidSynth fades a voice that was never used in
    played = [Played(moment, 0, note_on(10, 37, 120)) for moment in (0.0, *at)]
    render_audio(played, duo(), tmp_path / "out.wav", DRY)
    sound = np.abs(read(tmp_path / "out.wav")).max(axis=0)
    begins = [int(np.flatnonzero(sound[round(moment * RATE) - 400 :] > 0.05)[0]) - 400 for moment in at]
    assert max(begins) - min(begins) <= 1
    assert 0 <= begins[0] < 480


def test_flac_holds_the_same_samples(tmp_path: Path) -> None:
    soundfile = pytest.importorskip("soundfile")
    for name in ("out.wav", "out.flac"):
        render_audio(tune(), duo(), tmp_path / name, WET)
    samples, rate = soundfile.read(tmp_path / "out.flac", dtype="int16")
    assert rate == RATE
    assert np.array_equal(samples.T / 32768, read(tmp_path / "out.wav"))


def test_a_performance_in_which_nothing_sounds_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(DeviceError, match=r"out\.wav: not written, for nothing sounds$"):
        render_audio([], duo(), tmp_path / "out.wav")
    assert list(tmp_path.iterdir()) == []


def test_a_parts_fader_is_heard(tmp_path: Path) -> None:
    melody = [played for played in tune() if played.part is None]
    quiet = replace(DRY, player_volume=0.5)
    gains = [render_audio(melody, duo(), tmp_path / "out.wav", s).gain_db for s in (DRY, quiet)]
    assert gains[1] - gains[0] == pytest.approx(12.0, abs=1.0)


def test_another_suffix_is_refused_before_anything_is_computed(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"'out\.mp3', expected a name that ends in \.wav or \.flac"):
        render_audio(tune(), duo(), tmp_path / "out.mp3")
    assert list(tmp_path.iterdir()) == []


def test_what_is_missing_is_said_before_anything_is_computed(tmp_path: Path) -> None:
    check_audio(tmp_path / "out.wav", DRY)
    with pytest.raises(DeviceError, match=r"none\.sf2"):
        check_audio(tmp_path / "out.wav", replace(DRY, soundfont="none.sf2"))


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"nowhere/out\.wav: cannot be written: No such file"):
        render_audio(tune(), duo(), tmp_path / "nowhere" / "out.wav")


def test_a_failure_on_the_way_leaves_the_old_file_alone(tmp_path: Path) -> None:
    out = tmp_path / "out.wav"
    out.write_bytes(b"the old one")

    def stop(done: float) -> None:
        if done > 0.5:
            raise DeviceError("pulled")

    with pytest.raises(DeviceError, match="pulled"):
        render_audio(tune(), duo(), out, DRY, stop)
    assert out.read_bytes() == b"the old one"
    assert list(tmp_path.iterdir()) == [out]


def test_on_the_way_there_is_no_file_that_a_killed_program_would_leave(tmp_path: Path) -> None:
    seen: set[str] = set()
    render_audio(
        tune(), duo(), tmp_path / "out.wav", DRY, lambda _: seen.update(path.name for path in tmp_path.iterdir())
    )
    assert seen == set()


def test_progress_grows_to_the_whole(tmp_path: Path) -> None:
    seen: list[float] = []
    render_audio(tune(), duo(), tmp_path / "out.wav", DRY, seen.append)
    assert seen == sorted(seen)
    assert seen[-1] == 1.0


def test_lines_of_a_performance_keep_their_ticks_moments() -> None:
    genre, axis = duo(), Axis.steady(120.0, Metre())
    bass = genre.parts[1]
    played = played_of(axis, genre, [(480, bass, note_on(2, 40, 90)), (960, None, note_off(1, 60))])
    assert played == [Played(0.5, 1, note_on(2, 40, 90)), Played(1.0, None, note_off(1, 60))]


def test_loudness_agrees_with_the_standards_reference() -> None:
    seconds = np.arange(5 * RATE) / RATE
    sine = np.sin(2 * np.pi * 997 * seconds).astype(np.float32)[None]
    assert loudness(sine, RATE) == pytest.approx(-3.01, abs=0.05)  # BS.1770-4: 0 dBFS, 997 Hz, one channel
    assert loudness(np.repeat(sine * 0.1, 2, axis=0), RATE) == pytest.approx(-20.0, abs=0.05)
    assert momentary(sine, RATE) == pytest.approx(-3.01, abs=0.05)
    assert loudness(sine * 0, RATE) == SILENT


def test_pauses_do_not_count_as_quiet_music() -> None:
    seconds = np.arange(4 * RATE) / RATE
    sine = np.sin(2 * np.pi * 997 * seconds).astype(np.float32)[None]
    with_pause = np.concatenate([sine, np.zeros_like(sine), sine], axis=1)
    assert loudness(with_pause, RATE) == pytest.approx(loudness(sine, RATE), abs=0.3)
