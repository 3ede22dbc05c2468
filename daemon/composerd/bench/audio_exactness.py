"""Measures the sound through JACK's dummy driver, sample by sample: timing, load and dropouts. For `composerd
bench`."""

from __future__ import annotations

import contextlib
import os
import random
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from composerd.bench.jack_recorder import RATE, Recorder, Sound, onsets
from composerd.bench.jack_server import jack_server
from composerd.devices.audio.performer import MARGIN
from composerd.devices.audio.settings import AudioSettings
from composerd.devices.audio.sink import AudioSink
from composerd.devices.audio.soundfonts import find_soundfont
from composerd.devices.audio.synth import CHUNK, Synth
from composerd.engine.messages import Played
from composerd.errors import DeviceError
from composerd.music.midi import CHORUS_SEND, REVERB_SEND, Midi, control, note_off, note_on, program

PERIOD = 1024
"""period in frames that JACK's dummy driver keeps up on a loaded machine"""
_READY = 20.0
_ATTEMPTS = 3
_WOOD_BLOCK, _PITCH, _VELOCITY = 115, 72, 120
_SLOT, _LIVE_EVERY = 0.05, 4
"""seconds between notes; every fourth note is a key of the player"""
_AHEAD, _WARM_UP = 0.03, 10.0
LEARNING = 50.0
"""seconds after the warm-up in which the sound process still learns the device's rate"""
_LOUD, _APART = 0.1, 200
"""a wood block begins where a sample exceeds _LOUD after _APART frames below it"""
_TEMPLATE, _SEARCH = 256, 16
"""frames of the wood block's template, and frames around its loud beginning in which it is searched"""
_BAND, _PLAYER = 2, 1
_ORGAN, _VOICES = 19, 32
_REPORTED = 2.2
"""seconds until the sound process has reported its load"""
_DROP = 16
"""frames of exact silence within a held tone that are a dropout"""

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Timing:
    """Of scheduled notes: the deviation of their first samples from a straight line through the settled ones [samples].

    Of keys: time from the key press to the first sample, without the device's own latency [s].
    """

    early: Sequence[float]
    """of notes in the first minute, in which the device's rate is learnt"""
    deviations: Sequence[float]
    """of notes after it"""
    reactions: Sequence[float]
    latency: float
    """seconds from a note's moment to its sound"""
    late: int
    underflows: int


@dataclass(frozen=True, slots=True)
class Cost:
    percent: float
    """processor time in percent of a core, with `voices` sounding"""
    voices: int
    memory_mb: float
    """private memory of the sound process"""


@contextlib.contextmanager
def joined_jack(period: int = PERIOD) -> Iterator[Path]:
    """Context with a private JACK server that child processes find, and a folder for recordings."""
    with jack_server(period) as server, tempfile.TemporaryDirectory() as folder:
        before = os.environ.get("JACK_DEFAULT_SERVER")
        os.environ["JACK_DEFAULT_SERVER"] = server.name
        try:
            yield Path(folder)
        finally:
            os.environ.pop("JACK_DEFAULT_SERVER")
            if before is not None:
                os.environ["JACK_DEFAULT_SERVER"] = before


@contextlib.contextmanager
def ready_sink(settings: AudioSettings) -> Iterator[AudioSink]:
    sink = AudioSink(settings)
    try:
        status = sink.wait(_READY)
        if status.state != "playing":
            raise DeviceError(f"bench: no sound within {_READY:g} s: {status}")
        yield sink
    finally:
        sink.close()


def measure_timing(settings: AudioSettings, notes: int = 1000, learning: float = LEARNING) -> Timing:
    """Measure `notes` notes of the band that come `learning` seconds [s] or more after the warm-up, those before them,
    and a key of the player for every three notes.

    Repeated if JACK itself lost time.
    """
    for left in reversed(range(_ATTEMPTS)):
        try:
            timing = _measure_timing(settings, notes, learning)
        except DeviceError:
            if not left:
                raise
            continue
        if not timing.underflows:
            break
    return timing


