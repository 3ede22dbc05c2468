"""The melodies of `composerd demo`: sixteen original bars for each genre, written as text."""

from __future__ import annotations

from dataclasses import dataclass

from composerd.music.feel import swung
from composerd.music.genre import Genre
from composerd.music.metre import STEPS_PER_BEAT, Metre
from composerd.music.midi import note_off, note_on
from composerd.music.midi_tracks import Axis, MelodyTrack, TrackMessage

TICKS_PER_BEAT = 480
LOUD, BAR_ACCENT, BEAT_ACCENT, LONG_ACCENT = 80, 10, 4, 6
"""velocity of a plain note, and the increments for the first beat, any beat, and a long note"""
LONG_STEPS = 6
GATE = 0.92
"""share of its written length that a note is held"""
LETTERS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
SIGNS = {"b": -1, "#": 1}


@dataclass(frozen=True, slots=True)
class DemoTune:
    """A melody; `bars` are notes as `pitch:length in 16ths`, `r` for a rest, C4 = middle C, `|` optional bar lines."""

    metre: Metre
    bars: str

    def notes(self) -> tuple[tuple[int, int, int], ...]:
        """The notes as (step, pitch, length in steps), in order."""
        found, step = [], 0
        for word in self.bars.replace("|", " ").split():
            name, _, length = word.partition(":")
            if name != "r":
                found.append((step, pitch_of(name), int(length)))
            step += int(length)
        return tuple(found)


def pitch_of(name: str) -> int:
    """`C4` -> 60, `Bb4` -> 70, `F#5` -> 78."""
    return 12 * (int(name[-1]) + 1) + LETTERS[name[0]] + sum(SIGNS[sign] for sign in name[1:-1])


