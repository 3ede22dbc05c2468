"""Is anything still connected to a port of ours? What was unplugged and came back by its old name between two looks is
in the list of ports as before, but the connection is gone: without this, the keyboard would be there and not be heard.
"""

from __future__ import annotations

import ctypes
import re
from pathlib import Path
from typing import Protocol

SEQUENCER_CLIENTS = Path("/proc/asound/seq/clients")
_CLIENT = re.compile(r'^Client +\d+ : "(.*)"')
_LISTENS, _SENDS = "Connected From:", "Connecting To:"
_NO_START, _IS_INPUT, _IS_OUTPUT = 1, 1, 2


class Wires(Protocol):
    """What a MIDI system tells about connections."""

    def connected(self, client: str, *, sends: bool) -> bool:
        """Whether a port of `client` sends to another (or listens to one). True where that cannot be known."""

    def close(self) -> None:
        """Also twice."""


class AlsaWires:
    """As the sequencer's page in /proc tells (linux: sound/core/seq/seq_clientmgr.c)."""

    def __init__(self, page: Path = SEQUENCER_CLIENTS) -> None:
        self._page = page

    def connected(self, client: str, *, sends: bool) -> bool:
        try:
            lines = self._page.read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            return True
        found, ours = False, False
        for line in lines:
            if (head := _CLIENT.match(line)) is not None:
                ours = head[1] == client
                found |= ours
            elif ours and line.strip().startswith(_SENDS if sends else _LISTENS):
                return True
        return not found

    def close(self) -> None:
        """Nothing is held."""


class JackWires:
    """As the server tells a client without ports."""

    def __init__(self, library: str, name: str) -> None:
        """`library`: the libjack that rtmidi has loaded. OSError where it or the server refuses."""
        self._jack = ctypes.CDLL(library)
        for function in (self._jack.jack_client_open, self._jack.jack_port_by_name):
            function.restype = ctypes.c_void_p
        for function in (self._jack.jack_get_ports, self._jack.jack_port_get_all_connections):
            function.restype = ctypes.POINTER(ctypes.c_char_p)
        self._client = ctypes.c_void_p(self._jack.jack_client_open(name.encode(), ctypes.c_int(_NO_START), None))
        if not self._client:
            raise OSError("the JACK server takes no client")

    def connected(self, client: str, *, sends: bool) -> bool:
        # JACK numbers a second client of the same name: composerd-in-01
        pattern, flags = f"^{client}(-[0-9]+)?:".encode(), ctypes.c_ulong(_IS_OUTPUT if sends else _IS_INPUT)
        ports = self._taken(self._jack.jack_get_ports(self._client, pattern, None, flags))
        return not ports or any(self._connections(port) for port in ports)

    def close(self) -> None:
        if self._client:
            self._jack.jack_client_close(self._client)
        self._client = ctypes.c_void_p()

    def _connections(self, port: bytes) -> list[bytes]:
        handle = ctypes.c_void_p(self._jack.jack_port_by_name(self._client, port))
        return self._taken(self._jack.jack_port_get_all_connections(self._client, handle)) if handle else []

    def _taken(self, listing: ctypes._Pointer[ctypes.c_char_p]) -> list[bytes]:
        """The names in a list of JACK's, which is given back."""
        names: list[bytes] = []
        while listing and (name := listing[len(names)]) is not None:
            names.append(name)
        if listing:
            self._jack.jack_free(listing)
        return names