def _measure_timing(settings: AudioSettings, notes: int, learning: float) -> Timing:
    with joined_jack() as folder, ready_sink(_dry(settings)) as sink:
        for channel in (_PLAYER, _BAND):
            # none of them of a part: the instrument of a part is its genre's, and here is none
            for message in (
                program(channel, _WOOD_BLOCK),
                *(control(channel, n, 0) for n in (REVERB_SEND, CHORUS_SEND)),
            ):
                _say(sink, message, _PLAYER)
        with Recorder(folder) as recorder:
            recorder.wait_for_frames(round(_WARM_UP * RATE))
            before = round(learning / _SLOT / _LIVE_EVERY) * _LIVE_EVERY
            moments = _play(sink, before + notes * _LIVE_EVERY // (_LIVE_EVERY - 1))
            recorder.wait_for_frames(RATE)
        status = sink.status()
        latency = status.latency_ms / 1000
        early, settled, reactions = _compared(_begins(recorder.sound(), _wood_block(settings)), moments, before)
        return Timing(early, settled, reactions, latency, status.late, status.underflows)


def measure_cost(settings: AudioSettings, seconds: float = 8.0) -> Cost:
    """Measure processor time and memory of the sound process with _VOICES voices."""
    with joined_jack(), ready_sink(settings) as sink:
        _say(sink, program(_PLAYER, _ORGAN), _PLAYER)
        for pitch in range(36, 40):
            _say(sink, note_on(_PLAYER, pitch, 80), _PLAYER)
        time.sleep(_REPORTED)
        voices_each = max(1.0, sink.status().voices / 4)  # a note of some instruments is two
        for pitch in range(40, 36 + round(_VOICES / voices_each)):
            _say(sink, note_on(_PLAYER, pitch, 80), _PLAYER)
        time.sleep(_REPORTED)
        before = processor_seconds(sink.pid)
        time.sleep(seconds)
        used = processor_seconds(sink.pid) - before
        return Cost(100 * used / seconds, sink.status().voices, _own_memory_mb(sink.pid))


def dropouts(sound: Sound) -> int:
    """The number of gaps of silence in a recording of a held tone."""
    quiet = np.abs(sound).max(axis=0) < 1e-7
    edges = np.flatnonzero(np.diff(quiet.astype(np.int8), prepend=1, append=1))
    lengths = np.diff(edges)[1::2]  # of the silences between two sounds: those at both ends have no edge
    return int((lengths >= _DROP).sum())


def hold_tone(sink: AudioSink) -> None:
    """Press an organ key of the player, which sounds until it is released."""
    _say(sink, program(_PLAYER, _ORGAN), _PLAYER)
    _say(sink, note_on(_PLAYER, 48, 70), _PLAYER)


def _dry(settings: AudioSettings) -> AudioSettings:
    return AudioSettings(soundfont=settings.soundfont, reverb=0.0)


def _say(sink: AudioSink, message: Midi, channel: int) -> None:
    sink.play(Played(time.monotonic(), None if channel == _PLAYER else 0, message))


def _play(sink: AudioSink, slots: int) -> list[tuple[float, bool]]:
    """Play the notes; (second, whether it was a key of the player) of each."""
    chance, start, moments = random.Random(1), time.monotonic() + 2 * _AHEAD, []
    for slot in range(slots):
        at = start + (slot + 0.2 * chance.random()) * _SLOT
        live = slot % _LIVE_EVERY == _LIVE_EVERY - 1
        # a key sounds up to a block and MARGIN earlier than what is due at the same moment: it comes a block later
        time.sleep(max(0.0, at + (PERIOD / RATE if live else -_AHEAD) - time.monotonic()))
        channel = _PLAYER if live else _BAND
        if live:
            at = time.monotonic()
        sink.play(Played(at, None if live else 0, note_on(channel, _PITCH, _VELOCITY)))
        sink.play(Played(at + 0.01, None if live else 0, note_off(channel, _PITCH)))
        moments.append((at, live))
    return moments


def _wood_block(settings: AudioSettings) -> Array:
    """Render the template: the first frames of a wood block."""
    with contextlib.closing(Synth(find_soundfont(settings.soundfont), RATE, reverb=0.0)) as synth:
        dry = [control(_BAND, number, 0) for number in (REVERB_SEND, CHORUS_SEND)]
        synth.render(CHUNK, [(0, message) for message in (program(_BAND, _WOOD_BLOCK), *dry)])
        strike = note_on(_BAND, _PITCH, _VELOCITY)
        synth.render(RATE // CHUNK * CHUNK, [(CHUNK, strike)])  # FluidSynth fades in a voice used for the first time
        note: Array = synth.render(_TEMPLATE, [(synth.position, strike)])[0].astype(np.float64)
        return note


def _begins(sound: Sound, note: Array) -> Array:
    """The frame at which each note begins: the best match of `note` near the frame at which the sound gets loud."""
    found = []
    gets_loud = int(np.flatnonzero(np.abs(note) > _LOUD)[0])
    for loud in onsets(sound, _LOUD, _APART):
        first = loud - gets_loud - _SEARCH
        piece = sound[0, max(0, first) : first + _TEMPLATE + 2 * _SEARCH].astype(np.float64)
        if len(piece) == _TEMPLATE + 2 * _SEARCH:
            found.append(first + int(np.correlate(piece, note, "valid").argmax()))
    return np.array(found, np.float64)


def _compared(
    heard: Array, moments: Sequence[tuple[float, bool]], before: int
) -> tuple[list[float], list[float], list[float]]:
    """(deviations of the scheduled notes among the first `before` moments and of those after them [samples], reactions
    to keys [s]). Raises DeviceError if notes are missing."""
    if not len(heard):
        raise DeviceError("bench: nothing was heard")
    at = np.array([moment for moment, _ in moments])
    live = np.array([key for _, key in moments])
    settled = np.arange(len(at)) >= before
    # frame of a moment, from the first notes; then by the line through all that were found near it
    line = np.array([float(RATE), heard[0] - at[0] * RATE])
    for reach in (0.015, 0.004):
        found = _nearest(heard, line[0] * at + line[1], reach * RATE)
        due = ~live & ~np.isnan(found)
        if due.sum() < 0.99 * (~live).sum():
            raise DeviceError(f"bench: of {(~live).sum()} notes {due.sum()} were heard where they were due")
        line = np.polyfit(at[due & settled] - at[0], found[due & settled], 1)
        line[1] -= line[0] * at[0]
    deviations = found - (line[0] * at + line[1])
    sounded = (_next(heard, found[~np.isnan(found) & ~live]) - line[1]) / line[0]
    early, late = (deviations[due & which].tolist() for which in (~settled, settled))
    return early, late, _reactions(sounded, at[live]).tolist()


def _nearest(heard: Array, expected: Array, reach: float) -> Array:
    """For each expected frame the nearest one that was heard, NaN if none is within `reach`."""
    index = np.clip(np.searchsorted(heard, expected), 1, len(heard) - 1)
    near = np.where(expected - heard[index - 1] < heard[index] - expected, heard[index - 1], heard[index])
    return np.where(np.abs(near - expected) <= reach, near, np.nan)


def _next(heard: Array, taken: Array) -> Array:
    """Detected notes that were not scheduled: the player's keys."""
    return heard[~np.isin(heard, taken)]


def _reactions(sounded: Array, pressed: Array) -> Array:
    """Seconds from each key to the first sound after it, beyond the device's own latency.

    A scheduled note sounds block + MARGIN + the device's latency after its moment; `sounded` is on that scale.
    """
    offset = PERIOD / RATE + MARGIN
    index = np.searchsorted(sounded + offset, pressed)
    known = index < len(sounded)
    waited = sounded[index[known]] + offset - pressed[known]
    return waited[waited < _LIVE_EVERY * _SLOT / 2]  # else it was covered by another note, and this is the next key's


def processor_seconds(pid: int) -> float:
    """Processor time [s] of all threads of a process that live now (Linux, sched-stats: /proc/pid/task/*/schedstat).

    DeviceError where the kernel does not count it.
    """
    found = 0
    for one in Path(f"/proc/{pid}/task").glob("*"):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # a thread that has just ended
            found += int((one / "schedstat").read_text().split()[0])
    if not found:
        raise DeviceError("bench: this kernel does not count the processor time of threads (CONFIG_SCHED_INFO)")
    return found / 1e9


def _own_memory_mb(pid: int) -> float:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Private_")) / 1024
