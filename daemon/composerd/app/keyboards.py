"""The control page of a keyboard that was plugged in; one that cannot be read leaves the keyboard without controls."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping

from composerd.engine.controls import ControlMap
from composerd.errors import ConfigError
from composerd.keyboard_pages import find_page, read_keyboard

log = logging.getLogger(__name__)


def control_page(port: str | None, usb: str = "", environ: Mapping[str, str] = os.environ) -> ControlMap:
    """Never raises: a mistake in a page is no reason to stop the music."""
    if port is None:
        return ControlMap()
    try:
        page = find_page(port, usb, environ, lambda error: log.warning("controls, left out: %s", error))
        keyboard = read_keyboard(page)
    except ConfigError as error:
        log.warning("controls of %s: %s", port, error)
        return ControlMap()
    log.info("controls of %s: %s", port, keyboard.title or page.stem)
    return keyboard
