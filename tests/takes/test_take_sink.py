"""Performances written down as they happen."""

from __future__ import annotations

import errno
import logging
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import mido
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from composerd.engine.messages import Played
from composerd.files.free_space import no_room
from composerd.files.melody_file import read_melody
from composerd.music.genre import Genre, Part
from composerd.music.metre import Metre
from composerd.music.midi import Midi, control, note_off, note_on, program
from composerd.music.tempo import Tempo
from composerd.takes.folder import SUFFIX, list_takes, prune
from composerd.takes.journal import GenreFrom, JournalWriter, read_journal
from composerd.takes.recovery import recover
from composerd.takes.ring import Ring
from composerd.takes.settings import TakeSettings
from composerd.takes.take_sink import TakeSink

BASS, DRUMS = Part("bass", "bass", 3, program=33), Part("drums", "drums", 10)
ROCK = Genre("rock", "Rock", "plain", 120.0, (BASS, DRUMS))
WALTZ = Genre("waltz", "Waltz", "plain", 90.0, (Part("tuba", "bass", 4, program=58),), Metre(3, 4))
EVENING = datetime(2025, 9, 17, 20, 15, 3)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "takes"


@pytest.fixture
def sink(folder: Path) -> Iterator[TakeSink]:
    taker = TakeSink(TakeSettings(), folder, lambda: EVENING)
    taker.set_genre(ROCK)
    yield taker
    taker.close()


def note(beat: float, pitch: int, part: int | None = None, tempo: Tempo = Tempo(120, 1000.0)) -> list[Played]:  # noqa: B008
    """A quarter note less a bit, at its moment and beat."""
    channel = 1 if part is None else ROCK.parts[part].channel
    return [
        Played(tempo.second_at(beat), part, note_on(channel, pitch, 80), beat),
        Played(tempo.second_at(beat + 0.9), part, note_off(channel, pitch), beat + 0.9),
    ]


def play(sink: TakeSink, *notes: list[Played]) -> None:
    for played in sorted((one for both in notes for one in both), key=lambda one: one.at):
        sink.play(played)


def onsets(path: Path) -> dict[str, list[tuple[int, int]]]:
    """Tick and pitch of every note-on, per named track."""
    found: dict[str, list[tuple[int, int]]] = {}
    for track in mido.MidiFile(path).tracks[1:]:
        tick, found[track.name] = 0, []
        for message in track:
            tick += message.time
            if message.type == "note_on":
                found[track.name].append((tick, message.note))
    return found


def test_a_performance_becomes_a_file_with_a_track_per_part(sink: TakeSink, folder: Path) -> None:
    play(sink, note(0, 60), note(0, 38, 1), note(4, 64), note(4, 40, 0), note(5, 38, 1))
    sink.close()
    assert [path.name for path in folder.iterdir()] == ["0001_2025-09-17_20-15-03_rock.mid"]
    assert onsets(folder / "0001_2025-09-17_20-15-03_rock.mid") == {
        "melody": [(0, 60), (1920, 64)],
        "bass": [(1920, 40)],
        "drums": [(0, 38), (2400, 38)],
    }


def test_the_tempo_that_was_played_is_the_files_also_where_it_changed(sink: TakeSink, folder: Path) -> None:
    slow = Tempo(100, 1000.0)
    fast = slow.changed(150, slow.second_at(8))
    play(sink, *(note(beat, 60, None, slow if beat < 8 else fast) for beat in range(16)))
    sink.close()
    song = read_melody(next(folder.glob("*.mid")))
    assert [(change.tick, round(change.bpm)) for change in song.axis.tempos] == [(0, 100), (8 * 480, 150)]
    assert [message.tick for message in song.messages if message.message.starts_note] == [480 * n for n in range(16)]


def test_what_was_played_before_the_clock_ran_stands_before_bar_1(sink: TakeSink, folder: Path) -> None:
    early = [Played(999.0, None, note_on(1, 50, 80)), Played(999.4, None, note_off(1, 50))]
    play(sink, early, note(0, 60), note(1, 62))
    sink.close()
    assert onsets(next(folder.glob("*.mid")))["melody"] == [(960, 50), (1920, 60), (2400, 62)]


