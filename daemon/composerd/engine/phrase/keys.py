"""The player's notes and wheels of one phrase: recorded by beat, and played back once a pass."""

from __future__ import annotations

from collections.abc import Iterator
from math import inf

from composerd.engine.outlook import Ahead
from composerd.music.genre import PLAYER_CHANNEL
from composerd.music.midi import Midi, note_off, note_on


class PhraseKeys:
    """Records a phrase and queues its messages for each pass of the playback. Moments are beats."""

    def __init__(self) -> None:
        self._recorded: list[tuple[float, Midi]] = []
        self._ringing: set[int] = set()
        """pitches whose keys were released while the pedal held them"""
        self._queue: list[tuple[float, Midi]] = []
        """the messages still to come in this pass"""

    @property
    def recorded(self) -> bool:
        """Whether anything was recorded."""
        return bool(self._recorded)

    def press(self, beat: float, pitch: int, velocity: int) -> None:
        """Record a key; it ends a note of the same pitch that the pedal holds."""
        if pitch in self._ringing:
            self._end(beat, pitch)
        self._recorded.append((beat, note_on(PLAYER_CHANNEL, pitch, velocity)))

    def release(self, beat: float, pitch: int, pedal: bool) -> None:
        """Record a release; with the `pedal` down the note rings on."""
        if pedal:
            self._ringing.add(pitch)
        else:
            self._end(beat, pitch)

    def pedal_up(self, beat: float) -> None:
        """Record the end of all notes that the pedal held."""
        for pitch in sorted(self._ringing):
            self._end(beat, pitch)

    def control(self, beat: float, message: Midi) -> None:
        """Record a message of a wheel."""
        self._recorded.append((beat, message))

    def queue_pass(self, shift: float, last: float) -> None:
        """Queue all that was recorded, `shift` beats later and at the latest on beat `last`."""
        moved = ((min(beat + shift, last), message) for beat, message in self._recorded)
        self._queue = sorted(moved, key=lambda entry: entry[0])

    def next_beat(self) -> float:
        """The beat of the next queued message, infinite for none."""
        return self._queue[0][0] if self._queue else inf

    def due(self, beat: float) -> Iterator[tuple[float, Midi]]:
        """Remove and yield the queued messages up to `beat`."""
        while self._queue and self._queue[0][0] <= beat:
            yield self._queue.pop(0)

    def drop_pass(self) -> None:
        """Remove the queued messages."""
        self._queue = []

    def ahead(self) -> Iterator[Ahead]:
        """The queued notes, for the outlook."""
        begun: dict[int, tuple[float, int]] = {}
        for beat, message in self._queue:
            if message.starts_note:
                begun[message.data1] = (beat, message.data2)
            elif message.ends_note and message.data1 in begun:
                on, velocity = begun.pop(message.data1)
                yield Ahead(None, message.data1, on, beat, velocity)

    def _end(self, beat: float, pitch: int) -> None:
        self._ringing.discard(pitch)
        self._recorded.append((beat, note_off(PLAYER_CHANNEL, pitch)))
