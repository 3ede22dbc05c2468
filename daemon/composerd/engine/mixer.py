"""The mixing desk: volumes and places as controllers 7 and 10 of channels, mutes and solos by a part's name or role."""

from __future__ import annotations

from collections.abc import Iterator

from composerd.music.genre import PLAYER_CHANNEL, Genre, Part
from composerd.music.metronome import METRONOME_CHANNEL
from composerd.music.midi import PAN, VOLUME, Midi, control

ORDINARY = 100
"""controller 7 after power-on (General MIDI 1)"""
FULL = 127
ORDINARY_LEVEL = ORDINARY / FULL
METRONOME = "metronome"
"""whose fader is the clicks'"""
CENTRE = 64
"""controller 10 of the middle; 0 is left, 127 right"""


class Mixer:
    def __init__(self) -> None:
        self.master = self.band = ORDINARY_LEVEL
        """levels, 0 to 1"""
        self._parts: dict[str, float] = {}
        """levels of parts, by name or role"""
        self._muted: set[str] = set()
        self._solo: set[str] = set()
        self._places: dict[str, float] = {}
        """places of parts, by name or role, -1 to 1; the others stand where a sink or synth has put them"""
        self._sent: dict[int, int] = {}
        """channel -> controller 7 it was last given; a channel never given one stands at ORDINARY"""
        self._placed: dict[int, int] = {}
        """channel -> controller 10 it was given for the genre that plays"""

    def mute(self, part: str, on: bool | None) -> None:
        _turn(self._muted, part, on)

    def solo(self, part: str, on: bool | None) -> None:
        _turn(self._solo, part, on)

    def set_volume(self, who: str, level: float) -> None:
        """`who`: band, master, metronome, or a part's name or role."""
        if who == "band":
            self.band = level
        elif who == "master":
            self.master = level
        else:
            self._parts[who] = level

    def set_place(self, who: str, place: float) -> None:
        """`who`: a part's name or role; `place`: -1 left to 1 right."""
        self._places[who] = place

    def level(self, part: str) -> float:
        """The fader of the parts of that name or role, 0 to 1."""
        return self._parts.get(part, ORDINARY_LEVEL)

    def place(self, part: str) -> float:
        """Where the parts of that name or role were put, 0 where nobody did."""
        return self._places.get(part, 0.0)

    @property
    def muted(self) -> tuple[str, ...]:
        return tuple(sorted(self._muted))

    @property
    def solos(self) -> tuple[str, ...]:
        return tuple(sorted(self._solo))

    def silent(self, part: Part, genre: Genre) -> bool:
        """Whether `part` of `genre` is not to be heard; a solo of parts that it does not have silences nobody."""
        names = {part.name, part.role}
        alone = self._solo & {name for one in genre.parts for name in (one.name, one.role)}
        return bool(names & self._muted) or (bool(alone) and not names & alone)

    def new_genre(self) -> None:
        """The listeners have put everybody where the new genre's parts stand by themselves."""
        self._placed.clear()

    def due_places(self, genre: Genre) -> Iterator[tuple[int, Midi]]:
        """(part, message) for every channel whose part was put elsewhere than its channel was last told."""
        for i, part in enumerate(genre.parts):
            place = self._places.get(part.name, self._places.get(part.role))
            if place is None:
                continue
            value = max(0, min(FULL, round(CENTRE + CENTRE * place)))
            if self._placed.get(part.channel) != value:
                self._placed[part.channel] = value
                yield i, control(part.channel, PAN, value)

    def due_volumes(self, genre: Genre, clicks: bool = False) -> Iterator[tuple[int | None, Midi]]:
        """(part or None, message) for every channel whose volume differs from what it was given.

        None is the player, and with `clicks` the metronome.
        """
        wanted: list[tuple[int | None, int, float]] = [(None, PLAYER_CHANNEL, self.master)]
        band = self.master * self.band / ORDINARY_LEVEL
        wanted += [(i, part.channel, band * self._factor(part)) for i, part in enumerate(genre.parts)]
        if clicks:
            wanted.append((None, METRONOME_CHANNEL, self.master * self.level(METRONOME) / ORDINARY_LEVEL))
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
