"""Finds the machine's MIDI system (ALSA's sequencer or a JACK server), lists its ports and detects its end."""

from __future__ import annotations

import ctypes
import gc
import os
import re
import socket
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from enum import Enum
from pathlib import Path
from typing import Protocol, TypeVar

from composerd.devices.midi.connections import AlsaWires, JackWires, Wires
from composerd.devices.midi.port_names import CLIENT, address, client_number
from composerd.devices.system.exclusive import exclusive
from composerd.errors import DeviceError, Reason

try:
    import rtmidi
except ImportError as error:
    raise DeviceError(f"python-rtmidi cannot be used here: {error}", about="MIDI") from error

Client = TypeVar("Client", rtmidi.MidiIn, rtmidi.MidiOut)

IN_FLIGHT_SECONDS = 0.2
"""longer than a callback waits for the interpreter's lock, even where the kernel's real-time limit stalls it (50 ms)"""
_FIRST_CARD_CLIENT, _CLIENTS_PER_CARD = 16, 4
SEQUENCER = Path("/dev/snd/seq")
_JACK_FOLDER = Path("/dev/shm")
_VISIBLE_SECONDS = 1.0
"""longest wait until others see a connection [s]: many of JACK's longest periods (93 ms, 4096 frames at 44.1 kHz)"""
_MAPS_COLUMNS = 5
"""columns before the path in /proc/self/maps"""
_LIBJACK = re.compile(rb"libjack(-.+)?\.so")


class Api(Enum):
    ALSA = "alsa"
    JACK = "jack"

    @property
    def rtmidi(self) -> int:
        return int({Api.ALSA: rtmidi.API_LINUX_ALSA, Api.JACK: rtmidi.API_UNIX_JACK}[self])


class MidiSystem:
    """Clients that list ports and connections, and on JACK detect the server's end. Raises DeviceError.

    RtMidi notices nothing when a JACK server goes: lists come from stale shared memory, sends succeed (measured). So a
    plain connection to the server's socket is kept, which the kernel closes with the server.
    """

    def __init__(self, api: Api, changed: Callable[[], None] | None = None) -> None:
        """`changed` is called on a thread of the system's when a port or connection has changed, if `tells`."""
        self.api = api
        os.environ.setdefault("JACK_NO_START_SERVER", "1")
        self._wires = _wires(api)
        self._ports: Ports = self._wires if isinstance(self._wires, JackWires) else Probes(api)
        self._life_line = _jack_connection() if api is Api.JACK else None
        self.tells = changed is not None and isinstance(self._wires, JackWires) and self._wires.watch(changed)
        """whether the system calls `changed`; otherwise `state` has to be polled"""

    def inputs(self) -> list[str]:
        """Ports that send."""
        return self._ports.ports(sends=True)

    def outputs(self) -> list[str]:
        """Ports that receive."""
        return self._ports.ports(sends=False)

    def listening(self, name: str) -> bool:
        """Whether a composerd receives from the port of this full name; True if unknown."""
        partners = None if self._wires is None else self._wires.partners(f"{CLIENT}-in", sends=False)
        return partners is None or address(name) in partners

    def taken(self, name: str) -> bool:
        """Whether a composerd is known to receive from the port of this full name."""
        partners = None if self._wires is None else self._wires.partners(f"{CLIENT}-in", sends=False)
        return partners is not None and address(name) in partners

    def turn(self) -> AbstractContextManager[bool]:
        """Context for one composerd on the machine at a time, to check whether a port is taken and take it."""
        return exclusive(SEQUENCER.parent if self.api is Api.ALSA else _JACK_FOLDER)

    def await_connection(self, name: str) -> None:
        """Wait until others can see that the port of this full name is taken: JACK shows it from its next period on."""
        deadline = time.monotonic() + _VISIBLE_SECONDS
        while not self.listening(name) and time.monotonic() < deadline:
            time.sleep(0.002)

    def connected(self, client: str, *, sends: bool = False) -> bool:
        """Whether a port of our `client` still listens to another port (or sends to one)."""
        partners = None if self._wires is None else self._wires.partners(client, sends=sends)
        return partners is None or bool(partners)

    def state(self) -> object:
        """A value that stays equal until a port comes or goes or one of ours is disconnected; None if unknown."""
        return None if self._wires is None else self._wires.state()

    @property
    def life_line(self) -> socket.socket | None:
        """A socket that becomes readable when the server ends; None if there is none."""
        return self._life_line

    @property
    def alive(self) -> bool:
        if self._life_line is None:
            return True
        try:
            return self._life_line.recv(1, socket.MSG_DONTWAIT) != b""
        except BlockingIOError:
            return True
        except OSError:
            return False

    def close(self) -> None:
        self._ports.close()
        if self._wires is not None:
            self._wires.close()
        if self._life_line is not None:
            self._life_line.close()


class Ports(Protocol):
    """Lists the system's ports."""

    def ports(self, *, sends: bool) -> list[str]:
        """Full names of the ports that send (or receive)."""

    def close(self) -> None:
        """Also twice."""


class Probes:
    """Clients of rtmidi's that look for ports."""

    def __init__(self, api: Api) -> None:
        """Create the clients. Raises DeviceError if the system refuses."""
        self._inputs = new_client(rtmidi.MidiIn, api, f"{CLIENT}-look")
        self._outputs = new_client(rtmidi.MidiOut, api, f"{CLIENT}-look-out")
        self._inputs.set_callback(_ignore)

    def ports(self, *, sends: bool) -> list[str]:
        return _names(self._inputs if sends else self._outputs)

    def close(self) -> None:
        self._inputs.delete()
        self._outputs.delete()


