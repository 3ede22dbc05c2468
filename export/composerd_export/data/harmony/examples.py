"""Draws training examples of the harmonist: stretches of songs with some slots hidden, relative to varied tonics."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from composerd.music.harmony.encoding import (
    STYLES,
    Below,
    Heard,
    endings,
    future_rows,
    heard,
    history,
    past_rows,
    places,
    style_row,
)
from composerd.music.harmony.tonic import relative_major
from composerd_export.data.harmony.songs import NO_CHORD, TuneWithChords, chord_of_slots

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]

INTERVALS = ((0, 4, 7), (0, 3, 7), (0, 4, 7, 10), (0, 4, 7, 11), (0, 3, 7, 10), (0, 3, 6), (0, 3, 6, 10), (0, 3, 6, 9),
             (0, 4, 8), (0, 5, 7), (0, 2, 7), (0, 4, 7, 9), (0, 3, 7, 9))  # fmt: skip
"""tones of each of QUALITIES [semitones above the root]"""
KIND = (0, 1, 0, 0, 1, 2, 2, 2, 0, -1, -1, 0, 1)
"""kind of each of QUALITIES: 0 major, 1 minor, 2 diminished; -1: suspended, major or minor"""
UNKNOWN, ROOT_ONLY = -1, 100
"""values of targets besides chord indices: no chord known; ROOT_ONLY + root if only the root is known"""
STRETCH = 128
"""length of an example [slots]"""
AS_ROCK = 0.03
"""share of the pop and folk songs that are labelled rock: a rock band accompanies such melodies, too"""
STYLE_SHOWN, KEY_AT_RANDOM, WHOLE_KEY = 0.7, 0.08, 0.4
FIFTH_OFF = 0.12
"""share of the examples that are encoded a fifth higher or lower, as some readings are (`readings.SHIFTS`)"""
CHORDS_SHOWN, BASS_SHOWN = 0.28, 0.1
"""shares of the examples in which the chords, or their basses, are encoded as played below the melody"""


@dataclass(frozen=True, slots=True, eq=False)
class PreparedSong:
    """A song encoded for training, one row a slot; `target` (slots,): see UNKNOWN.

    `melody` (slots,) flags slots of bars in which the melody sounds: only they are learned.
    """

    song: TuneWithChords
    chords: Ints
    target: Ints
    heard: Heard
    """the melody's rows above C, without lower voices"""
    melody: npt.NDArray[np.bool_]
    place: Floats
    last: int


def piece_of(song: TuneWithChords) -> PreparedSong:
    chords = chord_of_slots(song)
    empty = heard(song.pitch, song.onset, song.slots, 0)
    bars = np.array([slot.bar for slot in song.slots])
    sounding = np.unique(bars[empty.counts.any(1)])
    origin = int(sounding[0]) if len(sounding) else 0
    last = int(np.flatnonzero(empty.counts.any(1))[-1])
    return PreparedSong(
        song, chords, _targets(chords), empty, np.isin(bars, sounding), places(song.slots, origin), last
    )


def pieces_of(songs: Iterable[TuneWithChords]) -> list[PreparedSong]:
    """The songs that have a melody and chords."""
    return [piece_of(song) for song in songs if (song.chords[:, 0] >= 0).any() and (song.pitch >= 0).any()]


def _targets(chords: Ints) -> Ints:
    root, quality = chords[:, 0], chords[:, 1]
    kind = np.array(KIND)[np.maximum(quality, 0)]
    known = np.where(kind >= 0, 3 * root + kind, ROOT_ONLY + root)
    return np.where(root == NO_CHORD, UNKNOWN, known)


@dataclass(frozen=True, slots=True, eq=False)
class Example:
    past: Floats
    """(STRETCH, PAST_WIDTH), some slots hidden"""
    future: Floats
    """(STRETCH, FUTURE_WIDTH), nothing hidden"""
    past_shown: Floats
    """as `past`, nothing hidden"""
    target: Ints
    quality: Ints
    bass: Ints
    style: Floats


