"""Which of a file's parts is the melody."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from composerd.music.midi import DRUM_CHANNEL, Midi

Events = Sequence[tuple[int, Midi]]

NAMES = (
    r"melod\w*|tune|cantus",
    r"vocals?|vox|voice|singer|singing|gesang|voix|soprano",
    r"lead|solo|theme",
    r"right hand|right|rh|r\.h\.|upper",
)
"""what people call a melody's track, surest first"""
ENOUGH = 0.1
"""an unnamed part with fewer than this share of the busiest part's notes is an ornament, not the melody"""
ONE_VOICE_BONUS = 24.0
"""semitones that being wholly monophonic is worth against sounding higher"""


@dataclass(frozen=True, slots=True)
class _Candidate:
    name: str
    events: Events
    onsets: tuple[tuple[int, int], ...]
    """tick, pitch"""

    @property
    def name_rank(self) -> int:
        return next((-n for n, words in enumerate(NAMES) if _says(words, self.name)), -len(NAMES))

    @property
    def likeness(self) -> float:
        """Mean pitch, and how nearly one note sounds at a time."""
        single = len({tick for tick, _ in self.onsets}) / len(self.onsets)
        return sum(pitch for _, pitch in self.onsets) / len(self.onsets) + ONE_VOICE_BONUS * single


def melody_of(tracks: Iterable[tuple[str, Events]]) -> tuple[str, Events]:
    """Name and messages of the melody among (name, channel messages): a track's messages of one channel.

    A part whose track is named like a melody is it; among several, or with none so named, it is the part that
    sounds highest and most nearly in one voice (`_Candidate.likeness`). Drums never are. ValueError without notes.
    """
    candidates = [candidate for name, events in tracks for candidate in _channels_of(name, events)]
    if not candidates:
        raise ValueError("found no notes outside the drum channel, expected a melody")
    busiest = max(len(candidate.onsets) for candidate in candidates)
    likely = [c for c in candidates if len(c.onsets) >= ENOUGH * busiest or c.name_rank > -len(NAMES)]
    best = max(likely, key=lambda candidate: (candidate.name_rank, candidate.likeness))
    return best.name, best.events


def _channels_of(name: str, events: Events) -> list[_Candidate]:
    """A track's channels that play notes; a type-0 file holds all of them in one track."""
    by_channel: dict[int, list[tuple[int, Midi]]] = {}
    for tick, message in events:
        if message.channel != DRUM_CHANNEL:
            by_channel.setdefault(message.channel, []).append((tick, message))
    onsets = {
        channel: tuple((tick, message.data1) for tick, message in own if message.starts_note)
        for channel, own in by_channel.items()
    }
    return [_Candidate(name, own, onsets[channel]) for channel, own in by_channel.items() if onsets[channel]]


def _says(words: str, name: str) -> bool:
    return re.search(rf"(?<![a-z])(?:{words})(?![a-z])", name.lower()) is not None
