"""What `composerd learn` writes: a control put into the user's page for a keyboard."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path

from composerd.engine.controls import Control
from composerd.engine.triggers import parse_trigger
from composerd.errors import ConfigError
from composerd.keyboard_pages import GENERIC, check_keyboard, find_page, keyboard_pages, users_folder
from composerd.pages import parse_page, read_text

_LINE = re.compile(r"\s*- \{.*\}\s*(#.*)?")
"""a control on a line of its own, which a program may put in or take out"""
_ITEM, _EMPTY = re.compile(r"\s*- "), re.compile(r"controls:\s*(\[\s*\])?\s*(#.*)?")


def with_control(text: str, name: str, control: Control) -> str:
    """The page `text`, which came from `name`, where `control` does what it does and whatever it collides with is gone.

    Comments stay. Raises ConfigError where a control that must go stands on several lines.
    """
    given = parse_page(text, name).get("controls")
    listed = given.value if given is not None and isinstance(given.value, tuple) else ()
    lines = text.splitlines()
    gone = set()
    for one in listed:
        on = one.value["on"].value if isinstance(one.value, dict) and "on" in one.value else None
        number = int(one.where.rpartition(":")[2])
        if isinstance(on, str) and parse_trigger(on).collides(control.on):
            if not _LINE.fullmatch(lines[number - 1]):
                raise ConfigError(f"{one.where}: {on} is in use here; take it out by hand, it is not on one line")
            gone.add(number - 1)
    last = max((int(one.where.rpartition(":")[2]) for one in listed), default=None)
    if last is None:
        kept = [line for line in lines if given is None or not _EMPTY.fullmatch(line)]
        return "\n".join([*kept, "", "controls:", _line(control), ""])
    if not _ITEM.match(lines[int(listed[0].where.rpartition(":")[2]) - 1]):
        raise ConfigError(f"{listed[0].where}: expected the controls one to a line, each after a dash")
    while last < len(lines) and lines[last].startswith("    "):
        last += 1  # a control on several lines
    indent = re.match(r"\s*", lines[int(listed[0].where.rpartition(":")[2]) - 1])
    kept = [line for i, line in enumerate(lines[:last]) if i not in gone]
    return "\n".join([*kept, _line(control, indent[0] if indent else "  "), *lines[last:], ""])


def _line(control: Control, indent: str = "  ") -> str:
    extras = [
        f", {one.name}: {getattr(control, one.name)}"
        for one in fields(Control)
        if one.name in ("part", "name", "clicks", "sends") and getattr(control, one.name) != one.default
    ]
    return f"{indent}- {{on: {control.on}, do: {control.do}{''.join(extras)}}}"


def teach(port: str, usb: str, control: Control, environ: Mapping[str, str] = os.environ) -> Path:
    """Write `control` into the user's page for a keyboard, which is made where there is none; its path.

    Raises ConfigError.
    """
    page = find_page(port, usb, environ)
    name, text = page_for(port, usb, environ) if page.stem == GENERIC else (page.stem, read_text(page))
    own = users_folder(environ) / f"{name}.yaml"
    text = with_control(text, str(page), control)
    check_keyboard(parse_page(text, str(own)), str(own))
    try:
        own.parent.mkdir(parents=True, exist_ok=True)
        own.write_text(text, "utf-8")
    except OSError as error:
        raise ConfigError(f"{own}: cannot be written: {error.strerror or error}") from error
    return own


def page_for(port: str, usb: str = "", environ: Mapping[str, str] = os.environ) -> tuple[str, str]:
    """Name and text of a new page for a keyboard that only the generic page fits."""
    name = re.sub(r"[^a-z0-9]+", "-", port.partition(":")[0].lower()).strip("-") or "keyboard"
    generic = read_text(keyboard_pages(environ)[GENERIC])
    controls = generic[generic.index("controls:") :]
    ids = f'usb: ["{usb}"]\n' if usb else ""
    client = port.partition(":")[0].replace('"', "")
    return name, f'title: {client}\nports: ["{client}"]\n{ids}\n{controls}'
