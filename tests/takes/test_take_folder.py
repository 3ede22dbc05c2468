"""Takes in order of recording, whatever the clock says; what a list says of them."""

from __future__ import annotations

import errno
import logging
import os
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import mido
import pytest
from hypothesis import given
from hypothesis import strategies as st

from composerd.engine.messages import Played
from composerd.files.midi_file import write_tracks
from composerd.music.genre import Genre, Part
from composerd.music.metre import Metre
from composerd.music.midi import note_off, note_on
from composerd.music.midi_tracks import Axis, FileTrack, MetreChange, TempoChange
from composerd.takes.facts import Facts, facts_in, facts_of
from composerd.takes.folder import list_takes, new_name, prune, unfinished
from composerd.takes.settings import TakeSettings
from composerd.takes.take_recorder import TakeRecorder
from composerd.takes.take_sink import TakeSink

ROCK = Genre("rock", "Rock", "plain", 120.0, (Part("bass", "bass", 3, program=33),))
WOKEN = datetime(2020, 1, 1)
"""what a machine without a clock of its own believes at its start"""


def perform(sink: TakeSink, start: float, beats: int = 8) -> None:
    """Quarter notes at 120 bpm, then the end of the performance."""
    for beat in range(beats):
        second = start + beat / 2
        sink.play(Played(second, None, note_on(1, 60 + beat % 12, 80), float(beat)))
        sink.play(Played(second + 0.4, None, note_off(1, 60 + beat % 12), beat + 0.8))
    sink.end()


@pytest.fixture
def recorder(tmp_path: Path) -> Iterator[Callable[..., TakeSink]]:
    """Opens sinks with a limit in megabytes and a clock that shows the given moments one after the other."""
    opened: list[TakeSink] = []

    def make(moments: list[datetime], limit_mb: float = 200.0) -> TakeSink:
        shown = iter(moments)
        opened.append(TakeSink(TakeSettings(limit_mb=limit_mb), tmp_path / "takes", lambda: next(shown)))
        opened[-1].set_genre(ROCK)
        return opened[-1]

    yield make
    for sink in opened:
        sink.close()


def test_takes_are_in_order_of_recording_when_the_clock_jumps_back(
    recorder: Callable[..., TakeSink], tmp_path: Path
) -> None:
    moments = [datetime(2026, 7, 1, 20), WOKEN, datetime(2026, 10, 25, 2, 59), datetime(2026, 10, 25, 2, 1)]
    sink = recorder(moments)
    for number in range(4):
        perform(sink, 100.0 * number)
    sink.close()
    takes = list_takes(tmp_path / "takes")
    assert [(take.number, take.started) for take in takes] == list(enumerate(moments, 1))
    assert [take.path.name for take in takes] == sorted(path.name for path in (tmp_path / "takes").iterdir())
    assert sink.finished == tuple(take.path for take in takes)


def test_the_take_just_played_is_never_pruned_though_its_date_is_the_oldest(
    recorder: Callable[..., TakeSink], tmp_path: Path
) -> None:
    sink = recorder([datetime(2026, 7, 1, 20), datetime(2026, 7, 2, 20), WOKEN], limit_mb=0.0001)
    for number in range(3):
        perform(sink, 100.0 * number)
    sink.close()
    assert [take.started for take in list_takes(tmp_path / "takes")] == [WOKEN]
    assert [path.name[:4] for path in sink.finished] == ["0003"]


def test_what_is_kept_meanwhile_comes_before_the_performance_that_ends_later(
    recorder: Callable[..., TakeSink], tmp_path: Path
) -> None:
    sink = recorder([WOKEN + timedelta(seconds=number) for number in range(3)])
    perform(sink, 0.0)
    sink.play(Played(50.0, None, note_on(1, 72, 80), 0.0))
    sink.keep()
    sink.close()
    lengths = [mido.MidiFile(take.path).length > 10 for take in list_takes(tmp_path / "takes")]
    assert [take.number for take in list_takes(tmp_path / "takes")] == [1, 2, 3]
    assert lengths == [False, True, False], "the last one is the performance, not what was kept within it"


@given(
    made=st.lists(
        st.tuples(st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1)), st.sampled_from(("rock", "pop_2"))),
        max_size=12,
    )
)
def test_whatever_the_clock_shows_names_are_unique_and_sorted(
    tmp_path_factory: pytest.TempPathFactory, made: list[tuple[datetime, str]]
) -> None:
    folder = tmp_path_factory.mktemp("takes")
    names = []
    for moment, genre in made:
        names.append(f"{new_name(folder, moment)}_{genre}.mid")
        (folder / names[-1]).write_bytes(b"")
    assert names == sorted(set(names))
    takes = list_takes(folder)
    assert [take.path.name for take in takes] == names
    assert [take.genre for take in takes] == [genre for _, genre in made]
    assert [path.name for path in prune(folder, 1e-9)] == []


def test_takes_of_earlier_versions_come_first_in_order_of_their_dates(tmp_path: Path) -> None:
    for name in ("2025-01-02_00-00-00_pop.mid", "2025-01-01_00-00-00.2_pop.mid", "0001_2020-01-01_00-00-00_jazz.mid"):
        (tmp_path / name).write_bytes(b"")
    (tmp_path / "0009_2020-99-99_00-00-00_jazz.mid").write_bytes(b"")
    assert [(take.number, take.genre) for take in list_takes(tmp_path)] == [(0, "pop"), (0, "pop"), (1, "jazz")]
    assert list_takes(tmp_path)[0].path.name.startswith("2025-01-01")