def find_system(wanted: str, changed: Callable[[], None] | None = None) -> MidiSystem:
    """The system `wanted` (alsa, jack), or for `auto` the first that can be used. Raises DeviceError."""
    found = list[DeviceError]()
    for api in Api if wanted == "auto" else (Api(wanted),):
        absent = _absent(api)
        if absent is None:
            try:
                return MidiSystem(api, changed)
            except DeviceError as error:
                absent = error
        found.append(absent)
    denied = any(one.reason is Reason.NO_ACCESS for one in found)
    raise DeviceError("; ".join(map(str, found)), Reason.NO_ACCESS if denied else Reason.MISSING)


def new_client(kind: type[Client], api: Api, name: str) -> Client:
    """A client of rtmidi's without a port. Raises DeviceError if the system refuses."""
    try:
        return kind(api.rtmidi, name=name)
    except rtmidi.RtMidiError as error:
        raise DeviceError(f"{api.name}: {error}") from None


def close_input(client: rtmidi.MidiIn) -> None:
    """Delete an input that may be in the middle of a message. Takes IN_FLIGHT_SECONDS.

    rtmidi deletes with the interpreter's lock held, and then cancels (JACK) or joins (ALSA) the thread that calls back:
    a callback that waits for the lock just then would dead-lock the program for good. So callbacks end first, and those
    on their way get time to. They borrow the pair of function and data that `cancel_callback` lets go: kept till then.
    """
    borrowed = gc.get_referents(client)
    client.cancel_callback()
    time.sleep(IN_FLIGHT_SECONDS)
    del borrowed
    client.delete()


def usb_id(name: str, cards: Path = Path("/proc/asound")) -> str:
    """`vendor:product` of the USB device that an ALSA port of this full name belongs to; empty where that is unknown.

    The sequencer gives sound card n the clients 16 + 4 n to 19 + 4 n (linux: sound/core/seq/seq_clientmgr.c).
    """
    client = client_number(name)
    if client is None or client < _FIRST_CARD_CLIENT:
        return ""
    try:
        return (cards / f"card{(client - _FIRST_CARD_CLIENT) // _CLIENTS_PER_CARD}" / "usbid").read_text().strip()
    except OSError:
        return ""


def _absent(api: Api) -> DeviceError | None:
    """Why `api` cannot be used, else None. Checked first, because its library would complain on stderr."""
    if api is Api.ALSA:
        if not SEQUENCER.exists():
            return DeviceError(f"no ALSA sequencer ({SEQUENCER} is missing)")
        if not os.access(SEQUENCER, os.R_OK | os.W_OK):
            return DeviceError(f"no access to {SEQUENCER} (group audio?)", Reason.NO_ACCESS)
        return None
    _hush_jack()
    if _jack_is_pipewire():
        return None
    line = _jack_connection()
    if line is None:
        return DeviceError(f"no JACK server {_jack_server()!r} runs")
    line.close()
    return None


def _names(client: rtmidi.MidiIn | rtmidi.MidiOut) -> list[str]:
    """The port names; asked for again if a port goes while they are listed, at which rtmidi raises."""
    for _ in range(20):
        try:
            return list(client.get_ports())
        except rtmidi.RtMidiError:
            time.sleep(0.005)
    return []


def _ignore(_event: object, _data: object) -> None:
    """Discard a message; without a callback rtmidi queues messages and floods stderr when the queue is full."""


def _jack_server() -> str:
    return os.environ.get("JACK_DEFAULT_SERVER", "default")


def _jack_connection() -> socket.socket | None:
    """A connection to the server's request socket (jack2, JackChannelTransaction); None if no server runs."""
    line = socket.socket(socket.AF_UNIX)
    try:
        line.connect(str(_JACK_FOLDER / f"jack_{_jack_server()}_{os.getuid()}_0"))
    except OSError:
        line.close()
        return None
    return line


def jack_library(maps: bytes) -> str:
    """Path of the libjack among a process's mapped files (proc(5), /proc/pid/maps); empty if there is none.

    A path is all that follows the fifth column: it may hold blanks, and bytes that are no UTF-8.
    """
    rows = (line.split(None, _MAPS_COLUMNS) for line in maps.splitlines())
    paths = (row[_MAPS_COLUMNS].removesuffix(b" (deleted)") for row in rows if len(row) > _MAPS_COLUMNS)
    found = (path for path in paths if path.startswith(b"/") and _LIBJACK.match(path.rpartition(b"/")[2]))
    return os.fsdecode(next(found, b""))


def _jack_library() -> str:
    """Path of the libjack that rtmidi has loaded."""
    return jack_library(Path("/proc/self/maps").read_bytes())


def _wires(api: Api) -> Wires | None:
    """Open the reader of connections for `api`; None if connections cannot be read."""
    if api is Api.ALSA:
        return AlsaWires()
    try:
        return JackWires(_jack_library(), f"{CLIENT}-wires")
    except OSError:
        return None


def _jack_is_pipewire() -> bool:
    return "pipewire" in _jack_library()


def _hush_jack() -> None:
    """Silence libjack, which prints to stderr whenever a server is missing or ends; we report what matters."""
    path = _jack_library()
    if not path:
        return
    library = ctypes.CDLL(path)
    # a C function that looks at a string and does nothing: Python has no business in JACK's real-time threads
    silent = ctypes.cast(ctypes.CDLL(None).strlen, ctypes.c_void_p)
    for register in (library.jack_set_error_function, library.jack_set_info_function):
        register(silent)
