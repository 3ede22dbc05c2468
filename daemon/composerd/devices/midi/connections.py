"""Reads the connections of a MIDI system: the ports that a client of ours receives from or sends to.

What was unplugged and came back by its old name between two looks is in the list of ports as before, but the connection
is gone: without this, the keyboard would be there and not be heard. And what another composerd listens to shows here.
JACK also lists the ports and reports every change, to a client that has no process callback: one of rtmidi's has one,
and wakes in every period of the server only to look.
"""

from __future__ import annotations

import ctypes
import re
from collections.abc import Callable
from pathlib import Path
from threading import Thread
from typing import Protocol

from composerd.devices.midi.port_names import CLIENT, address
from composerd.threads import spawn

SEQUENCER_CLIENTS = Path("/proc/asound/seq/clients")
_CLIENT = re.compile(r'^Client +\d+ : "(.*)"')
_PARTNER = re.compile(r"\d+:\d+")
_LISTENS, _SENDS = "Connected From:", "Connecting To:"
_NO_START, _IS_INPUT, _IS_OUTPUT = 1, 1, 2
_MIDI = b"8 bit raw midi"
"""jack/midiport.h"""
_SEMAPHORE_WORDS = 8
"""size of a buffer for a sem_t, in words of 8 bytes: more than sem_t has on any system"""


class Wires(Protocol):
    def partners(self, client: str, *, sends: bool) -> set[str] | None:
        """Addresses of the ports that `client` sends to (or receives from); None if unknown."""

    def state(self) -> object:
        """All ports and our connections as one value to compare with an earlier one; None if unknown."""

    def close(self) -> None:
        """Also twice."""


class AlsaWires:
    """Connections read from the sequencer's file in /proc (linux: sound/core/seq/seq_clientmgr.c)."""

    def __init__(self, page: Path = SEQUENCER_CLIENTS) -> None:
        self._page = page

    def partners(self, client: str, *, sends: bool) -> set[str] | None:
        page = self.state()
        if page is None:
            return None
        found, ours = set[str](), False
        for line in page.splitlines():
            if (head := _CLIENT.match(line)) is not None:
                ours = head[1] == client
            elif ours and line.strip().startswith(_SENDS if sends else _LISTENS):
                found.update(_PARTNER.findall(line))
        return found

    def state(self) -> str | None:
        try:
            return self._page.read_text(encoding="utf-8", errors="replace")
        except OSError:
            return None

    def close(self) -> None:
        """Nothing is held."""


class JackWires:
    """Connections read from the JACK server through a client without ports."""

    def __init__(self, library: str, name: str) -> None:
        """`library`: the libjack that rtmidi has loaded. Raises OSError if it or the server refuses."""
        self._jack, self._libc = ctypes.CDLL(library), ctypes.CDLL(None)
        self._watcher: Thread | None = None
        for function in (self._jack.jack_client_open, self._jack.jack_port_by_name):
            function.restype = ctypes.c_void_p
        for function in (self._jack.jack_get_ports, self._jack.jack_port_get_all_connections):
            function.restype = ctypes.POINTER(ctypes.c_char_p)
        self._client = ctypes.c_void_p(self._jack.jack_client_open(name.encode(), ctypes.c_int(_NO_START), None))
        if not self._client:
            raise OSError("the JACK server takes no client")

    def partners(self, client: str, *, sends: bool) -> set[str] | None:
        # JACK numbers a second client of the same name: composerd-in-01
        pattern, flags = f"^{client}(-[0-9]+)?:".encode(), ctypes.c_ulong(_IS_OUTPUT if sends else _IS_INPUT)
        ports = self._taken(self._jack.jack_get_ports(self._client, pattern, None, flags))
        return {address(one.decode("utf-8", "ignore")) for port in ports for one in self._connections(port)}

    def state(self) -> object:
        ports = self._taken(self._jack.jack_get_ports(self._client, None, None, ctypes.c_ulong(0)))
        own = [port for port in ports if port.startswith(CLIENT.encode())]
        return ports, [self._connections(port) for port in own]

    def ports(self, *, sends: bool) -> list[str]:
        """Full names of all MIDI ports that send (or receive), in rtmidi's spelling."""
        flags = ctypes.c_ulong(_IS_OUTPUT if sends else _IS_INPUT)
        listed = self._taken(self._jack.jack_get_ports(self._client, None, _MIDI, flags))
        return [name.decode("utf-8", "ignore") for name in listed]

    def watch(self, changed: Callable[[], None]) -> bool:
        """Have `changed` called, on our thread, when a port or connection comes or goes. Returns whether JACK does so.

        JACK's thread only counts the semaphore up (sem_post(3) has the type of JackGraphOrderCallback). It must not
        wait for Python's lock: rtmidi holds that while it asks the server, and the server waits for that thread.
        """
        self._told = (ctypes.c_uint64 * _SEMAPHORE_WORDS)()
        self._libc.sem_init(self._told, 0, 0)
        tell = ctypes.cast(self._libc.sem_post, ctypes.c_void_p)
        refused = self._jack.jack_set_graph_order_callback(self._client, tell, self._told)
        if refused or self._jack.jack_activate(self._client):
            return False

        def pass_on() -> None:
            while self._client:
                if self._libc.sem_wait(self._told) == 0 and self._client:
                    changed()

        self._watcher = spawn("jack changes", pass_on)
        return True

    def close(self) -> None:
        if not self._client:
            return
        self._jack.jack_client_close(self._client)
        self._client = ctypes.c_void_p()
        if self._watcher is not None:
            self._libc.sem_post(self._told)
            self._watcher.join()

    def _connections(self, port: bytes) -> list[bytes]:
        handle = ctypes.c_void_p(self._jack.jack_port_by_name(self._client, port))
        return self._taken(self._jack.jack_port_get_all_connections(self._client, handle)) if handle else []

    def _taken(self, listing: ctypes._Pointer[ctypes.c_char_p]) -> list[bytes]:
        """Copy the names from a list that JACK allocated, and free it."""
        names: list[bytes] = []
        while listing and (name := listing[len(names)]) is not None:
            names.append(name)
        if listing:
            self._jack.jack_free(listing)
        return names
