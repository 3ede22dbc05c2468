"""Shared by `composerd play` and `composerd demo`: settings, genre, log and status line of a live performance."""

from __future__ import annotations

import logging
import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from composerd.app import log
from composerd.cli import status_line
from composerd.cli.status_line import LivingLine, Milestones, Reporter
from composerd.config.layers import Config, Settings
from composerd.errors import ConfigError, DeviceError

if TYPE_CHECKING:
    from composerd.engine.messages import Snapshot

FLAGS = (
    *("--genre", "--mode", "--song", "--bpm", "--follow", "--left-hand", "--seed"),
    *("--in", "--out", "--clock-in", "--clock-out", "--midi-api", "--audio", "--no-audio", "--soundfont"),
    *("--quiet", "--verbose"),
)
Show = Callable[["Snapshot"], None]


@contextmanager
def reported(settings: Settings) -> Iterator[Show]:
    """Context with log and status line of a performance; yields the function that takes snapshots."""
    line = LivingLine(sys.stderr) if settings.log.status_line and sys.stderr.isatty() else None
    view = line or Milestones(logging.getLogger(log.LOGGER).info)
    with log.lines_to(settings.log.level, line), Reporter(view) as reporter:
        yield reporter.show


def terminal_blocked() -> bool:
    """Whether the terminal has not taken a performance's last lines (Ctrl-S, a slow ssh), so that a thread waits for
    it."""
    waiting = {log.LAST_LINES, status_line.THREAD}
    return any(thread.name in waiting for thread in threading.enumerate())


def check_soundfont(config: Config) -> None:
    """Raise ConfigError if a SoundFont named on the command line cannot be used; from a settings file it is a
    warning."""
    from composerd.devices.audio.soundfonts import find_soundfont

    if config.asked_for("audio.soundfont"):
        try:
            find_soundfont(config.settings.audio.soundfont)
        except DeviceError as error:
            raise ConfigError(f"{config.where('audio.soundfont')}: {error.problem}") from error


def check_ports(config: Config) -> None:
    """Raise ConfigError if a port named on the command line does not exist; one from a settings file is waited for."""
    from composerd.devices.midi.ports import check_names, list_ports

    asked = [name for name in ("midi.keyboard", "midi.output") if config.asked_for(name)]
    if asked:
        try:
            listing = list_ports(config.settings.midi)
        except DeviceError:  # no MIDI system yet: said and waited for while playing
            return
        check_names(listing, config.settings.midi)


def check_keyboard(config: Config) -> None:
    """Raise DeviceError if another composerd plays from the keyboard, before anything is opened.

    A service waits until the keyboard is free instead, and says so in its status.
    """
    if "NOTIFY_SOCKET" in os.environ:
        return
    from composerd.app.other_daemon import how_to_stop
    from composerd.devices.midi.ports import list_ports

    try:
        listing = list_ports(config.settings.midi)
    except DeviceError:  # no MIDI system yet: said and waited for while playing
        return
    if listing.taken and listing.keyboard is not None:
        which = how_to_stop(config.settings.remote, listing.keyboard)
        raise DeviceError(f"{listing.keyboard} is played by another composerd ({which}); --in chooses another keyboard")