def test_a_new_sync_start_and_an_end_are_new_takes(sink: TakeSink, folder: Path) -> None:
    play(sink, note(0, 60), note(9, 61))
    play(sink, note(0, 62, None, Tempo(120, 1020.0)))
    sink.end()
    sink.set_genre(WALTZ)
    play(sink, note(0, 64, None, Tempo(120, 1040.0)))
    sink.close()
    assert [(take.path.name, take.genre, take.started) for take in list_takes(folder)] == [
        ("0001_2025-09-17_20-15-03_rock.mid", "rock", EVENING),
        ("0002_2025-09-17_20-15-03_rock.mid", "rock", EVENING),
        ("0003_2025-09-17_20-15-03_waltz.mid", "waltz", EVENING),
    ]


def test_a_genre_changed_on_the_way_brings_its_parts(sink: TakeSink, folder: Path) -> None:
    play(sink, note(0, 60), note(0, 40, 0))
    sink.set_genre(WALTZ)
    sink.play(Played(1002.0, 0, note_on(4, 43, 80), 4.0))
    sink.close()
    path = next(folder.glob("*.mid"))
    assert onsets(path) == {"melody": [(0, 60)], "bass": [(0, 40)], "drums": [], "tuba": [(1920, 43)]}
    tuba = [message.bytes() for message in mido.MidiFile(path).tracks[4] if not message.is_meta]
    assert tuba == [[0xC3, 58], [0x93, 43, 80], [0x83, 43, 64]]


def test_another_instrument_is_in_the_take_from_the_moment_it_was_chosen(sink: TakeSink, folder: Path) -> None:
    sink.play(Played(999.0, 0, program(3, 38)))
    play(sink, note(0, 60), note(0, 40, 0))
    sink.play(Played(1001.0, 0, program(3, 32)))
    play(sink, note(4, 41, 0))
    sink.close()
    bass = mido.MidiFile(next(folder.glob("*.mid"))).tracks[2]
    told = [message for message in bass if message.type in ("program_change", "note_on")]
    assert [getattr(one, "program", getattr(one, "note", None)) for one in told] == [38, 40, 32, 41]


def test_without_a_note_there_is_no_take(sink: TakeSink, folder: Path) -> None:
    sink.play(Played(1000.0, None, control(1, 64, 127)))
    sink.close()
    assert not folder.exists()


_PERFORMER = """
import os, sys
from pathlib import Path
from composerd.engine.messages import Played
from composerd.music.genre import Genre, Part
from composerd.music.midi import note_on
from composerd.takes.settings import TakeSettings
from composerd.takes.take_sink import TakeSink
folder = Path(sys.argv[1])
sink = TakeSink(TakeSettings(), folder)
sink.set_genre(Genre("rock", "Rock", "plain", 120.0, (Part("bass", "bass", 3),)))
for n in range(50):
    sink.play(Played(n / 2, n % 2 - 1 or None, note_on(1 + n % 2 * 2, 40 + n, 80), float(n)))
while not any(b" 89 80 " in journal.read_bytes() for journal in folder.glob("*.journal")):
    pass
print("played", flush=True)
sys.stdin.read()
"""


