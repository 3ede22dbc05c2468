"""Parts of a chart made from a played melody: its notes, and the sections in which it repeats."""

from __future__ import annotations

from composerd.music.charts.chart import Bar, ChartNote, ChartSection
from composerd.music.roll import MelodyRoll, Steps

GROUP_BARS = 8
"""unit in which repeated sections are searched [bars]"""
ALIKE = 0.7
"""least share of equal steps for two groups to be the same section"""


def sections_of(bars: list[Bar], tune: MelodyRoll, bar_steps: int) -> tuple[ChartSection, ...]:
    """Groups of bars as sections; groups with equal melodies have equal letters."""
    groups = [bars[first : first + GROUP_BARS] for first in range(0, len(bars), GROUP_BARS)]
    rolls = [tune.pitch[i * GROUP_BARS * bar_steps : (i + 1) * GROUP_BARS * bar_steps] for i in range(len(groups))]
    letters: list[int] = []
    for index, roll in enumerate(rolls):
        same = next((letters[i] for i in range(index) if alike(rolls[i], roll)), None)
        letters.append(max(letters, default=-1) + 1 if same is None else same)
    return tuple(
        ChartSection(chr(65 + min(25, letter)), tuple(own)) for letter, own in zip(letters, groups, strict=True)
    )


def alike(one: Steps, other: Steps) -> bool:
    """Whether two stretches of melody are equally long and the same on most steps."""
    if len(one) != len(other):
        return False
    counts = (one >= 0) | (other >= 0)
    return bool(counts.any()) and float(((one == other) & counts).sum() / counts.sum()) >= ALIKE


def notes_of(tune: MelodyRoll) -> tuple[ChartNote, ...]:
    """The melody from the chart's start on."""
    notes: list[ChartNote] = []
    for step in range(len(tune.pitch)):
        pitch = int(tune.pitch[step])
        if pitch < 0:
            continue
        if not tune.onset[step] and notes and notes[-1].pitch == pitch and notes[-1].step + notes[-1].length == step:
            notes[-1] = ChartNote(notes[-1].step, notes[-1].length + 1, pitch)
        else:
            notes.append(ChartNote(step, 1, pitch))
    return tuple(notes)
