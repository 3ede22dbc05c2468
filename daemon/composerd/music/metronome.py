"""The metronome: a click on every pulse of the bar, with an accent on the first."""

from __future__ import annotations

from composerd.music.metre import BarGrid
from composerd.music.midi import Midi, note_off, note_on

METRONOME_CHANNEL = 16
METRONOME_PROGRAM = 115
"""General MIDI wood block, a melodic program: it sounds on every channel of every synth"""
_ACCENT, _PULSE = (84, 112), (77, 88)
"""(pitch, velocity)"""
COUNT_IN_BARS = 1


def clicks(grid: BarGrid, first: int, until: int) -> tuple[tuple[int, Midi, Midi], ...]:
    """(step, note-on, note-off) of every click in steps [first, until)."""
    found = []
    for step in range(first, until):
        place = grid.place(step)
        if place.step % place.metre.pulse_steps == 0:
            pitch, velocity = _PULSE if place.step else _ACCENT
            found.append((step, note_on(METRONOME_CHANNEL, pitch, velocity), note_off(METRONOME_CHANNEL, pitch)))
    return tuple(found)
