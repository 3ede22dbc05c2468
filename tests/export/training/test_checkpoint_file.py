"""Files that are no checkpoints, of every kind of net."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from composerd.errors import ConfigError
from composerd_export.training.checkpoint import load_checkpoint
from composerd_export.training.checkpoint_file import read_values, write_values
from composerd_export.training.groove_checkpoint import GrooveCheckpoint
from composerd_export.training.voicing_checkpoint import VoicingCheckpoint

READERS = (load_checkpoint, GrooveCheckpoint.load, VoicingCheckpoint.load)


@pytest.mark.parametrize("read", READERS)
@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"\n", b"not a checkpoint\n" * 9])
def test_what_is_no_checkpoint_is_named(read: Callable[[Path], object], data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "last.pt"
    path.write_bytes(data)
    with pytest.raises(ConfigError, match=r"last\.pt: not a checkpoint"):
        read(path)


@pytest.mark.parametrize("read", READERS)
def test_a_checkpoint_that_is_missing_is_named(read: Callable[[Path], object], tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"last\.pt: no such checkpoint"):
        read(tmp_path / "last.pt")


def test_what_is_written_is_read(tmp_path: Path) -> None:
    write_values(tmp_path / "last.pt", {"format": 1, "epoch": 3})
    assert read_values(tmp_path / "last.pt") == {"format": 1, "epoch": 3}
