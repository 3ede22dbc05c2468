"""Adds the tracks of a file other than its melody to a rendered performance, each on a free channel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from composerd.app.render import RenderedPerformance
from composerd.files.midi_text import shown
from composerd.files.voices import FileVoice
from composerd.music.genre import PLAYER_CHANNEL, Part
from composerd.music.metronome import METRONOME_CHANNEL
from composerd.music.midi import DRUM_CHANNEL
from composerd.music.midi_tracks import MELODY_TRACK, Line, lasting_ticks


def with_tracks(
    performance: RenderedPerformance, voices: Sequence[FileVoice]
) -> tuple[RenderedPerformance, tuple[str, ...]]:
    """`performance` with `voices` as further parts, and a reason for each voice for which no channel was free.

    Drums share one channel, so a file's drums are kept beside a band that has none. Where more voices are left than
    channels, those with most notes are kept.
    """
    used = {PLAYER_CHANNEL, DRUM_CHANNEL, METRONOME_CHANNEL, *(part.channel for part in performance.genre.parts)}
    free = [channel for channel in range(1, METRONOME_CHANNEL) if channel not in used]
    drums = [] if performance.genre.drum_parts else [DRUM_CHANNEL]
    by_notes = sorted(range(len(voices)), key=lambda index: (-len(voices[index].notes), index))
    channels: dict[int, int] = {}
    for index in by_notes:
        left = drums if voices[index].is_drums else free
        if left:
            channels[index] = left.pop(0)
    names = {MELODY_TRACK, *(part.name for part in performance.genre.parts)}
    parts, lines = [], list(performance.lines)
    for index in sorted(channels):
        part = _part(voices[index], index, channels[index], names)
        parts.append(part)
        lines += _lines(voices[index], part)
    genre = replace(performance.genre, parts=(*performance.genre.parts, *parts))
    ordered = tuple(sorted(lines, key=lambda line: line[0]))
    kept = replace(performance, genre=genre, lines=ordered, end_tick=max(line[0] for line in ordered))
    return kept, tuple(_why(voices[index]) for index in range(len(voices)) if index not in channels)


def _part(voice: FileVoice, index: int, channel: int, names: set[str]) -> Part:
    """A part named after the track, made unique and added to `names`."""
    base = voice.name.strip() or f"track {index + 1}"
    name, number = base, 1
    while name in names:
        number += 1
        name = f"{base} {number}"
    names.add(name)
    return Part(name, "drums" if voice.is_drums else "comp", channel, voice.program)


def _lines(voice: FileVoice, part: Part) -> list[Line]:
    ticks = lasting_ticks(voice.events)
    return [
        (tick, part, message.on_channel(part.channel))
        for tick, (_, message) in zip(ticks, voice.events, strict=True)
        if tick is not None
    ]


def _why(voice: FileVoice) -> str:
    name = repr(shown(voice.name)) if voice.name else f"the track on channel {voice.channel}"
    return f"{name} ({'the band has drums' if voice.is_drums else 'no channel is left'})"
