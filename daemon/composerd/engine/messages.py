"""What travels through the inbox and to the composer. Frozen values; moments are seconds of the inbox's clock."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from composerd.engine.settings import EngineSettings
from composerd.music.chords import ChordPlan
from composerd.music.genre import Genre
from composerd.music.metre import BarGrid, Metre
from composerd.music.metronome import METRONOME_CHANNEL
from composerd.music.midi import Midi
from composerd.music.notes import Section
from composerd.music.roll import BandRoll, MelodyRoll


class Mode(Enum):
    JAM = "jam"
    PHRASE = "phrase"


@dataclass(frozen=True, slots=True)
class Heard:
    """A channel message from the player's keyboard."""

    at: float
    message: Midi


@dataclass(frozen=True, slots=True)
class KeyboardChanged:
    """The keyboard was attached (`name`) or went away (None): what it held is released."""

    at: float
    name: str | None
    usb: str = ""
    """USB id `vendor:product` in hexadecimal, where it is known"""


@dataclass(frozen=True, slots=True)
class Finish:
    """Bring the music to its end, then end the program."""

    reason: str = ""


@dataclass(frozen=True, slots=True)
class Stop:
    """End the program at once."""

    reason: str = ""


@dataclass(frozen=True, slots=True)
class SetTempo:
    bpm: float


@dataclass(frozen=True, slots=True)
class SetMetre:
    """From the next bar line on (at once where a bar line is now)."""

    metre: Metre
    back: bool = False
    """where it is that metre already, back to 4/4"""


@dataclass(frozen=True, slots=True)
class SetMode:
    mode: Mode | None
    """None: the other one"""


@dataclass(frozen=True, slots=True)
class StartBand:
    """Start the clock now, as the first key would: `at` is beat 1 of bar 1."""

    at: float


@dataclass(frozen=True, slots=True)
class EndBand:
    """End the performance; `now` without waiting for the bar line."""

    now: bool = False


@dataclass(frozen=True, slots=True)
class Panic:
    """Silence everything at once."""


@dataclass(frozen=True, slots=True)
class ToggleBand:
    """The Play control: start the band (after the count-in), or end it musically at the next bar line."""

    at: float


@dataclass(frozen=True, slots=True)
class StopBand:
    """The Stop control: the final chord on the next beat (phrase: answer now). Twice in a moment is `Panic`."""

    at: float


@dataclass(frozen=True, slots=True)
class Tap:
    """A tap of the tempo: `at` is a beat."""

    at: float


@dataclass(frozen=True, slots=True)
class SaveTake:
    """Keep the last two minutes as a take."""

    at: float


@dataclass(frozen=True, slots=True)
class SetEngine:
    """Settings that were read again: they hold from the next decision on."""

    settings: EngineSettings


@dataclass(frozen=True, slots=True)
class StepGenre:
    """The genre `by` places further in the list of genres."""

    by: int


@dataclass(frozen=True, slots=True)
class ChooseGenre:
    name: str


@dataclass(frozen=True, slots=True)
class SetVolume:
    """Controller 7 of `who`'s channels: `band`, `master` for player and band, or a part's name or role.

    `level` is 0 to 1.
    """

    who: str
    level: float


@dataclass(frozen=True, slots=True)
class SetPan:
    """Controller 10 of the channels of the parts whose name or role is `who`."""

    who: str
    place: float
    """-1 (left) to 1 (right)"""


@dataclass(frozen=True, slots=True)
class SetSwing:
    """How far the off-beats of every genre are swung: see Feel.swing; None: as each genre's page has it."""

    amount: float | None


@dataclass(frozen=True, slots=True)
class SetMetronome:
    """Whether what is played is clicked, from the next bar line on; None turns it over."""

    on: bool | None = None


@dataclass(frozen=True, slots=True)
class SetCreativity:
    amount: float
    """0 to 1, see Directions.creativity"""


@dataclass(frozen=True, slots=True)
class Mute:
    """Silence the parts whose name or role is `part` (a genre without them ignores it); `on` None turns it over."""

    part: str
    on: bool | None = None


@dataclass(frozen=True, slots=True)
class Solo:
    """Hear only the parts whose name or role is `part`; `on` None turns it over."""

    part: str
    on: bool | None = None


@dataclass(frozen=True, slots=True)
class Fill:
    """Drums fill from the next beat to the next bar line."""


@dataclass(frozen=True, slots=True)
class SetVariation:
    name: str = ""
    """A, B, `auto` (by how hard and densely the player plays), or nothing for the other one"""


