"""The synth: turns MIDI messages into stereo samples, each note starting at its exact sample.

FluidSynth computes 64 frames at a time and starts a note only at the edge of such a chunk: up to 1.3 ms early or late.
Here a note is started at the edge before its moment, in a *lane* whose output is mixed in later by the rest (0 to 63
frames). A lane is one of FluidSynth's audio groups with a copy of the 16 MIDI channels; its delay changes only while
nothing sounds in it. Mixing at an offset costs nothing: `fluid_synth_process` adds into the buffers it is handed.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable, Iterator, Sequence
from itertools import chain, product
from pathlib import Path

import numpy as np
import numpy.typing as npt

from composerd.devices.audio import fluidsynth as fluid
from composerd.devices.audio.c_output import quiet
from composerd.errors import DeviceError, Reason
from composerd.music.midi import (
    ALL_NOTES_OFF,
    ALL_SOUND_OFF,
    BANK_SELECT,
    BANK_SELECT_FINE,
    CHORUS_SEND,
    CONTROL,
    DRUM_CHANNEL,
    NOTE_OFF,
    NOTE_ON,
    PAN,
    PEDAL_DOWN,
    PITCH_BEND,
    POLY_PRESSURE,
    PRESSURE,
    PROGRAM,
    RESET_CONTROLLERS,
    REVERB_SEND,
    SUSTAIN_PEDAL,
    VOLUME,
    Midi,
)

CHUNK = 64
"""frames; FLUID_BUFSIZE, fixed when FluidSynth is built"""
LANES = 15
"""x 16 channels: FluidSynth has at most 256, counted in a byte, and takes 255 for "no channel" (a controller sent to
it reaches voices that have no sample: a crash, seen in 2.3.1)"""
CHANNELS = 16
CHOKES = ((42, 44, 46), (71, 72), (73, 74), (78, 79), (80, 81), (29, 30))
"""General MIDI drums that silence each other: hi-hats, whistles, guiros, cuicas, triangles, scratches"""
_CHOKED = {pitch: tuple(other for other in group if other != pitch) for group in CHOKES for pitch in group}
_GHOST = 1
"""velocity of a note 84 dB down that makes FluidSynth end what it would end for a real one"""
_LASTING = frozenset((BANK_SELECT, BANK_SELECT_FINE, VOLUME, PAN, REVERB_SEND, CHORUS_SEND))
"""controllers that "reset all controllers" does not reset (MIDI RP-015)"""
_RESETS = 4
"""a reset empties the delay lines of reverb and chorus, but not of the chunk that is still on its way through them:
what is left of full reverb after 1 is -47 dB, after 2 -88, after 4 nothing (2.3.1 and 2.4.4)"""
_ROOM_SIZE, _DAMPING, _WIDTH = 0.55, 0.35, 0.8
_CHORUS = {"synth.chorus.level": 2.0, "synth.chorus.speed": 0.3, "synth.chorus.depth": 8.0}
"""FluidSynth's defaults until 2.3. With those of 2.4, 10 dB softer and slower, SoundFonts that send their strings
through the chorus by themselves (TimGM6mb's ensemble) swell and fade by 4 dB from note to note, and a band is balanced
otherwise on Debian 13 than on Debian 12"""

Samples = npt.NDArray[np.float32]
Event = tuple[int, Midi]
"""(frame counted from the synth's first, message)"""


class Synth:
    """One FluidSynth. `position` is the next frame to return; `render(n)` computes frames up to `horizon(n)`.

    Not thread-safe: one thread renders and sends. Raises DeviceError if FluidSynth or the SoundFont cannot be used.
    """

    def __init__(
        self, soundfont: Path, rate: float, polyphony: int = 128, gain: float = 1.25, reverb: float = 0.5
    ) -> None:
        self.rate = rate
        self.position = 0
        self.inexact = 0
        """notes for which no lane was free: they start up to 63 frames early or late"""
        self._lib = fluid.load()
        self._settings = self._lib.new_fluid_settings()
        self._configure(rate, polyphony, gain)
        self._synth = self._lib.new_fluid_synth(self._settings)
        with quiet():
            loaded = self._lib.fluid_synth_sfload(self._synth, os.fsencode(soundfont), 1)
        if loaded < 0:
            self.close()
            raise DeviceError(f"FluidSynth cannot read {soundfont}", Reason.UNUSABLE, about="audio.soundfont")
        self._lib.fluid_synth_set_reverb(self._synth, _ROOM_SIZE, _DAMPING, _WIDTH, reverb)
        self._voices = (ctypes.c_void_p * (polyphony + 1))()
        self._delays = [0] * LANES
        self._where: dict[tuple[int, int], set[int]] = {}
        self._pedals: set[int] = set()
        self._rendered = 0
        self._mix: Samples = np.zeros((2, 4 * CHUNK), np.float32)
        self._lasting: dict[tuple[int, int, int], Midi] = {}
        """messages whose effect a reset of controllers keeps, in order of arrival"""
        self._prepare()

    def _configure(self, rate: float, polyphony: int, gain: float) -> None:
        whole = {
            "synth.midi-channels": LANES * CHANNELS,
            "synth.audio-channels": LANES,
            "synth.audio-groups": LANES,
            "synth.polyphony": polyphony,
            "synth.lock-memory": 0,
            "synth.dynamic-sample-loading": 1,
            "synth.chorus.nr": 3,
        }
        for name, value in whole.items():
            self._lib.fluid_settings_setint(self._settings, name.encode(), value)
        for name, number in {"synth.sample-rate": rate, "synth.gain": gain, **_CHORUS}.items():
            self._lib.fluid_settings_setnum(self._settings, name.encode(), number)

    def _prepare(self) -> None:
        for lane, channel in product(range(LANES), range(1, CHANNELS + 1)):
            drums, at = channel == DRUM_CHANNEL, _address(lane, channel)
            kind = fluid.CHANNEL_DRUM if drums else fluid.CHANNEL_MELODIC
            self._lib.fluid_synth_set_channel_type(self._synth, at, kind)
            self._lib.fluid_synth_bank_select(self._synth, at, 128 if drums else 0)
            self._lib.fluid_synth_program_change(self._synth, at, 0)

    @property
    def voices(self) -> int:
        """The number of sounding voices."""
        return int(self._lib.fluid_synth_get_active_voice_count(self._synth))

    def horizon(self, frames: int) -> int:
        """The frame up to which `render(frames)` computes; it needs every event that is due before."""
        return max(self._rendered, -(-(self.position + frames) // CHUNK) * CHUNK)

    def render(self, frames: int, events: Sequence[Event] = ()) -> Samples:
        """Compute the next `frames` frames (2, frames), not limited. `events` are sorted by frame.

        An event whose frame has already been computed takes effect at the next chunk.
        """
        until = self.horizon(frames)
        self._make_room(until)
        for frame, message in events:
            self._advance(min(max(frame, self._rendered) // CHUNK * CHUNK, until))
            self._send(message, max(0, min(frame - self._rendered, CHUNK - 1)))
        self._advance(until)
        block = self._mix[:, :frames].copy()
        self._mix[:, : -frames or None] = self._mix[:, frames:]
        self._mix[:, -frames:] = 0.0
        self.position += frames
        return block

    def silence(self) -> None:
        """Stop everything that sounds from the next frame on, reverb included, and reset controllers."""
        for number in (RESET_CONTROLLERS, ALL_SOUND_OFF):
            for channel in range(1, CHANNELS + 1):
                self._broadcast(Midi(CONTROL, channel, number, 0))
        for _ in range(_RESETS):
            self._process(np.zeros((2, 2 * CHUNK), np.float32), 0, CHUNK)
            self._lib.fluid_synth_system_reset(self._synth)
        self._prepare()
        for message in tuple(self._lasting.values()):
            self._broadcast(message)
        self._mix[:] = 0.0

    def close(self) -> None:
        if self._synth:
            self._lib.delete_fluid_synth(self._synth)
            self._lib.delete_fluid_settings(self._settings)
            self._synth = None

    def _make_room(self, until: int) -> None:
        need = until - self.position + CHUNK
        if need > self._mix.shape[1]:
            self._mix = np.pad(self._mix, ((0, 0), (0, need - self._mix.shape[1])))

    def _advance(self, until: int) -> None:
        """Compute frames up to `until` (a multiple of CHUNK) into the mix."""
        while self._rendered < until:
            frames = min(until - self._rendered, 64 * CHUNK)
            self._process(self._mix, self._rendered - self.position, frames)
            self._rendered += frames

    def _process(self, mix: Samples, at: int, frames: int) -> None:
        """Add `frames` frames (a multiple of CHUNK) to `mix` from column `at` on; it needs CHUNK columns more."""
        left = mix.ctypes.data + 4 * at
        right = left + mix.strides[0]
        lanes = [side + 4 * delay for delay in self._delays for side in (left, right)]
        half = 2 * CHUNK  # 4 bytes x CHUNK / 2: the effects lag by the lanes' mean delay
        effects = [left + half, right + half] * 2
        self._lib.fluid_synth_process(
            self._synth, frames, len(effects), fluid.pointers(effects), len(lanes), fluid.pointers(lanes)
        )

    def _send(self, message: Midi, offset: int) -> None:
        if message.starts_note:
            self._start(message, offset)
        elif message.ends_note:
            self._end(message.channel, message.data1)
        else:
            self._broadcast(message)

    def _start(self, message: Midi, offset: int) -> None:
        channel, pitch = message.channel, message.data1
        lane = self._lane(offset)
        for other in self._where.get((channel, pitch), set()) - {lane}:
            self._release(other, channel, pitch)
        if channel == DRUM_CHANNEL and pitch in _CHOKED:
            self._choke(pitch, lane)
        self._where[channel, pitch] = {lane}
        self._lib.fluid_synth_noteon(self._synth, _address(lane, channel), pitch, message.data2)

    def _end(self, channel: int, pitch: int) -> None:
        for lane in self._where.get((channel, pitch), ()):
            self._lib.fluid_synth_noteoff(self._synth, _address(lane, channel), pitch)

    def _release(self, lane: int, channel: int, pitch: int) -> None:
        """End a note that is struck again in another lane, even under the pedal, as FluidSynth does within one."""
        if channel in self._pedals:
            self._lib.fluid_synth_noteon(self._synth, _address(lane, channel), pitch, _GHOST)
        self._lib.fluid_synth_noteoff(self._synth, _address(lane, channel), pitch)

    def _choke(self, pitch: int, lane: int) -> None:
        """Apply FluidSynth's exclusive classes (a closed hi-hat ends an open one) across lanes."""
        sounding = chain.from_iterable(self._where.get((DRUM_CHANNEL, other), ()) for other in _CHOKED[pitch])
        for other in set(sounding) - {lane}:
            self._lib.fluid_synth_noteon(self._synth, _address(other, DRUM_CHANNEL), pitch, _GHOST)
        for silenced in _CHOKED[pitch]:
            self._where.pop((DRUM_CHANNEL, silenced), None)

    def _lane(self, offset: int) -> int:
        """The lane with a delay of `offset` frames: one that already has it, else a silent one."""
        if offset in self._delays:
            return self._delays.index(offset)
        busy = {address % LANES for address in self._sounding()}
        free = next((lane for lane in range(LANES) if lane not in busy), None)
        if free is None:
            self.inexact += 1
            return min(range(LANES), key=lambda lane: abs(self._delays[lane] - offset))
        self._delays[free] = offset
        return free

    def _sounding(self) -> Iterator[int]:
        """Yield the address of every sounding voice."""
        self._lib.fluid_synth_get_voicelist(self._synth, self._voices, len(self._voices), -1)
        for voice in self._voices:
            if not voice:
                return
            yield int(self._lib.fluid_voice_get_channel(voice))

    def _broadcast(self, message: Midi) -> None:
        """Send a channel message (not a note) to the channel's copy in every lane."""
        self._remember(message)
        name, arguments = _CALLS[message.kind](message)
        call = getattr(self._lib, name)
        for lane in range(LANES):
            call(self._synth, _address(lane, message.channel), *arguments)

    def _remember(self, message: Midi) -> None:
        if message.kind == PROGRAM or (message.kind == CONTROL and message.data1 in _LASTING):
            key = (message.channel, message.kind, message.data1 if message.kind == CONTROL else 0)
            self._lasting.pop(key, None)
            self._lasting[key] = message
        if message.kind != CONTROL:
            return
        if message.data1 == SUSTAIN_PEDAL and message.data2 >= PEDAL_DOWN:
            self._pedals.add(message.channel)
        elif message.data1 in (SUSTAIN_PEDAL, RESET_CONTROLLERS):
            self._pedals.discard(message.channel)
        elif message.data1 in (ALL_SOUND_OFF, ALL_NOTES_OFF):
            self._where = {key: lanes for key, lanes in self._where.items() if key[0] != message.channel}


def _address(lane: int, channel: int) -> int:
    """FluidSynth's channel for MIDI `channel` (1 to 16) in `lane`; its audio group is the address modulo LANES."""
    return (channel - 1) * LANES + lane


_CALLS: dict[int, Callable[[Midi], tuple[str, tuple[int, ...]]]] = {
    CONTROL: lambda m: ("fluid_synth_cc", (m.data1, m.data2)),
    PROGRAM: lambda m: ("fluid_synth_program_change", (m.data1,)),
    PRESSURE: lambda m: ("fluid_synth_channel_pressure", (m.data1,)),
    POLY_PRESSURE: lambda m: ("fluid_synth_key_pressure", (m.data1, m.data2)),
    PITCH_BEND: lambda m: ("fluid_synth_pitch_bend", (m.data1 | m.data2 << 7,)),
    NOTE_ON: lambda m: ("fluid_synth_noteoff", (m.data1,)),
    NOTE_OFF: lambda m: ("fluid_synth_noteoff", (m.data1,)),
}
