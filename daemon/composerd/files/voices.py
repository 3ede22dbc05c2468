"""Separates a MIDI file into voices (by track and channel), and pairs note starts with ends."""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
import numpy.typing as npt

from composerd.files.midi_reader import MidiFile, MidiTrack
from composerd.music.midi import CONTROL, DRUM_CHANNEL, PITCH_BEND, POLY_PRESSURE, PRESSURE, PROGRAM, Midi, note_off

ON, OFF, PITCH, VELOCITY = range(4)
"""Columns of a voice's notes: beats (quarter notes, as floats) and MIDI numbers."""
Floats = npt.NDArray[np.float64]
Events = Sequence[tuple[int, Midi]]

RPN_FINE, RPN_COARSE, MPE_CONFIGURATION = 100, 101, 6
"""controllers that choose a registered parameter, and the one by which MPE announces itself (MPE 1.1, section 2.1)"""
_FEWEST_IN_TURN, _TOGETHER, _APART = 3, 0.1, 6.0
"""channels, share of simultaneous onsets, and semitones between mean pitches of channels that take turns in one line"""


@dataclass(frozen=True, slots=True, eq=False)
class FileVoice:
    """The notes of one track, or of one channel of a track that holds several parts."""

    name: str
    """name of the track"""
    channel: int
    """1 to 16; the lowest one if it plays on several"""
    program: int
    """General MIDI, from 0: the one in force at the first note"""
    notes: Floats
    """(notes, 4): ON, OFF, PITCH, VELOCITY, in order of ON"""
    events: tuple[tuple[int, Midi], ...] = ()
    """(tick, message) in order, on `channel`; every note ends, and none is struck while it sounds"""

    @property
    def is_drums(self) -> bool:
        return self.channel == DRUM_CHANNEL


def voices_of(file: MidiFile) -> tuple[FileVoice, ...]:
    """All voices with at least one note, in order of tracks and channels. Raises ValueError if there is none."""
    found = [voice for track in file.tracks for voice in _voices_of_track(track, file)]
    if not found:
        raise ValueError("found no notes, expected some")
    return tuple(found)


def _voices_of_track(track: MidiTrack, file: MidiFile) -> list[FileVoice]:
    by_channel: dict[int, list[tuple[int, Midi]]] = defaultdict(list)
    for tick, message in track.events:
        by_channel[message.channel].append((tick, message))
    playing = {
        channel: events
        for channel, events in sorted(by_channel.items())
        if any(message.starts_note for _, message in events)
    }
    groups = _groups(playing, track, one_part=file.kind != 0)
    return [_voice(track.name, [playing[channel] for channel in group], file.ticks_per_beat) for group in groups]


def _groups(playing: Mapping[int, Events], track: MidiTrack, one_part: bool) -> list[list[int]]:
    """Groups of channels that form one voice: those with one instrument, or those that alternate note by note."""
    pitched = [channel for channel in playing if channel != DRUM_CHANNEL]
    drums = [[channel] for channel in playing if channel == DRUM_CHANNEL]
    if _is_mpe(track.events):
        return [pitched, *drums] if pitched else drums
    programs = {channel: _program(playing[channel]) for channel in pitched}
    alike = [list(group) for _, group in groupby(sorted(pitched, key=lambda c: (programs[c], c)), programs.__getitem__)]
    joined = [
        part
        for group in alike
        for part in ([group] if one_part or _takes_turns([playing[c] for c in group]) else [[c] for c in group])
    ]
    return sorted([*joined, *drums])


def _is_mpe(events: Events) -> bool:
    """Whether a channel is configured for MPE, where each note uses a channel of its own."""
    chosen: dict[tuple[int, int], int] = {}
    for _, message in events:
        if message.kind == CONTROL and message.data1 in (RPN_FINE, RPN_COARSE):
            chosen[message.channel, message.data1] = message.data2
        elif message.kind == CONTROL and message.data1 == 6 and message.data2 > 0:
            parameter = (chosen.get((message.channel, RPN_COARSE)), chosen.get((message.channel, RPN_FINE)))
            if parameter == (0, MPE_CONFIGURATION):
                return True
    return False


