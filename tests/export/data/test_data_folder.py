"""Where the corpora are looked for."""

from __future__ import annotations

from pathlib import Path

import pytest

from composerd.errors import ConfigError
from composerd_export.data.folder import DATA_VARIABLE, data_folder


def test_the_option_goes_before_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = tmp_path / "other"
    other.mkdir()
    monkeypatch.setenv(DATA_VARIABLE, str(other))
    assert data_folder(None) == other
    assert data_folder(tmp_path) == tmp_path


def test_without_either_it_is_the_folder_data_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(DATA_VARIABLE, raising=False)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError, match=r"--data: data is not a folder; give one, or set COMPOSERD_EXPORT_DATA"):
        data_folder(None)
    (tmp_path / "data").mkdir()
    assert data_folder(None) == Path("data")
