"""Renders a performance to a sound file, offline, with the synth that also plays live; sample-accurate."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import log10
from pathlib import Path
from typing import IO

import numpy as np

from composerd.devices.audio import fluidsynth as fluid
from composerd.devices.audio.channel_strip import ChannelStrips, balances, instruments
from composerd.devices.audio.levels import Levels
from composerd.devices.audio.presets import presets_in, silent_parts
from composerd.devices.audio.settings import AudioSettings
from composerd.devices.audio.soundfonts import find_soundfont
from composerd.devices.audio.synth import Event, Samples, Synth
from composerd.engine.messages import Played
from composerd.errors import ConfigError, DeviceError
from composerd.files.atomic import whole_file
from composerd.files.sound_file import check_sound_file, sound_writer
from composerd.music.genre import PLAYER_CHANNEL, Genre
from composerd.music.metronome import METRONOME_CHANNEL
from composerd.music.midi import Midi
from composerd.music.midi_tracks import Axis, Line

PEAK_DB = -1.0
"""dBFS of the loudest sample in a file"""
_BLOCK = 4096
_LONGEST_TAIL = 8.0
"""seconds that instruments and room may ring on after the last message"""
_INAUDIBLE = 1e-4
Progress = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class Rendered:
    """Length [s] of the written sound, and the gain [dB] that brought its peak to PEAK_DB."""

    seconds: float
    gain_db: float
    rate: int


def played_of(axis: Axis, genre: Genre, lines: Iterable[Line]) -> list[Played]:
    """A file's lines as messages with seconds, as the sinks take them."""
    parts = {part.name: index for index, part in enumerate(genre.parts)}
    return [
        Played(axis.second_at(tick), None if part is None else parts[part.name], message)
        for tick, part, message in lines
    ]


def blocks(
    played: Iterable[Played], genre: Genre, settings: AudioSettings, progress: Progress | None = None
) -> Iterator[Samples]:
    """Render a performance in blocks (2, frames), not normalised, from second 0 until the sound has decayed.

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
    strips = ChannelStrips()
    faders = (
        strips.set_volume(PLAYER_CHANNEL, settings.player_volume),
        strips.set_volume(METRONOME_CHANNEL, settings.click_volume),
        *(strips.set_trim(b.channel, levels.trim(b.channel, b.program, b.pitch) + b.offset) for b in balances(genre)),
    )
    setup: Sequence[Midi] = (*instruments(genre), *faders)
    music = [(max(0, round(one.at * settings.rate)), strips.through(one.message)) for one in played]
    return [(0, message) for message in setup] + sorted(music, key=lambda event: event[0])


def check_audio(out: Path, settings: AudioSettings) -> None:
    """Check, before anything is computed, that `out` can be rendered. Raises as `render_audio` does."""
    check_sound_file(out)
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

    The file is written whole or not at all. Raises ConfigError for another suffix or an unwritable place, DeviceError
    without FluidSynth, a SoundFont or libsndfile, and if the result would be silent.
    """
    settings = settings or AudioSettings()
    check_sound_file(out)
    try:
        with tempfile.TemporaryFile(dir=out.absolute().parent) as raw:  # without a name: nothing stays if we are killed
            frames, peak = _store(blocks(played, genre, settings, progress), raw)
            if peak <= _INAUDIBLE:
                raise DeviceError(f"{out}: not written, for nothing sounds{_why_silent(genre, settings)}")
            gain = 10 ** (PEAK_DB / 20) / peak
            raw.seek(0)
            with whole_file(out) as whole, sound_writer(whole, out.suffix, settings.rate, frames) as file:
                for block in _stored(raw):
                    file.write(np.round(block * (gain * 32767)).astype("<i2"))
    except OSError as error:
        raise ConfigError.unwritable(out, error) from error
    return Rendered(frames / settings.rate, 20 * log10(gain), settings.rate)


def _why_silent(genre: Genre, settings: AudioSettings) -> str:
    soundfont = find_soundfont(settings.soundfont)
    silent = silent_parts(genre, presets_in(soundfont))
    return f": {soundfont} has no instrument for {', '.join(silent)}" if silent else ""


def _store(sound: Iterator[Samples], raw: IO[bytes]) -> tuple[int, float]:
    """Write the samples to a temporary file, since the peak is known only at the end; returns (frames, peak)."""
    frames, peak = 0, 0.0
    for block in sound:
        raw.write(np.ascontiguousarray(block.T).tobytes())
        frames += block.shape[1]
        peak = max(peak, float(np.abs(block).max()))
    return frames, peak


def _stored(raw: IO[bytes]) -> Iterator[Samples]:
    while data := raw.read(8 * 65536):
        yield np.frombuffer(data, np.float32).reshape(-1, 2)
