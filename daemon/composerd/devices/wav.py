"""A performance as sound in a file: the same synth as live, offline, every note at its sample."""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
import wave
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import log10
from pathlib import Path
from typing import IO, Any, BinaryIO, Protocol

import numpy as np

from composerd.devices.audio import fluid
from composerd.devices.audio.desk import Desk, balances, instruments
from composerd.devices.audio.levels import Levels
from composerd.devices.audio.settings import AudioSettings
from composerd.devices.audio.synth import Event, Samples, Synth
from composerd.devices.soundfonts import find_soundfont
from composerd.engine.messages import Played
from composerd.errors import ConfigError, DeviceError
from composerd.music.genre import PLAYER_CHANNEL, Genre
from composerd.music.metronome import METRONOME_CHANNEL
from composerd.music.midi import Midi
from composerd.music.song import Axis, Line

PEAK_DB = -1.0
"""dBFS of the loudest sample in a file"""
_BLOCK = 4096
_LONGEST_TAIL = 8.0
"""seconds that instruments and room may ring on after the last message"""
_INAUDIBLE = 1e-4
_FRAME_BYTES, _WAV_BYTES = 4, 2**32 - 4096
"""16 bit stereo; RIFF counts bytes in 32 bits, header included"""
SUFFIXES = (".wav", ".flac")
Progress = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class Rendered:
    """What was written: seconds of sound, and the gain in dB that brought its peak to PEAK_DB."""

    seconds: float
    gain_db: float
    rate: int


def played_of(axis: Axis, genre: Genre, lines: Iterable[Line]) -> list[Played]:
    """The lines of a performance on a file's time axis."""
    parts = {part.name: index for index, part in enumerate(genre.parts)}
    return [
        Played(axis.second_at(tick), None if part is None else parts[part.name], message)
        for tick, part, message in lines
    ]


def blocks(
    played: Iterable[Played], genre: Genre, settings: AudioSettings, progress: Progress | None = None
) -> Iterator[Samples]:
    """Sound of a performance, (2, frames) at a time, not normalised, from second 0 until it has died away.

    Equal arguments give equal samples. Raises DeviceError without FluidSynth or a SoundFont.
    """
    soundfont = find_soundfont(settings.soundfont)
    synth = Synth(soundfont, settings.rate, settings.polyphony, reverb=settings.reverb)
    with contextlib.closing(synth):
        events = _events(played, genre, settings, Levels(soundfont))
        end = events[-1][0] if events else 0
        longest = end + round(_LONGEST_TAIL * settings.rate)
        at = 0
        while synth.position < longest:
            first, until = at, synth.horizon(_BLOCK)
            while at < len(events) and events[at][0] < until:
                at += 1
            block = synth.render(_BLOCK, events[first:at])
            yield block
            if progress is not None:
                progress(min(1.0, synth.position / (end + 1)))
            if synth.position > end and float(np.abs(block).max()) < _INAUDIBLE:
                return


def _events(played: Iterable[Played], genre: Genre, settings: AudioSettings, levels: Levels) -> list[Event]:
    desk = Desk()
    faders = (
        desk.set_volume(PLAYER_CHANNEL, settings.player_volume),
        desk.set_volume(METRONOME_CHANNEL, settings.click_volume),
        *(desk.set_trim(b.channel, levels.trim(b.channel, b.program, b.pitch) + b.offset) for b in balances(genre)),
    )
    setup: Sequence[Midi] = (*instruments(genre), *faders)
    music = [(max(0, round(one.at * settings.rate)), desk.through(one.message)) for one in played]
    return [(0, message) for message in setup] + sorted(music, key=lambda event: event[0])


def check_audio(out: Path, settings: AudioSettings) -> None:
    """Whether `out` can be made here, asked before anything is computed. Raises as `render_audio` does."""
    _writer(out)
    find_soundfont(settings.soundfont)
    fluid.load()


