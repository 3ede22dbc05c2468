"""Opens the control socket of a live performance and validates commands before they reach the engine."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable

from composerd.app.song_loader import NONE
from composerd.control.server import ControlSocket, Handlers
from composerd.control.settings import RemoteSettings, server_path
from composerd.control.watch import Broadcast
from composerd.engine.command_table import Command, Word
from composerd.engine.commands.band import SaveTake
from composerd.engine.commands.mixer import SetVolume
from composerd.engine.commands.song import SavePreset
from composerd.engine.messages import Message, Snapshot
from composerd.engine.output.mixer import BAND, MASTER, METRONOME
from composerd.errors import ConfigError, DeviceError, instead, wording
from composerd.files.free_space import no_room
from composerd.library.genre_files import genre_pages
from composerd.library.presets import check_name, preset_folder, preset_names, set_names
from composerd.library.songs import song_names
from composerd.music.genre import Genre

log = logging.getLogger(__name__)


PRESET_BYTES = 16384
"""more than any preset takes"""


class Latest:
    """Keeps the newest snapshot."""

    def __init__(self) -> None:
        self.snapshot: Snapshot | None = None

    def show(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot


def open_remote(
    settings: RemoteSettings,
    put: Callable[[Message], None],
    now: Callable[[], float],
    latest: Latest,
    genre: Callable[[], Genre],
    broadcast: Broadcast | None = None,
    reread: Callable[[], None] = lambda: None,
    unwritable: Callable[[], str] = lambda: "",
) -> ControlSocket | None:
    """Open the control socket; None if it is disabled, or cannot be opened, which is logged. `genre`: the one that
    plays.

    `reread` reads the page of the keyboard's controls again; `unwritable` gives the reason why no take can be written.
    """
    if not settings.enabled:
        return None
    handlers = Handlers(
        put,
        now,
        lambda: latest.snapshot,
        lambda command: refusal(command, genre(), unwritable),
        reread,
        broadcast or Broadcast(),
    )
    remote = ControlSocket(server_path(settings, os.environ), handlers, settings.group)
    try:
        remote.start()
    except DeviceError as error:
        log.warning("%s; `composerd ctl` will not work", error)
        return None
    return remote


def refusal(command: Command, genre: Genre, unwritable: Callable[[], str] = lambda: "") -> str:
    """The reason why `command` cannot be carried out (a field names something unknown, a file cannot be written), or an
    empty text. `unwritable` gives the one for a take."""
    if isinstance(command, SaveTake):
        return unwritable()
    if isinstance(command, SavePreset):
        wrong = "" if command.name is None else _of_name(command.name)
        return wrong or no_room(preset_folder(), PRESET_BYTES, "preset")
    for field in Word(type(command)).fields:
        name = getattr(command, field.name)
        known = names(field.of, genre, isinstance(command, SetVolume))
        if known is not None and name not in known:
            return wording(field.of, repr(name), hint=instead(name, known))
    return ""


def _of_name(name: str) -> str:
    """The reason why a preset cannot have this name, or None."""
    try:
        check_name(name)
    except ConfigError as error:
        return str(error)
    return ""


def names(of: str, genre: Genre, faders: bool = False) -> list[str] | None:
    """The names that exist for a field of kind `of` (genre, song, preset, set list, part); None for other kinds.

    With `faders` also those of the mixer.
    """
    if of == "genre":
        return list(genre_pages())
    if of == "song":
        return [*song_names(), NONE]
    if of == "preset":
        return preset_names()
    if of == "set list":
        return [*set_names(), NONE]
    if of != "part":
        return None
    parts = [known for part in genre.parts for known in (part.name, part.role)]
    return list(dict.fromkeys([*parts, *((BAND, MASTER, METRONOME) if faders else ())]))
