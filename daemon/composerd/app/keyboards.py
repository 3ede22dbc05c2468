"""Finds the control page of a keyboard that was plugged in; a broken page leaves it without controls."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Mapping

from composerd.engine.controls.page import ControlMap
from composerd.engine.messages import ControlsChanged, Message
from composerd.errors import ConfigError
from composerd.library.keyboard_files import find_page, read_keyboard

log = logging.getLogger(__name__)


def control_page(port: str, usb: str = "", environ: Mapping[str, str] = os.environ) -> ControlMap:
    """The controls of a keyboard; a broken page is logged and leaves it without. Reads files: not for the
    conductor's thread."""
    try:
        page = find_page(port, usb, environ, lambda error: log.warning("controls, left out: %s", error))
        keyboard = read_keyboard(page)
    except ConfigError as error:
        log.warning("controls of %s: %s", port, error)
        return ControlMap()
    log.info("controls of %s: %s", port, keyboard.title or page.stem)
    return keyboard


class Keyboards:
    """The controls of the connected keyboard, read when it is connected and when its page has changed."""

    def __init__(self, put: Callable[[Message], None], environ: Mapping[str, str] = os.environ) -> None:
        self._put, self._environ = put, environ
        self._last: tuple[str, str] | None = None

    def controls(self, port: str, usb: str) -> ControlMap:
        """The controls of a keyboard that was connected. Reads files: not for the conductor's thread."""
        self._last = port, usb
        return control_page(port, usb, self._environ)

    def reread(self) -> None:
        """Read the page of the last keyboard again, and send its controls to the conductor."""
        if self._last is not None:
            port, usb = self._last
            self._put(ControlsChanged(port, control_page(port, usb, self._environ)))
