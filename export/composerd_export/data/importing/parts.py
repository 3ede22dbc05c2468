"""Assigns the voices of a MIDI file to the parts of a band."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from composerd.files.melody_choice import Choice
from composerd.files.voices import PITCH, FileVoice
from composerd_export.data.corpus import BAND_TRACKS
from composerd_export.data.importing.midi import Rejected

PART_NAMES = {
    "bass": r"bass(?!oon|et)\w*|kontrabass",
    "guitar": r"guit\w*|gtr|git\w*|banjo|ukulele",
    "keys": r"piano|keys?|keyboard\w*|organ\w*|rhodes|clav\w*|e\.?piano|harpsichord",
    "strings": r"string\w*|violins?|viola|cello|pad|choir|ensemble",
    "winds": r"brass|horns?|sax\w*|trumpets?|trombones?|flutes?|clarinets?|oboe|bassoons?|fagott\w*|winds?|woodwinds?",
}
PART_PROGRAMS = (
    (24, "keys"), (32, "guitar"), (40, "bass"), (47, "strings"), (48, "other"), (56, "strings"), (80, "winds"),
    (88, "keys"), (96, "strings"), (104, "other"), (112, "guitar"), (128, "other"),
)  # fmt: skip
"""(first program above, part): General MIDI families."""
SYMPHONY_TRACKS = (
    "melody", "strings_high", "strings_low", "woodwinds", "brass", "timpani", "choir", "other",
)  # fmt: skip
SYMPHONY_NAMES = {
    "timpani": r"timp\w*|pauken",
    "strings_low": r"cell\w*|contrabass\w*|kontrabass|double bass|bass[ie]?|violoncell\w*",
    "strings_high": r"violins?|violas?|viol\w*|strings?",
    "woodwinds": r"flutes?|fl\w*|piccolo|oboes?|clarinets?|bassoons?|fagott\w*|english horn|cor anglais|woodwinds?",
    "brass": r"horns?|corn[io]|trumpets?|trombones?|tubas?|brass",
    "choir": r"choir|chorus|chor|soprano|alto|tenor",
}
SYMPHONY_PROGRAMS = (
    (40, "other"), (42, "strings_high"), (44, "strings_low"), (47, "strings_high"), (48, "timpani"),
    (52, "strings_high"), (55, "choir"), (56, "other"), (64, "brass"), (68, "woodwinds"), (70, "woodwinds"),
    (80, "woodwinds"), (128, "other"),
)  # fmt: skip
CHOIR_TRACKS = ("soprano", "alto", "tenor", "bass")


@dataclass(frozen=True, slots=True)
class CorpusLayout:
    """The tracks of a corpus, and the names by which voices are assigned to them."""

    tracks: tuple[str, ...]
    names: Mapping[str, str]
    """track -> pattern of names"""
    programs: tuple[tuple[int, str], ...]


LAYOUTS = {
    "band": CorpusLayout(BAND_TRACKS, PART_NAMES, PART_PROGRAMS),
    "symphony": CorpusLayout(SYMPHONY_TRACKS, SYMPHONY_NAMES, SYMPHONY_PROGRAMS),
    "choir": CorpusLayout(CHOIR_TRACKS, {}, ((128, ""),)),
}


def assigned(choice: Choice, layout: CorpusLayout) -> dict[int, str]:
    """Voice index -> track, without voices left out. Raises Rejected if nothing is left beside the melody."""
    if layout is LAYOUTS["choir"]:
        return _as_choir(choice.voices)
    found = {choice.index: "melody"}
    for index, voice in enumerate(choice.voices):
        if index != choice.index:
            found[index] = _part(voice, layout)
    kept = {index: track for index, track in found.items() if track in layout.tracks}
    if len(kept) < 2:
        raise Rejected("a melody and nothing to accompany it")
    return kept


def _part(voice: FileVoice, layout: CorpusLayout) -> str:
    if voice.is_drums:
        return "drums"
    named = next((track for track, pattern in layout.names.items() if _says(pattern, voice.name)), None)
    return named or next(track for above, track in layout.programs if voice.program < above)


def _as_choir(voices: Sequence[FileVoice]) -> dict[int, str]:
    """Four single voices, highest first."""
    pitched = [index for index, voice in enumerate(voices) if not voice.is_drums]
    if len(pitched) != len(CHOIR_TRACKS):
        raise Rejected(f"{len(pitched)} pitched voices, a choir has {len(CHOIR_TRACKS)}")
    order = sorted(pitched, key=lambda index: -float(voices[index].notes[:, PITCH].mean()))
    return dict(zip(order, CHOIR_TRACKS, strict=True))


def _says(pattern: str, name: str) -> bool:
    return re.search(rf"(?<![a-z])(?:{pattern})(?![a-z])", name.lower()) is not None
