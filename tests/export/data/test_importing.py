from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import mido
import numpy as np
import pytest

import smf
from composerd.errors import ConfigError
from composerd.files import midi_reader
from composerd.files.melody_choice import melody_of
from composerd.files.melody_file import open_melody
from composerd.files.voices import FileVoice
from composerd_export.cli import main
from composerd_export.data.corpus import BAR_LENGTH, LENGTH, PITCH, START, TRACK, Piece, read_corpus
from composerd_export.data.importing.folder import import_folder, write_import
from composerd_export.data.importing.midi import Rejected, read_song
from composerd_export.data.importing.parts import LAYOUTS, assigned
from composerd_export.data.importing.rhythm import in_time, quantised, straight_beats, straightened, swing_of
from composerd_export.data.importing.songs import same_songs, split_songs
from odd_files import FINE, ODD

Note = tuple[float, float, int]
"""beat, beats, pitch"""
TUNE = (60, 62, 64, 67, 65, 64, 62, 64, 67, 69, 71, 72, 71, 67, 64, 60)


def tune(seed: int = 0, bars: int = 8) -> list[Note]:
    rng = np.random.default_rng(seed)
    return [(float(beat), 0.9, int(rng.choice(TUNE))) for beat in range(4 * bars)]


def chords(seed: int = 0, bars: int = 8) -> list[Note]:
    roots = np.random.default_rng(seed + 99).choice([48, 53, 55], bars)
    return [(4.0 * bar, 3.9, int(root) + tone) for bar, root in enumerate(roots) for tone in (0, 4, 7)]


def bass(bars: int = 8) -> list[Note]:
    return [(2.0 * half, 1.5, 36 + 7 * (half % 2)) for half in range(2 * bars)]


def drums(bars: int = 8) -> list[Note]:
    return [(beat / 2, 0.1, 42) for beat in range(8 * bars)]


def midi(
    path: Path,
    *tracks: tuple[str, int, int, Iterable[Note]],
    metres: Iterable[tuple[float, int, int]] = ((0, 4, 4),),
    noise: float = 0.0,
    bpm: float = 100.0,
) -> Path:
    """Tracks as (name, channel from 1, program, notes)."""
    rng = np.random.default_rng(0)
    head = mido.MidiTrack([mido.MetaMessage("set_tempo", tempo=round(60e6 / bpm))])
    now = 0
    for beat, top, under in metres:
        time = round(480 * beat) - now
        head.append(mido.MetaMessage("time_signature", numerator=top, denominator=under, time=time))
        now += time
    file = mido.MidiFile(ticks_per_beat=480, tracks=[head])
    for name, channel, program, notes in tracks:
        events = []
        for beat, beats, pitch in notes:
            at = max(0, round(480 * (beat + rng.normal(0, noise))))
            events += [(at, "note_on", pitch), (at + round(480 * beats), "note_off", pitch)]
        track, now = mido.MidiTrack([mido.MetaMessage("track_name", name=name)]), 0
        track.append(mido.Message("program_change", channel=channel - 1, program=program))
        for at, kind, pitch in sorted(events, key=lambda event: (event[0], event[1] == "note_on")):
            track.append(mido.Message(kind, channel=channel - 1, note=pitch, velocity=90, time=at - now))
            now = at
        file.tracks.append(track)
    path.parent.mkdir(parents=True, exist_ok=True)
    file.save(path)
    return path


def song(path: Path, seed: int = 0, up: int = 0) -> Path:
    melody = [(beat, beats, pitch + up) for beat, beats, pitch in tune(seed)]
    comp = [(beat, beats, pitch + up) for beat, beats, pitch in chords(seed)]
    low = [(beat, beats, pitch + up) for beat, beats, pitch in bass()]
    return midi(path, ("Lead Vocal", 1, 52, melody), ("Piano", 2, 0, comp), ("Bass", 3, 33, low), ("", 10, 0, drums()))


def only(folder: Path, layout: str = "band") -> Piece:
    return import_folder(folder, "mine", layout, valid=0).splits["train"].pieces[0]


