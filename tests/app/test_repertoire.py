"""Presets set everything in order; a set list goes through presets and songs; what cannot be read leaves what plays."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from queue import SimpleQueue

import pytest

from composerd.app.song_loader import SongLoader, SongRequest
from composerd.engine.command_table import Command
from composerd.engine.commands import TABLE
from composerd.engine.commands.form import SetVariation
from composerd.engine.commands.genre import ChooseGenre
from composerd.engine.commands.harmony import SetKey, TransposeBand, TransposeKeys
from composerd.engine.commands.mixer import Mute, SetVolume
from composerd.engine.commands.song import ChoosePreset, ChooseSetList, NextSong, PreviousSong, SetListEntry
from composerd.engine.commands.time import SetMetre, SetSwing, SetTempo
from composerd.engine.messages import KeepPreset, LoopsKept, Message, PresetLoaded, SetListMoved, SongLoaded
from composerd.errors import ConfigError
from composerd.library.presets import WORDS, load_preset, load_set, save_preset

TIMEOUT = 30
PAGE = """genre: jazz
song: blues
tempo: 96
metre: 3/4
swing: 0.4
key: Eb
transpose_band: -2
volume: {bass: 90}
mute: {drums: on}
controls:
  - {on: cc 20, do: next_section}
"""


class Files:
    def __init__(self, folder: Path) -> None:
        self.folder = folder / "composerd"
        for name in ("presets", "sets", "songs"):
            (self.folder / name).mkdir(parents=True)
        (self.folder / "songs" / "blues.chart").write_text("title: Blues\ngenre: pop\n| F7 | Bb7 |\n")
        (self.folder / "songs" / "waltz.chart").write_text("title: Waltz\ntime: 3/4\n| C | G7 |\n")
        (self.folder / "presets" / "opener.yaml").write_text(PAGE)
        self.told: SimpleQueue[Message] = SimpleQueue()
        self.genres: SimpleQueue[ChooseGenre] = SimpleQueue()
        self.loader = SongLoader(self.told.put, self.genres.put)
        assert self.told.get(timeout=TIMEOUT) == LoopsKept(frozenset())

    def answers(self, asked: SongRequest, count: int) -> list[Message]:
        """The messages that come of it."""
        self.loader.ask(asked)
        return [self.told.get(timeout=TIMEOUT) for _ in range(count)]


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Files]:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    found = Files(tmp_path)
    yield found
    found.loader.close()


def title(message: Message) -> str:
    assert isinstance(message, SongLoaded)
    return message.chart.title if message.chart is not None else "none"


def test_a_preset_brings_its_song_its_genre_before_the_songs_own_then_all_else_and_resets_what_it_leaves_out(
    files: Files,
) -> None:
    song, preset = files.answers(ChoosePreset("opener"), 2)
    assert title(song) == "Blues"
    assert [files.genres.get(timeout=TIMEOUT).name for _ in range(2)] == ["pop", "jazz"]
    assert isinstance(preset, PresetLoaded)
    assert preset.name == "opener"
    expected: list[Command] = [
        SetTempo(96.0), SetMetre("3/4"), SetSwing(0.4), SetKey("Eb"), TransposeBand(-2), SetVolume("bass", 90),
        Mute("drums", True), TransposeKeys(0), SetVariation("A"),
    ]  # fmt: skip
    assert list(preset.commands) == expected
    assert [str(one.on) for one in preset.controls] == ["cc 20"]


def test_a_set_list_is_gone_through_and_ends_at_its_ends(files: Files) -> None:
    (files.folder / "sets" / "gig.txt").write_text("# the gig\nopener\nwaltz\nblues  # once more\n")
    song, _, moved = files.answers(ChooseSetList("gig"), 3)
    assert (title(song), str(moved)) == ("Blues", "gig 1 of 3: opener, then waltz")
    song, moved = files.answers(NextSong(), 2)
    assert (title(song), str(moved)) == ("Waltz", "gig 2 of 3: waltz, then blues")
    song, moved = files.answers(SetListEntry(3), 2)
    assert (title(song), str(moved)) == ("Blues", "gig 3 of 3: blues")
    files.loader.ask(NextSong())
    song, moved = files.answers(PreviousSong(), 2)
    assert (title(song), str(moved)) == ("Waltz", "gig 2 of 3: waltz, then blues")
    assert files.answers(ChooseSetList("none"), 1) == [SetListMoved()]


def test_an_entry_that_is_not_there_is_said_and_passed_by(files: Files, caplog: pytest.LogCaptureFixture) -> None:
    (files.folder / "sets" / "gig.txt").write_text("waltz\nwalz\nblues\n")
    files.answers(ChooseSetList("gig"), 2)
    files.loader.ask(NextSong())
    assert files.told.get(timeout=TIMEOUT) == LoopsKept(frozenset())
    assert "entry 2 of set list gig 'walz'" in caplog.text.replace("unknown ", "")
    assert title(files.answers(SetListEntry(3), 2)[0]) == "Blues"


def test_how_things_stand_is_kept_and_comes_back_the_same(files: Files) -> None:
    values = {
        "genre": "rock",
        "song": "waltz",
        "tempo": 101.5,
        "transpose_keys": 5,
        "pan": {"bass": 20},
        "mute": {"drums": "on"},
    }
    files.loader.ask(KeepPreset("mine", values))
    song, preset = files.answers(ChoosePreset("mine"), 2)
    assert title(song) == "Waltz"
    assert isinstance(preset, PresetLoaded)
    assert {type(one).__name__ for one in preset.commands} >= {"SetTempo", "TransposeKeys", "SetPan", "Mute"}
    files.loader.ask(KeepPreset("opener", values))
    files.answers(ChoosePreset("opener"), 2)
    assert load_preset("opener").controls, "the controls of a preset that is kept anew stay"


@pytest.mark.parametrize(
    ("page", "said"),
    [
        ("tempo: fast\n", "presets/bad.yaml:1: bpm: found 'fast', expected a number"),
        ("\ntempi: 90\n", "presets/bad.yaml:2: unknown command of a preset tempi; did you mean tempo?"),
        ("transpose_keys: 12\n", "expected a whole number from -11 to 11"),
        ("volume: 90\n", "volume: found '90', expected a group of parts and their values"),
        ("controls:\n  - {on: cc 300, do: stay}\n", "bad.yaml:2"),
        ("quit:\n", "unknown command of a preset quit"),
    ],
)
def test_a_mistake_in_a_preset_is_one_line_with_file_and_line(files: Files, page: str, said: str) -> None:
    (files.folder / "presets" / "bad.yaml").write_text(page)
    with pytest.raises(ConfigError) as error:
        load_preset("bad")
    assert said in str(error.value)
    assert "\n" not in str(error.value)


def test_an_unknown_preset_and_an_empty_set_list_are_said(files: Files) -> None:
    (files.folder / "sets" / "empty.txt").write_text("# nothing\n")
    with pytest.raises(ConfigError, match="preset 'opene'; did you mean opener"):
        load_preset("opene")
    with pytest.raises(ConfigError, match="0 entries, expected 1 to 128"):
        load_set("empty")
    with pytest.raises(ConfigError, match="expected 1 to 60 letters"):
        save_preset("../x", {})


def test_every_command_of_a_preset_is_in_the_table_of_commands() -> None:
    assert set(WORDS) <= set(TABLE.words)
