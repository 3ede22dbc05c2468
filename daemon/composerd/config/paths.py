"""Paths of settings, genres, models and takes: the user's (XDG base directory specification), then the shipped ones."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from composerd.errors import ConfigError

PACKAGE = Path(__file__).resolve().parents[1]
SYSTEM = Path("/etc/composerd")


def default_page() -> Path:
    return PACKAGE / "config" / "default.yaml"


def config_pages(environ: Mapping[str, str] = os.environ) -> tuple[Path, Path]:
    """The system's page, then the user's."""
    return SYSTEM / "config.yaml", user_folder("XDG_CONFIG_HOME", ".config", environ) / "config.yaml"


def data_folder(environ: Mapping[str, str] = os.environ) -> Path:
    """The user's own genres, models and takes."""
    return user_folder("XDG_DATA_HOME", ".local/share", environ)


def take_folder(given: str = "", environ: Mapping[str, str] = os.environ) -> Path:
    """Where performances are recorded: `given`, else in a service's state folder, else in the user's data folder."""
    if given:
        return Path(given).expanduser()
    state = environ.get("STATE_DIRECTORY", "").partition(":")[0]  # systemd.exec(5)
    return (Path(state) if state else data_folder(environ)) / "takes"


def genre_folders(environ: Mapping[str, str] = os.environ) -> tuple[Path, ...]:
    """Folders of genre pages; a page in an earlier one wins over one of the same name in a later one."""
    return data_folder(environ) / "genres", SYSTEM / "genres", PACKAGE / "library" / "genres"


def model_folders(environ: Mapping[str, str] = os.environ) -> tuple[Path, ...]:
    """Folders of *.onnx files, in the order they are searched: the user's, then the shipped ones."""
    return data_folder(environ) / "models", shipped_models()


def shipped_models() -> Path:
    """`composerd/models` in an installed wheel, `models` beside `daemon` in a source checkout."""
    installed = PACKAGE / "models"
    return installed if installed.is_dir() else PACKAGE.parent.parent / "models"


def user_folder(variable: str, fallback: str, environ: Mapping[str, str]) -> Path:
    """`$variable/composerd`; a relative path is ignored, as the specification requires."""
    given = environ.get(variable, "")
    if given and Path(given).is_absolute():
        return Path(given) / "composerd"
    home = environ.get("HOME", "")
    try:
        return (Path(home) if home else Path.home()) / fallback / "composerd"
    except RuntimeError as error:
        raise ConfigError(f"no home folder: set HOME or {variable}") from error
