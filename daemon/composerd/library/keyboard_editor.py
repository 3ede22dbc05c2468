"""Writes a control that `composerd learn` has identified into the user's page for a keyboard."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path

from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.scalarstring import DoubleQuotedScalarString

from composerd.config.yaml_editor import edited, line, listing, take_out, written
from composerd.config.yaml_source import parse_page, read_text
from composerd.engine.controls.page import Control
from composerd.engine.controls.triggers import parse_trigger
from composerd.errors import ConfigError
from composerd.files.atomic import write_text
from composerd.library.keyboard_files import GENERIC, check_keyboard, find_page, keyboard_pages, users_folder


def with_control(text: str, name: str, control: Control) -> str:
    """The page `text` of the file `name` with `control` added; controls that it collides with are removed.

    Comments stay. Raises ConfigError where the page cannot be read.
    """
    page = edited(text, name)
    controls = page.get("controls")
    if not isinstance(controls, CommentedSeq):
        page["controls"] = controls = CommentedSeq()
    for i in reversed(range(len(controls))):
        if parse_trigger(str(controls[i]["on"])).collides(control.on):
            take_out(controls, i)
    controls.append(_line(control))
    return written(page, text)


def _line(control: Control) -> CommentedMap:
    extras = {
        one.name: getattr(control, one.name)
        for one in fields(Control)
        if one.name in ("part", "name", "clicks", "sends") and getattr(control, one.name) != one.default
    }
    return line({"on": str(control.on), "do": control.do, **extras})


def write_control(
    port: str, usb: str, control: Control, environ: Mapping[str, str] = os.environ, folder: Path | None = None
) -> Path:
    """Write `control` into the user's page for a keyboard, which is created if missing. Returns its path.

    `folder`: where pages are written, where not the user's own. Raises ConfigError.
    """
    page = find_page(port, usb, environ)
    name, text = page_for(port, usb, environ) if page.stem == GENERIC else (page.stem, read_text(page))
    own = (folder or users_folder(environ)) / f"{name}.yaml"
    check_keyboard(parse_page(text, str(page)), str(page))
    text = with_control(text, str(page), control)
    check_keyboard(parse_page(text, str(own)), str(own))
    try:
        own.parent.mkdir(parents=True, exist_ok=True)
        write_text(own.resolve(), text)
    except OSError as error:
        raise ConfigError.unwritable(own, error) from error
    return own


def page_for(port: str, usb: str = "", environ: Mapping[str, str] = os.environ) -> tuple[str, str]:
    """Name and text of a new page for a keyboard that only the generic page fits."""
    client = port.partition(":")[0].encode("utf-8", "backslashreplace").decode()
    name = re.sub(r"[^a-z0-9]+", "-", client.lower()).strip("-") or "keyboard"
    generic = keyboard_pages(environ)[GENERIC]
    text = read_text(generic)
    controls = re.search(r"(?m)^controls[ \t]*:", text)
    page = edited(text[controls.start() :] if controls else "controls: []\n", str(generic))
    page.insert(0, "title", DoubleQuotedScalarString(client))
    page.insert(1, "ports", listing([DoubleQuotedScalarString(client)]))
    if usb:
        page.insert(2, "usb", listing([DoubleQuotedScalarString(usb)]))
    page.yaml_set_comment_before_after_key("controls", before="\n")
    return name, written(page, text)