def test_a_song_becomes_a_piece_with_its_parts_on_their_tracks(tmp_path: Path) -> None:
    song(tmp_path / "a.mid")
    piece = only(tmp_path)
    tracks = LAYOUTS["band"].tracks
    counts = {name: int((piece.notes[:, TRACK] == row).sum()) for row, name in enumerate(tracks)}
    assert counts == {
        "melody": 32,
        "drums": 64,
        "bass": 16,
        "keys": 24,
        "guitar": 0,
        "strings": 0,
        "winds": 0,
        "other": 0,
    }
    assert piece.notes[piece.notes[:, TRACK] == 0][:, START].tolist() == [24 * beat for beat in range(32)]
    assert piece.bars[:, BAR_LENGTH].tolist() == [96] * 8
    assert (piece.meta["bpm"], piece.meta["ts"], piece.meta["genre"]) == (100.0, "4/4", "mine")


def test_human_timing_is_quantised_and_leading_empty_bars_are_dropped(tmp_path: Path) -> None:
    late = [(beat + 8, beats, pitch) for beat, beats, pitch in tune()]
    midi(tmp_path / "a.mid", ("melody", 1, 0, late), ("bass", 2, 33, [(b + 8, n, p) for b, n, p in bass()]), noise=0.02)
    starts = only(tmp_path).notes[:, START]
    assert starts[0] == 0
    assert (starts % 6 == 0).all()


def test_swing_is_straightened_and_its_amount_kept(tmp_path: Path) -> None:
    swung = [(beat + off, 0.3, 60 + beat % 7) for beat in range(32) for off in (0.0, 2 / 3)]
    midi(tmp_path / "a.mid", ("melody", 1, 0, swung), ("bass", 2, 33, bass()))
    piece = only(tmp_path)
    assert sorted(set((piece.notes[:, START] % 24).tolist())) == [0, 12]
    assert (piece.meta["swing"], piece.meta["swing_amount"]) == (False, 1.0)


def test_metres_become_bars_and_a_change_within_a_bar_cuts_it(tmp_path: Path) -> None:
    metres = [(0, 4, 4), (8, 3, 4), (13, 6, 8)]
    midi(tmp_path / "a.mid", ("melody", 1, 0, tune(bars=5)), ("bass", 2, 33, bass(5)), metres=metres)
    assert only(tmp_path).bars[:, BAR_LENGTH].tolist() == [96, 96, 72, 48, 72, 72, 72]


def test_the_other_layouts_find_an_orchestra_and_four_voices(tmp_path: Path) -> None:
    voices = [(f"part {n}", n + 1, 48, [(b, d, p - 7 * n) for b, d, p in tune()]) for n in (2, 0, 3, 1)]
    midi(tmp_path / "choir" / "a.mid", *voices)
    choir = only(tmp_path / "choir", "choir")
    means = [choir.track(row)[:, PITCH].mean() for row in range(4)]
    assert means == sorted(means, reverse=True)
    parts = (("Melody", 40), ("Violoncello", 42), ("Corni in F", 60), ("Pauken", 47), ("x", 73))
    midi(
        tmp_path / "orchestra" / "a.mid", *[(name, n + 1, program, tune(n)) for n, (name, program) in enumerate(parts)]
    )
    found = only(tmp_path / "orchestra", "symphony").notes[:, TRACK]
    assert [LAYOUTS["symphony"].tracks[row] for row in np.unique(found)] == [
        "melody", "strings_low", "woodwinds", "brass", "timpani",
    ]  # fmt: skip


def voice(notes: Iterable[Note], name: str = "", channel: int = 1) -> FileVoice:
    rows = np.array([(on, on + beats, pitch, 90) for on, beats, pitch in notes], np.float64)
    return FileVoice(name, channel, 0, rows[np.argsort(rows[:, 0], kind="stable")])


def test_two_voices_of_one_part_share_its_track() -> None:
    found = assigned(
        melody_of([voice(tune(), "lead"), voice(chords(), "Guitar L"), voice(chords(1), "Gtr R")]), LAYOUTS["band"]
    )
    assert found == {0: "melody", 1: "guitar", 2: "guitar"}


