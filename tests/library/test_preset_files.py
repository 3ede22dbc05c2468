"""Presets as files: commands read with their lines, what a preset resets, and what cannot be one."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from composerd.engine.commands.genre import ChooseGenre
from composerd.engine.commands.harmony import SetKey, TransposeBand, TransposeKeys
from composerd.engine.commands.mixer import Mute, SetPan, SetVolume
from composerd.engine.commands.song import ChooseSong
from composerd.engine.commands.time import SetSwing, SetTempo
from composerd.errors import ConfigError
from composerd.library.presets import (
    load_preset,
    load_set,
    preset_folder,
    preset_names,
    remove,
    restore,
    save_preset,
    save_set,
    set_folder,
    set_names,
)


@pytest.fixture
def home(tmp_path: Path) -> dict[str, str]:
    return {"XDG_DATA_HOME": str(tmp_path)}


def written(home: dict[str, str], text: str, name: str = "mine") -> str:
    preset_folder(home).mkdir(parents=True, exist_ok=True)
    (preset_folder(home) / f"{name}.yaml").write_text(text)
    return name


def test_every_line_is_a_command_and_those_about_parts_name_them(home: dict[str, str]) -> None:
    text = "genre: jazz\nsong: blues\ntempo: 96\nvolume: {bass: 90, drums: 40}\nmute: {drums: on}\npan: {bass: 0}\n"
    preset = load_preset(written(home, text), home)
    assert (preset.genre, preset.song) == (ChooseGenre("jazz"), ChooseSong("blues"))
    for command in (
        SetTempo(96.0), SetVolume("bass", 90), SetVolume("drums", 40), Mute("drums", True), SetPan("bass", 0)
    ):  # fmt: skip
        assert command in preset.commands


def test_what_a_preset_does_not_say_goes_back_to_none(home: dict[str, str]) -> None:
    preset = load_preset(written(home, "tempo: 96\n"), home)
    assert preset.genre is None, "the genre stays"
    assert preset.song == ChooseSong("none")
    for command in (SetKey("none"), TransposeKeys(0), TransposeBand(0), SetSwing(None)):
        assert command in preset.commands


def test_an_empty_page_resets_and_nothing_more(home: dict[str, str]) -> None:
    preset = load_preset(written(home, ""), home)
    assert SetTempo(96.0) not in preset.commands
    assert (preset.genre, preset.controls) == (None, ())


def test_controls_go_with_a_preset_and_stay_when_it_is_saved_again(home: dict[str, str]) -> None:
    written(home, "tempo: 96\ncontrols:\n  - {on: cc 20, do: next_section}\n")
    save_preset("mine", {"tempo": 120.0}, home)
    preset = load_preset("mine", home)
    assert [control.do for control in preset.controls] == ["next_section"]
    assert SetTempo(120.0) in preset.commands


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("tempo: quick\n", "mine.yaml:1"),
        ("genre: jazz\ntemppo: 96\n", "mine.yaml:2"),
        ("genre: jazz\ntemppo: 96\n", "did you mean tempo"),
        ("save: now\n", "unknown command of a preset"),
        ("volume: 90\n", "mine.yaml:1"),
        ("volume: {bass: 190}\n", "expected a whole number from 0 to 127"),
        ("tempo: {bass: 90}\n", "mine.yaml:1"),
        ("tempo: [1, 2]\n", "mine.yaml:1"),
        ("tempo: 400\n", "30 to 300"),
        ("controls: 3\n", "mine.yaml"),
        ("controls:\n  - {on: cc 20, do: nothing_known}\n", "mine.yaml:2"),
        ("a: [\n", "mine.yaml"),
        ("- a\n", "mine.yaml"),
    ],
)
def test_a_mistake_names_its_line(home: dict[str, str], text: str, words: str) -> None:
    written(home, text)
    with pytest.raises(ConfigError) as told:
        load_preset("mine", home)
    assert words in str(told.value)
    assert "\n" not in str(told.value)


@pytest.mark.parametrize("name", ["", " ", ".hidden", "../x", "a/b", "x" * 61, "a\nb", "a ", "\ta"])
def test_names_that_are_no_file_names_are_refused(home: dict[str, str], name: str) -> None:
    with pytest.raises(ConfigError, match="expected 1 to 60 letters"):
        save_preset(name, {}, home)
    with pytest.raises(ConfigError, match="expected 1 to 60 letters"):
        save_set(name, ("a",), home)
    assert (preset_names(home), set_names(home)) == ([], [])


def test_comments_and_empty_lines_of_a_set_list_are_passed_over(home: dict[str, str]) -> None:
    set_folder(home).mkdir(parents=True)
    (set_folder(home) / "gig.txt").write_text("# the gig\n\n  opener  # loud\nwaltz\n")
    assert load_set("gig", home) == ("opener", "waltz")


def test_a_set_list_and_a_preset_of_one_name_are_both_removed_and_both_come_back(home: dict[str, str]) -> None:
    written(home, "tempo: 96\n", "same")
    save_set("same", ("a",), home)
    assert remove("same", home).parent == set_folder(home)
    assert remove("same", home).parent == preset_folder(home)
    assert {restore("same", home).parent for _ in range(2)} == {set_folder(home), preset_folder(home)}
    assert (preset_names(home), set_names(home)) == (["same"], ["same"])


def test_a_name_that_is_taken_by_now_does_not_come_back(home: dict[str, str]) -> None:
    save_set("gig", ("a",), home)
    remove("gig", home)
    save_set("gig", ("b",), home)
    with pytest.raises(ConfigError, match="expected one that is free by now"):
        restore("gig", home)
    assert load_set("gig", home) == ("b",)


def test_set_lists_that_are_removed_twice_are_kept_twice(home: dict[str, str]) -> None:
    for entry in ("a", "b"):
        save_set("gig", (entry,), home)
        remove("gig", home)
    restore("gig", home)
    restore("gig-2", home)
    assert [load_set(name, home) for name in ("gig", "gig-2")] == [("b",), ("a",)]


def test_what_was_never_removed_cannot_be_restored(home: dict[str, str]) -> None:
    with pytest.raises(ConfigError, match="expected the name of a removed one"):
        restore("gig", home)


def test_a_folder_that_cannot_be_written_is_one_line(home: dict[str, str]) -> None:
    preset_folder(home).parent.mkdir(parents=True, exist_ok=True)
    preset_folder(home).write_text("a file stands in its place")
    with pytest.raises(ConfigError) as told:
        save_preset("mine", {"tempo": 96.0}, home)
    assert "\n" not in str(told.value)


def test_a_sharp_in_the_name_of_a_sets_entry_is_no_comment(home: dict[str, str]) -> None:
    set_folder(home).mkdir(parents=True)
    (set_folder(home) / "gig.txt").write_text("F# blues # the long one\n#C\nC#m\n")
    assert load_set("gig", home) == ("F# blues", "C#m")


def test_a_set_list_of_another_system_is_read(home: dict[str, str]) -> None:
    set_folder(home).mkdir(parents=True)
    (set_folder(home) / "gig.txt").write_bytes("\ufeffcafé\r\nwaltz\r\n".encode())
    assert load_set("gig", home) == ("café", "waltz")


@pytest.mark.parametrize("count", [0, 129])
def test_a_set_list_has_one_to_128_entries(home: dict[str, str], count: int) -> None:
    with pytest.raises(ConfigError, match=f"found {count} entries, expected 1 to 128"):
        save_set("gig", ("a",) * count, home)
    assert len(load_set(save_set("gig", ("a",) * 128, home).stem, home)) == 128
    (set_folder(home) / "gig.txt").write_text("a\n" * count)
    with pytest.raises(ConfigError, match=rf"gig\.txt: found {count} entries"):
        load_set("gig", home)


ODD_NAMES = st.sampled_from(
    ["no", "null", "~", "1", "1.0", "a: b", "#1", "[x", "'", "true", "0x1", "2026-01-01", "é", "none"]
)


@given(
    genre=ODD_NAMES,
    song=ODD_NAMES,
    tempo=st.floats(30, 300),
    swing=st.none() | st.floats(0, 1),
    volume=st.dictionaries(st.sampled_from(["bass", "drums", "keys"]), st.integers(0, 127)),
    mute=st.dictionaries(ODD_NAMES, st.booleans()),
)
def test_what_is_saved_is_what_is_loaded(
    tmp_path_factory: pytest.TempPathFactory, genre: str, song: str, tempo: float, swing: float | None,
    volume: dict[str, int], mute: dict[str, bool],
) -> None:  # fmt: skip
    home = {"XDG_DATA_HOME": str(tmp_path_factory.mktemp("presets"))}
    values = {
        "genre": genre,
        "song": song,
        "tempo": tempo,
        "swing": swing,
        "volume": volume,
        "mute": {part: "on" if off else "off" for part, off in mute.items()},
    }
    save_preset("mine", values, home)
    preset = load_preset("mine", home)
    assert (preset.genre, preset.song) == (ChooseGenre(genre), ChooseSong(song))
    expected = [
        SetTempo(tempo),
        SetSwing(swing),
        *(SetVolume(*one) for one in volume.items()),
        *(Mute(*one) for one in mute.items()),
    ]
    assert [one for one in preset.commands if isinstance(one, SetTempo | SetSwing | SetVolume | Mute)] == expected
