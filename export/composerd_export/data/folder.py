"""The folder of the corpora."""

from __future__ import annotations

import os
from pathlib import Path

from composerd.errors import ConfigError

DATA_VARIABLE = "COMPOSERD_EXPORT_DATA"
DEFAULT = Path("data")
"""folder that `data import` writes to"""


def data_folder(given: Path | None) -> Path:
    """The folder of the corpora: given, from the environment, or ./data. Raises ConfigError if it is no folder."""
    folder = given or Path(os.environ.get(DATA_VARIABLE, DEFAULT))
    if not folder.is_dir():
        raise ConfigError(f"--data: {folder} is not a folder; give one, or set {DATA_VARIABLE}")
    return folder
