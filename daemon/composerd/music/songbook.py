"""Recognises a song in the melody: in any key, from any of its bars, at its tempo, half or twice as fast.

An index of all places by the intervals of four notes in a row proposes alignments of the player's steps with a song's;
the best are compared note by note. A note agrees where the other melody has the same pitch, transposed, on its step or
a step beside it, so that rhythm may differ a little; a share of the notes may be ornaments or missing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from composerd.music.charts.chart import Bar, Chart, ChartSection
from composerd.music.roll import REST, MelodyRoll, Steps

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

PACES = (1.0, 0.5, 2.0)
"""steps of the song for each step of the player: as learned, and where the player takes it half or twice as fast"""
WINDOW = 64
"""the player's last steps, which are compared"""
EVIDENCE = ((12, 0.76), (9, 0.85), (8, 0.9), (7, 0.95))
"""changes of pitch that are needed in them, and the share of the notes that must agree then"""
SLOW = (4, 0.9, 48)
"""the same for slow tunes, and the steps that their notes must reach over"""
LEAST_PITCHES = 4
"""different pitches needed to recognise a song"""
GRAM = 4
"""notes in a row whose intervals are looked up"""
FARTHEST = 12
"""semitones: larger intervals count as this large"""
COMMON = 400
"""intervals at more places than this, such as a scale's, are ignored"""
PROPOSED = 5
"""alignments that are compared note by note"""
KEEPS = 0.6
"""share of the notes of the last bar that must agree for a song to stay recognised"""
_GAP = 160
"""silence between two songs [steps], more than is ever compared"""
_SEMITONES = 256
_FIRST = 1 << 24
"""added to the player's steps, so that no vote is negative"""


