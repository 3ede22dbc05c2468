"""Writes a performance as a Standard MIDI file (RP-001 v1.0), one named track for each part."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

import mido

from composerd.errors import ConfigError
from composerd.files.atomic import write_bytes
from composerd.music.midi_tracks import Axis, FileTrack

Messages = list[tuple[int, mido.Message | mido.MetaMessage]]
"""absolute tick, message"""


def write_tracks(path: Path, axis: Axis, tracks: Sequence[FileTrack], text: str = "") -> None:
    """Write a type-1 file: tempo and metre of `axis`, then one named track each; whole or not at all.

    `text` is written at its beginning as a text event. Equal arguments give equal bytes. Raises ConfigError if the
    file cannot be written.
    """
    buffer = BytesIO()
    chunks = [_conductor_track(axis, text), *(_track(track) for track in tracks)]
    mido.MidiFile(type=1, ticks_per_beat=axis.ticks_per_beat, charset="utf-8", tracks=chunks).save(file=buffer)
    try:
        write_bytes(path, buffer.getvalue())
    except OSError as error:
        raise ConfigError.unwritable(path, error) from None


def _conductor_track(axis: Axis, text: str) -> mido.MidiTrack:
    events: Messages = [(0, mido.MetaMessage("text", text=text))] if text else []
    events += [
        (c.tick, mido.MetaMessage("time_signature", numerator=c.metre.numerator, denominator=c.metre.denominator))
        for c in axis.metres
    ]
    events += [(change.tick, mido.MetaMessage("set_tempo", tempo=change.microseconds)) for change in axis.tempos]
    return _deltas(sorted(events, key=lambda event: event[0]))


def _track(track: FileTrack) -> mido.MidiTrack:
    events: Messages = [(0, mido.MetaMessage("track_name", name=track.name))]
    events += [(tick, mido.MetaMessage("text", text=text)) for tick, text in track.texts]
    events += [(tick, mido.Message.from_bytes(message.to_bytes())) for tick, message in track.events]
    return _deltas(events)


def _deltas(events: Messages) -> mido.MidiTrack:
    track, before = mido.MidiTrack(), 0
    for tick, message in events:
        message.time, before = max(0, tick - before), max(tick, before)
        track.append(message)
    return track