def example(piece: PreparedSong, dice: np.random.Generator) -> Example:
    count = len(piece.target)
    first = 0
    if count > STRETCH:
        first = int(dice.integers(0, count - STRETCH + 1)) if dice.random() < 0.8 else count - STRETCH
    at = slice(first, min(count, first + STRETCH))
    slots = piece.song.slots[at]
    steps = slice(slots[0].start, slots[-1].end)
    tonic = _tonic(piece.heard.counts[at], piece.song.pitch[steps], dice)
    below = _below(piece, steps, slots, dice)
    rows = (
        _rows(piece, at, tonic)
        if below is None
        else heard(piece.song.pitch[steps], piece.song.onset[steps], slots, tonic, below)
    )
    style = style_row(_style_shown(piece.song.style, dice))
    place = _place(piece.place[at], dice)
    ending = endings(len(slots), piece.last - first if at.stop > piece.last and dice.random() < 0.6 else None)
    before = history(rows.counts)
    clear = past_rows(rows.whole, rows.first, before, place, style)
    hidden = _hidden(len(slots), dice)
    whole, begun = rows.whole * ~hidden[:, None], rows.first * ~_hidden_first(hidden, dice)[:, None]
    past = past_rows(whole, begun, history(rows.counts * ~hidden[:, None]), place, style)
    future = future_rows(rows.whole, rows.first, place, style, ending)
    target = _moved(np.where(piece.melody[at], piece.target[at], UNKNOWN), tonic)
    chords = piece.chords[at]
    quality = np.where(chords[:, 1] >= 0, chords[:, 1], UNKNOWN)
    bass = np.where(chords[:, 0] >= 0, (chords[:, 2] - chords[:, 0]) % 12, UNKNOWN)
    wide = style_row(piece.song.style if dice.random() < 0.85 else None)
    return Example(
        _padded(past), _padded(future), _padded(clear), _padded(target, UNKNOWN), _padded(quality, UNKNOWN),
        _padded(bass, UNKNOWN), wide,
    )  # fmt: skip


def _style_shown(style: str, dice: np.random.Generator) -> str | None:
    if dice.random() >= STYLE_SHOWN:
        return None
    return "rock" if style in ("pop", "folk") and dice.random() < AS_ROCK else style


def _rows(piece: PreparedSong, at: slice, tonic: int) -> Heard:
    """The rows of `encoding.heard` above `tonic`, rotated from those of the song."""
    whole, first = piece.heard.whole[at].copy(), piece.heard.first[at].copy()
    for rows, column in ((whole, 0), (whole, 12), (whole, 24), (first, 0)):
        rows[:, column : column + 12] = np.roll(rows[:, column : column + 12], -tonic, 1)
    return Heard(whole, first, np.roll(piece.heard.counts[at], -tonic, 1))


def _padded(rows: npt.NDArray, value: int = 0) -> npt.NDArray:  # type: ignore[type-arg]
    wide = np.full((STRETCH, *rows.shape[1:]), value, rows.dtype)
    wide[: len(rows)] = rows
    return wide


def _tonic(counts: Ints, pitch: npt.NDArray[np.int16], dice: np.random.Generator) -> int:
    """The tonic estimated from a random beginning of the stretch, as in jam; at times another one."""
    chance = dice.random()
    if chance < KEY_AT_RANDOM:
        return int(dice.integers(12))
    known = len(counts)
    if dice.random() >= WHOLE_KEY:
        known = min(known, int(4 * 2 ** (dice.random() * np.log2(max(known, 8) / 4))))
    sounding = pitch[pitch >= 0]
    tonic = relative_major(counts[:known].sum(0), int(sounding[0]) % 12 if len(sounding) else 0)
    return tonic if chance < 1.0 - FIFTH_OFF else (tonic + int(dice.choice((5, 7)))) % 12


