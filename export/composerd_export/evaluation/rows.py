"""Computes the rows of the table: baselines, and generators over all songs in jam and phrase, timed."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import nan

from composerd.engine.messages import Composed, Request
from composerd.engine.ports import Generator
from composerd.music.genre import Genre
from composerd.music.roll import Cells
from composerd_export.evaluation.baselines import (
    BAR,
    NearestNeighbour,
    another_song,
    another_song_in_key,
    others,
    shifted,
)
from composerd_export.evaluation.diversity import between_seeds
from composerd_export.evaluation.report import Bench, Row
from composerd_export.evaluation.songs import SongClip
from composerd_export.evaluation.systems import BandPerformance, jam, phrase
from composerd_export.metrics.distance import BandRows, measure

MODES = ("jam", "phrase")


@dataclass(slots=True)
class Timed:
    """A generator that adds up the time and number of its requests."""

    generator: Generator
    seconds: float = 0.0
    requests: int = 0

    def compose(self, request: Request) -> Composed:
        began = time.perf_counter()
        answer = self.generator.compose(request)
        self.seconds += time.perf_counter() - began
        self.requests += 1
        return answer


def bench_of(songs: list[SongClip], genre: Genre) -> Bench:
    """Measures truth and four other songs for each song. Raises ValueError if all songs are of one work."""
    band = BandRows.of(genre)
    truth = [measure(song.melody, song.cells, song.cells, band) for song in songs]
    other = [measure(song.melody, another_song(song, stranger), song.cells, band) for song, stranger in _pairs(songs)]
    return Bench(songs, band, truth, other)


def _pairs(songs: list[SongClip]) -> Iterator[tuple[SongClip, SongClip]]:
    """(song, other song) for each exchange of accompaniments."""
    for index, song in enumerate(songs):
        for stranger in others(songs, index):
            yield song, stranger


def baselines(bench: Bench, nearest: NearestNeighbour | None, other_people: Sequence[SongClip] = ()) -> Iterator[Row]:
    """Truth, other people's clips, another song as it is and in the melody's key, truth a bar late, nearest neighbour.

    `other_people` are clips of other pieces, each measured beside its own melody: how far people lie from people.
    """
    songs, pitched = bench.songs, bench.band.pitched
    pairs = list(_pairs(songs))
    heard = [song for song, _ in pairs]
    yield bench.row("human", "", [song.cells for song in songs])
    if other_people:
        yield bench.row("other people", "", [song.cells for song in other_people], other_people)
    yield bench.row("another song", "", [another_song(*pair) for pair in pairs], heard)
    yield bench.row("another song in key", "", [another_song_in_key(*pair, pitched) for pair in pairs], heard)
    yield bench.row("shifted by a bar", "", [shifted(song) for song in songs])
    if nearest is not None:
        yield bench.row("nearest neighbour", "phrase", [nearest.accompany(song) for song in songs])


def played(
    generator: Generator, genre: Genre, songs: Sequence[SongClip], mode: str, seed: int, take: int = 0
) -> list[BandPerformance]:
    """Every song in one of MODES. The player's timing depends on the song's place and the take alone."""
    if mode == "phrase":
        return [phrase(generator, genre, song, seed) for song in songs]
    first = take * len(songs)
    return [jam(generator, genre, song, seed, timing_seed=first + index) for index, song in enumerate(songs)]


def system_row(
    name: str,
    generator: Generator,
    genre: Genre,
    bench: Bench,
    mode: str,
    seed: int,
    seeds: bool = False,
    takes: int = 1,
) -> tuple[Row, list[Cells]]:
    """The generator's row over `takes` of each song, with different seeds and timing, and the music of the first.

    `seeds`: the first is played again with another seed, to be compared.
    """
    timed, songs = Timed(generator), bench.songs * takes
    performances = [one for take in range(takes) for one in played(timed, genre, bench.songs, mode, seed + take, take)]
    cells = [performance.cells for performance in performances]
    first = cells[: len(bench.songs)]
    again = [one.cells for one in played(generator, genre, bench.songs, mode, seed + 1)] if seeds else []
    bars = sum(song.steps for song in songs) / BAR
    row = bench.row(
        name,
        mode,
        cells,
        songs,
        blips=sum(performance.blips for performance in performances) / bars if mode == "jam" else nan,
        milliseconds=1000 * timed.seconds / max(1, timed.requests),
        decisions=timed.requests / len(songs),
        between_seeds=between_seeds(first, again, bench.band.pitched) if seeds else nan,
    )
    return row, first
