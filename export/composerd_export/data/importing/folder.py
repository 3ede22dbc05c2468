"""Imports a folder of MIDI files as a corpus: metadata of each piece, a reason for each file left out."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from composerd.errors import ConfigError
from composerd.files.atomic import write_text
from composerd.files.melody_choice import Choice, melody_of
from composerd.files.midi_reader import ENDINGS
from composerd.files.voices import OFF, ON, VELOCITY, Floats
from composerd.files.voices import PITCH as NOTE
from composerd.music.harmony.labelling import key_of
from composerd_export.data.corpus import (
    BAR_LENGTH,
    BAR_START,
    LENGTH,
    LONGEST,
    PITCH,
    START,
    TICKS_PER_BEAT,
    TRACK,
    Corpus,
    Ints,
    Piece,
    write_corpus,
)
from composerd_export.data.importing.midi import MidiSong, Rejected, read_song
from composerd_export.data.importing.parts import LAYOUTS, CorpusLayout, assigned
from composerd_export.data.importing.rhythm import in_time, quantised, straight_beats, swing_of
from composerd_export.data.importing.songs import same_songs, split_songs

FEWEST_BARS, FEWEST_MELODY_NOTES = 4, 12
MOST_FILES = 100_000
_SHARPEST_SWING = 1.3


@dataclass(frozen=True, slots=True)
class Imported:
    """An imported folder: corpora by split, and (file, reason) of the files left out."""

    splits: dict[str, Corpus]
    rejected: tuple[tuple[str, str], ...]
    read: tuple[tuple[str, str, str], ...] = ()
    """per file that was read: name, melody voice with the reason, skipped data"""


def import_folder(
    folder: Path,
    name: str,
    layout: str = "band",
    licence: str = "",
    valid: float = 0.1,
    seed: int = 0,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
    track: str = "",
) -> Imported:
    """Reads every MIDI file below `folder`; files that cannot be used are listed, never fatal.

    `valid` is the share of songs for validation; all versions of a song stay in one split. `track` is the name or
    number of the melody's track in every file; empty: the likeliest in each. ConfigError where the folder is missing
    or nothing in it can be used.
    """
    files = midi_files(folder)
    pieces: list[Piece] = []
    rejected: list[tuple[str, str]] = []
    read: list[tuple[str, str, str]] = []
    for index, path in enumerate(files):
        label = _readable(path.relative_to(folder))
        try:
            song = read_song(path)
            choice = _melody(song, track)
            pieces.append(_piece_of(song, choice, LAYOUTS[layout], name, label, licence))
            read.append((label, str(choice), "; ".join(song.ignored)))
        except Rejected as reason:
            rejected.append((label, str(reason)))
        progress(index + 1, len(files))
    if not files:
        raise ConfigError(f"{folder}: found no file ending in {', '.join(ENDINGS)}")
    if not pieces:
        raise ConfigError(f"{folder}: none of {len(files)} files can be used; the first, {': '.join(rejected[0])}")
    return replace(_divided(pieces, rejected, layout, valid, seed), read=tuple(read))


def write_import(imported: Imported, folder: Path) -> None:
    """train.npz, valid.npz, rejected.tsv (file, reason) and read.tsv (file, melody, passed over) in `folder`."""
    for split, corpus in imported.splits.items():
        write_corpus(folder / f"{split}.npz", corpus)
    lines = [f"{file}\t{reason}\n" for file, reason in imported.rejected]
    write_text(folder / "rejected.tsv", "".join(["file\treason\n", *lines]))
    lines = ["\t".join(row) + "\n" for row in imported.read]
    write_text(folder / "read.tsv", "".join(["file\tmelody\tpassed over\n", *lines]))


def midi_files(folder: Path) -> list[Path]:
    """The MIDI files below a folder in order of names; links to folders are not followed."""
    if not folder.is_dir():
        raise ConfigError(f"{folder}: no such folder")
    found = []
    for place, folders, names in os.walk(folder):
        folders.sort()
        found += [Path(place, name) for name in sorted(names) if name.lower().endswith(ENDINGS)]
        if len(found) > MOST_FILES:
            raise ConfigError(f"{folder}: more than {MOST_FILES:,} MIDI files")
    return found


def _readable(path: Path) -> str:
    """The name without characters that a terminal or JSON cannot hold."""
    text = str(path).encode("utf-8", "replace").decode()
    return "".join(letter if letter.isprintable() else "?" for letter in text)


def _melody(song: MidiSong, track: str) -> Choice:
    try:
        return melody_of(song.voices, track)
    except ValueError as problem:
        raise Rejected(str(problem)) from None


def _piece_of(song: MidiSong, choice: Choice, layout: CorpusLayout, name: str, label: str, licence: str) -> Piece:
    tracks = assigned(choice, layout)
    onsets = np.concatenate([song.voices[index].notes[:, ON] for index in tracks])
    if not in_time(onsets):
        raise Rejected("not played to its own beat: onsets fall anywhere between the 16ths")
    swing = min(_SHARPEST_SWING, swing_of(onsets % 1.0))
    rows = [_rows(song.voices[index].notes, layout.tracks.index(track), swing) for index, track in tracks.items()]
    bars = _bars(song)
    notes, bars = _trimmed(np.concatenate(rows), bars)
    notes = notes[np.lexsort(notes[:, [PITCH, TRACK, START]].T)]
    _check(notes, bars, 0 if "melody" not in layout.tracks else layout.tracks.index("melody"))
    return Piece(notes, bars, _meta(song, notes, bars, name, label, licence, swing))


def _rows(notes: Floats, track: int, swing: float) -> Ints:
    """(notes, 5) in ticks, straightened and on the grid, at least a 48th long."""
    straight = (lambda beats: straight_beats(beats, swing)) if swing else (lambda beats: beats)
    start = quantised(straight(notes[:, ON]))
    end = quantised(straight(notes[:, OFF]))
    length = np.clip(end - start, TICKS_PER_BEAT // 8, LONGEST)
    columns = [start, length, notes[:, NOTE], notes[:, VELOCITY], np.full(len(notes), track)]
    return np.stack(columns, 1).astype(np.int32)


def _bars(song: MidiSong) -> Ints:
    """Bars up to the end of the music; a change of metre within a bar cuts it short."""
    end = int(np.ceil(song.end * TICKS_PER_BEAT)) + 1
    changes = [(round(beat * TICKS_PER_BEAT), top, under) for beat, top, under in song.metres]
    bars = []
    for (start, top, under), until in zip(changes, [*(c[0] for c in changes[1:]), end], strict=True):
        length = 4 * TICKS_PER_BEAT * top // under
        cut = until < end
        bars += [
            (at, top, under, min(length, until - at) if cut else length) for at in range(start, min(until, end), length)
        ]
    return np.array(bars, np.int32).reshape(-1, 4)


def _trimmed(notes: Ints, bars: Ints) -> tuple[Ints, Ints]:
    """The piece without the empty bars at its start."""
    first = max(0, int(np.searchsorted(bars[:, BAR_START], notes[:, START].min(), "right")) - 1)
    offset = int(bars[first, BAR_START])
    moved, kept = notes.copy(), bars[first:].copy()
    moved[:, START] = np.maximum(0, moved[:, START] - offset)
    kept[:, BAR_START] -= offset
    return moved, kept


def _check(notes: Ints, bars: Ints, melody: int) -> None:
    sung = int((notes[:, TRACK] == melody).sum())
    if sung < FEWEST_MELODY_NOTES:
        raise Rejected(f"a melody of {sung} notes, at least {FEWEST_MELODY_NOTES} are needed")
    if len(bars) < FEWEST_BARS:
        raise Rejected(f"{len(bars)} bars, at least {FEWEST_BARS} are needed")
    if int(np.diff(notes[:, START], prepend=0).max()) >= LONGEST:
        raise Rejected("a rest of hundreds of bars")


def _meta(song: MidiSong, notes: Ints, bars: Ints, name: str, label: str, licence: str, swing: float) -> dict[str, Any]:
    key = key_of(np.bincount(notes[:, PITCH] % 12, notes[:, LENGTH], minlength=12).astype(np.float64))
    lengths, counts = np.unique(bars[:, BAR_LENGTH], return_counts=True)
    usual = bars[bars[:, BAR_LENGTH] == lengths[counts.argmax()]][0]
    return {
        "id": f"{name}/{label}",
        "title": Path(label).stem,
        "source": label,
        "licence": licence,
        "bpm": round(song.bpm, 1),
        "ts": f"{usual[1]}/{usual[2]}",
        "key": key.tonic,
        "mode": "minor" if key.minor else "major",
        "key_conf": round(key.fit, 3),
        "genre": name,
        "swing": False,
        "swing_amount": round(swing, 2),
    }


def _divided(
    pieces: Sequence[Piece], rejected: list[tuple[str, str]], layout: str, valid: float, seed: int
) -> Imported:
    tracks = LAYOUTS[layout].tracks
    melody = tracks.index("melody") if "melody" in tracks else 0
    drums = tracks.index("drums") if "drums" in tracks else -1
    songs, copies = same_songs([piece.notes for piece in pieces], melody, drums)
    for index, original in copies.items():
        rejected.append((str(pieces[index].meta["source"]), f"the same notes as {pieces[original].meta['source']}"))
    kept = [index for index in range(len(pieces)) if index not in copies]
    in_valid = split_songs([songs[index] for index in kept], valid, seed)
    named = [_with_work(pieces[index], pieces[songs[index]]) for index in kept]
    splits = {"train": [], "valid": []} if valid else {"train": []}  # type: dict[str, list[Piece]]
    for index, piece in zip(kept, named, strict=True):
        splits["valid" if songs[index] in in_valid else "train"].append(piece)
    return Imported({split: Corpus(tracks, tuple(found)) for split, found in splits.items()}, tuple(sorted(rejected)))


def _with_work(piece: Piece, first: Piece) -> Piece:
    """The piece with the name of its work, which is that of the first version of the song."""
    return replace(piece, meta={**piece.meta, "work": first.name})


def reasons(imported: Imported) -> Iterator[str]:
    """One line per file left out."""
    for file, reason in imported.rejected:
        yield f"{file}: {reason}"
