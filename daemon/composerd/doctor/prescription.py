"""Advice written into a settings page: only the lines meant are touched, comments and all else stay."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path

from composerd.config import load, shown
from composerd.doctor.advice import Advice
from composerd.errors import ConfigError
from composerd.pages import is_there, read_text


def write(page: Path, advices: Iterable[Advice]) -> None:
    """Raises ConfigError, with the page as it was, where it cannot be written or would not say what was meant."""
    advices = tuple(advices)
    target = page.resolve()  # a link stays one
    old = target.stat() if is_there(target) else None
    text = read_text(target) if old else ""
    for advice in advices:
        text = with_setting(text, advice.setting, advice.value)
    draft = target.with_name(f".{target.name}.doctor")
    try:
        _have_folder(target.parent)
        draft.write_text(text, encoding="utf-8")
        check(draft, page, advices)
        draft.chmod(old.st_mode & 0o777 if old else 0o644)  # root's umask may keep the service from reading it
        if old:
            os.chown(draft, old.st_uid, old.st_gid)
        os.replace(draft, target)
    except OSError as error:
        raise ConfigError(f"{page}: cannot be written: {error.strerror}") from error
    finally:
        with suppress(OSError):
            draft.unlink(missing_ok=True)


def _have_folder(folder: Path) -> None:
    if not folder.is_dir():
        folder.mkdir(parents=True)
        folder.chmod(0o755)


def check(draft: Path, page: Path, advices: Sequence[Advice]) -> None:
    """ConfigError where `draft` does not say what was meant."""
    try:
        settings = load(page=draft, environ={"HOME": os.environ.get("HOME", "/")}).settings
        found = shown(settings, [advice.setting for advice in advices])
    except ConfigError:
        found = {}
    if any(found.get(advice.setting) != advice.value for advice in advices):
        wanted = ", ".join(f"{advice.setting}: {advice.value}" for advice in advices)
        raise ConfigError(f"{page}: cannot be edited line by line; set by hand: {wanted}")


def with_setting(text: str, setting: str, value: str) -> str:
    """`text` with the line of `section.key` changed, or added where there is none."""
    section, _, key = setting.partition(".")
    lines = text.splitlines()
    start = next((i for i, line in enumerate(lines) if re.match(rf"{section}:\s*(#.*)?$", line)), None)
    if start is None:
        return "\n".join([*lines, f"{section}:", f"  {key}: {value}"]) + "\n"
    end = next((i for i in range(start + 1, len(lines)) if re.match(r"[^\s#]", lines[i])), len(lines))
    for i in range(start + 1, end):
        found = re.match(rf"(\s+{key}:\s*)([^#\s]*(?:\s+[^#\s]+)*)(\s*#.*)?$", lines[i])
        if found:
            lines[i] = f"{found[1].rstrip()} {value}{found[3] or ''}"
            return "\n".join(lines) + "\n"
    indent = next((re.match(r"\s+", line)[0] for line in lines[start + 1 : end] if re.match(r"\s+\S", line)), "  ")  # type: ignore[index]
    lines.insert(start + 1, f"{indent}{key}: {value}")
    return "\n".join(lines) + "\n"