def test_a_take_survives_the_death_of_its_process(folder: Path) -> None:
    performer = subprocess.Popen(
        [sys.executable, "-c", _PERFORMER, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert performer.stdout is not None
    assert performer.stdout.readline() == b"played\n"
    assert recover(folder) == (), "a take that is being written is left alone"
    performer.kill()
    performer.communicate()
    (path,) = recover(folder)
    assert list(folder.iterdir()) == [path]
    assert path.name.endswith("_rock.mid")
    assert sum(len(notes) for notes in onsets(path).values()) == 50
    song = read_melody(path)
    assert song.messages[-1].message.ends_note


def journal_of(folder: Path) -> bytes:
    """Bytes of the journal of a short performance."""
    folder.mkdir(parents=True, exist_ok=True)
    writer = JournalWriter(folder / f"x{SUFFIX}", EVENING)
    notes = (note(0, 60), note(0, 38, 1), note(1, 62), note(2, 64))
    writer.write([GenreFrom(1000.0, ROCK), *sorted((one for both in notes for one in both), key=lambda one: one.at)])
    writer.close()
    data = writer.path.read_bytes()
    writer.path.unlink()
    return data


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cut=st.integers(0, 900), garbage=st.binary(max_size=40))
def test_a_journal_cut_anywhere_and_ending_in_garbage_is_a_take_or_nothing(
    tmp_path: Path, cut: int, garbage: bytes
) -> None:
    whole = journal_of(tmp_path / "whole")
    folder = tmp_path / "cut"
    folder.mkdir(exist_ok=True)
    (folder / f"2025-01-01_00-00-00{SUFFIX}").write_bytes(whole[:cut] + garbage)
    recovered = recover(folder)
    assert not list(folder.glob(f"*{SUFFIX}"))
    for path in recovered:
        mido.MidiFile(path)
    if cut >= len(whole):
        assert len(recovered) == 1
    for path in folder.iterdir():
        path.unlink()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    stream=st.lists(
        st.tuples(
            st.floats(0, 100),
            st.one_of(st.none(), st.integers(0, 3)),
            st.builds(
                Midi,
                st.sampled_from([0x80, 0x90, 0xB0, 0xE0]),
                st.integers(1, 16),
                st.integers(0, 127),
                st.integers(0, 127),
            ),
            st.one_of(st.none(), st.floats(-8, 400)),
        ),
        max_size=60,
    )
)
def test_any_stream_of_messages_becomes_takes_in_which_every_note_ends(
    tmp_path: Path, stream: list[tuple[float, int | None, Midi, float | None]]
) -> None:
    folder = tmp_path / "any"
    taker = TakeSink(TakeSettings(), folder, lambda: EVENING)
    taker.set_genre(ROCK)
    for at, part, message, beat in sorted(stream, key=lambda one: one[0]):
        taker.play(Played(at, part, message, beat))
    taker.close()
    for path in folder.glob("*"):
        assert path.suffix == ".mid"
        for track in mido.MidiFile(path).tracks:
            sounding = [0] * 2048
            for message in track:
                if message.type in ("note_on", "note_off"):
                    key = message.channel * 128 + message.note
                    begins = message.type == "note_on" and message.velocity > 0
                    sounding[key] = max(0, sounding[key] + (1 if begins else -1))
            assert not any(sounding)
        path.unlink()


