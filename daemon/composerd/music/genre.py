"""A genre: its parts with channel, program, range and loudness, its tempo, metre and feel."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from composerd.music.metre import Metre
from composerd.music.metronome import METRONOME_CHANNEL
from composerd.music.midi import DRUM_CHANNEL

ROLES = ("drums", "bass", "comp", "pad", "lead", "voice")
PLAYER_CHANNEL = 1


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the band."""

    name: str
    """also the track's name in a rendered file"""
    role: str
    """one of ROLES"""
    channel: int
    """MIDI channel, 2 to 15; drums 10"""
    program: int = 0
    """General MIDI program, 0 to 127"""
    low: int = 0
    high: int = 127
    """sounding range, MIDI pitches, both included"""
    voices: int = 1
    """at most this many notes at once"""
    loudness: int = 80
    """velocity of an unaccented note, 1 to 127"""
    track: str = ""
    """the track of the model's card that plays this part; empty: the track of the part's own name"""

    @property
    def reacts(self) -> bool:
        """Whether its steps are decided at the key press; drums are planned ahead."""
        return self.role != "drums"


@dataclass(frozen=True, slots=True)
class Feel:
    """Swing, micro-timing, accents and random deviations of a genre."""

    swing: float = 0.0
    """0 = straight; 1 = the off-beat unit sits on the triplet (2:1)"""
    swing_steps: int = 2
    """length of the swung unit in steps: 2 = eighths (jazz), 1 = sixteenths"""
    push_ms: dict[str, float] = field(default_factory=dict)
    """micro-timing per part name: negative plays ahead of the beat, in milliseconds"""
    timing_ms: dict[str, tuple[float, ...]] = field(default_factory=dict)
    """micro-timing per part name over the steps of a bar, repeated, in milliseconds, on top of push_ms"""
    accents: tuple[float, ...] = ()
    """velocity factors over the steps of a bar, repeated; empty: flat"""
    drum_accents: dict[int, tuple[float, ...]] = field(default_factory=dict)
    """the same of single drums by their General MIDI key, in place of `accents`"""
    lean: dict[str, float] = field(default_factory=dict)
    """standard deviation per part name of a seeded random velocity offset that notes of one step share, as a hand leans
    into a chord, in velocity units"""
    humanise_ms: float = 0.0
    """standard deviation of a seeded random timing offset, in milliseconds"""
    humanise_velocity: float = 0.0
    """standard deviation of a seeded random velocity offset, in velocity units"""


@dataclass(frozen=True, slots=True)
class GenreProblem:
    """An invalid value of a genre."""

    part: str
    """name of the part; empty: of the genre itself"""
    field: str
    says: str
    """the value found and the expected one"""

    def __str__(self) -> str:
        return f"{f'parts.{self.part}.' if self.part else ''}{self.field}: {self.says}"


@dataclass(frozen=True, slots=True)
class Genre:
    """The content of a genre's YAML file; see composerd/library/genres/*.yaml."""

    name: str
    title: str
    model: str
    """file name of the generator (without .onnx) or `plain`"""
    bpm: float
    """quarter notes per minute until the player sets a tempo"""
    parts: tuple[Part, ...]
    metre: Metre = field(default_factory=Metre)
    feel: Feel = field(default_factory=Feel)
    style: str = ""
    """pattern table used by `plain`; empty: the table of the genre's own name"""
    broadening: float = 0.0
    """relative slowing of the tempo by the end of the last bar before the final chord, 0 to 0.5"""
    player_program: int = 0
    """General MIDI program of the player's own sound"""

    @property
    def drum_parts(self) -> frozenset[int]:
        return frozenset(i for i, part in enumerate(self.parts) if not part.reacts)

    @property
    def harmony_parts(self) -> frozenset[int]:
        return frozenset(i for i, part in enumerate(self.parts) if part.reacts)

    def with_program(self, part: int, program: int) -> Genre:
        """The same genre, the part of that index on another instrument."""
        parts = (replace(one, program=program) if i == part else one for i, one in enumerate(self.parts))
        return replace(self, parts=tuple(parts))

    def problems(self) -> list[GenreProblem]:
        """Errors in the values."""
        found = list[GenreProblem]()
        channels: dict[int, str] = {PLAYER_CHANNEL: "the player"}
        for part in self.parts:
            name = part.name
            if part.role not in ROLES:
                found.append(GenreProblem(name, "role", f"found {part.role!r}, expected one of {', '.join(ROLES)}"))
            if (part.channel == DRUM_CHANNEL) != (part.role == "drums"):
                found.append(
                    GenreProblem(
                        name, "channel", f"found {part.channel} for role {part.role}, drums go on 10 and only they"
                    )
                )
            if not PLAYER_CHANNEL < part.channel < METRONOME_CHANNEL:
                others = "1 is the player's, 16 the metronome's"
                found.append(GenreProblem(name, "channel", f"found {part.channel}, expected 2 to 15 ({others})"))
            if part.channel in channels:
                found.append(GenreProblem(name, "channel", f"found {part.channel}, taken by {channels[part.channel]}"))
            if not 0 <= part.low <= part.high <= 127:
                found.append(
                    GenreProblem(name, "range", f"found {part.low} to {part.high}, expected 0 to 127, lowest first")
                )
            if not 0 <= part.program <= 127:
                found.append(GenreProblem(name, "program", f"found {part.program}, expected 0 to 127"))
            if not 1 <= part.loudness <= 127:
                found.append(GenreProblem(name, "loudness", f"found {part.loudness}, expected 1 to 127"))
            channels.setdefault(part.channel, part.name)
        if not self.parts:
            found.append(GenreProblem("", "parts", "found none, expected at least one"))
        return found
