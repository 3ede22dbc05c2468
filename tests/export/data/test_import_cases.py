"""Importing MIDI files, a case at a time: parts by names and programs, metres, tempi, metadata, reasons and options."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import mido
import numpy as np
import pytest

from composerd.errors import ConfigError
from composerd.files.melody_choice import melody_of
from composerd.files.voices import FileVoice
from composerd_export.cli import main
from composerd_export.data.corpus import (
    BAR_LENGTH,
    DENOMINATOR,
    NUMERATOR,
    PITCH,
    START,
    TRACK,
    VELOCITY,
    Piece,
    read_corpus,
)
from composerd_export.data.importing.folder import FEWEST_BARS, FEWEST_MELODY_NOTES, Imported, import_folder, midi_files
from composerd_export.data.importing.midi import Rejected, read_song
from composerd_export.data.importing.parts import LAYOUTS, assigned
from composerd_export.data.importing.rhythm import quantised, straight_beats, straightened, swing_of, swing_of_piece
from composerd_export.data.importing.songs import phrases_of, same_songs, split_songs

Note = tuple[float, float, int]
"""beat, beats, pitch"""
Part = tuple[str, int, int, Sequence[Note]]
"""name, channel, program, notes"""


def tune(bars: int = 8, up: int = 0, seed: int = 0) -> list[Note]:
    dice = np.random.default_rng(seed)
    return [(float(beat), 0.9, up + int(dice.choice([60, 62, 64, 65, 67, 69]))) for beat in range(4 * bars)]


def low(bars: int = 8) -> list[Note]:
    return [(2.0 * half, 1.5, 36 + 7 * (half % 2)) for half in range(2 * bars)]


def midi(path: Path, *parts: Part, tempos: Iterable[tuple[float, float]] = ((0.0, 100.0),),
         metres: Iterable[tuple[float, int, int]] = ((0.0, 4, 4),)) -> Path:  # fmt: skip
    """A file of 480 ticks a beat; `tempos` as (beat, bpm), `metres` as (beat, numerator, denominator)."""
    file = mido.MidiFile()
    said = [(beat, mido.MetaMessage("set_tempo", tempo=mido.bpm2tempo(bpm))) for beat, bpm in tempos]
    said += [
        (beat, mido.MetaMessage("time_signature", numerator=top, denominator=under)) for beat, top, under in metres
    ]
    file.tracks.append(mido.MidiTrack())
    now = 0
    for beat, message in sorted(said, key=lambda one: one[0]):
        file.tracks[0].append(message.copy(time=int(480 * beat) - now))
        now = int(480 * beat)
    for name, channel, program, notes in parts:
        track = mido.MidiTrack([mido.MetaMessage("track_name", name=name)])
        track.append(mido.Message("program_change", channel=channel - 1, program=program))
        events = [(int(480 * at), 1, pitch) for at, _, pitch in notes]
        events += [(int(480 * (at + length)), 0, pitch) for at, length, pitch in notes]
        now = 0
        for at, on, pitch in sorted(events):
            kind = "note_on" if on else "note_off"
            track.append(mido.Message(kind, channel=channel - 1, note=pitch, velocity=90 if on else 0, time=at - now))
            now = at
        file.tracks.append(track)
    path.parent.mkdir(parents=True, exist_ok=True)
    file.save(path)
    return path


def imported(folder: Path, *parts: Part, layout: str = "band", **more: object) -> Piece:
    """The piece that a file of these parts becomes."""
    midi(folder / "a.mid", *parts, **more)  # type: ignore[arg-type]
    return import_folder(folder, "mine", layout, valid=0).splits["train"].pieces[0]


LEAD, BASS = ("Lead Vocal", 1, 52, tune()), ("Bass", 3, 33, low())


# -- parts


@pytest.mark.parametrize(
    ("name", "program", "part"),
    [
        ("E-Bass", 0, "bass"), ("Fretless bass", 80, "bass"), ("Gtr L", 0, "guitar"), ("Acoustic Guitar", 0, "guitar"),
        ("Piano RH", 40, "keys"), ("Rhodes", 24, "keys"), ("String pad", 0, "strings"), ("Choir", 0, "strings"),
        ("Tenor Sax", 0, "winds"), ("French Horns", 0, "winds"), ("bassoon", 70, "winds"),
        ("Fagott", 0, "winds"), ("", 0, "keys"),
        ("", 23, "keys"), ("", 24, "guitar"), ("", 31, "guitar"), ("", 32, "bass"), ("", 40, "strings"),
        ("", 47, "other"),
        ("", 48, "strings"), ("", 56, "winds"), ("", 79, "winds"), ("", 80, "keys"), ("", 88, "strings"),
        ("", 105, "guitar"), ("", 127, "other"), ("keyhole", 127, "other"),
    ],
)  # fmt: skip
def test_a_voice_of_a_band_is_the_part_of_its_name_else_of_its_program(name: str, program: int, part: str) -> None:
    rows = np.array([(beat, beat + 0.9, 50 + beat % 5, 90) for beat in range(32)], np.float64)
    high = rows + np.array([0, 0, 24, 0])
    voices = [FileVoice("melody", 1, 0, high), FileVoice(name, 2, program, rows)]
    assert assigned(melody_of(voices), LAYOUTS["band"]) == {0: "melody", 1: part}


@pytest.mark.parametrize(
    ("name", "program", "part"),
    [
        ("Violoncello", 0, "strings_low"), ("Contrabass", 0, "strings_low"), ("Viola", 0, "strings_high"),
        ("Fl. 2", 0, "woodwinds"), ("Corni in F", 0, "brass"), ("Pauken", 0, "timpani"), ("Soprano", 0, "choir"),
        ("", 40, "strings_high"), ("", 42, "strings_low"), ("", 47, "timpani"), ("", 60, "brass"),
        ("", 70, "woodwinds"), ("", 0, "other"), ("Bassoon", 0, "woodwinds"),
    ],
)  # fmt: skip
def test_a_voice_of_an_orchestra_is_found_in_german_and_english(name: str, program: int, part: str) -> None:
    rows = np.array([(beat, beat + 0.9, 50 + beat % 5, 90) for beat in range(32)], np.float64)
    voices = [FileVoice("melody", 1, 0, rows + np.array([0, 0, 24, 0])), FileVoice(name, 2, program, rows)]
    assert assigned(melody_of(voices), LAYOUTS["symphony"])[1] == part


@pytest.mark.parametrize("count", [3, 5])
def test_a_choir_has_four_voices(tmp_path: Path, count: int) -> None:
    voices = [(f"voice {n}", n + 1, 52, tune(up=-5 * n)) for n in range(count)]
    midi(tmp_path / "a.mid", *voices)
    with pytest.raises(ConfigError, match=f"a.mid: {count} pitched voices, a choir has 4"):
        import_folder(tmp_path, "mine", "choir")


def test_notes_keep_their_pitch_and_velocity_on_their_track(tmp_path: Path) -> None:
    piece = imported(tmp_path, LEAD, BASS)
    tracks = LAYOUTS["band"].tracks
    bass = piece.notes[piece.notes[:, TRACK] == tracks.index("bass")]
    assert bass[:, PITCH].tolist() == [36, 43] * 8
    assert set(bass[:, VELOCITY].tolist()) == {90}
    order = piece.notes[:, START].tolist()
    assert order == sorted(order)


# -- metres and tempi


@pytest.mark.parametrize(
    ("metres", "bars"),
    [
        ([(0.0, 3, 4)], [(3, 4, 72)] * 11),
        ([(0.0, 6, 8)], [(6, 8, 72)] * 11),
        ([(0.0, 2, 2)], [(2, 2, 96)] * 8),
        ([(8.0, 3, 4)], [(4, 4, 96)] * 2 + [(3, 4, 72)] * 8),
        ([(0.0, 4, 4), (2.0, 2, 4)], [(4, 4, 48)] + [(2, 4, 48)] * 15),
    ],
)
def test_bars_follow_the_files_metres(
    tmp_path: Path, metres: list[tuple[float, int, int]], bars: list[tuple[int, int, int]]
) -> None:
    piece = imported(tmp_path, LEAD, BASS, metres=metres)
    found = [tuple(row) for row in piece.bars[:, [NUMERATOR, DENOMINATOR, BAR_LENGTH]].tolist()]
    assert found == bars


@pytest.mark.parametrize(
    ("tempos", "bpm"),
    [
        ([], 120.0), ([(0.0, 90.0)], 90.0), ([(0.0, 60.0), (4.0, 90.0)], 90.0), ([(0.0, 60.0), (20.0, 90.0)], 60.0),
        ([(0.0, 60.0), (8.0, 90.0), (12.0, 60.0), (30.0, 90.0)], 60.0), ([(0.0, 500.0)], 300.0), ([(0.0, 10.0)], 30.0),
        ([(16.5, 80.0)], 120.0), ([(0.0, 90.0), (400.0, 70.0)], 90.0),
    ],
)  # fmt: skip
def test_the_tempo_is_the_one_that_rules_most_beats_of_the_music(
    tmp_path: Path, tempos: list[tuple[float, float]], bpm: float
) -> None:
    assert read_song(midi(tmp_path / "a.mid", LEAD, BASS, tempos=tempos)).bpm == pytest.approx(bpm, abs=0.01)


# -- what a piece says of itself


def test_a_piece_names_its_file_key_metre_and_licence(tmp_path: Path) -> None:
    scale = [(float(beat), 0.9, 67 + (0, 2, 4, 5, 7, 9, 11, 0)[beat % 8]) for beat in range(32)]  # G major
    midi(
        tmp_path / "folder" / "My song.mid",
        ("melody", 1, 0, scale),
        ("Bass", 3, 33, [(2.0 * n, 1.5, 43) for n in range(16)]),
    )
    piece = import_folder(tmp_path, "mine", licence="CC0-1.0", valid=0).splits["train"].pieces[0]
    assert piece.meta["id"] == "mine/folder/My song.mid"
    assert (piece.meta["title"], piece.meta["source"]) == ("My song", "folder/My song.mid")
    assert (piece.meta["key"], piece.meta["mode"]) == (7, "major")
    assert (piece.meta["ts"], piece.meta["licence"], piece.meta["genre"]) == ("4/4", "CC0-1.0", "mine")
    assert (piece.meta["swing"], piece.meta["swing_amount"]) == (False, 0.0)
    assert piece.work == piece.name


@pytest.mark.parametrize(
    ("bars", "reason"),
    [
        (2, f"a melody of 8 notes, at least {FEWEST_MELODY_NOTES} are needed"),
        (3, f"3 bars, at least {FEWEST_BARS} are needed"),
    ],
)
def test_a_file_that_is_too_short_says_by_how_much(tmp_path: Path, bars: int, reason: str) -> None:
    midi(tmp_path / "a.mid", ("melody", 1, 0, tune(bars)), ("Bass", 3, 33, low(bars)))
    with pytest.raises(ConfigError, match=f"a.mid: {reason}"):
        import_folder(tmp_path, "mine")


def test_a_rest_of_hundreds_of_bars_is_refused(tmp_path: Path) -> None:
    late = [(beat + 3000.0, length, pitch) for beat, length, pitch in tune(4)]
    midi(tmp_path / "a.mid", ("melody", 1, 0, [*tune(4), *late]), ("Bass", 3, 33, low(4)))
    with pytest.raises(ConfigError, match=r"a\.mid: a rest of hundreds of bars"):
        import_folder(tmp_path, "mine")


def test_the_melody_may_be_named_or_numbered(tmp_path: Path) -> None:
    midi(tmp_path / "a.mid", ("first", 1, 0, tune(up=0)), ("second", 2, 0, tune(up=12, seed=1)), BASS)
    for track, lowest in (("first", 60), ("second", 72), ("2", 72)):
        found = import_folder(tmp_path, "mine", valid=0, track=track).splits["train"].pieces[0]
        assert found.track(0)[:, PITCH].min() == lowest
    with pytest.raises(ConfigError, match=r"a\.mid: .*third"):
        import_folder(tmp_path, "mine", track="third")


def test_files_are_read_in_order_and_each_is_counted(tmp_path: Path) -> None:
    for name in ("b/2.mid", "a.MID", "b/1.mid"):
        midi(tmp_path / name, LEAD, BASS)
    seen: list[tuple[int, int]] = []
    assert [str(path.relative_to(tmp_path)) for path in midi_files(tmp_path)] == ["a.MID", "b/1.mid", "b/2.mid"]
    found = import_folder(tmp_path, "mine", valid=0, progress=lambda done, total: seen.append((done, total)))
    assert seen == [(1, 3), (2, 3), (3, 3)]
    assert [file for file, *_ in found.read] == ["a.MID", "b/1.mid", "b/2.mid"]
    assert found.rejected == (
        ("b/1.mid", "the same notes as a.MID"), ("b/2.mid", "the same notes as a.MID")
    )  # fmt: skip


@pytest.mark.parametrize("share", ["-0.1", "0.6", "nan"])
def test_a_share_for_validation_is_at_most_a_half(
    tmp_path: Path, share: str, capsys: pytest.CaptureFixture[str]
) -> None:
    midi(tmp_path / "midi" / "a.mid", LEAD, BASS)
    words = ["data", "import", str(tmp_path / "midi"), "--name", "mine", "-o", str(tmp_path / "data")]
    assert main([*words, "--valid", share]) == 2
    assert f"--valid: found {float(share)}, expected 0 to 0.5" in capsys.readouterr().err
    assert not (tmp_path / "data").exists()


def test_without_validation_there_is_one_split(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    midi(tmp_path / "midi" / "a.mid", LEAD, BASS)
    words = ["data", "import", str(tmp_path / "midi"), "--name", "mine", "-o", str(tmp_path / "data"), "--valid", "0"]
    assert main(words) == 0
    said = capsys.readouterr()
    assert said.err == ""
    assert "left out: 0 files" in said.out
    folder = tmp_path / "data" / "mine"
    assert sorted(path.name for path in folder.iterdir()) == ["read.tsv", "rejected.tsv", "train.npz"]
    assert (folder / "rejected.tsv").read_text() == "file\treason\n"
    assert (folder / "read.tsv").read_text().splitlines()[1].startswith("a.mid\t")
    assert len(read_corpus(folder / "train.npz")) == 1


@pytest.mark.parametrize("content", [b"", b"MThd", b"RIFF" + bytes(40), bytes(200)])
def test_what_is_no_midi_file_is_rejected_and_nothing_else_is_raised(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.mid").write_bytes(content)
    with pytest.raises(Rejected) as told:
        read_song(tmp_path / "a.mid")
    assert "\n" not in str(told.value)


def test_a_file_that_is_missing_is_rejected_with_the_reason(tmp_path: Path) -> None:
    with pytest.raises(Rejected, match="cannot be read: No such file"):
        read_song(tmp_path / "none.mid")


# -- rhythm


@pytest.mark.parametrize("swing", [0.0, 0.3, 1.0])
def test_beats_stay_and_off_beats_become_halves(swing: float) -> None:
    off = 0.5 + swing / 6
    moved = straight_beats(np.array([0.0, off, 1.0, 7.0, 7.0 + off / 2, 7.0 + (off + 1) / 2]), swing)
    assert moved.tolist() == pytest.approx([0.0, 0.5, 1.0, 7.0, 7.25, 7.75])


@pytest.mark.parametrize(
    ("places", "swing"),
    [
        ([0.5] * 7, 0.0),
        ([2 / 3] * 7, 0.0),
        ([2 / 3] * 8, 1.0),
        ([0.55] * 20, 0.0),
        ([0.57] * 20, 0.42),
        ([0.74] * 20, 0.0),
    ],
)
def test_swing_is_measured_from_enough_late_off_beats(places: list[float], swing: float) -> None:
    assert swing_of(np.array([0.0, 0.25, *places])) == pytest.approx(swing)


@pytest.mark.parametrize(("said", "swing"), [(True, 1.0), (False, 0.0), (0.7, 1.0), (0.3, 0.0), (None, 1.0)])
def test_a_piece_that_says_whether_it_swings_is_believed(said: float | None, swing: float) -> None:
    notes = np.array([(24 * beat + off, 8, 60, 80, 0) for beat in range(16) for off in (0, 16)], np.int32)
    bars = np.array([(96 * bar, 4, 4, 96) for bar in range(4)], np.int32)
    piece = Piece(notes, bars, {} if said is None else {"swing": said})
    assert swing_of_piece(piece) == pytest.approx(swing)
    places = set((straightened(piece).notes[:, START] % 24).tolist())
    assert places == ({0, 12} if swing else {0, 16})


@pytest.mark.parametrize(
    ("beats", "ticks"),
    [([0.0, 0.25, 0.5], [0, 6, 12]), ([0.0, 1 / 3, 2 / 3], [0, 8, 16]), ([0.12, 0.13], [0, 6]), ([], [])],
)
def test_moments_go_to_16ths_or_to_triplets_whichever_fit_the_beat(beats: list[float], ticks: list[int]) -> None:
    assert quantised(np.array(beats, np.float64)).tolist() == ticks


# -- the same song


def rows(notes: list[Note], track: int = 0) -> np.ndarray[tuple[int, int], np.dtype[np.int32]]:
    return np.array(
        [(int(24 * at), int(24 * length), pitch, 80, track) for at, length, pitch in notes], np.int32
    ).reshape(-1, 5)


def test_a_song_in_another_key_and_register_is_a_copy_and_with_other_drums_it_is_not() -> None:
    one, higher = rows(tune(seed=1)), rows(tune(seed=1, up=19))
    songs, copies = same_songs([one, higher, rows(tune(seed=2))], 0)
    assert (songs, copies) == ([0, 0, 2], {1: 0})
    drummed = np.concatenate([one, rows([(0.0, 0.1, 36)], 1)]), np.concatenate([one, rows([(0.0, 0.1, 38)], 1)])
    songs, copies = same_songs(list(drummed), 0, drums=1)
    assert (songs, copies) == ([0, 0], {}), "one song, two performances"


def test_half_a_song_is_a_version_of_it() -> None:
    whole = rows(tune(bars=16, seed=3))
    songs, copies = same_songs([whole, whole[:32]], 0)
    assert (songs, copies) == ([0, 0], {})


def test_phrases_are_the_same_in_every_key_and_a_repeated_note_is_none() -> None:
    assert phrases_of(rows(tune(seed=1))) == phrases_of(rows(tune(seed=1, up=5)))
    assert phrases_of(rows([(float(beat), 0.9, 60) for beat in range(32)])) == set()
    assert phrases_of(rows([])) == set()


@pytest.mark.parametrize("seed", range(5))
def test_versions_of_a_song_are_validated_together_and_about_so_many(seed: int) -> None:
    songs = [0, 0, 0, 3, 4, 5, 5, 7, 8, 9]
    chosen = split_songs(songs, 0.3, seed)
    assert chosen <= set(songs)
    assert 1 <= sum(song in chosen for song in songs) <= 3
    assert split_songs(songs, 0.3, seed) == chosen


def test_an_import_without_a_reason_has_no_line(tmp_path: Path) -> None:
    midi(tmp_path / "a.mid", LEAD, BASS)
    found = import_folder(tmp_path, "mine", valid=0)
    assert isinstance(found, Imported)
    assert found.rejected == ()
