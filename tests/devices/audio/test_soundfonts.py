from __future__ import annotations

from pathlib import Path

import pytest

from composerd.config.paths import data_folder
from composerd.devices.audio import soundfonts
from composerd.devices.audio.soundfonts import find_soundfont, list_soundfonts, user_folder
from composerd.errors import DeviceError

HEADER = b"RIFF\0\0\0\0sfbk"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("Zither.sf2", "FluidR3_GM.sf3", "TimGM6mb.sf2", "VintageDreamsWaves-v2.sf2", "notes.txt"):
        (tmp_path / name).write_bytes(HEADER)
    (tmp_path / "default-GM.sf2").symlink_to(tmp_path / "TimGM6mb.sf2")
    return tmp_path


def test_complete_banks_come_before_others_and_links_count_once(folder: Path) -> None:
    names = [path.name for path in list_soundfonts([folder])]
    assert names == ["default-GM.sf2", "FluidR3_GM.sf3", "Zither.sf2", "VintageDreamsWaves-v2.sf2"]


def test_the_users_own_soundfont_wins(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(folder / "data"))
    own = user_folder() / "Mine.sf2"
    own.parent.mkdir(parents=True)
    own.write_bytes(HEADER)
    assert find_soundfont() == own


@pytest.mark.parametrize("given", ["", "data", "./data", "~/data"])
def test_the_users_folder_is_below_home_where_xdg_data_home_is_no_absolute_path(
    given: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the XDG base directory specification says, and as for the user's other files."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_DATA_HOME", given)
    assert user_folder() == tmp_path / ".local" / "share" / "composerd" / "soundfonts"
    assert user_folder().parent == data_folder()


def test_a_given_path_is_taken(folder: Path) -> None:
    assert find_soundfont(str(folder / "Zither.sf2")) == folder / "Zither.sf2"


@pytest.mark.parametrize("name", ["default-GM", "TimGM6mb", "TimGM6mb.sf2", "Zither"])
def test_a_name_of_an_installed_one_is_enough_also_of_a_link(
    name: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(soundfonts, "_SYSTEM_FOLDERS", (str(folder),))
    assert find_soundfont(name).stem == Path(name).stem


def test_a_given_file_that_is_missing_is_named_with_what_there_is() -> None:
    with pytest.raises(DeviceError, match=r"'nowhere\.sf2' is no file; found on this machine: \S"):
        find_soundfont("nowhere.sf2")


def test_a_given_file_that_is_no_soundfont_is_refused(folder: Path) -> None:
    text = folder / "song.sf2"
    text.write_text("do re mi")
    with pytest.raises(DeviceError, match=r"song\.sf2 is no SoundFont"):
        find_soundfont(str(text))


def test_without_any_the_package_to_install_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setattr(soundfonts, "_SYSTEM_FOLDERS", (str(tmp_path / "none"),))
    with pytest.raises(DeviceError, match="apt install timgm6mb-soundfont"):
        find_soundfont()