def _place(place: Floats, dice: np.random.Generator) -> Floats:
    """The place rows; in a fifth of the examples without bar numbers, or with shifted ones."""
    chance = dice.random()
    if chance > 0.2:
        return place
    moved = place.copy()
    at = [*range(16, 20), *range(21, moved.shape[1])]
    moved[:, at] = 0 if chance < 0.1 else np.roll(place[:, at], int(dice.integers(len(place))), 0)
    return moved


def _hidden(count: int, dice: np.random.Generator) -> npt.NDArray[np.bool_]:
    """(slots,) flags of hidden spans of 1 to 16 slots, where chords have to be predicted."""
    hidden = np.zeros(count, np.bool_)
    at = int(dice.geometric(1 / 24))
    while at < count:
        length = int(dice.integers(1, 17))
        hidden[at : at + length] = True
        at += length + int(dice.geometric(1 / 32))
    return hidden


def _hidden_first(hidden: npt.NDArray[np.bool_], dice: np.random.Generator) -> npt.NDArray[np.bool_]:
    """(slots,) flags of hidden first steps: all but the first of most spans, and some others (late keys)."""
    begins = hidden & ~np.concatenate([[False], hidden[:-1]]) & (dice.random(len(hidden)) < 0.7)
    return np.asarray((hidden & ~begins) | (dice.random(len(hidden)) < 0.08))


def _below(piece: PreparedSong, steps: slice, slots, dice: np.random.Generator) -> Below | None:  # type: ignore[no-untyped-def]
    """The chords, or their basses, below the melody; None for none. Some slots and tones are left out."""
    chance = dice.random()
    if chance >= CHORDS_SHOWN + BASS_SHOWN:
        return None
    chords = piece.song.chords[steps]
    count = len(chords)
    tones, bass = np.zeros((count, 12), np.bool_), np.full(count, -1, np.int16)
    keep = float(dice.choice([0.3, 0.6, 0.9, 1.0]))
    until = len(slots) if dice.random() < 0.5 else int(dice.integers(len(slots) + 1))
    for slot in slots[:until]:
        if dice.random() > keep:
            continue
        first, end = slot.start - slots[0].start, slot.end - slots[0].start
        root, quality, low = chords[first].tolist()
        if root < 0:
            continue
        played = [low] if chance < BASS_SHOWN else _played(root, quality, dice)
        for tone in played:
            tones[first:end, tone % 12] = True
        bass[first:end] = low if low in [t % 12 for t in played] else played[0] % 12
    return Below(tones, bass)


def _played(root: int, quality: int, dice: np.random.Generator) -> list[int]:
    tones = [(root + interval) % 12 for interval in INTERVALS[quality]]
    if dice.random() < 0.25:
        del tones[int(dice.integers(1, len(tones)))]
    if len(tones) > 3 and dice.random() < 0.3:
        del tones[3]
    return tones


def _moved(target: Ints, tonic: int) -> Ints:
    """Targets (slots,) relative to the tonic."""
    known, rooted = (target >= 0) & (target < ROOT_ONLY), target >= ROOT_ONLY
    chord = (target // 3 - tonic) % 12 * 3 + target % 3
    root = ROOT_ONLY + (target - ROOT_ONLY - tonic) % 12
    return np.where(known, chord, np.where(rooted, root, target))


def weights(pieces: list[PreparedSong], share: float = 0.4) -> npt.NDArray[np.float64]:
    """(pieces,) probabilities of being drawn: by length, reduced for styles with many songs."""
    lengths = np.array([min(len(piece.target), 400) for piece in pieces], np.float64)
    styles = np.array([STYLES.index(piece.song.style) for piece in pieces])
    totals = np.bincount(styles, lengths, len(STYLES))
    weight = lengths / totals[styles] ** share
    return np.asarray(weight / weight.sum())


def drawn_examples(pieces: list[PreparedSong], size: int, seed: int) -> Iterator[list[Example]]:
    """Without end, the `size` examples of an update, of songs drawn by their weights."""
    dice = np.random.default_rng(seed)
    share = weights(pieces)
    while True:
        yield [example(pieces[index], dice) for index in dice.choice(len(pieces), size, p=share)]
