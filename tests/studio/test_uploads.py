"""Files that a page brings: in pieces, limited, and named by what is in them."""

from __future__ import annotations

import base64
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from composerd.errors import ConfigError
from composerd.studio.uploads import MOST_AT_ONCE, MOST_BYTES, MOST_STORED, Uploads, stored, uploaded, written_at


def text(data: bytes) -> str:
    return base64.b64encode(data).decode()


@given(st.lists(st.binary(max_size=200), max_size=6))
def test_the_pieces_make_the_file_and_it_is_forgotten_once_taken(pieces: list[bytes]) -> None:
    uploads = Uploads()
    number = uploads.begin()
    for piece in pieces:
        uploads.add(number, text(piece))
    assert uploads.take(number) == b"".join(pieces)
    with pytest.raises(ConfigError, match="choose the file again"):
        uploads.take(number)


def test_two_files_at_once_do_not_mix() -> None:
    uploads = Uploads()
    one, other = uploads.begin(), uploads.begin()
    uploads.add(one, text(b"one"))
    uploads.add(other, text(b"other"))
    uploads.add(one, text(b"!"))
    assert (uploads.take(one), uploads.take(other)) == (b"one!", b"other")


def test_of_too_many_the_oldest_is_forgotten() -> None:
    uploads = Uploads()
    numbers = [uploads.begin() for _ in range(MOST_AT_ONCE + 1)]
    with pytest.raises(ConfigError, match="choose the file again"):
        uploads.add(numbers[0], text(b"late"))
    assert [uploads.take(number) for number in numbers[1:]] == [b""] * MOST_AT_ONCE


@pytest.mark.parametrize("piece", ["%%%", "abc", "a b=", "=", "ü"])
def test_what_is_no_base64_is_refused_and_the_file_goes_on(piece: str) -> None:
    uploads = Uploads()
    number = uploads.begin()
    uploads.add(number, text(b"first"))
    with pytest.raises(ConfigError, match="no base64"):
        uploads.add(number, piece)
    uploads.add(number, text(b", second"))
    assert uploads.take(number) == b"first, second"


def test_a_file_that_becomes_too_large_is_given_up() -> None:
    uploads = Uploads()
    number = uploads.begin()
    uploads.add(number, text(bytes(MOST_BYTES)))
    with pytest.raises(ConfigError, match="found more than 2,000,000 bytes"):
        uploads.add(number, text(b"x"))
    with pytest.raises(ConfigError, match="choose the file again"):
        uploads.take(number)


def test_equal_files_are_kept_once_and_found_by_their_key(tmp_path: Path) -> None:
    first, again, other = (stored(data, tmp_path) for data in (b"a", b"a", b"b"))
    assert first == again != other
    key = first.name.partition(".")[0]
    assert uploaded(tmp_path, key) == first
    assert first.read_bytes() == b"a"


@pytest.mark.parametrize("key", ["", "0" * 24, "../etc/passwd", "*", "?" * 24])
def test_a_key_that_no_file_has_finds_none(tmp_path: Path, key: str) -> None:
    stored(b"a", tmp_path)
    with pytest.raises(ConfigError, match="upload it again"):
        uploaded(tmp_path, key)


def test_of_many_files_the_newest_stay(tmp_path: Path) -> None:
    paths = []
    for index in range(MOST_STORED + 3):
        paths.append(stored(bytes([index]), tmp_path))
        if paths[-1].exists():
            os.utime(paths[-1], ns=(index, index))
    assert sorted(tmp_path.iterdir()) == sorted(paths[3:])


def test_a_file_that_is_gone_counts_as_the_oldest(tmp_path: Path) -> None:
    assert written_at(tmp_path / "gone") == 0
