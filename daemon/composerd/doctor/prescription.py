"""Writes recommended settings into a settings file; comments and all other lines stay as they are."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from composerd.config.layers import load, shown
from composerd.config.yaml_editor import with_setting
from composerd.config.yaml_source import is_there, read_text
from composerd.doctor.advice import Advice
from composerd.errors import ConfigError, Line
from composerd.files.atomic import whole_file


def write(page: Path, advices: Iterable[Advice]) -> None:
    """Write the recommended settings into `page`. Raises ConfigError, with the page unchanged, if that is not
    possible."""
    advices = tuple(advices)
    target = page.resolve()  # a link stays one
    old = target.stat() if is_there(target) else None
    text = read_text(target) if old else ""
    for advice in advices:
        section, _, key = advice.setting.partition(".")
        text = with_setting(text, str(page), section, key, advice.value)
    mode = old.st_mode & 0o777 if old else 0o644  # root's umask may keep the service from reading it
    try:
        _have_folder(target.parent)
        with whole_file(target, mode) as file:
            file.write(text.encode())
            file.flush()
            check(Path(file.name), page, advices)
            if old:
                os.chown(file.fileno(), old.st_uid, old.st_gid)
    except OSError as error:
        raise ConfigError.unwritable(page, error) from error


def _have_folder(folder: Path) -> None:
    if not folder.is_dir():
        folder.mkdir(parents=True)
        folder.chmod(0o755)


def check(draft: Path, page: Path, advices: Sequence[Advice]) -> None:
    """Raise ConfigError if `draft` does not have the recommended values."""
    try:
        settings = load(page=draft, environ={"HOME": os.environ.get("HOME", "/")}).settings
        found = shown(settings, [advice.setting for advice in advices])
    except ConfigError:
        found = {}
    if any(found.get(advice.setting) != advice.value for advice in advices):
        wanted = ", ".join(f"{advice.setting}: {advice.value}" for advice in advices)
        raise ConfigError(f"cannot be edited; set by hand: {wanted}", place=Line(str(page)))