@dataclass(frozen=True, slots=True)
class Break:
    """The band is silent for a bar, from the next bar line on."""


@dataclass(frozen=True, slots=True)
class SetFollow:
    """Whether tempo and phase track the player; None turns it over."""

    on: bool | None = None


@dataclass(frozen=True, slots=True)
class SetLeftHand:
    """Whether keys below the split point are chords for the band; None turns it over."""

    on: bool | None = None


@dataclass(frozen=True, slots=True)
class SetPace:
    """Half (0.5), ordinary (1) or double (2) time, from the next bar line on; the same again is ordinary time."""

    factor: float


@dataclass(frozen=True, slots=True)
class ClockHeard:
    """A byte of MIDI clock: 0xF8 tick, 0xFA start, 0xFB continue, 0xFC stop, 0xF2 song position."""

    at: float
    status: int
    position: int = 0
    """of 0xF2: 16ths since the start of the song"""


@dataclass(frozen=True, slots=True)
class Directions:
    """What the arranger asks of the generator for the steps of a request."""

    variation: str = "A"
    """A: ordinary, B: fuller"""
    creativity: float = 0.3
    """0 = the safest choice, 1 = the boldest: sampling temperature and density"""
    fill_until: int | None = None
    """the bar line that a fill leads to, where one was asked for"""
    ending_at: int | None = None
    """the bar line on which the final chord falls, where the end was asked for"""


@dataclass(frozen=True, slots=True, eq=False)
class Request:
    """All that a generator may know when it decides. It answers with `Composed` for the same serial.

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
    performance: int = 0
    """counts up at every sync start: what was learned of key and form belongs to one performance"""
    directions: Directions = Directions()
    seed: int = 0
    plan: ChordPlan | None = None
    """chords that the player's left hand gives: where it has any, the generator's own plan is to follow them
    (`ChordPlan.led_by`)"""


@dataclass(frozen=True, slots=True)
class Composed:
    """A generator's answer."""

    serial: int
    sections: tuple[Section, ...]
    plan: ChordPlan = field(default_factory=ChordPlan)
    seconds: float = 0.0
    """time the generator took, 0 on a virtual clock"""
    problem: str = ""
    """why `plain` answered instead of the genre's model, where it did"""


@dataclass(frozen=True, slots=True, eq=False)
class Crashed:
    """A thread of ours met an error that nobody foresaw: the conductor raises it, silence follows."""

    error: BaseException


@dataclass(frozen=True, slots=True)
class GenreLoaded:
    """A genre is ready to be played from the next bar line on."""

    genre: Genre
    notice: str = ""


Delegated = SaveTake | StepGenre | ChooseGenre
"""Commands that reach beyond the performance: the app carries them out."""
Control = (
    ToggleBand | StopBand | Tap | SetVolume | SetPan | SetCreativity | SetSwing | SetMetronome | Mute | Solo | Fill
    | SetVariation | Break | SetFollow | SetLeftHand | SetPace
)  # fmt: skip
Command = (
    Finish
    | Stop
    | SetTempo
    | SetMetre
    | SetMode
    | SetEngine
    | StartBand
    | EndBand
    | Panic
    | GenreLoaded
    | Control
    | Delegated
)
Message = Heard | KeyboardChanged | ClockHeard | Composed | Crashed | Command


@dataclass(frozen=True, slots=True)
class Played:
    """A message leaving for the listeners. `at` is when it is due, `part` its index in the genre, None the player."""

    at: float
    part: int | None
    message: Midi
    beat: float | None = None
    """quarter notes since bar 1, where the clock runs"""
    replayed: bool = False
    """the player's own notes coming back in phrase mode: placed at `at`, as the band is, not as soon as possible"""

    @property
    def is_click(self) -> bool:
        """Whether it is the metronome's: heard, but no part of the performance."""
        return self.part is None and self.message.channel == METRONOME_CHANNEL


@dataclass(frozen=True, slots=True)
class Snapshot:
    """How things stand, for the status line and the view."""

    state: str
    genre: str
    bpm: float
    bar: int = 0
    beat: int = 0
    chord: str = ""
    next_chord: str = ""
    keyboard: str | None = None
    late: int = 0
    dropped: int = 0
    notes: tuple[str, ...] = field(default=())
    variation: str = ""
    """A or B; auto, and which it is now, where the player's playing decides"""
    muted: tuple[str, ...] = ()
    """names or roles of parts"""
    solo: tuple[str, ...] = ()
    follow: bool = False
    """whether the tempo follows the player's"""
    left_hand: bool = False
    """whether keys below the split are chords"""