@dataclass(frozen=True, slots=True)
class Recognised:
    """The player's step `s` is step `floor(pace * s) + offset` of song number `song`, `semitones` higher."""

    song: int
    offset: int
    semitones: int
    pace: float = 1.0
    certainty: float = 0.0
    """share of the notes compared that agree"""

    def in_song(self, step: int) -> int:
        """The song's step at the player's step."""
        return int(self.pace * step // 1) + self.offset


class Songbook:
    """The songs that have a melody, in flat arrays."""

    def __init__(self, charts: Iterable[Chart] = ()) -> None:
        known: dict[object, object] = {}
        melodies: list[MelodyRoll] = []
        kept: list[Chart] = []
        for chart in charts:
            if chart.melody:
                melodies.append(_roll(chart))
                kept.append(_compact(chart, known))
        self.charts = tuple(kept)
        """charts of the songs, without their melodies"""
        lengths = np.array([len(melody.pitch) for melody in melodies], np.int64)
        self._starts = _GAP + np.cumsum(lengths + _GAP) - lengths - _GAP
        self._ends = self._starts + lengths
        self._pitch = np.full(int(lengths.sum()) + _GAP * (len(melodies) + 1), REST, np.int8)
        self._onset = np.zeros(len(self._pitch), np.bool_)
        self._carried = self._pitch.copy()
        """pitches by step, each note extended to the next one"""
        for start, end, melody in zip(self._starts, self._ends, melodies, strict=True):
            self._pitch[start:end], self._onset[start:end] = melody.pitch, melody.onset
            self._carried[start:end] = _carried(melody.pitch)
        self._at = np.flatnonzero(self._onset)
        keys = _grams(self._pitch[self._at].astype(np.int64))
        _, of, count = np.unique(keys, return_inverse=True, return_counts=True)
        rare = np.flatnonzero(count[of] <= COMMON)
        self._order = rare[np.argsort(keys[rare], kind="stable")]
        """the first of GRAM notes, by their key"""
        self._keys = keys[self._order]

    def __len__(self) -> int:
        return len(self.charts)

    @property
    def nbytes(self) -> int:
        """Size of the arrays [bytes]."""
        arrays = (self._pitch, self._onset, self._carried, self._at, self._order, self._keys)
        return sum(array.nbytes for array in arrays)

    def melody(self, found: Recognised, first: int, end: int) -> MelodyRoll:
        """The song's melody at the player's steps [first, end), in the player's key."""
        at = _paced(found.pace, np.arange(first, end)) + self._shift(found)
        inside = (at >= self._starts[found.song]) & (at < self._ends[found.song])
        at = np.where(inside, at, 0)
        pitch = self._pitch[at].astype(np.int16)
        sounding = inside & (pitch != REST)
        moved = np.clip(pitch + found.semitones, 0, 127).astype(np.int16)
        new = np.concatenate([[True], at[1:] != at[:-1]]) if len(at) else np.zeros(0, np.bool_)
        return MelodyRoll(first, np.where(sounding, moved, np.int16(REST)), sounding & self._onset[at] & new)

    def find(self, melody: MelodyRoll) -> Recognised | None:
        """The song whose melody contains the end of `melody`; None for none, or if it is too short."""
        recent = melody.window(max(melody.first, melody.end - WINDOW), melody.end)
        struck = np.flatnonzero(recent.onset)
        if len(struck) < GRAM or len(self._at) < GRAM:
            return None
        sung = recent.pitch[struck]
        if _moves(sung) < SLOW[0] or len(set(sung.tolist())) < LEAST_PITCHES:
            return None
        best: Recognised | None = None
        most = 0.0
        for one in self._proposed(sung.astype(np.int64), struck + recent.first):
            agreed, share = self._agreed(recent, one)
            if agreed * share > most:
                best, most = replace(one, certainty=share), agreed * share
        return best

    def turned(self, found: Recognised, step: int) -> Recognised:
        """`found` adjusted to the player's step `step`: after its last bar the song begins again."""
        length = self.charts[found.song].steps
        return replace(found, offset=found.offset - length) if found.in_song(step) >= length else found

    def stays(self, melody: MelodyRoll, found: Recognised, steps: int) -> bool:
        """Whether the last `steps` of the melody still are the song's, the note struck last among them; silence is no
        other song."""
        first = max(melody.first, melody.end - steps)
        struck, ours, _, theirs = self._agreement(melody.window(first, melody.end), found)
        notes = len(ours) + len(theirs)
        agree = np.count_nonzero(ours) + np.count_nonzero(theirs)
        return not len(struck) or bool(ours[-1] and agree >= KEEPS * notes)

    def _agreed(self, melody: MelodyRoll, found: Recognised) -> tuple[float, float]:
        """Number and share of agreeing notes; 0 if they are too few to recognise the song."""
        struck, ours, _, theirs = self._agreement(melody, found)
        notes = len(ours) + len(theirs)
        agree = float(np.count_nonzero(ours) + np.count_nonzero(theirs))
        if not len(ours) or not ours[-1] or agree < EVIDENCE[0][1] * notes:
            return 0.0, 0.0
        sung = melody.pitch[struck - melody.first]
        moves = min(_moves(sung), len(theirs) - 1)
        slow = melody.end - struck[0] >= SLOW[2]
        needed = (*EVIDENCE, SLOW[:2]) if slow else EVIDENCE
        share = agree / notes
        enough = any(moves >= least and share >= part for least, part in needed)
        return (agree, share) if enough and len(set(sung.tolist())) >= LEAST_PITCHES else (0.0, 0.0)

    def _agreement(self, melody: MelodyRoll, found: Recognised) -> tuple[Ints, Flags, Ints, Flags]:
        """The player's steps of the notes of `melody` and whether each agrees with the song, and the same for the
        song's notes meanwhile, from where the song begins."""
        shift = self._shift(found)
        first = max(melody.first, -int((shift - self._starts[found.song]) / found.pace // 1))
        struck = np.flatnonzero(melody.onset[first - melody.first :]) + first
        at = _paced(found.pace, struck) + shift
        pitch = melody.pitch[struck - melody.first] - found.semitones
        ours = (self._carried[at] == pitch) | (self._carried[at - 1] == pitch) | (self._carried[at + 1] == pitch)
        low, high = np.searchsorted(self._at, _paced(found.pace, np.array([first, melody.end])) + shift)
        place = self._at[low:high]
        mine = np.floor((place - shift) / found.pace).astype(np.int64)
        carried = np.concatenate([[REST], _carried(melody.pitch), [REST, REST]])
        there, wanted = mine - melody.first + 1, self._pitch[place] + np.int64(found.semitones)
        theirs = (carried[there] == wanted) | (carried[there - 1] == wanted) | (carried[there + 1] == wanted)
        return struck, ours, mine, theirs

    def _proposed(self, pitch: Ints, struck: Ints) -> list[Recognised]:
        """Alignments on which the most runs of notes agree; `struck` are the player's steps of `pitch`."""
        keys = _grams(pitch)
        low, high = np.searchsorted(self._keys, keys), np.searchsorted(self._keys, keys, "right")
        counts = high - low
        mine = np.repeat(np.arange(len(keys)), counts)
        within = np.arange(len(mine)) - np.repeat(np.cumsum(counts) - counts, counts)
        there = self._order[np.repeat(low, counts) + within]
        place = self._at[there]
        span = self._at[there + GRAM - 1] - place
        own, from_step = (struck[GRAM - 1 :] - struck[: 1 - GRAM])[mine], struck[mine]
        higher = pitch[mine] - self._pitch[place] + _SEMITONES // 2
        votes, places = [], []
        for number, pace in enumerate(PACES):
            fits = np.flatnonzero(np.abs(span - pace * own) <= 2 * max(1.0, pace))
            shift = place[fits] - _paced(pace, from_step[fits]) + _FIRST
            votes.append((shift * _SEMITONES + higher[fits]) * len(PACES) + number)
            places.append(place[fits])
        return self._most_voted(np.concatenate(votes), np.concatenate(places))

    def _most_voted(self, votes: Ints, place: Ints) -> list[Recognised]:
        """The alignments with the most votes; a vote counts half for an alignment a step beside."""
        vote, first, number = np.unique(votes, return_index=True, return_counts=True)
        total = number.astype(np.float64)
        step = _SEMITONES * len(PACES)
        for beside in (-step, step):
            at = np.minimum(np.searchsorted(vote, vote + beside), len(vote) - 1)
            total += np.where(vote[at] == vote + beside, 0.5 * number[at], 0.0)
        found = []
        for index in np.argsort(-total, kind="stable")[:PROPOSED]:
            if total[index] > 1.0:
                rest, pace = divmod(int(vote[index]), len(PACES))
                shift, higher = divmod(rest, _SEMITONES)
                song = int(np.searchsorted(self._starts, place[first[index]], "right")) - 1
                offset = shift - _FIRST - int(self._starts[song])
                found.append(Recognised(song, offset, higher - _SEMITONES // 2, PACES[pace]))
        return found

    def _shift(self, found: Recognised) -> int:
        """The index in the arrays of the player's step 0."""
        return int(found.offset + self._starts[found.song])


def _moves(sung: Steps) -> int:
    """Notes of another pitch than the one before."""
    return int(np.count_nonzero(sung[1:] != sung[:-1]))


def _paced(pace: float, steps: Ints) -> Ints:
    """The song's steps at the player's, its offset left out."""
    return steps if pace == 1 else np.floor(pace * steps).astype(np.int64)


def _grams(pitch: Ints) -> Ints:
    """(notes - GRAM + 1,) a number for the intervals of each GRAM notes in a row."""
    steps = np.minimum(np.maximum(np.diff(pitch), -FARTHEST), FARTHEST) + FARTHEST
    count = max(0, len(pitch) - GRAM + 1)
    key = np.zeros(count, np.int64)
    for ahead in range(GRAM - 1):
        key = key * (2 * FARTHEST + 1) + steps[ahead : ahead + count]
    return key


def _carried(pitch: npt.NDArray[np.signedinteger]) -> npt.NDArray[np.signedinteger]:
    """Each note lasts until the next."""
    index = np.where(pitch != REST, np.arange(len(pitch)), 0)
    return pitch[np.maximum.accumulate(index)] if len(pitch) else pitch


def _roll(chart: Chart) -> MelodyRoll:
    end = max(chart.steps, *(note.step + note.length for note in chart.melody))
    pitch, onset = np.full(end, REST, np.int16), np.zeros(end, np.bool_)
    for note in chart.melody:
        pitch[note.step : note.step + note.length] = note.pitch
        onset[note.step] = True
    return MelodyRoll(0, pitch, onset)


def _compact(chart: Chart, known: dict[object, object]) -> Chart:
    """The chart without its melody; equal bars of all charts are stored once."""

    def once(bar: Bar) -> Bar:
        kept = known.setdefault(bar, bar)
        assert isinstance(kept, Bar)
        return kept

    sections = tuple(ChartSection(one.name, tuple(once(bar) for bar in one.bars)) for one in chart.sections)
    return replace(chart, sections=sections, melody=())


NO_SONGS = Songbook()
