"""Textures of parts: from a chord and a rhythm's character to pitches, led from those that sounded before."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from composerd.music.arranging.pattern_tables import (  # fmt: skip
    BASS,
    CHORDS,
    DOUBLE,
    LOW,
    PAD,
    STRIKES,
    WALK,
    PartTable,
)
from composerd.music.arranging.scene import MAJOR, MINOR, Scene
from composerd.music.arranging.voicing import Pitches, nearest, voiced
from composerd.music.chords import Chord
from composerd.music.genre import Part

_LID_FROM = 62
"""melody pitch below which parts are not kept under the melody"""


@dataclass(frozen=True, slots=True)
class PatternEvent:
    """A character of a rhythm and its length. `moved`: it continues over a chord change; common tones are held."""

    start: int
    end: int
    char: str
    chord: Chord
    moved: bool = False


@dataclass(frozen=True, slots=True)
class VoicedChord:
    """The pitches to sound, and the full voicing from which the next one is led."""

    pitches: Pitches
    voicing: Pitches


Texture = Callable[[Scene, Part, PartTable, PatternEvent, Pitches, bool], VoicedChord]
"""(scene, part, its table, event, previous voicing, whether the chord is unchanged) -> voiced chord"""


def _chordal(
    scene: Scene, part: Part, table: PartTable, event: PatternEvent, before: Pitches, same: bool
) -> VoicedChord:
    if not same or not before:
        sung = scene.sung(event.start)
        lid = sung if sung is not None and sung >= _LID_FROM else 128
        voices = max(1, min(part.voices, table.voices))
        before = voiced(event.chord, before, part.low, part.high, voices, lid, table.rootless)
    if event.char == DOUBLE and before and (sung := scene.sung(event.start)) is not None:
        return VoicedChord(_doubled(sung, event.chord, part), before)
    if event.char == "n" and before:
        return VoicedChord((_neighbour(scene, before[-1], part),), before)
    return VoicedChord(_selected(event.char, before), before)


def _doubled(sung: int, chord: Chord, part: Part) -> Pitches:
    """The melody in the part's range, an octave lower if there is room, and a chord tone below it."""
    pitch = nearest(sung % 12, sung - 12 if sung - 12 >= part.low + 4 else sung, part.low, part.high)
    below = [tone for tone in range(max(part.low, pitch - 9), pitch - 2) if tone % 12 in chord.pitch_classes]
    return (below[-1], pitch) if below and part.voices > 1 else (pitch,)


def _neighbour(scene: Scene, pitch: int, part: Part) -> int:
    """The next tone of the key's scale above a pitch, else below it."""
    key, scale = scene.plan.key or 0, MINOR if scene.plan.minor else MAJOR
    ways = (pitch + 1, pitch + 2, pitch - 1, pitch - 2)
    return next((tone for tone in ways if part.low <= tone <= part.high and (tone - key) % 12 in scale), pitch)


def _selected(char: str, voicing: Pitches) -> Pitches:
    if char.isdigit():
        return (voicing[min(int(char), len(voicing)) - 1],) if voicing else ()
    cut = {"o": slice(1, None), "t": slice(-2, None), "b": slice(0, 2)}
    if char == "w" and len(voicing) > 1:
        return (voicing[0], voicing[-1])
    return voicing[cut.get(char, slice(None))] or voicing


def _bass(scene: Scene, part: Part, table: PartTable, event: PatternEvent, before: Pitches, same: bool) -> VoicedChord:  # noqa: ARG001 - a Texture
    root = _root(part, event.chord, before)
    pitch = root
    if event.char in _STEPS_UP:
        above = root + _interval(event.chord, event.char)
        pitch = above if above <= part.high else max(part.low, above - 12)
    elif event.char == "a":
        pitch = _approach(scene, part, root, _root(part, _next_chord(scene, event), (root,)), event)
    return VoicedChord((pitch,), (root,))