@pytest.mark.parametrize(("swing", "measured"), [(0.5, 0.0), (0.6, 0.6), (2 / 3, 1.0)])
def test_swing_is_the_delay_of_the_off_beats(swing: float, measured: float) -> None:
    places = np.array([0.0, swing] * 20)
    assert swing_of(places) == pytest.approx(measured)
    straight = straight_beats(places, swing_of(places))
    assert straight[1] == pytest.approx(0.5)


def test_a_few_off_beats_are_no_swing() -> None:
    assert swing_of(np.array([0.0] * 50 + [2 / 3] * 5)) == 0.0


def test_straightening_counts_from_the_bar_line_and_says_so_once() -> None:
    notes = np.array([(36 + 24 * beat + off, 6, 60, 80, 0) for beat in range(8) for off in (0, 16)], np.int32)
    bars = np.array([(0, 3, 8, 36), (36, 4, 4, 96), (132, 4, 4, 96)], np.int32)
    piece = straightened(Piece(notes, bars, {"swing": True}))
    assert sorted(set(((piece.notes[:, START] - 36) % 24).tolist())) == [0, 12]
    assert straightened(piece) is piece


def test_triplets_stay_triplets_and_the_rest_goes_to_the_16ths() -> None:
    beats = np.array([0.01, 0.34, 0.66, 1.02, 1.26, 1.49, 1.74])
    assert quantised(beats).tolist() == [0, 8, 16, 24, 30, 36, 42]


def test_playing_without_a_click_is_noticed() -> None:
    rng = np.random.default_rng(1)
    assert not in_time(rng.uniform(0, 100, 400))
    assert in_time(np.arange(0, 100, 0.25) + rng.normal(0, 0.02, 400))


def test_versions_of_a_song_in_other_keys_stay_in_one_split_and_copies_are_left_out(tmp_path: Path) -> None:
    for seed in range(10):
        song(tmp_path / f"song{seed}.mid", seed)
    song(tmp_path / "song3 again.mid", 3, up=2)
    midi(tmp_path / "song4 live.mid", ("Melody", 1, 0, [(b, n, p + 5) for b, n, p in tune(4)]), ("Bass", 2, 33, bass()))
    imported = import_folder(tmp_path, "mine", valid=0.5)
    assert imported.rejected == (("song3.mid", "the same notes as song3 again.mid"),)
    split_of = {piece.meta["source"]: split for split, corpus in imported.splits.items() for piece in corpus}
    assert split_of["song4.mid"] == split_of["song4 live.mid"]
    assert set(split_of.values()) == {"train", "valid"}
    works = [piece.work for corpus in imported.splits.values() for piece in corpus]
    assert len(set(works)) == len(works) - 1


def test_scales_and_unrelated_tunes_are_different_songs() -> None:
    def rows(seed: int) -> np.ndarray[tuple[int, int], np.dtype[np.int32]]:
        return np.array([(int(24 * b), 24, p, 80, 0) for b, _, p in tune(seed)], np.int32)

    songs, copies = same_songs([rows(seed) for seed in range(12)], 0)
    assert songs == list(range(12))
    assert copies == {}


def test_every_split_has_a_song_where_there_are_two() -> None:
    assert len(split_songs([0, 0, 0, 3], 0.1, 0)) == 1
    assert split_songs([0, 0], 0.1, 0) == set()
    assert split_songs(list(range(50)), 0.0, 0) == set()
    assert len(split_songs(list(range(50)), 0.1, 0)) == 5


