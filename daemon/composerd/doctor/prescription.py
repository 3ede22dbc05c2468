"""Advice written into a settings page: only the lines meant are touched, comments and all else stay."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path

from composerd.config import load, shown
from composerd.doctor.advice import Advice
from composerd.errors import ConfigError
from composerd.pages import read_text


def write(page: Path, advices: Iterable[Advice]) -> None:
    """Raises ConfigError, with the page as it was, where it cannot be written or would not say what was meant."""
    advices = tuple(advices)
    text = read_text(page) if page.exists() else ""
    for advice in advices:
        text = with_setting(text, advice.setting, advice.value)
    draft = page.with_name(f".{page.name}.doctor")
    try:
        page.parent.mkdir(parents=True, exist_ok=True)
        draft.write_text(text, encoding="utf-8")
        check(draft, page, advices)
        os.replace(draft, page)
    except OSError as error:
        raise ConfigError(f"{page}: cannot be written: {error.strerror}") from error
    finally:
        draft.unlink(missing_ok=True)


def check(draft: Path, page: Path, advices: Iterable[Advice]) -> None:
    """ConfigError where `draft` does not say what was meant."""
    settings = load(page=draft, environ={"HOME": os.environ.get("HOME", "/")}).settings
    for advice in advices:
        found = shown(settings, (advice.setting,))[advice.setting]
        if found != advice.value:
            raise ConfigError(f"{page}: {advice.setting}: found {found} after writing {advice.value}; set it by hand")


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