_STEPS_UP = {"3": 1, "5": 2, "8": 0}
"""Place of the tone among the chord's intervals."""


def _interval(chord: Chord, char: str) -> int:
    place = _STEPS_UP[char]
    return 12 if place == 0 else (chord.pitch_classes[place] - chord.root) % 12


def _root(part: Part, chord: Chord, before: Pitches) -> int:
    """The chord's bass note in the lower part of the range, near the last one."""
    home = part.low + 8
    to = (2 * home + before[0]) // 3 if before else home
    return nearest(chord.bass_class, to, part.low, part.high)


def _next_chord(scene: Scene, event: PatternEvent) -> Chord:
    planned = scene.plan.at(event.end)
    return planned.chord if planned else event.chord


def _approach(scene: Scene, part: Part, pitch: int, target: int, event: PatternEvent) -> int:
    """An approach note: a step below or above the next root, whichever is nearer; the fifth if the chord stays."""
    if target == pitch:
        return nearest(event.chord.pitch_classes[2], pitch, part.low, part.high)
    side = -1 if pitch < target else 1
    step = 1 if scene.draw(event.start, 5) < 0.3 + 0.4 * scene.creativity else 2
    near = target + side * step
    return near if part.low <= near <= part.high else max(part.low, min(part.high, target - side * step))


def _walk(scene: Scene, part: Part, table: PartTable, event: PatternEvent, before: Pitches, same: bool) -> VoicedChord:  # noqa: ARG001 - a Texture
    """A line of chord tones that reaches each new root by step."""
    last = before[-1] if before else part.low + 10
    coming = _next_chord(scene, event)
    if not same:
        pitch = nearest(event.chord.bass_class, (2 * last + part.low + 12) // 3, part.low, part.high)
    elif coming != event.chord:
        target = nearest(coming.bass_class, last, part.low, part.high)
        pitch = _approach(scene, part, last, target, event)
    else:
        tones = [pitch for pitch in range(part.low, part.high + 1) if pitch % 12 in event.chord.pitch_classes]
        upwards = scene.draw(event.start // 8, 6) < (0.75 if last < part.low + 10 else 0.3)
        beside = [tone for tone in tones if (last < tone <= last + 7 if upwards else last - 7 <= tone < last)]
        stay = nearest(event.chord.bass_class, last, part.low, part.high)
        pitch = min(beside or tones, key=lambda tone: abs(tone - last) if tone != last else 99, default=stay)
    return VoicedChord((pitch,), (pitch,))


def _low(_: Scene, part: Part, table: PartTable, event: PatternEvent, before: Pitches, same: bool) -> VoicedChord:
    """The root, and the chord above it, as cellos and violas over basses."""
    root = _root(part, event.chord, before[:1])
    above = before[1:]
    voices = min(part.voices, table.voices) - 1
    if (not same or not above) and voices > 0:
        above = voiced(event.chord, above, min(root + 7, part.high), part.high, voices)
    whole = (root, *(pitch for pitch in above if pitch != root))
    return VoicedChord(whole[:1] if event.char == "1" else whole, whole)


def _strikes(
    scene: Scene,
    part: Part,
    _table: PartTable,
    event: PatternEvent,
    _before: Pitches,
    _same: bool,
) -> VoicedChord:
    """Two drums: the tonic and the dominant where the chord has them, else its root."""
    key = scene.plan.key if scene.plan.key is not None else event.chord.root
    tuned = [pitch for pitch in (key, (key + 7) % 12) if pitch in event.chord.pitch_classes] or [event.chord.root]
    pitch = nearest(tuned[-1 if event.char == "5" else 0], (part.low + part.high) // 2, part.low, part.high)
    return VoicedChord((pitch,), (pitch,))


TEXTURES: dict[str, Texture] = {
    CHORDS: _chordal, PAD: _chordal, BASS: _bass, WALK: _walk, LOW: _low, STRIKES: _strikes,
}  # fmt: skip
