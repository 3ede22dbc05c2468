"""The control socket of a live performance: where it is, and what is known to be impossible before it is tried."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable

from composerd.devices.remote.server import ControlSocket, Desk
from composerd.devices.remote.settings import RemoteSettings, server_path
from composerd.engine.messages import ChooseGenre, Message, Mute, SetPan, SetVolume, Snapshot, Solo
from composerd.engine.mixer import METRONOME
from composerd.errors import DeviceError
from composerd.fields import instead
from composerd.genre_pages import genre_pages
from composerd.music.genre import Genre

log = logging.getLogger(__name__)

ALL = ("band", "master", METRONOME)
"""what SetVolume knows besides parts"""


class Latest:
    """The newest snapshot, for whoever asks later."""

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
) -> ControlSocket | None:
    """Listening; None where that is not wanted or cannot be: no reason not to play. `genre` is the one that plays."""
    if not settings.enabled:
        return None
    desk = Desk(put, now, lambda: latest.snapshot, lambda message: complaint(message, genre()))
    remote = ControlSocket(server_path(settings, os.environ), desk, settings.group)
    try:
        remote.start()
    except DeviceError as error:
        log.warning("%s; `composerd ctl` will not work", error)
        return None
    return remote


def complaint(message: Message, genre: Genre) -> str:
    """Why `message` would do nothing, or nothing."""
    if isinstance(message, ChooseGenre) and message.name not in (pages := genre_pages()):
        return f"found genre {message.name!r}, {instead(message.name, pages)}"
    name = _part(message)
    parts = [known for part in genre.parts for known in (part.name, part.role)]
    known = list(dict.fromkeys([*parts, *(ALL if isinstance(message, SetVolume) else ())]))
    return f"found part {name!r}, {instead(name, known)}" if name is not None and name not in known else ""


def _part(message: Message) -> str | None:
    """The part that `message` is about, where it is about one."""
    if isinstance(message, Mute | Solo):
        return message.part
    return message.who if isinstance(message, SetVolume | SetPan) else None
