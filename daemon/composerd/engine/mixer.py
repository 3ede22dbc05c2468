"""The mixing desk: volumes as controller 7 of each channel, mutes and solos by a part's name or role."""

from __future__ import annotations

from collections.abc import Iterator

from composerd.music.genre import PLAYER_CHANNEL, Genre, Part
from composerd.music.midi import VOLUME, Midi, control

ORDINARY = 100
"""controller 7 after power-on (General MIDI 1)"""
FULL = 127
ORDINARY_LEVEL = ORDINARY / FULL


class Mixer:
    def __init__(self) -> None:
        self.master = self.band = ORDINARY_LEVEL
        """levels, 0 to 1"""
        self._parts: dict[str, float] = {}
        """levels of parts, by name or role"""
        self._muted: set[str] = set()
        self._solo: set[str] = set()
        self._sent: dict[int, int] = {}
        """channel -> controller 7 it was last given; a channel never given one stands at ORDINARY"""

    def mute(self, part: str, on: bool | None) -> None:
        _turn(self._muted, part, on)

    def solo(self, part: str, on: bool | None) -> None:
        _turn(self._solo, part, on)

    def set_volume(self, who: str, level: float) -> None:
        """`who`: band, master, or a part's name or role."""
        if who == "band":
            self.band = level
        elif who == "master":
            self.master = level
        else:
            self._parts[who] = level

    def silent(self, part: Part) -> bool:
        names = {part.name, part.role}
        return bool(names & self._muted) or (bool(self._solo) and not names & self._solo)

    def due_volumes(self, genre: Genre) -> Iterator[tuple[int | None, Midi]]:
        """(part or None for the player, message) for every channel whose volume differs from what it was given."""
        wanted: list[tuple[int | None, int, float]] = [(None, PLAYER_CHANNEL, self.master)]
        band = self.master * self.band / ORDINARY_LEVEL
        wanted += [(i, part.channel, band * self._factor(part)) for i, part in enumerate(genre.parts)]
        for part, channel, level in wanted:
            value = max(0, min(FULL, round(FULL * level)))
            if self._sent.get(channel, ORDINARY) != value:
                self._sent[channel] = value
                yield part, control(channel, VOLUME, value)

    def _factor(self, part: Part) -> float:
        level = self._parts.get(part.name, self._parts.get(part.role, ORDINARY_LEVEL))
        return level / ORDINARY_LEVEL


def _turn(names: set[str], name: str, on: bool | None) -> None:
    if on if on is not None else name not in names:
        names.add(name)
    else:
        names.discard(name)
