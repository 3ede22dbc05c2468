"""Where the corpora are."""

from __future__ import annotations

import os
from pathlib import Path

from composerd.errors import ConfigError

DATA_VARIABLE = "COMPOSERD_DATA"


def data_folder(given: Path | None) -> Path:
    """Where the corpora are. ConfigError where that is no folder."""
    folder = given or Path(os.environ.get(DATA_VARIABLE, "../shared/data"))
    if not folder.is_dir():
        raise ConfigError(f"--data: {folder} is not a folder; give one, or set {DATA_VARIABLE}")
    return folder