def render_audio(
    played: Iterable[Played],
    genre: Genre,
    out: Path,
    settings: AudioSettings | None = None,
    progress: Progress | None = None,
) -> Rendered:
    """Write a performance to `out`, .wav or .flac (16 bit, stereo), its peak at PEAK_DB.

    The file appears whole or not at all. Raises ConfigError for another suffix, an unwritable place or more than the
    format holds, DeviceError without FluidSynth, a SoundFont, or soundfile for .flac.
    """
    settings = settings or AudioSettings()
    create, played = _writer(out), list(played)
    seconds = max((one.at for one in played), default=0.0) + _LONGEST_TAIL
    if create is _wav and seconds * settings.rate * _FRAME_BYTES > _WAV_BYTES:
        raise ConfigError(f"-o: {out}: {seconds / 3600:.1f} hours are more than a .wav file holds, expected .flac")
    try:
        with tempfile.TemporaryFile(dir=out.absolute().parent) as raw:  # without a name: nothing stays if we are killed
            frames, peak = _store(blocks(played, genre, settings, progress), raw)
            gain = 10 ** (PEAK_DB / 20) / peak if peak > _INAUDIBLE else 1.0
            raw.seek(0)
            with _beside(out) as whole:
                with create(whole, settings.rate) as file:
                    for block in _stored(raw):
                        file.write(np.round(block * (gain * 32767)).astype("<i2"))
                whole.flush()
                os.replace(whole.name, out)
    except OSError as error:
        raise ConfigError(f"-o: {out}: {error.strerror or error}") from error
    return Rendered(frames / settings.rate, 20 * log10(gain), settings.rate)


def _store(sound: Iterator[Samples], raw: IO[bytes]) -> tuple[int, float]:
    """Keep the samples on disk, since their peak is known only at the end; (frames, peak)."""
    frames, peak = 0, 0.0
    for block in sound:
        raw.write(np.ascontiguousarray(block.T).tobytes())
        frames += block.shape[1]
        peak = max(peak, float(np.abs(block).max()))
    return frames, peak


def _stored(raw: IO[bytes]) -> Iterator[Samples]:
    while data := raw.read(8 * 65536):
        yield np.frombuffer(data, np.float32).reshape(-1, 2)


@contextlib.contextmanager
def _beside(out: Path) -> Iterator[BinaryIO]:
    """A file in `out`'s folder, gone afterwards unless it was renamed."""
    path = out.with_name(f".{out.name}.{os.getpid()}.whole")
    try:
        with path.open("xb+") as file:
            yield file
    finally:
        path.unlink(missing_ok=True)


class _Writer(Protocol):
    def write(self, samples: Any) -> None:
        """int16, (frames, 2)."""
        ...


Create = Callable[[BinaryIO, int], contextlib.AbstractContextManager[_Writer]]


def _writer(out: Path) -> Create:
    if out.suffix.lower() == ".wav":
        return _wav
    if out.suffix.lower() == ".flac":
        try:
            import soundfile  # noqa: F401 - asked for before anything is computed
        except (ImportError, OSError) as error:
            raise DeviceError(
                f"-o: .flac needs soundfile ({_pip()} install soundfile); .wav needs nothing more"
            ) from error
        return _flac
    raise ConfigError(f"-o: found {out.name!r}, expected a name that ends in {' or '.join(SUFFIXES)}")


def _pip() -> Path:
    """The one that installs where we run from."""
    return Path(sys.executable).parent / "pip"


class _WaveWriter:
    def __init__(self, file: wave.Wave_write) -> None:
        self._file = file

    def write(self, samples: Any) -> None:
        self._file.writeframesraw(samples.tobytes())


@contextlib.contextmanager
def _wav(file: BinaryIO, rate: int) -> Iterator[_Writer]:
    with wave.open(file, "wb") as writer:
        writer.setnchannels(2)
        writer.setsampwidth(2)
        writer.setframerate(rate)
        yield _WaveWriter(writer)


@contextlib.contextmanager
def _flac(file: BinaryIO, rate: int) -> Iterator[_Writer]:
    import soundfile

    with soundfile.SoundFile(file, "w", rate, 2, "PCM_16", format="FLAC") as writer:
        yield writer
