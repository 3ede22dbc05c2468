"""Reads control pages: YAML in the user's, the system's and the shipped folder, chosen by USB id or port name."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path

from composerd.config import paths
from composerd.config.convert import fill
from composerd.config.yaml_source import SourcedValue, read_page
from composerd.engine.controls.page import ControlMap
from composerd.engine.controls.page_problems import problems_of
from composerd.engine.controls.triggers import Trigger, parse_trigger
from composerd.errors import ConfigError, Line, Place

GENERIC = "generic"


def keyboard_folders(environ: Mapping[str, str] = os.environ) -> tuple[Path, ...]:
    """Folders of control pages; a page in an earlier one wins over one of the same name in a later one."""
    return users_folder(environ), paths.SYSTEM / "keyboards", paths.PACKAGE / "library" / "keyboards"


def users_folder(environ: Mapping[str, str] = os.environ) -> Path:
    return paths.config_pages(environ)[1].parent / "keyboards"


def keyboard_pages(environ: Mapping[str, str] = os.environ) -> dict[str, Path]:
    """Name -> page of every keyboard there is one for, the user's first."""
    found: dict[str, Path] = {}
    for folder in keyboard_folders(environ):
        for page in sorted(folder.glob("*.yaml")):
            found.setdefault(page.stem, page)
    return found


def find_page(
    port: str,
    usb: str = "",
    environ: Mapping[str, str] = os.environ,
    report: Callable[[ConfigError], None] = lambda _: None,
) -> Path:
    """The page for a keyboard: by its USB id, else by the name of its port, else the generic one.

    `report` is called with the error of a page that cannot be read and may be for another keyboard. Raises
    ConfigError where it is the only one that may be for this.
    """
    pages = keyboard_pages(environ)
    read, broken = list[tuple[Path, ControlMap]](), list[ConfigError]()
    for name, page in pages.items():
        try:
            read += [(page, read_keyboard(page))] if name != GENERIC else []
        except ConfigError as error:
            broken.append(error)
    by_usb = (page for page, keyboard in read if usb and usb.lower() in map(str.lower, keyboard.usb))
    by_name = (page for page, keyboard in read if any(part.lower() in port.lower() for part in keyboard.ports))
    found = next(by_usb, None) or next(by_name, None)
    if found is None and broken:
        raise broken[0]
    for one in broken:
        report(one)
    return found or pages[GENERIC]


def load_keyboard(port: str | None, usb: str = "", environ: Mapping[str, str] = os.environ) -> ControlMap:
    """The controls of a keyboard. Raises ConfigError."""
    return read_keyboard(find_page(port or "", usb, environ))


def read_keyboard(page: Path) -> ControlMap:
    """The controls on `page`. Raises ConfigError with file, line and field."""
    return check_keyboard(read_page(page), str(page))


def check_keyboard(given: Mapping[str, SourcedValue], page: str) -> ControlMap:
    """The controls in `given`, which came from `page`. Raises ConfigError."""
    keyboard = fill(ControlMap, given, Line(page), readers={Trigger: parse_trigger})
    for problem in problems_of(keyboard):
        raise ConfigError.of(problem.why, _place(given, problem.control, page), f"controls[{problem.control}].")
    return keyboard


def _place(given: Mapping[str, SourcedValue], control: int, page: str) -> Place:
    """The place of control number `control` on the page."""
    controls = given["controls"].value if "controls" in given else None
    return controls[control].where if isinstance(controls, tuple) else Line(page)