def broken(folder: Path) -> None:
    good = song(folder / "good.mid").read_bytes()
    files = {
        "empty.mid": b"",
        "text.mid": b"hello",
        "header.mid": good[:10],
        "cut.mid": good[:200],
        "type2.mid": good[:8] + b"\0\2" + good[10:],
        "frames.mid": good[:12] + b"\xe7\x28" + good[14:],
        "zero.mid": good[:12] + b"\0\0" + good[14:],
        "lying.mid": good[:18] + b"\x7f\xff\xff\xff" + good[22:],
        "noise.mid": good[:22] + bytes(range(256)) * 4,
        "huge.mid": good + bytes(midi_reader.MAX_BYTES),
        "silent.mid": b"MThd\0\0\0\6\0\0\0\1\1\xe0MTrk\0\0\0\4\0\xff\x2f\0",
    }
    for name, data in files.items():
        (folder / name).write_bytes(data)
    midi(folder / "drums.mid", ("melody", 10, 0, drums()))
    midi(folder / "alone.mid", ("melody", 1, 0, tune()))
    midi(folder / "short.mid", ("melody", 1, 0, tune(bars=2)), ("bass", 2, 33, bass(2)))
    midi(folder / "free.mid", ("melody", 1, 0, tune()), ("bass", 2, 33, bass()), noise=0.4)
    midi(folder / "for ever.mid", ("melody", 1, 0, [*tune(), (20_000.0, 1.0, 60)]), ("bass", 2, 33, bass()))
    midi(folder / "metre.mid", ("melody", 1, 0, tune()), ("bass", 2, 33, bass()), metres=[(0, 255, 4)])
    (folder / "folder.mid").mkdir()
    (folder / "dangling.mid").symlink_to("nowhere")
    (folder / "loop").symlink_to(folder)
    os.mkfifo(folder / "pipe.mid")


def test_broken_and_hostile_files_are_named_with_their_reason_and_the_rest_is_imported(tmp_path: Path) -> None:
    broken(tmp_path)
    imported = import_folder(tmp_path, "mine")
    assert [p.meta["source"] for corpus in imported.splits.values() for p in corpus] == ["good.mid", "metre.mid"]
    reasons = dict(imported.rejected)
    assert len(reasons) == 18
    assert reasons["empty.mid"] == "found an empty file, expected a MIDI file"
    assert reasons["drums.mid"] == "found no notes outside the drum channel, expected a melody"
    assert reasons["pipe.mid"] == "not an ordinary file"
    assert reasons["type2.mid"] == "the same notes as good.mid"
    assert reasons["lying.mid"] == "the same notes as good.mid"
    assert "SMPTE" in reasons["frames.mid"]
    assert "anywhere" in reasons["free.mid"]
    assert "nothing to accompany" in reasons["alone.mid"]
    assert "20,001 beats" in reasons["for ever.mid"]


@pytest.mark.parametrize("odd", [*ODD, *FINE])
def test_an_odd_file_is_read_for_a_corpus_as_it_is_for_a_performance(tmp_path: Path, odd: str) -> None:
    path = tmp_path / "odd.mid"
    path.write_bytes(ODD[odd][0] if odd in ODD else FINE[odd])
    imported, rendered = read_song(path), open_melody(path)
    assert sum(len(one.notes) for one in imported.voices) == 64
    assert sum(one.message.starts_note for one in rendered.melody.messages) == 64
    assert imported.ignored == rendered.ignored


def test_files_are_found_by_every_ending_in_any_case(tmp_path: Path) -> None:
    data = song(tmp_path / "A.MID", 1).read_bytes()
    for seed, name in enumerate(("b.midi", "C.KAR", "d.Smf"), 2):
        song(tmp_path / name, seed)
    (tmp_path / "E.RMI").write_bytes(smf.rmid(song(tmp_path / "f.mid", 9).read_bytes()))
    (tmp_path / "f.mid").unlink()
    (tmp_path / "notes.txt").write_bytes(data)
    pieces = import_folder(tmp_path, "mine", valid=0).splits["train"]
    assert sorted(piece.meta["source"] for piece in pieces) == ["A.MID", "C.KAR", "E.RMI", "b.midi", "d.Smf"]


def test_one_melody_over_eight_channels_is_imported_whole(tmp_path: Path) -> None:
    low = smf.meta(3, b"Bass") + b"\0\xcf\x21" + smf.notes([36, 43] * 16, 16, ticks=960) + smf.END
    (tmp_path / "mpe.mid").write_bytes(smf.song(smf.mpe_tune(), low))
    assert len(only(tmp_path).track(0)) == 64


