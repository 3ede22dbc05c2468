"""The real program in a separate process: reads a melody's file, writes player and band."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import mido
import pytest

GENRES = ("bach", "jazz", "pop", "rock", "symphony")
TUNE = (60, 64, 67, 72, 71, 67, 64, 62)


def composerd(folder: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run in `folder`, which is also the user's home."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("XDG_", "COMPOSERD_"))}
    environ |= {"HOME": str(folder), "OMP_NUM_THREADS": "1", **settings}
    command = [sys.executable, "-m", "composerd", *arguments]
    return subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True, timeout=100)


def melody(folder: Path, bars: int = 4, metre: tuple[int, int] = (4, 4)) -> Path:
    """A quarter note a beat at 100 bpm."""
    track = mido.MidiTrack()
    track.append(mido.MetaMessage("time_signature", numerator=metre[0], denominator=metre[1]))
    track.append(mido.MetaMessage("set_tempo", tempo=600_000))
    for n in range(bars * metre[0]):
        track.append(mido.Message("note_on", note=TUNE[n % len(TUNE)], velocity=80))
        track.append(mido.Message("note_off", note=TUNE[n % len(TUNE)], time=480))
    path = folder / "melody.mid"
    mido.MidiFile(type=0, ticks_per_beat=480, tracks=[track]).save(path)
    return path


def onsets(track: mido.MidiTrack) -> list[int]:
    tick, found = 0, []
    for message in track:
        tick += message.time
        if message.type == "note_on" and message.velocity > 0:
            found.append(tick)
    return found


@pytest.mark.parametrize("genre", GENRES)
def test_every_genre_joins_at_bar_two_on_channels_of_its_own(tmp_path: Path, genre: str) -> None:
    melody(tmp_path)
    done = composerd(tmp_path, "render", "melody.mid", "-o", "out.mid", "--genre", genre)
    assert (done.returncode, done.stderr) == (0, "")
    file = mido.MidiFile(tmp_path / "out.mid")
    tracks = {track.name: track for track in file.tracks[1:]}
    channels = {name: {m.channel + 1 for m in track if not m.is_meta} for name, track in tracks.items()}
    drums = {"drums"} & set(tracks)
    assert (file.type, file.ticks_per_beat) == (1, 480)
    assert next(iter(tracks)) == "melody"
    assert channels["melody"] == {1}
    assert all(len(used) == 1 and used != {1} for name, used in channels.items() if name != "melody")
    assert all((used == {10}) == (name in drums) for name, used in channels.items())
    assert onsets(tracks["melody"]) == [480 * n for n in range(16)]
    harmony = [tick for name, track in tracks.items() if name not in ("melody", "drums") for tick in onsets(track)]
    assert min(harmony) >= 1920 - 60
    assert any(tick < 3840 for tick in harmony)


def test_in_phrase_mode_the_band_is_there_from_bar_one(tmp_path: Path) -> None:
    melody(tmp_path)
    done = composerd(tmp_path, "render", "melody.mid", "-o", "out.mid", "--genre", "pop", "--mode", "phrase")
    assert done.returncode == 0
    band = [track for track in mido.MidiFile(tmp_path / "out.mid").tracks[2:] if track.name != "drums"]
    assert min(tick for track in band for tick in onsets(track)) < 4 * 480


def test_phrase_mode_says_that_it_does_not_follow(tmp_path: Path) -> None:
    melody(tmp_path)
    common = ("render", "melody.mid", "-o", "out.mid", "--genre", "pop", "--follow")
    phrase, jam = composerd(tmp_path, *common, "--mode", "phrase"), composerd(tmp_path, *common)
    assert phrase.stdout.splitlines()[0].startswith("--follow: phrase mode keeps the file's tempo")
    assert [done.returncode for done in (phrase, jam)] == [0, 0]
    assert "phrase mode" not in jam.stdout


@pytest.mark.parametrize("mode", ["jam", "phrase"])
def test_the_left_hands_keys_are_chords_where_that_is_asked_for(tmp_path: Path, mode: str) -> None:
    """The whole tune is below the split point, so it counts as chords and no melody is left."""
    melody(tmp_path)
    common = ("render", "melody.mid", "--genre", "pop", "--mode", mode)
    environ = {"COMPOSERD_ENGINE__SPLIT_PITCH": "100", "COMPOSERD_ENGINE__LEFT_HAND": "false"}
    for name, flags in (("with.mid", ("--left-hand",)), ("without.mid", ())):
        assert composerd(tmp_path, *common, "-o", name, *flags, **environ).returncode == 0
    assert (tmp_path / "with.mid").read_bytes() != (tmp_path / "without.mid").read_bytes()


@pytest.mark.parametrize("genre", ["bach", "rock"])
def test_the_same_seed_gives_the_same_bytes_in_another_process(tmp_path: Path, genre: str) -> None:
    melody(tmp_path)
    for name in ("one.mid", "two.mid"):
        assert composerd(tmp_path, "render", "melody.mid", "-o", name, "--genre", genre, "--seed", "5").returncode == 0
    assert (tmp_path / "one.mid").read_bytes() == (tmp_path / "two.mid").read_bytes()


def test_three_four_and_the_tempo_asked_for_are_kept(tmp_path: Path) -> None:
    melody(tmp_path, metre=(3, 4))
    assert (
        composerd(tmp_path, "render", "melody.mid", "-o", "out.mid", "--genre", "jazz", "--bpm", "150").returncode == 0
    )
    head = mido.MidiFile(tmp_path / "out.mid").tracks[0]
    metres = [(m.numerator, m.denominator) for m in head if m.type == "time_signature"]
    assert metres == [(3, 4)]
    assert [m.tempo for m in head if m.type == "set_tempo"] == [400_000]


NO_MELODY = {
    "empty": b"",
    "cut": b"MThd",
    "sound": b"RIFF" + bytes(100),
    "bytes": bytes(range(256)) * 20,
    "type 2": b"MThd\0\0\0\6\0\2\0\1\1\xe0",
}


@pytest.mark.parametrize("content", NO_MELODY.values(), ids=NO_MELODY)
def test_a_file_that_is_no_melody_is_one_line_status_2_and_no_output(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "melody.mid").write_bytes(content)
    done = composerd(tmp_path, "render", "melody.mid", "-o", "out.mid")
    assert done.returncode == 2
    assert done.stderr.startswith("composerd: melody.mid: ")
    assert len(done.stderr.splitlines()) == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["melody.mid"]


def test_the_melodys_own_file_is_never_written_over(tmp_path: Path) -> None:
    before = melody(tmp_path).read_bytes()
    (tmp_path / "link.mid").symlink_to("melody.mid")
    for name in ("melody.mid", "./melody.mid", "link.mid"):
        done = composerd(tmp_path, "render", "melody.mid", "-o", name)
        assert done.returncode == 2
        assert (
            done.stderr
            == f"composerd: -o: found '{Path(name).name}', which is the melody itself, expected another name\n"
        )
        assert (tmp_path / "melody.mid").read_bytes() == before


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("-o", "nowhere/out.wav"), "-o: nowhere/out.wav: there is no folder {folder}/nowhere"),
        (("-o", "nowhere/out.mid"), "-o: nowhere/out.mid: there is no folder {folder}/nowhere"),
        (("-o", "a.wav"), "-o: a.wav: found a folder, expected a file"),
        (("-o", "out.wav", "--soundfont", "none.sf2"), "--soundfont: 'none.sf2' is no file; found on this machine: "),
        (("-o", "out.wav", "--soundfont", "a.wav"), "--soundfont: 'a.wav' is no file; found on this machine: "),
        (("-o", "out.wav", "--soundfont", "melody.mid"), "--soundfont: melody.mid is no SoundFont "),
    ],
)
def test_what_cannot_be_written_or_played_is_one_line_and_status_2(
    tmp_path: Path, arguments: tuple[str, ...], complaint: str
) -> None:
    melody(tmp_path)
    (tmp_path / "a.wav").mkdir()
    done = composerd(tmp_path, "render", "melody.mid", *arguments)
    assert done.returncode == 2
    assert done.stderr.startswith(f"composerd: {complaint.format(folder=tmp_path)}")
    assert len(done.stderr.splitlines()) == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.wav", "melody.mid"]


@pytest.mark.parametrize("ending", [".wav", ".flac"])
def test_a_sound_library_that_cannot_be_loaded_is_named_before_anything_is_computed(
    tmp_path: Path, ending: str
) -> None:
    melody(tmp_path)
    (tmp_path / "soundfile.py").write_text("raise OSError('sndfile library not found')")
    done = composerd(tmp_path, "render", "melody.mid", "-o", f"out{ending}")  # run in tmp_path, which is searched first
    assert done.returncode == 1
    reason = "-o: sound files need libsndfile, which cannot be loaded (sndfile library not found)"
    assert done.stderr == f"composerd: {reason}\n"


def test_a_broken_soundfont_is_one_line_without_the_librarys_own(tmp_path: Path) -> None:
    melody(tmp_path)
    (tmp_path / "broken.sf2").write_bytes(b"RIFF\x10\x00\x00\x00sfbkgarbage.....")
    done = composerd(tmp_path, "render", "melody.mid", "-o", "out.wav", "--soundfont", "broken.sf2")
    assert done.returncode == 1
    assert done.stderr == "composerd: audio.soundfont: FluidSynth cannot read broken.sf2\n"


def test_a_broken_model_is_named_and_status_3(tmp_path: Path) -> None:
    melody(tmp_path)
    model = tmp_path / ".local/share/composerd/models/bach.onnx"
    model.parent.mkdir(parents=True)
    model.write_bytes(b"not a model")
    done = composerd(tmp_path, "render", "melody.mid", "-o", "out.mid", "--genre", "bach")
    assert done.returncode == 3
    assert done.stderr.startswith(f"composerd: {model}: ")
    assert not (tmp_path / "out.mid").exists()


def test_a_model_that_is_not_there_is_said_with_where_it_should_be(tmp_path: Path) -> None:
    melody(tmp_path)
    page = tmp_path / ".local/share/composerd/genres/duo.yaml"
    page.parent.mkdir(parents=True)
    page.write_text("title: Duo\nmodel: polka\nbpm: 90\nparts:\n  - {name: bass, role: bass, channel: 5}\n")
    done = composerd(tmp_path, "render", "melody.mid", "-o", "out.mid", "--genre", "duo")
    assert done.returncode == 3
    where = f"expected polka.onnx in {page.parent.parent / 'models'} or "
    assert done.stderr.startswith(f"composerd: genre duo: model: found none, {where}")
    listed = composerd(tmp_path, "genres").stdout.splitlines()
    assert [line.split(maxsplit=5)[-1] for line in listed if line.startswith("duo")] == [
        "none (polka.onnx is not there)"
    ]


def test_a_genre_and_a_setting_of_the_users_own_are_used(tmp_path: Path) -> None:
    melody(tmp_path)
    page = tmp_path / ".local/share/composerd/genres/duo.yaml"
    page.parent.mkdir(parents=True)
    parts = "parts:\n  - {name: double bass, role: bass, channel: 5, range: [28, 55]}\n"
    page.write_text(f"title: Duo\nmodel: plain\nstyle: pop\nbpm: 90\n{parts}")
    settings = tmp_path / ".config/composerd/config.yaml"
    settings.parent.mkdir(parents=True)
    settings.write_text("band: {genre: duo}\nengine: {harmony_entry_bars: 0}\n")
    done = composerd(tmp_path, "render", "melody.mid", "-o", "out.mid")
    assert (done.returncode, done.stderr) == (0, "")
    tracks = {track.name: track for track in mido.MidiFile(tmp_path / "out.mid").tracks[1:]}
    assert list(tracks) == ["melody", "double bass"]
    assert onsets(tracks["double bass"])[0] < 480


def test_the_demo_goes_into_a_file_where_one_is_asked_for(tmp_path: Path) -> None:
    done = composerd(tmp_path, "demo", "--genre", "symphony", "-o", "demo.mid")
    assert done.returncode == 0
    assert str(tmp_path / "demo.mid") in done.stdout
    assert [track.name for track in mido.MidiFile(tmp_path / "demo.mid").tracks[1:3]] == ["melody", "low strings"]


def test_a_demo_for_a_synth_on_a_machine_without_any_midi_goes_into_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JACK_DEFAULT_SERVER", "nobody")
    monkeypatch.setenv("JACK_NO_START_SERVER", "1")
    done = composerd(tmp_path, "demo", "--genre", "bach", "--midi-api", "jack", "--out", "FluidSynth", "--no-audio")
    assert done.returncode == 0
    assert "no JACK server 'nobody' runs" in done.stdout
    assert (tmp_path / "demo-bach.mid").exists()
    assert (tmp_path / "demo-bach.wav").stat().st_size > 1_000_000