def _takes_turns(channels: Sequence[Events]) -> bool:
    """Whether channels alternate note by note in one line, as the strings of a MIDI guitar do."""
    onsets = [[(tick, message.data1) for tick, message in events if message.starts_note] for events in channels]
    if len(onsets) < _FEWEST_IN_TURN:
        return False
    heights = [sum(pitch for _, pitch in own) / len(own) for own in onsets]
    ticks = Counter(tick for own in onsets for tick in {tick for tick, _ in own})
    together = sum(count for count in ticks.values() if count > 1)
    return max(heights) - min(heights) < _APART and together < _TOGETHER * sum(ticks.values())


def _program(events: Events) -> int:
    program = 0
    for _, message in events:
        if message.starts_note:
            break
        if message.kind == PROGRAM:
            program = message.data1
    return program


def _voice(name: str, channels: Sequence[Events], ticks_per_beat: int) -> FileVoice:
    notes = _notes(channels)
    rows = np.array(sorted(notes), np.float64)
    rows[:, [ON, OFF]] /= ticks_per_beat
    channel = min(events[0][1].channel for events in channels)
    others = [event for events in channels for event in events if not _is_note(event[1])]
    if len(channels) > 1:
        others = [event for event in others if event[1].kind not in (PITCH_BEND, PRESSURE, POLY_PRESSURE)]
    return FileVoice(name, channel, _program(channels[0]), rows, _events(notes, others, channel))


def _is_note(message: Midi) -> bool:
    return message.starts_note or message.ends_note


Note = tuple[int, int, int, int]
"""tick of the start, tick of the end, pitch, velocity"""


def _notes(channels: Sequence[Events]) -> list[Note]:
    """All notes of the channels; a repeated note ends the one before."""
    last = max(events[-1][0] for events in channels)
    by_pitch: dict[int, list[Note]] = defaultdict(list)
    for events in channels:
        for note in _paired(events, last):
            by_pitch[note[2]].append(note)
    return [note for own in by_pitch.values() for note in _without_overlap(sorted(own))]


def _paired(events: Events, last: int) -> list[Note]:
    """The notes of one channel: a note-off ends the earliest note of its pitch, or all of them if offs are missing."""
    starts: Counter[int] = Counter(message.data1 for _, message in events if message.starts_note)
    ends: Counter[int] = Counter(message.data1 for _, message in events if message.ends_note)
    sounding: dict[int, deque[tuple[int, int]]] = defaultdict(deque)
    notes = []
    for tick, message in events:
        pitch = message.data1
        if message.starts_note:
            sounding[pitch].append((tick, message.data2))
        elif message.ends_note and sounding[pitch]:
            for _ in range(1 if ends[pitch] >= starts[pitch] else len(sounding[pitch])):
                start, velocity = sounding[pitch].popleft()
                notes.append((start, tick, pitch, velocity))
    notes += [(start, last, pitch, velocity) for pitch, own in sounding.items() for start, velocity in own]
    return notes


def _without_overlap(notes: list[Note]) -> list[Note]:
    """Notes of one pitch without overlap: each ends where the next begins at the latest; of two at once, the longer."""
    kept: list[Note] = []
    for note in notes:
        if kept and kept[-1][0] == note[0]:
            kept[-1] = max(kept[-1], note)
            continue
        if kept and kept[-1][1] > note[0]:
            kept[-1] = (kept[-1][0], note[0], *kept[-1][2:])
        kept.append(note)
    return kept


def _events(notes: Sequence[Note], others: Events, channel: int) -> tuple[tuple[int, Midi], ...]:
    """(tick, message) of notes and other messages; at one tick ends come first, then settings, then starts."""
    ranked = [(tick, 1, message.on_channel(channel)) for tick, message in others]
    for on, off, pitch, velocity in sorted(notes):
        ranked.append((on, 2, Midi(0x90, channel, pitch, velocity)))
        ranked.append((off, 0 if off > on else 3, note_off(channel, pitch)))
    ranked.sort(key=lambda event: event[:2])
    return tuple((tick, message) for tick, _, message in ranked)
