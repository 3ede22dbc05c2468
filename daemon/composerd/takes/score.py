"""Converts a journal to music on a MIDI file's time axis, with bars and tempo as they were played."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from composerd.engine.messages import Played
from composerd.music.genre import Genre, Part
from composerd.music.metre import Metre
from composerd.music.midi_tracks import Axis, FileTrack, Line, MetreChange, TempoChange, tracks
from composerd.music.tempo import MAX_BPM, MIN_BPM
from composerd.takes.journal import GenreFrom, Journal

TICKS_PER_BEAT = 480
AGREES = 0.005
"""deviation of a moment from the tempo's line beyond which the tempo has changed [s]"""

Point = tuple[float, float]
"""second, beat"""


@dataclass(frozen=True, slots=True)
class Score:
    """A take on the time axis of a MIDI file."""

    genre: str
    axis: Axis
    tracks: tuple[FileTrack, ...]


def score(journal: Journal) -> Score | None:
    """The music of a journal, every note with an end; None if no note was played."""
    if not any(played.message.starts_note for played in journal.played):
        return None
    genre = _first_genre(journal)
    line = _tempo_line([(p.at, p.beat) for p in journal.played if p.beat is not None], genre.bpm, journal)
    lead_in = _lead_in(journal, line, genre.metre)
    line = [(second, beat + lead_in) for second, beat in line]
    axis = Axis(TICKS_PER_BEAT, tuple(_tempo_changes(line)), (MetreChange(0, genre.metre),))
    start = _second_of_beat_0(line)
    lines = list(_lines(journal, genre, axis, start))
    return Score(genre.name, axis, tracks(genre, lines, max(tick for tick, _, _ in lines)))


def _first_genre(journal: Journal) -> Genre:
    genres = (record.genre for record in journal.records if isinstance(record, GenreFrom))
    return next(genres, Genre("unknown", "unknown", "", 120.0, ()))


def _tempo_line(points: Iterable[Point], bpm: float, journal: Journal) -> list[Point]:
    """The corners of the piecewise linear map from seconds to beats; at least two."""
    corners: list[Point] = []
    for second, beat in sorted(points):
        if not corners:
            corners = [(second, beat)]
        elif beat >= corners[-1][1] + 1.0 and _plausible(corners[-1], (second, beat)):
            if len(corners) > 1 and abs(_second_at(corners[-2], corners[-1], beat) - second) < AGREES:
                corners.pop()
            corners.append((second, beat))
    if not corners:
        corners = [(min(played.at for played in journal.played), 0.0)]
    if len(corners) == 1:
        second, beat = corners[0]
        corners.append((second + 60.0 / bpm, beat + 1.0))
    return corners


def _plausible(left: Point, right: Point) -> bool:
    seconds = right[0] - left[0]
    return seconds > 0 and MIN_BPM <= (right[1] - left[1]) * 60.0 / seconds <= MAX_BPM


def _second_at(left: Point, right: Point, beat: float) -> float:
    """The second of `beat` on the line through two corners."""
    return left[0] + (beat - left[1]) * (right[0] - left[0]) / (right[1] - left[1])


def _second_of_beat_0(line: list[Point]) -> float:
    return _second_at(line[0], line[1], 0.0)


def _lead_in(journal: Journal, line: list[Point], metre: Metre) -> float:
    """Beats of the bars to insert before bar 1 for notes played before it; a file has no negative time."""
    early = _second_of_beat_0(line) - min(played.at for played in journal.played)
    if early < AGREES:
        return 0.0
    beats = early * (line[1][1] - line[0][1]) / (line[1][0] - line[0][0])
    bar = metre.bar_steps / 4
    return -(-beats // bar) * bar


def _tempo_changes(line: list[Point]) -> Iterable[TempoChange]:
    tick = 0
    for left, right in pairwise(line):
        microseconds = round((right[0] - left[0]) / (right[1] - left[1]) * 1e6)
        yield TempoChange(tick, max(1, min(0xFFFFFF, microseconds)))
        tick = max(tick + 1, round(right[1] * TICKS_PER_BEAT))


def _lines(journal: Journal, genre: Genre, axis: Axis, start: float) -> Iterable[Line]:
    for record in journal.records:
        if isinstance(record, GenreFrom):
            genre = record.genre
        else:
            yield axis.tick_at(record.at - start), _sender(record, genre), record.message


def _sender(played: Played, genre: Genre) -> Part | None:
    if played.part is None:
        return None
    if 0 <= played.part < len(genre.parts):
        return genre.parts[played.part]
    return Part(f"part {played.part + 1}", "", played.message.channel)
