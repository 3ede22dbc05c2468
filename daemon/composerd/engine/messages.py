"""Messages of the inbox, requests to the composer, its answers. Frozen; moments are seconds of the inbox's clock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

from composerd.engine.command_table import Command, Standing
from composerd.engine.settings import EngineSettings
from composerd.music.charts.chart import Chart
from composerd.music.chords import ChordPlan
from composerd.music.genre import Genre
from composerd.music.harmony.encoding import BelowRoll
from composerd.music.harmony.key import Key
from composerd.music.metre import BarGrid
from composerd.music.metronome import METRONOME_CHANNEL
from composerd.music.midi import Midi
from composerd.music.notes import PartNote, Section
from composerd.music.recall import extended
from composerd.music.roll import BandRoll, MelodyRoll
from composerd.music.songbook import Songbook

if TYPE_CHECKING:
    from composerd.engine.controls.keyboard_map import Control, ControlMap


class Mode(Enum):
    """How the band plays: along with the player, or after a phrase."""

    JAM = "jam"
    PHRASE = "phrase"


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
    """The keyboard's messages are ignored from now on (`learn` listens to it), or no longer."""

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


@dataclass(frozen=True, slots=True)
class Directions:
    """Directions for the generator over the steps of a request."""

    variation: str = "A"
    """A: ordinary, B: fuller"""
    creativity: float = 0.3
    """0 = the safest choice, 1 = the boldest: sampling temperature and density, and above 0.3 substitute chords"""
    fill_until: int | None = None
    """bar line (step) that a requested fill leads to"""
    ending_at: int | None = None
    """step of the final chord, once the end is requested"""
    sections: tuple[int, ...] = ()
    """steps on which a song's sections begin, in order; empty: no song is played, groups of bars count from bar 1"""
    key: Key | None = None
    """the key, if the player has set it"""
    again: bool = False
    """whether the section is played a second time, or more often: a little fuller"""


@dataclass(frozen=True, slots=True, eq=False)
class Request:
    """The inputs of a generator's decision, which it answers with `Composed` of the same serial.

    Harmony parts (`genre.harmony_parts`) are decided over [step, until), drums over [drums_from, drums_until): an empty
    range asks for nothing. `genre.parts` index i is row i of `band.cells`.
    Every step of `melody` up to `melody.end` has been heard; nothing later is known. In jam `melody.end` is `step + 1`
    when the key of the step was heard, `step` when not; in phrase mode it is the end of the phrase.
    """

    serial: int
    mode: Mode
    genre: Genre
    grid: BarGrid
    bpm: float
    step: int
    until: int
    drums_from: int
    drums_until: int
    harmony_from: int
    """no harmony sounds before this step (the harmony enters a bar after the drums)"""
    melody: MelodyRoll
    band: BandRoll
    """the band's own past, up to `step` (drums: up to `drums_from`)"""
    ahead: MelodyRoll | None = None
    """the melody to come from `melody.end` on, as it is remembered from a place that was played before: a guess, which
    plans may be made with"""
    returning: tuple[PartNote, ...] = ()
    """what the pitched parts played where the tune stood before, moved to the steps of this request"""
    performance: int = 0
    """counts up at every sync start: what was learned of key and form belongs to one performance"""
    directions: Directions = Directions()
    seed: int = 0
    plan: ChordPlan | None = None
    """chords that the player plays: as far as they reach, the generator's own plan is to follow them
    (`ChordPlan.led_by`)"""
    below: BelowRoll | None = None
    """what the player plays below the melody, where it is anything"""

    @property
    def foreseen(self) -> MelodyRoll:
        """The melody heard, and after it what is remembered of how it goes on."""
        return self.melody if self.ahead is None else extended(self.melody, self.ahead)

    @property
    def foreseen_until(self) -> int:
        """The step up to which plans are worth making."""
        return max(self.until, self.drums_until, 0 if self.ahead is None else self.ahead.end)


@dataclass(frozen=True, slots=True)
class Composed:
    """A generator's answer."""

    serial: int
    sections: tuple[Section, ...]
    plan: ChordPlan = field(default_factory=ChordPlan)
    seconds: float = 0.0
    """time the generator took, 0 on a virtual clock"""
    problem: str = ""
    """why the rules of `plain` answered instead of the genre's model; empty if the model did"""


@dataclass(frozen=True, slots=True, eq=False)
class Crashed:
    """A thread failed with an unforeseen error: the conductor raises it and the program ends."""

    error: BaseException


@dataclass(frozen=True, slots=True)
class SongLoaded:
    """The band plays by `chart` from the next bar line on; None: by none."""

    chart: Chart | None
    choruses: int | None = None
    """after these it ends by itself; None: when it is asked to"""
    name: str = ""
    """of the song in the user's list"""
    loop: str = ""
    """the slot whose chord loop it is; empty for a song"""


@dataclass(frozen=True, slots=True)
class KeepLoop:
    """For the app: keep `chart` as the chord loop of `slot`; None: forget the one there is."""

    slot: str
    chart: Chart | None


@dataclass(frozen=True, slots=True)
class KeepPreset:
    """For the app: keep `values` (word of a command -> value, or part -> value) as the preset `name`."""

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
    """why the rules of `plain` play it instead of its model; empty if the model does"""


Delegated = Command | KeepLoop | KeepPreset
"""what the app carries out"""
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


@dataclass(frozen=True, slots=True)
class Played:
    """A message leaving for the listeners. `at` is when it is due, `part` its index in the genre, None the player."""

    at: float
    part: int | None
    message: Midi
    beat: float | None = None
    """quarter notes since bar 1; None while no clock runs"""
    replayed: bool = False
    """the player's own notes coming back in phrase mode: placed at `at`, as the band is, not as soon as possible"""

    @property
    def is_click(self) -> bool:
        """Whether it is a metronome click: audible, but not part of the performance."""
        return self.part is None and self.message.channel == METRONOME_CHANNEL


@dataclass(frozen=True, slots=True)
class Snapshot:
    """State of the performance for status line, control socket and view."""

    state: str
    genre: str
    bpm: float
    bar: int = 0
    beat: int = 0
    chord: str = ""
    next_chord: str = ""
    key: str = ""
    """the key the music is heard in, or that the player said"""
    keyboard: str | None = None
    late: int = 0
    dropped: int = 0
    notes: tuple[str, ...] = field(default=())
    variation: str = ""
    """A or B; `auto A` or `auto B` if the player's intensity decides"""
    muted: tuple[str, ...] = ()
    """names or roles of parts"""
    solo: tuple[str, ...] = ()
    follow: bool = False
    """whether the tempo follows the player's"""
    left_hand: bool = False
    """whether keys below the split are chords"""
    metre: str = ""
    """time signature of the bar that plays"""
    controls: Mapping[str, Standing | Mapping[str, Standing]] = field(default_factory=dict)
    """word of a command -> where what it sets stands, for those about parts: by the part's name; see Command.stands"""
    song: str = ""
    """title of the song whose chart is played"""
    place: str = ""
    """where in it: section, chorus, bar"""
    ahead: tuple[str, ...] = ()
    """the chords that come"""
    preset: str = ""
    """name of the preset that was taken over last"""
    set_list: str = ""
    """the set list that is open, its entry and the one after it"""
