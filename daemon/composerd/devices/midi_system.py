"""The MIDI system of the machine: ALSA's sequencer or a JACK server. Is one there, what ports has it, is it alive?"""

from __future__ import annotations

import ctypes
import gc
import os
import re
import socket
import time
from enum import Enum
from pathlib import Path
from typing import TypeVar

import rtmidi

from composerd.devices.port_names import CLIENT, client_number
from composerd.devices.wires import AlsaWires, JackWires, Wires
from composerd.errors import DeviceError

Client = TypeVar("Client", rtmidi.MidiIn, rtmidi.MidiOut)

IN_FLIGHT_SECONDS = 0.2
"""longer than a callback waits for the interpreter's lock, even where the kernel's real-time limit stalls it (50 ms)"""
_FIRST_CARD_CLIENT, _CLIENTS_PER_CARD = 16, 4
SEQUENCER = Path("/dev/snd/seq")


class Api(Enum):
    ALSA = "alsa"
    JACK = "jack"

    @property
    def rtmidi(self) -> int:
        return int({Api.ALSA: rtmidi.API_LINUX_ALSA, Api.JACK: rtmidi.API_UNIX_JACK}[self])


class MidiSystem:
    """Probe clients for ports and connections and, on JACK, a life line to the server. DeviceError where there is none.

    RtMidi notices nothing when a JACK server goes: lists come from stale shared memory, sends succeed (measured). So a
    plain connection to the server's socket is kept, which the kernel closes with the server.
    """

    def __init__(self, api: Api) -> None:
        self.api = api
        os.environ.setdefault("JACK_NO_START_SERVER", "1")
        self._inputs = new_client(rtmidi.MidiIn, api, f"{CLIENT}-look")
        self._outputs = new_client(rtmidi.MidiOut, api, f"{CLIENT}-look-out")
        self._inputs.set_callback(_ignore)
        self._life_line = _jack_connection() if api is Api.JACK else None
        self._wires = _wires(api)

    def inputs(self) -> list[str]:
        """Ports that send."""
        return _names(self._inputs)

    def outputs(self) -> list[str]:
        """Ports that receive."""
        return _names(self._outputs)

    def connected(self, client: str, *, sends: bool = False) -> bool:
        """Whether a port of our `client` still listens to another port (or sends to one)."""
        return self._wires is None or self._wires.connected(client, sends=sends)

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
        self._inputs.delete()
        self._outputs.delete()
        if self._wires is not None:
            self._wires.close()
        if self._life_line is not None:
            self._life_line.close()


def find_system(wanted: str) -> MidiSystem:
    """The system `wanted` (alsa, jack), or for `auto` the first that can be used. DeviceError: why there is none."""
    reasons = []
    for api in Api if wanted == "auto" else (Api(wanted),):
        reason = _absent(api)
        if not reason:
            try:
                return MidiSystem(api)
            except DeviceError as error:
                reason = str(error)
        reasons.append(reason)
    raise DeviceError("; ".join(reasons))


def new_client(kind: type[Client], api: Api, name: str) -> Client:
    """A client of rtmidi's without a port. DeviceError where the system refuses."""
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


def _absent(api: Api) -> str:
    """Why `api` cannot be there. Asked first, because its library would complain on stderr."""
    if api is Api.ALSA:
        if not SEQUENCER.exists():
            return f"no ALSA sequencer ({SEQUENCER} is missing)"
        return "" if os.access(SEQUENCER, os.R_OK | os.W_OK) else f"no access to {SEQUENCER} (group audio?)"
    _hush_jack()
    if _jack_is_pipewire():
        return ""
    line = _jack_connection()
    if line is None:
        return f"no JACK server {_jack_server()!r} runs"
    line.close()
    return ""


def _names(client: rtmidi.MidiIn | rtmidi.MidiOut) -> list[str]:
    """rtmidi asks for the count, then for each name: a port that goes in between raises. Not a fault: look again."""
    for _ in range(20):
        try:
            return list(client.get_ports())
        except rtmidi.RtMidiError:
            time.sleep(0.005)
    return []


def _ignore(_event: object, _data: object) -> None:
    """Without a callback rtmidi queues, and floods stderr when the queue is full."""


def _jack_server() -> str:
    return os.environ.get("JACK_DEFAULT_SERVER", "default")


def _jack_connection() -> socket.socket | None:
    """A connection to the server's request socket (jack2, JackChannelTransaction): None where nobody listens."""
    line = socket.socket(socket.AF_UNIX)
    try:
        line.connect(f"/dev/shm/jack_{_jack_server()}_{os.getuid()}_0")
    except OSError:
        line.close()
        return None
    return line


def _jack_library() -> str:
    """Path of the libjack that rtmidi has loaded."""
    found = re.search(r"\S*/libjack[-.]\S*", Path("/proc/self/maps").read_text())
    return found[0] if found else ""


def _wires(api: Api) -> Wires | None:
    """None where connections cannot be looked at."""
    if api is Api.ALSA:
        return AlsaWires()
    try:
        return JackWires(_jack_library(), f"{CLIENT}-wires")
    except OSError:
        return None


def _jack_is_pipewire() -> bool:
    return "pipewire" in _jack_library()


def _hush_jack() -> None:
    """libjack prints to stderr whenever a server is missing or goes; what matters we say ourselves."""
    path = _jack_library()
    if not path:
        return
    library = ctypes.CDLL(path)
    # a C function that looks at a string and does nothing: Python has no business in JACK's real-time threads
    silent = ctypes.cast(ctypes.CDLL(None).strlen, ctypes.c_void_p)
    for register in (library.jack_set_error_function, library.jack_set_info_function):
        register(silent)
