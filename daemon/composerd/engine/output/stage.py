"""Sends the band's notes, clicks, instruments, volumes and pans to the output."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain

from composerd.engine.output.band_state import BandState
from composerd.engine.output.mixer import Mixer
from composerd.engine.output.output import Output
from composerd.engine.output.played import Played
from composerd.engine.output.timeline import Event
from composerd.engine.ports import Sink
from composerd.engine.transposition import moved
from composerd.music.genre import Genre
from composerd.music.metronome import METRONOME_CHANNEL, METRONOME_PROGRAM
from composerd.music.midi import Midi, note_off, note_on, program
from composerd.music.tempo import Tempo


class Stage(Output):
    """An output that tracks the band's sounding notes, too, so that they can be released exactly."""

    def __init__(self, sinks: Sequence[Sink], genre: Genre) -> None:
        super().__init__(sinks)
        self.state = BandState(genre)
        self._sounding: set[tuple[int, int]] = set()
        """(part, pitch)"""
        self._semitones = 0
        self.set_genre(genre)

    @property
    def genre(self) -> Genre:
        """The current genre, with the chosen swing."""
        return self.state.genre

    @property
    def mixer(self) -> Mixer:
        """The mixer; call `mix` after a change."""
        return self.state.mixer

    def set_genre(self, genre: Genre) -> None:
        """Set the genre; no note of the band may be sounding."""
        self.state.set_genre(genre)
        self._sounding.clear()
        self._unmixed, self._clicked = True, False
        for sink in self.sinks:
            sink.set_genre(genre)

    def mix(self, at: float) -> None:
        """Send the mixer's instruments, volumes, places and mutes; call after a change of mixer or genre."""
        self._unmixed = False
        due = (
            self.mixer.due_programs(self.genre),
            self.mixer.due_volumes(self.genre, self._clicked),
            self.mixer.due_places(self.genre),
        )
        for part, message in chain(*due):
            self.send(Played(at, part, message))
        for part, pitch in sorted(self._sounding):
            if self.mixer.silent(self.genre.parts[part], self.genre):
                self._band_note(at, part, pitch, 0, None)

    def band(self, events: Iterable[Event], tempo: Tempo, now: float) -> None:
        """Send notes of the band, each with its moment; one whose moment has passed is due now."""
        if self._unmixed:
            self.mix(now)
        for event in events:
            at = min(now, tempo.second_at(event.beat))
            self._band_note(at, event.part, event.pitch, event.velocity, event.beat)

    def transpose(self, semitones: int, at: float) -> None:
        """Transpose the band, and the player's notes that it plays back, by semitones; sounding notes end."""
        if semitones != self._semitones:
            self.hush(at)
            self._semitones = semitones

    def player(self, at: float, message: Midi, beat: float | None, replayed: bool = False) -> None:
        if replayed and self._semitones and (message.starts_note or message.ends_note):
            pitch = moved(message.data1, self._semitones)
            message = Midi(message.kind, message.channel, pitch, message.data2)
        super().player(at, message, beat, replayed)

    def release_keys(self, at: float, but: int | None = None) -> list[int]:
        return super().release_keys(at, None if but is None else moved(but, self._semitones))

    def click(self, at: float, message: Midi) -> None:
        """Send a message of the metronome; its instrument and volume go first."""
        if not self._clicked:
            self.send(Played(at, None, program(METRONOME_CHANNEL, METRONOME_PROGRAM)))
            self._clicked = True
            self.mix(at)
        self.send(Played(at, None, message))

    def hush(self, at: float) -> None:
        """Release all sounding notes of the band."""
        for part, pitch in sorted(self._sounding):
            self._band_note(at, part, pitch, 0, None)

    def panic(self, at: float) -> None:
        """End all notes, then silence every sink that supports it, including reverb tails and other programs' notes."""
        self.hush(at)
        self.release_player(at)
        self.silence()

    def _band_note(self, at: float, part: int, pitch: int, velocity: int, beat: float | None) -> None:
        """Send the begin (`velocity` > 0) or end of a note, unless the part is muted or the note has ended."""
        one = self.genre.parts[part]
        sounds = pitch if part in self.genre.drum_parts else moved(pitch, self._semitones)
        if velocity and not self.mixer.silent(one, self.genre):
            if (part, pitch) in self._sounding:
                self.send(Played(at, part, note_off(one.channel, sounds), beat))
            self._sounding.add((part, pitch))
            self.send(Played(at, part, note_on(one.channel, sounds, velocity), beat))
        elif not velocity and (part, pitch) in self._sounding:
            self._sounding.discard((part, pitch))
            self.send(Played(at, part, note_off(one.channel, sounds), beat))
