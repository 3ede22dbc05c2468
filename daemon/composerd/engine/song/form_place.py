"""Positions in a song's form: of a bar, laid out in the performance, and for display."""

from __future__ import annotations

from dataclasses import dataclass

from composerd.music.charts.chart import Bar


@dataclass(frozen=True, slots=True)
class FormPlace:
    """The position of a bar in the form: section, bar and chorus."""

    part: str
    section: int
    """index in the chart"""
    bar: int
    """from 0 in the section"""
    chorus: int = 1


@dataclass(frozen=True, slots=True)
class LaidBar:
    """A bar with its first step in the performance."""

    step: int
    bar: Bar
    place: FormPlace
    ends_section: bool

    @property
    def end(self) -> int:
        return self.step + self.bar.metre.bar_steps


@dataclass(frozen=True, slots=True)
class SongPosition:
    """The position in a song for display, with the chart's names."""

    title: str
    section: str
    bar: int
    """from 1"""
    bars: int
    chorus: int
    ahead: tuple[str, ...]
    """names of the next chords"""
    stays: bool = False

    def __str__(self) -> str:
        section = f"{self.section}, " if self.section else ""
        stays = ", staying" if self.stays else ""
        return f"{section}chorus {self.chorus}, bar {self.bar} of {self.bars}{stays}"