TUNES = {
    "pop": DemoTune(Metre(4, 4), """
        E5:4 D5:2 E5:2 G5:4 E5:4 | D5:6 B4:2 D5:8      | C5:4 B4:2 C5:2 E5:4 C5:4 | A4:6 C5:2 A4:8
        E5:4 D5:2 E5:2 G5:4 A5:4 | G5:6 D5:2 B4:8      | A4:2 C5:2 F5:4 E5:4 D5:4 | D5:4 C5:8 r:4
        A5:6 G5:2 E5:4 C5:4      | A5:6 G5:2 F5:8      | G5:6 F5:2 E5:4 G5:4      | D5:12 r:2 D5:2
        E5:4 A5:4 G5:4 E5:4      | F5:4 C5:4 A4:4 C5:4 | D5:4 E5:2 F5:2 E5:4 D5:4 | C5:12 r:4"""),
    "rock": DemoTune(Metre(4, 4), """
        A4:2 C5:2 D5:2 E5:6 D5:2 C5:2 | D5:6 B4:2 G4:8      | A4:2 C5:2 F5:2 E5:4 C5:2 D5:2 C5:2 | B4:6 D5:10
        E5:2 E5:2 G5:2 A5:6 G5:2 E5:2 | G5:6 D5:2 B4:8      | C5:2 D5:2 E5:2 F5:4 E5:2 D5:2 C5:2 | B4:4 C5:2 B4:2 A4:8
        G5:4 E5:2 G5:6 E5:4           | D5:6 G5:2 D5:8      | C5:4 A4:2 C5:6 E5:4                | F5:6 E5:2 C5:8
        G5:2 G5:2 A5:2 G5:6 E5:4      | D5:2 E5:2 G5:2 D5:6 B4:4 | C5:2 D5:2 E5:4 D5:2 B4:2 G4:4 | A4:12 r:4"""),
    "jazz": DemoTune(Metre(4, 4), """
        D5:4 F5:2 G5:2 A5:4 G5:2 F5:2           | E5:4 D5:2 C5:2 Bb4:8
        A4:4 C5:2 E5:4 G5:4 E5:2                | F#5:6 Eb5:2 D5:8
        Bb4:2 D5:2 F5:2 A5:4 G5:2 F5:2 D5:2     | E5:2 G5:2 Bb5:4 A5:2 G5:2 E5:4
        A5:6 G5:2 F5:4 C5:4                     | A4:8 r:8
        Eb5:2 G5:2 Bb5:4 A5:2 G5:2 Eb5:4        | A4:2 C5:2 Eb5:4 D5:4 C5:4
        D5:6 F5:2 A5:4 F5:4                     | Db5:6 F5:2 G5:4 Db5:4
        C5:2 E5:2 G5:4 F5:2 E5:2 C5:4           | F#5:4 A5:2 G5:2 F#5:4 Eb5:4
        D5:2 F5:2 Bb5:4 A5:2 G5:2 E5:4          | F5:12 r:4"""),
    "symphony": DemoTune(Metre(4, 4), """
        D5:8 F#5:6 G5:2      | A5:12 F#5:4         | B5:6 A5:2 G5:4 E5:4   | A5:4 E5:4 C#5:8
        D5:8 B4:6 C#5:2      | C#5:4 A4:4 F#4:8    | G4:4 B4:4 E5:4 C#5:4  | D5:12 r:4
        F#5:8 D5:6 E5:2      | G5:12 D5:4          | G5:6 F#5:2 E5:4 B4:4  | C#5:4 E5:4 A5:8
        D5:4 F#5:4 A5:6 B5:2 | B5:8 G5:4 D5:4      | E5:6 G5:2 F#5:4 E5:4  | D5:16"""),
    "bach": DemoTune(Metre(4, 4), """
        G4:4 A4:4 B4:4 G4:4      | C5:4 B4:4 A4:8  | B4:4 C5:4 D5:4 B4:4  | A4:2 G4:2 A4:4 G4:8
        D5:4 D5:4 E5:4 D5:4      | C5:2 B4:2 C5:4 B4:8 | B4:4 E5:4 D5:4 C#5:4 | D5:12 r:4
        D5:4 C5:4 B4:4 A4:4      | B4:4 C5:4 D5:8  | E5:4 D5:4 C5:4 B4:4  | A4:4 G4:4 F#4:8
        G4:4 A4:4 B4:4 C5:4      | D5:4 E5:2 D5:2 C5:4 B4:4 | C5:4 B4:4 A4:6 G4:2 | G4:16"""),
    "waltz": DemoTune(Metre(3, 4), """
        B4:4 D5:4 G5:4   | F#5:8 E5:4    | E5:4 C5:4 A4:4  | D5:12
        B4:4 D5:4 G5:4   | A5:8 G5:4     | F#5:4 E5:4 C#5:4 | D5:12
        C5:4 E5:4 A5:4   | G5:8 F#5:4    | B4:4 D5:4 G5:4  | F#5:4 E5:4 D5:4
        E5:8 G5:4        | D5:8 B4:4     | C5:4 A4:4 F#4:4 | G4:12"""),
}  # fmt: skip
"""by genre; other genres use the first one in their metre"""


def tune_for(genre: Genre) -> DemoTune:
    fitting = [tune for tune in TUNES.values() if tune.metre == genre.metre] or list(TUNES.values())
    own = TUNES.get(genre.name)
    return own if own in fitting else fitting[0]


def demo_melody(genre: Genre, bpm: float | None = None) -> MelodyTrack:
    """The melody for `genre`, as one read from a file would be, with the swing of the genre's page."""
    tune = tune_for(genre)
    axis = Axis.steady(bpm or genre.bpm, tune.metre, TICKS_PER_BEAT)
    messages: list[TrackMessage] = []
    for step, pitch, length in tune.notes():
        first = swung(step, genre.feel)
        last = first + GATE * (swung(step + length, genre.feel) - first)
        velocity = _velocity(step, length, tune.metre)
        for beat, message in ((first, note_on(1, pitch, velocity)), (last, note_off(1, pitch))):
            tick = round(beat * TICKS_PER_BEAT)
            messages.append(TrackMessage(tick, axis.second_at(tick), message))
    return MelodyTrack(axis, "melody", tuple(messages), messages[-1].tick)


def _velocity(step: int, length: int, metre: Metre) -> int:
    on_bar, on_beat = step % metre.bar_steps == 0, step % STEPS_PER_BEAT == 0
    return LOUD + BAR_ACCENT * on_bar + BEAT_ACCENT * on_beat + LONG_ACCENT * (length >= LONG_STEPS)
