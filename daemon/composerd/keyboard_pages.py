"""Control pages: YAML in the user's, the system's and our own folder, chosen by USB id or the name of the port."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path

from composerd import paths
from composerd.engine.controls import FUNCTIONS, ControlMap
from composerd.engine.triggers import Trigger, parse_trigger
from composerd.errors import ConfigError
from composerd.fields import fill, instead
from composerd.pages import Given, read_page

GENERIC = "generic"


def keyboard_folders(environ: Mapping[str, str] = os.environ) -> tuple[Path, ...]:
    """Folders of control pages; a page in an earlier one wins over one of the same name in a later one."""
    return users_folder(environ), paths.SYSTEM / "keyboards", paths.PACKAGE / "keyboards"


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
    complain: Callable[[ConfigError], None] = lambda _: None,
) -> Path:
    """The page for a keyboard: by its USB id, else by the name of its port, else the generic one.

    `complain` hears of a page that cannot be read and may be for another keyboard. Raises ConfigError where it is the
    only one that may be for this.
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
        complain(one)
    return found or pages[GENERIC]


def load_keyboard(port: str | None, usb: str = "", environ: Mapping[str, str] = os.environ) -> ControlMap:
    """The controls of a keyboard. Raises ConfigError."""
    return read_keyboard(find_page(port or "", usb, environ))


def read_keyboard(page: Path) -> ControlMap:
    """The controls on `page`. Raises ConfigError with file, line and field."""
    return check_keyboard(read_page(page), str(page))


def check_keyboard(given: Mapping[str, Given], page: str) -> ControlMap:
    """The controls in `given`, which came from `page`. Raises ConfigError."""
    keyboard = fill(ControlMap, given, page, readers={Trigger: parse_trigger})
    for problem in keyboard.problems():
        raise ConfigError(f"{_where(problem, given, page)}: {problem}{_nearest(problem, keyboard)}")
    return keyboard


def _where(problem: str, given: Mapping[str, Given], page: str) -> str:
    """Where the control stands that `problem` names: `controls[N].FIELD: …`."""
    controls = given["controls"].value if "controls" in given else None
    number = problem.partition("[")[2].partition("]")[0]
    if isinstance(controls, tuple) and number.isdigit():
        return controls[int(number)].where
    return page


def _nearest(problem: str, keyboard: ControlMap) -> str:
    if ".do: found" not in problem:
        return ""
    number = int(problem.partition("[")[2].partition("]")[0])
    return f"; {instead(keyboard.controls[number].do, FUNCTIONS)}"
