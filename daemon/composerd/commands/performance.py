"""What `composerd play` and `composerd demo` share: settings, genre, log and status line around a live performance."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from composerd import log
from composerd.config import Config, Settings
from composerd.errors import ConfigError, DeviceError
from composerd.genre_pages import load_genre
from composerd.music.genre import Genre
from composerd.status_line import LivingLine, Milestones, Reporter

if TYPE_CHECKING:
    from composerd.engine.messages import Snapshot

FLAGS = (
    *("--genre", "--mode", "--bpm", "--follow", "--seed"),
    *("--in", "--out", "--clock-in", "--clock-out", "--midi-api", "--audio", "--no-audio", "--soundfont"),
    *("--quiet", "--verbose"),
)
Show = Callable[["Snapshot"], None]


def chosen_genre(config: Config) -> Genre:
    return load_genre(config.settings.band.genre, where=config.where("band.genre"))


@contextmanager
def reported(settings: Settings) -> Iterator[Show]:
    """Log lines and the status line while a performance lasts; what is yielded takes its snapshots."""
    if settings.log.status_line and sys.stderr.isatty():
        line = LivingLine(sys.stderr)
        log.set_up(settings.log.level, line)
        view: LivingLine | Milestones = line
    else:
        log.set_up(settings.log.level)
        view = Milestones(logging.getLogger(log.LOGGER).info)
    with Reporter(view) as reporter:
        yield reporter.show


def check_soundfont(config: Config) -> None:
    """ConfigError for a SoundFont named on the command line that cannot be used; one named in a page is a warning."""
    from composerd.devices.soundfonts import find_soundfont

    where = config.where("audio.soundfont")
    if where.startswith("--"):
        try:
            find_soundfont(config.settings.audio.soundfont)
        except DeviceError as error:
            raise ConfigError(f"{where}: {str(error).removeprefix('audio.soundfont: ')}") from error


def check_ports(config: Config) -> None:
    """ConfigError for a port named on the command line that is not there; one named in a page is waited for."""
    from composerd.devices.ports import check_names, list_ports

    asked = [name for name in ("midi.keyboard", "midi.output") if config.where(name).startswith("--")]
    if asked:
        try:
            listing = list_ports(config.settings.midi)
        except DeviceError:  # no MIDI system yet: said and waited for while playing
            return
        check_names(listing, config.settings.midi)
