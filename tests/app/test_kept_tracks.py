"""A file's other tracks beside the band."""

from __future__ import annotations

from pathlib import Path

import mido
import pytest

import smf
from composerd.app.kept_tracks import with_tracks
from composerd.app.render import RenderedPerformance, render
from composerd.cli.main import main
from composerd.engine.messages import Composed, Mode, Request
from composerd.engine.settings import EngineSettings
from composerd.files.melody_file import MelodyFile, open_melody
from fakes import duo, echo_bass, instants


class Rule:
    def compose(self, request: Request) -> Composed:
        return echo_bass(request)


def opened(folder: Path, *tracks: bytes) -> MelodyFile:
    (folder / "in.mid").write_bytes(smf.song(*tracks))
    return open_melody(folder / "in.mid")


def performed(song: MelodyFile) -> RenderedPerformance:
    return render(song.melody, duo(), Mode.JAM, Rule(), EngineSettings())


def test_every_note_of_the_other_tracks_is_kept_at_its_tick_on_a_channel_of_its_own(tmp_path: Path) -> None:
    file = opened(tmp_path, *smf.band())
    kept, left_out = with_tracks(performed(file), file.others)
    assert left_out == ()
    for voice in file.others:
        lines = [(t, m.data1) for t, part, m in kept.lines if part and part.program == voice.program and m.starts_note
                 and part.name.startswith(voice.name)]  # fmt: skip
        assert lines == [(tick, message.data1) for tick, message in voice.events if message.starts_note]
    channels = [part.channel for part in kept.genre.parts]
    assert len(set(channels)) == len(channels)
    assert not {1, 16} & set(channels)


def test_a_kept_note_without_a_length_is_struck_all_the_same(tmp_path: Path) -> None:
    bells = smf.meta(3, b"bells") + smf.notes([36, 42, 38, 42], channel=3, ticks=0, every=480) + smf.END
    file = opened(tmp_path, smf.tune(), bells)
    kept, _ = with_tracks(performed(file), file.others)
    lines = [(tick, m.data1) for tick, part, m in kept.lines if part and part.name == "bells" and m.starts_note]
    assert [pitch for _, pitch in lines] == [36, 42, 38, 42]
    assert instants([(tick, message) for tick, _, message in kept.lines]) == []


def test_a_track_named_like_a_part_of_the_band_gets_a_name_of_its_own(tmp_path: Path) -> None:
    file = opened(tmp_path, smf.tune(), smf.meta(3, b"bass") + smf.notes([40] * 9) + smf.END)
    kept, _ = with_tracks(performed(file), file.others)
    assert [part.name for part in kept.genre.parts] == [*(part.name for part in duo().parts), "bass 2"]


def test_two_drummers_would_play_on_one_channel_so_the_files_is_left_out_and_said(tmp_path: Path) -> None:
    file = opened(tmp_path, smf.tune(), smf.meta(3, b"Kit") + smf.notes([38] * 9, 10) + smf.END)
    kept, left_out = with_tracks(performed(file), file.others)
    assert left_out == ("'Kit' (the band has drums)",)
    assert kept.genre.parts == duo().parts


def test_where_channels_run_out_the_voices_of_most_notes_are_kept(tmp_path: Path) -> None:
    others = [smf.meta(3, b"part %d" % n) + smf.notes([50] * n) + smf.END for n in range(1, 21)]
    file = opened(tmp_path, smf.tune(), *others)
    kept, left_out = with_tracks(performed(file), file.others)
    assert len(kept.genre.parts) == 2 + 12
    assert left_out == tuple(f"'part {n}' (no channel is left)" for n in range(1, 9))


def test_the_command_keeps_them_says_the_choice_and_what_it_passed_over(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "in.kar").write_bytes(smf.song(smf.meta(0x59, b"\x08\0") + smf.END, *smf.band()))
    out = tmp_path / "out.mid"
    asked = [
        "render",
        str(tmp_path / "in.kar"),
        "-o",
        str(out),
        "--track",
        "violins",
        "--keep-tracks",
        "--genre",
        "pop",
    ]
    assert main(asked) == 0
    said = capsys.readouterr()
    assert "melody: track 4 'Violins', 16 notes, as asked for" in said.out
    assert said.err == f"composerd: {tmp_path / 'in.kar'}: passed over: a key signature of 8 sharps\n"
    names = [track.name for track in mido.MidiFile(out).tracks]
    assert names == ["", "melody", "drums", "bass", "keys", "strings", "Bass", "Piano", "Trumpet"]


def test_a_coarse_file_is_answered_at_a_fine_resolution(tmp_path: Path) -> None:
    (tmp_path / "in.mid").write_bytes(smf.song(smf.notes(smf.C_MAJOR, ticks=4) + smf.END, division=4))
    assert main(["render", str(tmp_path / "in.mid"), "-o", str(tmp_path / "out.mid"), "--genre", "jazz"]) == 0
    written = mido.MidiFile(tmp_path / "out.mid")
    assert written.ticks_per_beat == 480
    ticks, now = [], 0
    for message in written.tracks[2]:
        now += message.time
        ticks.append(now)
    assert any(tick % 120 for tick in ticks), "a feel finer than the file's own 16ths"
