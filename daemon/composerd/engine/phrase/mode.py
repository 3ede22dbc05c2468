"""Phrase: play up to some bars, stop, and hear the phrase back with accompaniment made from the whole of it."""

from __future__ import annotations

from composerd.engine.mode import Cue, End, IdleOr
from composerd.engine.phrase.performance import PhrasePerformance, State
from composerd.engine.services import ModeServices
from composerd.engine.song.loaded import SongLoaded
from composerd.music.genre import Genre
from composerd.music.metre import Metre
from composerd.music.midi import CONTROL, PEDAL_DOWN, SUSTAIN_PEDAL, Midi
from composerd.music.tempo import Tempo


class Phrase(IdleOr[PhrasePerformance]):
    """Implements `PerformanceMode`: idle until the first key of a phrase."""

    def __init__(self, services: ModeServices, tempo: Tempo, metre: Metre) -> None:
        super().__init__(services, Tempo(tempo.bpm))
        self._metre = metre
        self._pedal = False

    @property
    def bpm(self) -> float:
        return self._tempo.bpm

    def heard(self, at: float, message: Midi) -> None:
        running = self.performance
        if message.starts_note:
            self._press(at, message)
        elif message.ends_note and running is not None:
            running.release(at, message.data1, self._pedal)
        else:
            self._control(at, message)

    def retune(self, bpm: float, now: float, beat_at: float | None = None) -> None:  # noqa: ARG002 - bars are the phrase's
        self._tempo = Tempo(bpm)
        if self.performance is not None:
            self.performance.tempo = self.performance.tempo.changed(bpm, now)

    def lead(self, line: Tempo | None, now: float) -> None:
        """Take the tempo of another machine's clock; the bars remain the phrase's own."""
        if line is not None and self.performance is None:
            self.retune(line.bpm, now)

    def change(self, what: Genre | Metre | SongLoaded, now: float) -> None:
        """Change the metre from the next phrase on, the genre at once; charts are ignored in phrase mode."""
        if isinstance(what, SongLoaded):
            return
        if isinstance(what, Metre):
            self._metre = what
        elif self.performance is not None:
            self.performance.change_genre(what, now)
        else:
            self._services.stage.set_genre(what)

    def carry_out(self, cue: Cue, at: float) -> None:
        """Carry out Play, Stop and the end: answer the recorded phrase, or stop the playback.

        A phrase is played back as it was composed: there are no fills and breaks.
        """
        running = self.performance
        if running is None or cue not in (Cue.START_OR_END, Cue.STOP, Cue.END):
            return
        if running.state is State.PLAYING:
            self.end(End.NOW, at)
        else:
            running.answer_now()

    def _press(self, at: float, key: Midi) -> None:
        """Record a key; during a playback it begins another phrase."""
        running = self.performance
        if running is not None and running.state is State.PLAYING:
            running.finish(at, but=key.data1)
            self._settle(at)
            running = None
        if running is None:
            running = self.performance = PhrasePerformance(self._services, Tempo(self.bpm, at), self._metre)
        running.press(at, key.data1, key.data2)

    def _control(self, at: float, message: Midi) -> None:
        """Record bends and the notes that the sustain pedal holds as part of the phrase."""
        running = self.performance
        if running is not None:
            running.control(at, message)
        if (message.kind, message.data1) != (CONTROL, SUSTAIN_PEDAL):
            return
        self._pedal = message.data2 >= PEDAL_DOWN
        if running is not None and not self._pedal:
            running.pedal_up(at)

    def _ended(self, performance: PhrasePerformance, now: float) -> None:
        """Reset the tempo to the set one, and the bars for the next phrase."""
