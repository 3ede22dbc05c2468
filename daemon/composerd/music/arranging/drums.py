"""Drums: a groove held over a section and varied now and then, fills at the ends of groups, crashes after them."""

from __future__ import annotations

from composerd.music.arranging.drum_tables import (
    CLOSED,
    CRASH,
    DRUMS,
    KICK,
    OPEN,
    RIDE,
    STROKES,
    DrumPattern,
    DrumTable,
)
from composerd.music.arranging.fills import fill, fill_length
from composerd.music.arranging.pattern_tables import FAST_BPM
from composerd.music.arranging.patterns import fitted, half_time
from composerd.music.arranging.scene import GROUP_BARS, SECTION_BARS, Scene
from composerd.music.genre import Part
from composerd.music.metre import Metre
from composerd.music.notes import PartNote

_JAZZ_FAST_BPM = 230.0
_CYMBALS = (CLOSED, OPEN, RIDE)


def drummed(scene: Scene, index: int, part: Part) -> list[PartNote]:
    """The strokes in [scene.first, scene.until); at and after an ending only its crash."""
    table = DRUMS.get(scene.style, DRUMS["pop"])
    strokes: dict[tuple[int, int], float] = {}
    step = scene.grid.bar_line(scene.first)
    while step < scene.until and (scene.ending_at is None or step < scene.ending_at):
        for at, key, factor in _bar(scene, table, step):
            strokes[at, key] = factor
        step = scene.grid.next_bar_line(step)
    if scene.ending_at is not None:
        strokes |= {(scene.ending_at, KICK): 1.1, (scene.ending_at, CRASH): 1.1}
    return [
        PartNote(at, index, key, max(1, min(127, round(part.loudness * factor))), 1)
        for (at, key), factor in sorted(strokes.items())
        if scene.first <= at < scene.until and (scene.ending_at is None or at <= scene.ending_at)
    ]


def _bar(scene: Scene, table: DrumTable, bar_line: int) -> list[tuple[int, int, float]]:
    """(step, key, velocity factor) of one bar."""
    place = scene.grid.place(bar_line)
    groove = _groove(scene, table, place.bar, place.metre)
    length = fill_length(scene, bar_line)
    ends = bar_line + place.bar_steps - length
    strokes = [
        (bar_line + at, key, STROKES[char])
        for key, line in groove
        for at, char in enumerate(line)
        if char in STROKES and bar_line + at < ends
    ]
    if length:
        strokes += fill(scene, bar_line, length)
    if scene.begins_section(bar_line) and scene.style != "jazz":
        strokes = [stroke for stroke in strokes if stroke[0] > bar_line or stroke[1] not in _CYMBALS]
        strokes.append((bar_line, CRASH, 1.05))
    return strokes


def _groove(scene: Scene, table: DrumTable, bar: int, metre: Metre) -> list[tuple[int, str]]:
    halved = scene.bpm > (_JAZZ_FAST_BPM if scene.style == "jazz" else FAST_BPM) and metre.bar_steps % 16 == 0
    count = bar // 2 if halved else bar
    lines = _chosen(scene, table, count, metre).lines
    found = [(key, fitted(line, metre)) for key, line in lines]
    return [(key, half_time(line, bar % 2 == 1)) for key, line in found] if halved else found


def _chosen(scene: Scene, table: DrumTable, count: int, metre: Metre) -> DrumPattern:
    options = table.b if scene.variation == "B" else table.a
    if metre.bar_steps == 12 and metre.pulse_steps == 4:
        options = table.three
    varied = scene.draw(count, 13) >= table.keep + (0.5 - scene.creativity) * (1 - table.keep)
    number = scene.draw(count // GROUP_BARS, 14) if varied else scene.draw(count // SECTION_BARS, 15)
    return options[int(number * len(options))]
