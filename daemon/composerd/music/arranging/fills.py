"""The places and the strokes of drum fills."""

from __future__ import annotations

from composerd.music.arranging.drum_tables import FILL_KEYS, FILLS
from composerd.music.arranging.patterns import pick
from composerd.music.arranging.scene import GROUP_BARS, SECTION_BARS, Scene

SHORT, LONG = 4, 8
"""length of the fills that end a group, and a section [steps]"""
FROM, TO = 0.85, 1.12
"""velocity factors of a fill's first and last stroke: a crescendo"""


def fill_length(scene: Scene, bar_line: int) -> int:
    """Length of the fill that ends the bar at `bar_line` [steps]; 0 for none."""
    place, end = scene.grid.place(bar_line), scene.grid.next_bar_line(bar_line)
    if scene.fill_until == end or scene.ending_at == end:
        return min(place.bar_steps, 16 if scene.fill_until == end else LONG)
    bar = scene.bar_in_section(bar_line) + 1
    if end in scene.sections or (bar % SECTION_BARS == 0 and not scene.sections):
        length = LONG
    elif bar % GROUP_BARS == 0:
        length = SHORT
    else:
        return 0
    return min(length, place.bar_steps // 2)


def fill(scene: Scene, bar_line: int, length: int) -> list[tuple[int, int, float]]:
    """(step, key, velocity factor) of the strokes in the last `length` steps of the bar."""
    end = scene.grid.next_bar_line(bar_line)
    size = next(size for size in sorted(FILLS) if size >= length)
    line = pick(FILLS[size], scene.seed, end, 12)[-length:]
    first = end - length
    return [
        (first + at, FILL_KEYS[char], FROM + (TO - FROM) * at / max(1, length - 1))
        for at, char in enumerate(line)
        if char in FILL_KEYS
    ]
