"""The start of a performance in jam mode."""

from __future__ import annotations

from dataclasses import dataclass

from composerd.music.metre import BarGrid
from composerd.music.tempo import Tempo


@dataclass(frozen=True, slots=True)
class JamStart:
    """The first tempo, bars and step of a performance, and whether a key, a control or a clock started it."""

    tempo: Tempo
    grid: BarGrid
    first: int
    """its first step"""
    number: int
    """counts the performances of a mode"""
    count_in: int = 0
    """steps clicked before step 0"""
    waiting: bool = False
    """started by a control or a clock: the drums keep time alone until the first key"""
    clocked: bool = False
    """led by another machine's clock"""
    given: bool = False
    """the bars are given by a file"""
    rests_end: bool = True
    """bars without a key end the performance"""
    intro: bool = False
    """a song begins with its intro"""
