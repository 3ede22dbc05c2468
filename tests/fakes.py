"""Working fakes of the engine's doors: tests compare music as a list, on a clock moved by hand."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from composerd.engine.messages import Composed, Played, Request
from composerd.engine.virtual import VirtualInbox
from composerd.music.genre import Feel, Genre, Part
from composerd.music.midi import NOTE_ON, Midi
from composerd.music.notes import PartNote, Section, notes_to_cells


def overlaps(messages: Iterable[Midi]) -> list[tuple[int, int]]:
    """(channel, pitch) of every note that begins while one of its pitch sounds on its channel."""
    found, held = [], set()
    for message in messages:
        key = (message.channel, message.data1)
        if message.starts_note:
            found += [key] if key in held else []
            held.add(key)
        elif message.ends_note:
            held.discard(key)
    return found


def instants(events: Iterable[tuple[float, Midi]]) -> list[tuple[int, int]]:
    """(channel, pitch) of every note of `events` (moment, message) that ends at the moment at which it begins."""
    found, begun = [], {}
    for moment, message in events:
        key = (message.channel, message.data1)
        if message.starts_note:
            begun[key] = moment
        elif message.ends_note and begun.pop(key, None) == moment:
            found.append(key)
    return found


@dataclass
class ListeningSink:
    """Records all messages; `sounding` gives the notes that have not ended."""

    heard: list[Played] = field(default_factory=list)
    genres: list[str] = field(default_factory=list)
    closed: bool = False
    panics: int = 0

    def panic(self) -> None:
        assert self.sounding == set(), "our own notes end first"
        self.panics += 1

    def play(self, played: Played) -> None:
        self.heard.append(played)

    def set_genre(self, genre: Genre) -> None:
        self.genres.append(genre.name)

    def close(self) -> None:
        self.closed = True

    @property
    def sounding(self) -> set[tuple[int, int]]:
        held: set[tuple[int, int]] = set()
        for played in self.heard:
            key = (played.message.channel, played.message.data1)
            if played.message.starts_note:
                held.add(key)
            elif played.message.ends_note:
                held.discard(key)
        return held

    def onsets(self, part: int | None) -> list[tuple[float, int]]:
        """(second, pitch) of every note begun by `part`."""
        return [
            (round(played.at, 6), played.message.data1)
            for played in self.heard
            if played.part == part and played.message.kind == NOTE_ON and played.message.data2 > 0
        ]


@dataclass
class InstantComposer:
    """Answers each request `delay` seconds later on the virtual clock, by a rule that the test gives."""

    inbox: VirtualInbox
    rule: Callable[[Request], Composed]
    delay: float = 0.0
    requests: list[Request] = field(default_factory=list)
    closed: bool = False
    most: int = sys.maxsize
    """how many requests it remembers: all of an hour's are no small heap"""

    def ask(self, request: Request) -> None:
        self.requests.append(request)
        del self.requests[: -self.most]
        self.inbox.post(self.inbox.now() + self.delay, self.rule(request))

    def close(self) -> None:
        self.closed = True


def duo(feel: Feel | None = None) -> Genre:
    """Drums and a bass, played straight."""
    parts = (
        Part("drums", "drums", 10, loudness=100),
        Part("bass", "bass", 2, program=33, low=28, high=55, loudness=90),
    )
    return Genre("duo", "Duo", "plain", 120.0, parts, feel=feel or Feel())


def echo_bass(request: Request) -> Composed:
    """A kick on every beat; the bass plays the melody two octaves lower, in quarter notes and at every key."""
    pitch = _bass_of(request)
    harmony = [
        PartNote(step, 1, pitch, 90, 4)
        for step in range(max(request.step, request.harmony_from), request.until)
        if step % 4 == 0 or step == request.step
    ]
    drums = [PartNote(step, 0, 36, 100, 1) for step in range(request.drums_from, request.drums_until) if step % 4 == 0]
    sections = [Section(frozenset({1}), request.step, request.until, tuple(harmony))]
    if request.drums_from < request.drums_until:
        sections.append(Section(frozenset({0}), request.drums_from, request.drums_until, tuple(drums)))
    return Composed(request.serial, tuple(sections))


def _bass_of(request: Request) -> int:
    sounding = request.melody.pitch[request.melody.pitch >= 0]
    return 28 + (int(sounding[-1]) - 28) % 12 if len(sounding) else 40


def cells_of(request: Request, answer: Composed) -> dict[int, list[PartNote]]:
    """The answer's notes by part, and a check that they fit a roll."""
    by_part: dict[int, list[PartNote]] = {}
    for section in answer.sections:
        notes_to_cells(section.notes, section.first, section.until, len(request.genre.parts))
        for note in section.notes:
            by_part.setdefault(note.part, []).append(note)
    return by_part
