"""The table of systems: measured, printed, written and drawn."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest

from composerd.engine.messages import Composed, Request
from composerd.library.genre_files import load_genre
from composerd.music.harmony.labelling import KeyFit
from composerd.music.roll import HELD, ONSET, Cells, MelodyRoll
from composerd_export.evaluation.report import COLUMNS, Bench, Row, as_json, table
from composerd_export.evaluation.rows import Timed, baselines, bench_of
from composerd_export.evaluation.songs import SongClip

GENRE = load_genre("rock")
BARS = 4


def song(name: str, key: int) -> SongClip:
    """A chord a bar, its root in the bass, its tones in the melody."""
    steps = 16 * BARS
    cells = np.zeros((len(GENRE.parts), steps, 128), np.uint8)
    pitch = np.zeros(steps, np.int16)
    rows = [index for index, part in enumerate(GENRE.parts) if part.role != "drums"]
    for bar in range(BARS):
        root, span = key + (0, 5, 7, 0)[bar], slice(16 * bar, 16 * bar + 16)
        for row, pitches in zip(rows, ([36 + root], [52 + root, 55 + root], [60 + root, 64 + root]), strict=True):
            cells[row, span, pitches] = HELD
            cells[row, 16 * bar, pitches] = ONSET
        pitch[span] = 72 + root + np.repeat((0, 4, 7, 4), 4)
    onset = np.arange(steps) % 4 == 0
    return SongClip(name, name, MelodyRoll(0, pitch, onset), cells, 100.0, KeyFit(key, False, 1.0))


@pytest.fixture(scope="module")
def bench() -> Bench:
    return bench_of([song("one", 0), song("two", 1)], GENRE)


def rows_of(bench: Bench) -> list[Row]:
    return list(baselines(bench, None))


def test_people_are_as_they_are_and_another_song_fits_worse(bench: Bench) -> None:
    human, other, in_key, shifted = rows_of(bench)
    assert (human.values()["closure"], human.values()["human"]) == (1.0, 0.0)
    assert other.values()["closure"] == 0.0
    assert in_key.values()["closure"] == 1.0, "the same chords in the melody's key"
    assert shifted.values()["closure"] < 1.0
    assert human.label == "human"


def test_other_people_are_measured_beside_their_own_melodies() -> None:
    songs = [song("one", 0), song("two", 1)]
    busier = song("three", 5)
    busier.cells[:, ::4] = np.where(busier.cells[:, ::4] == HELD, ONSET, busier.cells[:, ::4])
    found = list(baselines(bench_of(songs, GENRE), None, [busier]))
    assert [row.name for row in found][:3] == ["human", "other people", "another song"]
    values = found[1].values()
    assert values["closure"] == pytest.approx(1.0, abs=0.01), "their own chords fit their own melody"
    assert values["human"] > 0.0
    assert values["on/bar"] > found[0].values()["on/bar"]


def test_the_table_has_a_line_a_row_and_a_dash_for_what_does_not_apply(bench: Bench) -> None:
    lines = table(rows_of(bench)).splitlines()
    assert len(lines) == 5
    assert lines[0].split()[:3] == ["closure", "pcs", "clash"]
    assert lines[1].split()[:2] == ["human", "1.00"]
    assert lines[1].endswith(" -"), "nothing is off"
    assert all(name in lines[0] for name, _ in COLUMNS)


def test_json_has_every_figure_and_null_for_what_does_not_apply(bench: Bench) -> None:
    found = json.loads(as_json(rows_of(bench), {"dataset": "rock"}))
    assert found["about"] == {"dataset": "rock"}
    assert [row["name"] for row in found["rows"]] == [
        "human", "another song", "another song in key", "shifted by a bar",
    ]  # fmt: skip
    values = found["rows"][0]["values"]
    assert set(values) == {name for name, _ in COLUMNS}
    assert values["ms"] is None
    assert values["pcs"] > 0.8


def test_the_table_is_drawn(bench: Bench, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    from composerd_export.evaluation.plot import plot

    plot(rows_of(bench), "two songs", tmp_path / "table.png")
    assert (tmp_path / "table.png").read_bytes().startswith(b"\x89PNG")


@dataclass
class Silent:
    asked: list[int] = field(default_factory=list)

    def compose(self, request: Request) -> Composed:
        self.asked.append(request.serial)
        return Composed(request.serial, ())


def test_requests_are_counted_and_timed() -> None:
    from composerd.engine.messages import Directions
    from composerd.engine.phrase.request import phrase_request
    from composerd.music.metre import BarGrid, Metre

    one = song("one", 0)
    request = phrase_request(
        GENRE, BarGrid.of(Metre()), 100.0, one.melody, one.steps, seed=0, directions=Directions()
    )  # fmt: skip
    timed = Timed(Silent())
    for _ in range(3):
        assert timed.compose(request).sections == ()
    assert timed.requests == 3
    assert timed.seconds > 0


def test_a_bench_needs_two_works() -> None:
    with pytest.raises(ValueError, match="two works"):
        bench_of([song("one", 0)], GENRE)


def _silence(one: SongClip) -> Cells:
    return np.zeros_like(one.cells)


def test_silence_does_not_fit(bench: Bench) -> None:
    row = bench.row("silent", "jam", [_silence(one) for one in bench.songs])
    assert row.label == "silent (jam)"
    assert row.values()["on/bar"] == 0.0
    assert row.values()["human"] > 1.0
    assert row.worst in row.summary.deviations
