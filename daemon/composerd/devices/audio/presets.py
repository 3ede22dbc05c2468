"""Lists a SoundFont's presets (SoundFont 2.04, section 7.2) and finds parts for which it has none."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from struct import error, iter_unpack
from typing import BinaryIO

from composerd.music.genre import Genre
from composerd.music.midi import DRUM_CHANNEL

DRUM_BANK = 128
_RECORD = "<20xHH14x"
"""of the chunk phdr: name, program, bank, and what is not needed here"""
Preset = tuple[int, int]
"""bank, program"""


def presets_in(soundfont: Path) -> frozenset[Preset] | None:
    """All presets of a .sf2 or .sf3 file; None if it cannot be read or is of another kind."""
    try:
        with soundfont.open("rb") as file:
            headers = _headers(file)
        return (
            None if headers is None else frozenset((bank, program) for program, bank in iter_unpack(_RECORD, headers))
        )
    except (OSError, error):
        return None


def silent_parts(genre: Genre, presets: Collection[Preset] | None) -> tuple[str, ...]:
    """The names of the parts (and the player's sound) for which there is no preset; empty if `presets` is None.

    FluidSynth takes the first preset of bank 0 for an instrument that is missing, and the first drums for drums.
    """
    if presets is None:
        return ()
    wanted = [("your own keys", 0, genre.player_program)]
    wanted += [(part.name, DRUM_BANK if part.channel == DRUM_CHANNEL else 0, part.program) for part in genre.parts]
    return tuple(name for name, bank, program in wanted if not {(bank, program), (bank, 0)} & set(presets))


def _headers(file: BinaryIO) -> bytes | None:
    """The records of chunk phdr within LIST pdta, without the terminal one."""
    if file.read(4) != b"RIFF" or file.read(8)[4:] != b"sfbk":
        return None
    while len(head := file.read(8)) == 8:
        size = int.from_bytes(head[4:], "little")
        if head[:4] == b"LIST" and file.read(4) == b"pdta":
            continue  # its chunks follow
        if head[:4] == b"phdr":
            return file.read(size)[:-38]
        file.seek(size + size % 2 - (4 if head[:4] == b"LIST" else 0), 1)
    return None