def test_a_disk_that_refuses_stops_the_recording_with_one_warning(
    sink: TakeSink, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder.parent.mkdir(exist_ok=True)
    folder.write_text("a file where the folder should be")
    with caplog.at_level(logging.WARNING):
        play(sink, note(0, 60), note(1, 61), note(2, 62))
        sink.end()
        play(sink, note(0, 60), note(1, 61))
        sink.close()
    assert [record.message for record in caplog.records if "recording stopped" in record.message] == [
        f"recording stopped, the music goes on: {folder}: File exists"
    ]


def test_a_disk_that_fills_up_keeps_what_it_has(
    folder: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = os.write

    def full(file: int, data: bytes) -> int:
        if b" 62 80 " in data:
            raise OSError(errno.ENOSPC, "No space left on device")
        return written(file, data)

    monkeypatch.setattr(os, "write", full)
    taker = TakeSink(TakeSettings(), folder, lambda: EVENING)
    taker.set_genre(ROCK)
    play(taker, note(0, 60), note(1, 61), note(2, 62), note(3, 63))
    taker.close()
    monkeypatch.undo()
    assert [record.message for record in caplog.records] == [
        f"recording stopped, the music goes on: {folder}: No space left on device"
    ]
    (path,) = recover(folder)
    assert onsets(path)["melody"] == [(0, 60), (480, 61)]


def test_that_a_take_cannot_be_written_is_known_before_it_is_asked_for(sink: TakeSink, folder: Path) -> None:
    assert sink.unwritable() == ""
    assert not folder.exists()
    free = shutil.disk_usage(folder.parent).free
    assert no_room(folder, free * 2, "take").startswith(f"{folder}: found ")
    folder.parent.mkdir(exist_ok=True)
    folder.write_text("a file where the folder should be")
    assert sink.unwritable() == f"{folder}: found no folder that can be written to, expected one for takes"


def test_an_unreadable_journal_is_put_aside_once(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    folder.mkdir(parents=True)
    (folder / f"x{SUFFIX}").write_text('{"composerd_take": 99}\nM 1 - 144 1 60 80 -\n')
    assert recover(folder) == ()
    assert [path.name for path in folder.iterdir()] == ["x.damaged"]
    assert "kept as .damaged" in caplog.text


def test_the_oldest_takes_make_room_and_the_newest_stays(folder: Path) -> None:
    folder.mkdir(parents=True)
    for day in range(4):
        name = (EVENING + timedelta(days=day)).strftime("%Y-%m-%d_%H-%M-%S_rock.mid")
        (folder / name).write_bytes(bytes(1_000_000))
    (folder / "2025-01-01 my own.mid").write_bytes(bytes(1_000_000))
    assert [path.name[:10] for path in prune(folder, 2.5)] == ["2025-09-17", "2025-09-18"]
    assert [path.name[:10] for path in prune(folder, 0.1)] == ["2025-09-19"]
    assert [take.started for take in list_takes(folder)] == [EVENING + timedelta(days=3)]
    assert (folder / "2025-01-01 my own.mid").exists()


def test_a_journal_reads_back_what_was_written(tmp_path: Path) -> None:
    path = tmp_path / f"x{SUFFIX}"
    writer = JournalWriter(path, EVENING)
    sent = [*note(0, 60), *note(1, 38, 1), Played(1002.5, None, Midi(0xE0, 1, 3, 90))]
    writer.write(sent)
    writer.close()
    journal = read_journal(path)
    assert journal.started == EVENING
    assert [(p.part, p.message) for p in journal.played] == [(p.part, p.message) for p in sent]
    assert [p.at for p in journal.played] == pytest.approx([p.at for p in sent], abs=1e-6)


def test_the_last_two_minutes_can_be_kept_beside_the_take_that_goes_on(folder: Path, sink: TakeSink) -> None:
    play(sink, *(note(beat, 60) for beat in range(600)))
    sink.keep()
    play(sink, note(600, 72))
    sink.close()
    kept, whole = sorted((read_melody(take.path) for take in list_takes(folder)), key=lambda song: len(song.messages))
    struck = [sum(one.message.starts_note for one in song.messages) for song in (kept, whole)]
    assert struck[1] == 601
    assert 238 <= struck[0] <= 242


def test_what_is_kept_is_kept_also_where_nothing_else_is_recorded(folder: Path) -> None:
    taker = TakeSink(TakeSettings(record=False), folder, lambda: EVENING)
    taker.set_genre(ROCK)
    play(taker, note(0, 60), note(1, 40, part=0))
    taker.keep()
    taker.close()
    (take,) = list_takes(folder)
    assert take.genre == "rock"
    assert [track.name for track in mido.MidiFile(take.path).tracks if track.name in ("melody", "bass")]


def test_a_ring_remembers_the_genre_that_was_chosen_before_what_it_holds() -> None:
    ring = Ring()
    ring.change_genre(ROCK)
    for beat in range(600):
        for played in note(beat, 60):
            ring.note(played)
    records = ring.records()
    assert records[0] == GenreFrom(records[1].at, ROCK)  # type: ignore[union-attr]  # a message
    assert records[-1].at - records[1].at == pytest.approx(120, abs=1)  # type: ignore[union-attr]


def test_an_unforeseen_error_costs_one_take_and_the_next_is_recorded(folder: Path) -> None:
    errors = iter([RuntimeError("unforeseen")])

    def clock() -> datetime:
        for error in errors:
            raise error
        return EVENING

    sink = TakeSink(TakeSettings(), folder, clock)
    sink.set_genre(ROCK)
    for _ in range(2):
        play(sink, note(0, 60))
        sink.end()
    sink.close()
    assert [onsets(take.path)["melody"] for take in list_takes(folder)] == [[(0, 60)]]


def test_an_unforeseen_error_at_the_end_does_not_keep_the_program_from_ending(folder: Path) -> None:
    no_number = TakeSettings(limit_mb="")  # type: ignore[arg-type]  # something nobody foresaw, when takes are pruned
    sink = TakeSink(no_number, folder, lambda: EVENING)
    play(sink, note(0, 60))
    sink.close()
    assert len(list_takes(folder)) == 1
