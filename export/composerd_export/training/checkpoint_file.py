"""The file of a checkpoint: a dictionary that torch stores, of a format that has a number."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import msgspec
import torch

from composerd.errors import ConfigError
from composerd.files.atomic import whole_file

UNFIT = (KeyError, TypeError, AttributeError, msgspec.ValidationError)
"""What is raised where a checkpoint of the right format lacks an entry, or has another kind of value in it."""


def write_values(path: Path, values: dict[str, Any]) -> None:
    """Writes the file whole or not at all. Raises OSError; then the old file is unchanged."""
    with whole_file(path) as file:
        torch.save(values, file)


def read_values(path: Path) -> Any:
    """What the file holds, on the CPU. Raises ConfigError if it is missing or broken."""
    try:
        return torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError:
        raise ConfigError(f"{path}: no such checkpoint") from None
    except (OSError, RuntimeError, EOFError, ValueError, KeyError, pickle.UnpicklingError) as error:
        reason = (str(error) or type(error).__name__).splitlines()[0][:100]
        raise ConfigError(f"{path}: not a checkpoint ({reason})") from None
