"""The inbox and its messages; those with a module of their own (requests, answers, snapshots) are found here too.

All are frozen; moments are seconds of the inbox's clock.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from composerd.engine.command_table import Command
from composerd.engine.controls.page import Control, ControlMap
from composerd.engine.output.played import Played as Played
from composerd.engine.requests import Composed as Composed
from composerd.engine.requests import Directions as Directions
from composerd.engine.requests import Mode as Mode
from composerd.engine.requests import Request as Request
from composerd.engine.settings import EngineSettings
from composerd.engine.snapshot import Snapshot as Snapshot
from composerd.engine.song.loaded import SongLoaded as SongLoaded
from composerd.music.charts.chart import Chart
from composerd.music.genre import Genre
from composerd.music.midi import Midi
from composerd.music.songbook import Songbook


@dataclass(frozen=True, slots=True)
class KeyboardMessage:
    """A channel message from the player's keyboard."""

    at: float
    message: Midi
    mapped: bool = True
    """whether the keyboard's page may map it to a command; not for keys on a screen"""


@dataclass(frozen=True, slots=True)
class KeyboardChanged:
    """The keyboard was attached (`name`) or went away (None): what it held is released."""

    at: float
    name: str | None
    usb: str = ""
    """USB id `vendor:product` in hexadecimal; empty if unknown"""
    controls: ControlMap | None = None
    """commands of its keys and knobs; None: unchanged"""


@dataclass(frozen=True, slots=True)
class HoldKeyboard:
    """Ignore the keyboard's messages from now on, while `learn` reads them, or no longer."""

    on: bool


@dataclass(frozen=True, slots=True)
class ControlsChanged:
    """The page of the keyboard called `name` was read again."""

    name: str
    controls: ControlMap


@dataclass(frozen=True, slots=True)
class Finish:
    """Bring the music to its end, then end the program."""

    reason: str = ""


@dataclass(frozen=True, slots=True)
class Stop:
    """End the program at once."""

    reason: str = ""


@dataclass(frozen=True, slots=True)
class SetEngine:
    """Settings that were read again; they apply from the next decision on."""

    settings: EngineSettings


@dataclass(frozen=True, slots=True)
class TimedCommand:
    """A command with the moment it was given, which may be past; a command alone is given now."""

    at: float
    command: Command


@dataclass(frozen=True, slots=True)
class ClockHeard:
    """A byte of MIDI clock: 0xF8 tick, 0xFA start, 0xFB continue, 0xFC stop, 0xF2 song position."""

    at: float
    status: int
    position: int = 0
    """of 0xF2: 16ths since the start of the song"""


@dataclass(frozen=True, slots=True, eq=False)
class Crashed:
    """A thread failed with an unforeseen error: the conductor raises it and the program ends."""

    error: BaseException


@dataclass(frozen=True, slots=True)
class KeepLoop:
    """For the app: store `chart` as the chord loop of `slot`; None: delete the stored one."""

    slot: str
    chart: Chart | None


@dataclass(frozen=True, slots=True)
class KeepPreset:
    """For the app: store `values` (word of a command -> value, or part -> value) as the preset `name`."""

    name: str
    values: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class PresetLoaded:
    """A preset's commands, to be carried out in order, and its controls on top of the keyboard's page."""

    name: str
    commands: tuple[Command, ...]
    controls: tuple[Control, ...] = ()


@dataclass(frozen=True, slots=True)
class SetListMoved:
    """The set list that is open and the entry that plays, from 1; without a name: none is open."""

    name: str = ""
    entry: int = 0
    entries: tuple[str, ...] = ()

    def __str__(self) -> str:
        """For the status line."""
        if not self.name:
            return ""
        after = f", then {self.entries[self.entry]}" if self.entry < len(self.entries) else ""
        return f"{self.name} {self.entry} of {len(self.entries)}: {self.entries[self.entry - 1]}{after}"


@dataclass(frozen=True, slots=True)
class LoopsKept:
    """The slots that hold a chord loop."""

    slots: frozenset[str]


@dataclass(frozen=True, slots=True, eq=False)
class SongbookLoaded:
    """The learned songs that are recognised from the next performance on (`engine.memory: book`)."""

    book: Songbook


@dataclass(frozen=True, slots=True)
class GenreLoaded:
    """A genre is ready to be played from the next bar line on."""

    genre: Genre
    notice: str = ""
    """the reason why the rules of `plain` play it instead of its model; empty if the model does"""


Delegated = Command | KeepLoop | KeepPreset
"""commands that the app carries out"""
Message = (
    KeyboardMessage
    | KeyboardChanged
    | ClockHeard
    | Composed
    | Crashed
    | Finish
    | Stop
    | SetEngine
    | GenreLoaded
    | SongLoaded
    | SongbookLoaded
    | LoopsKept
    | PresetLoaded
    | SetListMoved
    | HoldKeyboard
    | ControlsChanged
    | TimedCommand
    | Command
)


class Inbox(Protocol):
    """The program's only clock and its only wait."""

    def now(self) -> float:
        """Seconds of a monotonic clock."""
        ...

    def receive(self, until: float) -> Message | None:
        """The next message, or None once `until` has come. A message that is there wins over the moment."""
        ...
