"""Performance timing and dynamics: swing, micro-timing, accents, and seeded random deviations."""

from __future__ import annotations

from dataclasses import replace

from composerd.music.genre import Feel, Part
from composerd.music.metre import STEPS_PER_BEAT, BarGrid
from composerd.music.notes import PartNote

_MASK = (1 << 64) - 1


def swung(step: float, feel: Feel) -> float:
    """The beat at which grid position `step` sounds: the second half of each pair of swung units comes later.

    Swing 0 leaves it at half of the pair, swing 1 puts it at two thirds (a triplet); in between, time is stretched
    linearly, so that what lies between and note ends bend along.
    """
    if not feel.swing:
        return step / STEPS_PER_BEAT
    pair = 2 * feel.swing_steps
    start, within = divmod(step, pair)
    turn = pair * (0.5 + feel.swing / 6)
    half = pair / 2
    bent = within * turn / half if within < half else turn + (within - half) * (pair - turn) / half
    return (start * pair + bent) / STEPS_PER_BEAT


def unswung(beat: float, feel: Feel) -> float:
    """The grid position that sounds at `beat`: the inverse of `swung`."""
    position = beat * STEPS_PER_BEAT
    if not feel.swing:
        return position
    pair = 2 * feel.swing_steps
    start, within = divmod(position, pair)
    turn, half = pair * (0.5 + feel.swing / 6), pair / 2
    return start * pair + (within * half / turn if within < turn else half + (within - turn) * half / (pair - turn))


def place(note: PartNote, part: Part, feel: Feel, grid: BarGrid, bpm: float, seed: int) -> tuple[float, float, int]:
    """Beats at which `note` begins and ends, and its velocity 1 to 127."""
    on, off = _beat(note.step, feel, grid), _beat(note.end, feel, grid)
    at = grid.place(note.step)
    ms = feel.push_ms.get(part.name, 0.0)
    if timing := feel.timing_ms.get(part.name):
        ms += timing[at.step % len(timing)]
    velocity = float(note.velocity)
    accents = feel.accents if part.reacts else feel.drum_accents.get(note.pitch, feel.accents)
    if accents:
        velocity *= accents[at.step % len(accents)]
    if lean := feel.lean.get(part.name):
        velocity += lean * _noise(seed, replace(note, pitch=0))[1]
    if feel.humanise_ms or feel.humanise_velocity:
        time_noise, touch_noise = _noise(seed, note)
        ms += time_noise * feel.humanise_ms if part.reacts else 0.0  # drums are as even as a drummer
        velocity += touch_noise * feel.humanise_velocity
    shift = ms / 1000 * bpm / 60
    return on + shift, off + shift, max(1, min(127, round(velocity)))


def _beat(step: int, feel: Feel, grid: BarGrid) -> float:
    """Start of the swing pair of a step. Pairs are counted from the bar line, so each bar of 7/8 swings alike."""
    if not feel.swing:
        return step / STEPS_PER_BEAT
    line = grid.bar_line(step)
    return line / STEPS_PER_BEAT + swung(step - line, feel)


def _noise(seed: int, note: PartNote) -> tuple[float, float]:
    """Two random numbers of mean 0 and variance 1, at most 1.73 in size, determined by note and seed."""
    bits = mixed(seed * 1_000_003 + note.step * 8191 + note.part * 131 + note.pitch)
    low, high = bits & 0xFFFFFFFF, bits >> 32
    return (low / 0xFFFFFFFF - 0.5) * 12**0.5, (high / 0xFFFFFFFF - 0.5) * 12**0.5


def mixed(value: int) -> int:
    """SplitMix64's finaliser (Steele, Lea & Flood 2014): well-spread bits of an integer."""
    value = (value + 0x9E3779B97F4A7C15) & _MASK
    value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) & _MASK
    return value ^ (value >> 31)