def test_any_damage_to_a_file_is_survived(tmp_path: Path) -> None:
    good = song(tmp_path / "good.mid").read_bytes()
    rng = np.random.default_rng(5)
    outcomes = []
    for case in range(300):
        data = bytearray(good)
        for place in rng.integers(0, len(good), rng.integers(1, 8)).tolist():
            data[place] = int(rng.integers(0, 256))
        (tmp_path / "bad.mid").write_bytes(data[: len(good) if case % 2 else int(rng.integers(14, len(good)))])
        with suppress(Rejected):
            outcomes.append(len(read_song(tmp_path / "bad.mid").voices))
    assert 10 < len(outcomes) < 290


def test_a_name_that_is_no_text_does_not_stop_the_import(tmp_path: Path) -> None:
    song(tmp_path / "a.mid", 1)
    os.rename(tmp_path / "a.mid", os.fsencode(tmp_path) + b"/caf\xe9\n.mid")
    imported = import_folder(tmp_path, "mine", valid=0)
    write_import(imported, tmp_path / "out")
    assert read_corpus(tmp_path / "out" / "train.npz").pieces[0].meta["source"] == "caf??.mid"


def test_a_folder_with_nothing_to_use_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no such folder"):
        import_folder(tmp_path / "none", "mine")
    with pytest.raises(ConfigError, match="no file ending"):
        import_folder(tmp_path, "mine")
    (tmp_path / "a.mid").write_bytes(b"")
    with pytest.raises(ConfigError, match=r"none of 1 files can be used; the first, a\.mid: found an empty file"):
        import_folder(tmp_path, "mine")


def test_the_command_imports_and_says_what_it_left_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for seed in range(6):
        song(tmp_path / "midi" / f"{seed}.mid", seed)
    (tmp_path / "midi" / "bad.mid").write_bytes(b"")
    assert main(["data", "import", str(tmp_path / "midi"), "--name", "mine", "-o", str(tmp_path / "data")]) == 0
    said = capsys.readouterr().out
    assert "left out  bad.mid: found an empty file, expected a MIDI file" in said
    assert "train.npz: 5 pieces of 5 songs" in said
    assert "bad.mid\tfound an empty file" in (tmp_path / "data" / "mine" / "rejected.tsv").read_text()


def test_the_command_shows_what_was_imported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("matplotlib", reason="needs the export extra: matplotlib is not installed")
    for seed in range(6):
        song(tmp_path / "midi" / f"{seed}.mid", seed)
    assert main(["data", "import", str(tmp_path / "midi"), "--name", "mine", "-o", str(tmp_path / "data")]) == 0
    rolls = tmp_path / "rolls"
    corpus = tmp_path / "data" / "mine" / "train.npz"
    assert main(["data", "show", str(corpus), "--rolls", str(rolls), "--pieces", "2"]) == 0
    said = capsys.readouterr().out
    assert "pieces 5, works 5, bars 40" in said
    assert [path.read_bytes()[:4] for path in sorted(rolls.glob("*.png"))] == [b"\x89PNG"] * 2


@pytest.mark.parametrize("name", ["", "My Genre", "../up", "a" * 41])
def test_a_name_that_cannot_be_a_file_is_refused(tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["data", "import", str(tmp_path), "--name", name]) == 2
    assert "--name" in capsys.readouterr().err


def test_lengths_are_never_nothing(tmp_path: Path) -> None:
    staccato = [(beat, 0.01, pitch) for beat, _, pitch in tune()]
    midi(tmp_path / "a.mid", ("melody", 1, 0, staccato), ("bass", 2, 33, bass()))
    assert (only(tmp_path).notes[:, LENGTH] >= 1).all()


def test_one_song_is_imported_and_training_says_that_it_needs_two(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    song(tmp_path / "midi" / "a.mid")
    assert main(["data", "import", str(tmp_path / "midi"), "--name", "one", "-o", str(tmp_path / "data")]) == 0
    assert capsys.readouterr().err == (
        f"composerd-export: {tmp_path / 'data' / 'one'}: one song cannot be divided: "
        "training needs another one for validation\n"
    )
    pytest.importorskip("torch", reason="needs the export extra: torch is not installed")
    asked = ["train", "--dataset", "one", "--parts", "pop", "--data", str(tmp_path / "data"), "--width", "32"]
    assert main([*asked, "--epochs", "1", "--out", str(tmp_path / "out")]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "found no song in one's valid split" in line
