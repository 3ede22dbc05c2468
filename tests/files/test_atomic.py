"""Files that are there whole or not at all."""

from __future__ import annotations

import contextlib
import resource
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from composerd.files.atomic import whole_file, write_bytes, write_text


def test_a_file_takes_the_place_of_another_when_it_is_whole(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("before")
    with whole_file(tmp_path / "a") as file:
        file.write(b"after")
        assert (tmp_path / "a").read_text() == "before"
    assert (tmp_path / "a").read_text() == "after"
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_an_error_on_the_way_leaves_what_was_there_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("before")
    with pytest.raises(TypeError), whole_file(tmp_path / "a") as file:
        file.writelines([b"half", "no bytes"])  # type: ignore[list-item]
    assert (tmp_path / "a").read_text() == "before"
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_a_link_is_replaced_and_what_it_leads_to_left_alone(tmp_path: Path) -> None:
    (tmp_path / "target").write_text("before")
    (tmp_path / "link").symlink_to("target")
    write_text(tmp_path / "link", "after")
    assert (tmp_path / "target").read_text() == "before"
    assert not (tmp_path / "link").is_symlink()


def test_a_device_is_written_to_and_stays_one() -> None:
    write_bytes(Path("/dev/null"), b"gone")
    assert Path("/dev/null").is_char_device()


def test_permissions_are_those_asked_for(tmp_path: Path) -> None:
    write_bytes(tmp_path / "a", b"", 0o600)
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o600


def test_a_folder_in_the_way_and_a_folder_that_is_not_there_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    for path in (tmp_path / "a", tmp_path / "none" / "a"):
        with pytest.raises(OSError, match=r"directory|folder"):
            write_bytes(path, b"")
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_a_name_of_the_longest_length_can_be_written(tmp_path: Path) -> None:
    write_bytes(tmp_path / ("n" * 255), b"all")
    assert (tmp_path / ("n" * 255)).read_bytes() == b"all"


@pytest.mark.parametrize("name", ["鍵" * 85, "é" * 127, "a" + "𠀀" * 63])
def test_a_name_of_255_bytes_in_any_letters_can_be_written(tmp_path: Path, name: str) -> None:
    for text in ("old", "new"):
        write_text(tmp_path / name, text)
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [(name, "new")]


@contextlib.contextmanager
def room_for(size: int) -> Iterator[None]:
    """Files of this process may have at most `size` bytes: as a disk that fills up."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_disk_that_fills_up_on_the_way_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "x.txt"
    write_text(path, "old")
    with room_for(1000), pytest.raises(OSError, match="File too large"):
        write_bytes(path, bytes(100_000))
    assert [(one.name, one.read_text()) for one in tmp_path.iterdir()] == [("x.txt", "old")]
    with room_for(1000):
        write_text(path, "new")
    assert path.read_text() == "new"


def test_of_two_who_write_at_once_the_last_to_end_wins_and_the_file_is_whole(tmp_path: Path) -> None:
    """As two pages of the studio may, in two threads."""
    path = tmp_path / "x.txt"
    with whole_file(path) as first:
        first.write(b"first")
        other = threading.Thread(target=write_text, args=(path, "second, which is longer"))
        other.start()
        other.join(60)
        assert path.read_text() == "second, which is longer"
    assert path.read_text() == "first"
    assert list(tmp_path.iterdir()) == [path]
