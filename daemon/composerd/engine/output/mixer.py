"""Holds volumes, pans, instruments, mutes and solos, set by a part's name or role."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from composerd.music.genre import PLAYER_CHANNEL, Genre, Part
from composerd.music.metronome import METRONOME_CHANNEL
from composerd.music.midi import PAN, VOLUME, Midi, control, program

ORDINARY = 100
"""controller 7 after power-on (General MIDI 1)"""
FULL = 127
BAND, MASTER, METRONOME = "band", "master", "metronome"
"""names of further faders: of all parts, of all parts and the player, of the clicks"""
CENTRE = 64
"""controller 10 of the middle; 0 is left, 127 right"""


class Mixer:
    """Volumes, places, instruments, mutes and solos that the player chose."""

    def __init__(self) -> None:
        self._levels: dict[str, int] = {}
        """controller 7 by name or role of parts, and of BAND, MASTER and METRONOME; of others ORDINARY"""
        self._muted: set[str] = set()
        self._solo: set[str] = set()
        self._places: dict[str, int] = {}
        """controller 10 by name or role of parts; CENTRE for all others"""
        self._sent: dict[int, int] = {}
        """channel -> controller 7 last sent; ORDINARY if none was sent"""
        self._placed: dict[int, int] = {}
        """channel -> controller 10 sent for the current genre"""
        self._programs: dict[tuple[str, str], int] = {}
        """(genre's name, part's name) -> program that was chosen for it"""
        self._playing: dict[int, int] = {}
        """channel -> program sent in place of the genre's own"""

    def mute(self, part: str, on: bool | None) -> None:
        _turn(self._muted, part, on)

    def solo(self, part: str, on: bool | None) -> None:
        _turn(self._solo, part, on)

    def set_volume(self, who: str, level: int) -> None:
        """Set the volume of `who`: BAND, MASTER, METRONOME, or a part's name or role; `level`: controller 7."""
        self._levels[who] = level

    def set_place(self, who: str, place: int) -> None:
        """Set the pan of `who`, a part's name or role; `place`: controller 10."""
        self._places[who] = place

    def set_program(self, who: str, number: int | None, genre: Genre) -> None:
        """Have the parts of `genre` of that name or role play program `number`, 0 to 127; None: the genre's own."""
        for part in genre.parts:
            if who in (part.name, part.role):
                if number is None:
                    self._programs.pop((genre.name, part.name), None)
                else:
                    self._programs[genre.name, part.name] = number

    def program(self, who: str, genre: Genre) -> int | None:
        """The program that the first part of `genre` of that name or role plays; None: there is no such part."""
        found = (part for part in genre.parts if who in (part.name, part.role))
        return next((self._programs.get((genre.name, part.name), part.program) for part in found), None)

    def reset(self, genre: Genre) -> None:
        """Reset mutes, solos, volumes and pans of the band and its parts, and the instruments of `genre`.

        MASTER and METRONOME stay: they belong to the room, not to what is played.
        """
        self._muted.clear()
        self._solo.clear()
        self._places.clear()
        self._levels = {who: level for who, level in self._levels.items() if who in (MASTER, METRONOME)}
        for part in genre.parts:
            self._programs.pop((genre.name, part.name), None)

    def level(self, who: str) -> int:
        """Controller 7 that `who` was set to."""
        return self._levels.get(who, ORDINARY)

    def place(self, part: str) -> int:
        """Controller 10 set for the parts of that name or role; CENTRE if unset."""
        return self._places.get(part, CENTRE)

    @property
    def muted(self) -> tuple[str, ...]:
        return tuple(sorted(self._muted))

    @property
    def solos(self) -> tuple[str, ...]:
        return tuple(sorted(self._solo))

    def in_use(self, names: Iterable[str], genre: Genre) -> tuple[str, ...]:
        """Those of `names` that are the name or role of a part of `genre`."""
        here = {name for part in genre.parts for name in (part.name, part.role)}
        return tuple(name for name in names if name in here)

    def silent(self, part: Part, genre: Genre) -> bool:
        """Whether `part` of `genre` is muted, or another part of the genre is soloed."""
        names = {part.name, part.role}
        alone = self._solo & {name for one in genre.parts for name in (one.name, one.role)}
        return bool(names & self._muted) or (bool(alone) and not names & alone)

    def new_genre(self) -> None:
        """Clear the records of sent pans and programs, which sinks reset with a new genre."""
        self._placed.clear()
        self._playing.clear()

    def due_programs(self, genre: Genre) -> Iterator[tuple[int, Midi]]:
        """(part, message) for every channel whose part has another program than was last sent."""
        for i, part in enumerate(genre.parts):
            wanted = self._programs.get((genre.name, part.name), part.program)
            if self._playing.get(part.channel, part.program) != wanted:
                self._playing[part.channel] = wanted
                yield i, program(part.channel, wanted)

    def due_places(self, genre: Genre) -> Iterator[tuple[int, Midi]]:
        """(part, message) for every channel whose part has another pan than was last sent."""
        for i, part in enumerate(genre.parts):
            place = self._places.get(part.name, self._places.get(part.role))
            if place is None and part.channel in self._placed:
                place = CENTRE
            if place is not None and self._placed.get(part.channel) != place:
                self._placed[part.channel] = place
                yield i, control(part.channel, PAN, place)

    def due_volumes(self, genre: Genre, clicks: bool = False) -> Iterator[tuple[int | None, Midi]]:
        """(part or None, message) for every channel whose volume differs from the one last sent.

        None is the player, and with `clicks` the metronome.
        """
        master = self.level(MASTER)
        wanted: list[tuple[int | None, int, float]] = [(None, PLAYER_CHANNEL, master)]
        band = master * self.level(BAND) / ORDINARY
        wanted += [(i, part.channel, band * self._fader(part) / ORDINARY) for i, part in enumerate(genre.parts)]
        if clicks:
            wanted.append((None, METRONOME_CHANNEL, master * self.level(METRONOME) / ORDINARY))
        for part, channel, level in wanted:
            value = min(FULL, round(level))
            if self._sent.get(channel, ORDINARY) != value:
                self._sent[channel] = value
                yield part, control(channel, VOLUME, value)

    def _fader(self, part: Part) -> int:
        return self._levels.get(part.name, self.level(part.role))


def _turn(names: set[str], name: str, on: bool | None) -> None:
    if on if on is not None else name not in names:
        names.add(name)
    else:
        names.discard(name)