def test_a_list_says_length_bars_and_tempo_without_reading_the_music(
    recorder: Callable[..., TakeSink], tmp_path: Path
) -> None:
    sink = recorder([WOKEN])
    perform(sink, 0.0, beats=18)
    sink.close()
    (take,) = list_takes(tmp_path / "takes")
    assert facts_in(take.path) == Facts(8.9, 5, 120.0)
    assert str(facts_in(take.path)) == "0.1 min, 5 bars, 120 bpm"
    take.path.write_bytes(take.path.read_bytes()[:200])
    assert facts_in(take.path) == Facts(8.9, 5, 120.0)


def test_of_a_file_that_does_not_say_them_the_facts_come_from_its_music(tmp_path: Path) -> None:
    axis = Axis(480, (TempoChange(0, 1_000_000), TempoChange(480, 500_000)), (MetreChange(0, Metre(3, 4)),))
    write_tracks(tmp_path / "a.mid", axis, [FileTrack("melody", ((0, note_on(1, 60, 80)), (6 * 480, note_off(1, 60))))])
    assert facts_in(tmp_path / "a.mid") == facts_of(axis, 6 * 480) == Facts(3.5, 2, 120.0)
    (tmp_path / "b.mid").write_bytes(b"no music")
    assert facts_in(tmp_path / "b.mid") is None


class Disk:
    """The kernel's write, which refuses while the disk is full."""

    def __init__(self) -> None:
        self.full = False
        self._write = os.write

    def write(self, file: int, data: bytes) -> int:
        if self.full:
            raise OSError(errno.ENOSPC, "No space left on device")
        return self._write(file, data)


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Disk:
    disk = Disk()
    monkeypatch.setattr(os, "write", disk.write)
    return disk


def scribe_of(folder: Path) -> TakeRecorder:
    scribe = TakeRecorder(TakeSettings(), folder, lambda: WOKEN)
    scribe.change_genre(ROCK)
    return scribe


def perform_on(scribe: TakeRecorder, start: float) -> list[Played]:
    played = [Played(start, None, note_on(1, 60, 80), 0.0), Played(start + 1, None, note_off(1, 60), 2.0)]
    for one in played:
        scribe.note(one)
    scribe.end()
    return played


def test_a_disk_that_fills_a_second_time_is_warned_of_again(
    tmp_path: Path, disk: Disk, caplog: pytest.LogCaptureFixture
) -> None:
    scribe = scribe_of(tmp_path)
    with caplog.at_level(logging.INFO):
        for start in (0.0, 1000.0):
            disk.full = True
            perform_on(scribe, start)
            assert scribe.problem == f"{tmp_path}: No space left on device"
            perform_on(scribe, start + 100)
            disk.full = False
            perform_on(scribe, start + 200)
            assert scribe.problem == ""
    said = [(record.levelname, record.message.split(":")[0]) for record in caplog.records]
    assert said == [("WARNING", "recording stopped, the music goes on"), ("INFO", "recording again")] * 2


def test_once_there_is_room_again_nobody_is_told_for_the_rest_of_a_take_that_nothing_is_recorded(
    tmp_path: Path, disk: Disk, caplog: pytest.LogCaptureFixture
) -> None:
    scribe = scribe_of(tmp_path)
    disk.full = True
    perform_on(scribe, 0.0)
    disk.full = False
    with caplog.at_level(logging.INFO):
        scribe.note(Played(100.0, None, note_on(1, 60, 80), 0.0))
        assert scribe.problem, "nothing of it is known to be on the disk"
        scribe.note(Played(103.0, None, note_off(1, 60), 6.0))
        assert scribe.problem == ""
        scribe.end()
    said = [record.message for record in caplog.records if record.levelname == "INFO"]
    assert said == [f"recording again: {tmp_path}"]


def test_rec_on_a_full_disk_says_so_each_time_and_leaves_the_take_that_is_written_alone(
    tmp_path: Path, disk: Disk, caplog: pytest.LogCaptureFixture
) -> None:
    scribe = scribe_of(tmp_path)
    begins, ends = Played(0.0, None, note_on(1, 60, 80), 0.0), Played(1.0, None, note_off(1, 60), 2.0)
    scribe.note(begins)
    disk.full = True
    scribe.keep([begins])
    scribe.keep([begins])
    assert scribe.problem == f"{tmp_path}: No space left on device", "the status line and `ctl status` show it"
    disk.full = False
    scribe.note(ends)
    scribe.end()
    refusals = [record.message for record in caplog.records if record.levelname == "WARNING"]
    assert refusals == [f"not kept: {tmp_path}: No space left on device"] * 2
    (take,) = list_takes(tmp_path)
    assert facts_in(take.path) == Facts(1.0, 1, 120.0)
    assert list(tmp_path.iterdir()) == [take.path]


def test_rec_before_anything_was_played_says_that_nothing_was_kept(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        scribe_of(tmp_path).keep([])
    assert [record.message for record in caplog.records] == [
        "kept: nothing, no note was played in the last two minutes"
    ]
    assert list(tmp_path.iterdir()) == []


def test_a_link_that_leads_nowhere_is_ignored_and_all_others_are_listed(tmp_path: Path) -> None:
    kept = tmp_path / "0001_2026-11-28_01-00-00_pop.mid"
    kept.write_bytes(b"MThd")
    (tmp_path / "0099_2026-11-28_02-00-00_pop.mid").symlink_to("/nowhere/x.mid")
    assert [take.path for take in list_takes(tmp_path)] == [kept]


def test_a_journal_that_is_gone_when_it_is_looked_at_is_not_unfinished(tmp_path: Path) -> None:
    (tmp_path / "0001.journal").symlink_to(tmp_path / "nowhere")
    (tmp_path / "0002.journal").write_bytes(b"left")
    assert [path.name for path in unfinished(tmp_path)] == ["0002.journal"]
