"""A class-compliant USB MIDI keyboard in Python, plugged into the kernel's vhci_hcd; closing its socket pulls it out.

No usbip tools and no network: one end of a socket pair goes to the kernel, the other speaks the URB part of USB/IP
(Linux Documentation/usb/usbip_protocol.rst). Descriptors: USB device class definition for MIDI devices 1.0.
"""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from collections import deque
from pathlib import Path

VHCI = Path("/sys/devices/platform/vhci_hcd.0")
SUBMIT, UNLINK, SUBMITTED, UNLINKED = 1, 2, 3, 4
FULL_SPEED = 2
FREE = "004"
STALL, CANCELLED = -32, -104
GET_DESCRIPTOR, GET_STATUS, GET_CONFIGURATION = (0x80, 6), (0x80, 0), (0x80, 8)
DEVICE, CONFIGURATION, STRING = 1, 2, 3


class UsbKeyboard:
    def __init__(self, vendor: int, product: int, maker: str, name: str, serial: str = "1") -> None:
        self.name = name
        self._texts = (maker, name, serial)
        self._device = struct.pack("<BBHBBBBHHHBBBB", 18, 1, 0x200, 0, 0, 0, 64, vendor, product, 0x100, 1, 2, 3, 1)
        self._configuration = _configuration()
        self._lock = threading.Lock()
        self._notes: deque[bytes] = deque()
        """event packets the host has not fetched"""
        self._asked: deque[tuple[int, int, int]] = deque()
        """(sequence, device, length) of the host's open reads"""
        self._line: socket.socket | None = None

    def plug(self) -> None:
        rows = (row.split() for row in (VHCI / "status").read_text().splitlines())
        port = next(int(row[1]) for row in rows if row[0] == "hs" and row[2] == FREE)
        self._notes.clear()
        self._asked.clear()
        self._line, kernels = socket.socketpair()
        with kernels:
            (VHCI / "attach").write_text(f"{port} {kernels.fileno()} {0x10000 + port + 2} {FULL_SPEED}")
        self._thread = threading.Thread(target=self._serve, args=(self._line,), daemon=True)
        self._thread.start()

    def pull(self) -> None:
        if self._line is not None:
            with contextlib.suppress(OSError):
                self._line.shutdown(socket.SHUT_RDWR)
            self._thread.join(5)
            self._line.close()
            self._line = None

    def send(self, *message: int) -> None:
        """A channel message of three bytes."""
        with self._lock:
            self._notes.append(bytes([message[0] >> 4, *message]))
            self._flush()

    def _flush(self) -> None:
        while self._notes and self._asked:
            sequence, device, length = self._asked.popleft()
            data = b""
            while self._notes and len(data) + 4 <= length:
                data += self._notes.popleft()
            self._return(sequence, device, 1, 1, data)

    def _serve(self, line: socket.socket) -> None:
        try:
            while True:
                head = _read(line, 48)
                kind, sequence, device, inward, endpoint = struct.unpack(">IIIII", head[:20])
                if kind == UNLINK:
                    self._unlink(sequence, device, inward, endpoint, struct.unpack(">I", head[20:24])[0])
                    continue
                (length,) = struct.unpack(">I", head[24:28])
                if not inward and length:
                    _read(line, length)
                if endpoint == 0:
                    self._control(sequence, device, inward, head[40:48])
                elif inward:
                    with self._lock:
                        self._asked.append((sequence, device, length))
                        self._flush()
                else:
                    self._return(sequence, device, 0, endpoint, length=length)
        except OSError:
            return

    def _unlink(self, sequence: int, device: int, inward: int, endpoint: int, meant: int) -> None:
        with self._lock:
            found = [asked for asked in self._asked if asked[0] == meant]
            for asked in found:
                self._asked.remove(asked)
            self._send(
                struct.pack(">IIIIIi24x", UNLINKED, sequence, device, inward, endpoint, CANCELLED if found else 0)
            )

    def _control(self, sequence: int, device: int, inward: int, setup: bytes) -> None:
        request_type, request, value, _, wanted = struct.unpack("<BBHHH", setup)
        data = self._descriptor(request_type, request, value)
        if data is None:
            self._return(sequence, device, inward, 0, status=STALL)
        else:
            self._return(sequence, device, inward, 0, data[:wanted] if inward else b"")

    def _descriptor(self, request_type: int, request: int, value: int) -> bytes | None:
        asked = (request_type, request)
        if asked == GET_STATUS:
            return b"\0\0"
        if asked == GET_CONFIGURATION:
            return b"\1"
        if asked != GET_DESCRIPTOR:
            return b"" if not request_type & 0x80 else None
        kind, index = value >> 8, value & 255
        if kind == STRING:
            return _text(self._texts, index)
        return {DEVICE: self._device, CONFIGURATION: self._configuration}.get(kind)

    def _return(
        self,
        sequence: int,
        device: int,
        inward: int,
        endpoint: int,
        data: bytes = b"",
        length: int = 0,
        status: int = 0,
    ) -> None:
        done = len(data) or length
        self._send(
            struct.pack(">IIIIIiIIII8x", SUBMITTED, sequence, device, inward, endpoint, status, done, 0, 0, 0) + data
        )

    def _send(self, data: bytes) -> None:
        if self._line is not None:
            with contextlib.suppress(OSError):
                self._line.sendall(data)


def deep_composer() -> UsbKeyboard:
    """As the AWS DeepComposer keyboard shows itself."""
    return UsbKeyboard(0x1ACC, 0x1533, "MIDIPLUS", "AKM322")


def _configuration() -> bytes:
    """Audio control, MIDI streaming with one cable each way, two bulk end points."""
    jacks = bytes(
        [6, 0x24, 2, 1, 1, 0, 6, 0x24, 2, 2, 2, 0, 9, 0x24, 3, 1, 3, 1, 2, 1, 0, 9, 0x24, 3, 2, 4, 1, 1, 1, 0]
    )
    ends = b"".join(
        bytes([9, 5, address, 2, 64, 0, 0, 0, 0, 5, 0x25, 1, 1, jack]) for address, jack in ((0x02, 1), (0x81, 3))
    )
    header = bytes([7, 0x24, 1, 0, 1]) + struct.pack("<H", 7 + len(jacks))
    audio = bytes([9, 4, 0, 0, 0, 1, 1, 0, 0, 9, 0x24, 1, 0, 1, 9, 0, 1, 1])
    body = audio + bytes([9, 4, 1, 0, 2, 1, 3, 0, 0]) + header + jacks + ends
    return struct.pack("<BBHBBBBB", 9, 2, 9 + len(body), 2, 1, 0, 0x80, 50) + body


def _text(texts: tuple[str, ...], index: int) -> bytes | None:
    if index == 0:
        return bytes([4, STRING, 9, 4])  # English
    if index > len(texts):
        return None
    text = texts[index - 1].encode("utf-16-le")
    return bytes([2 + len(text), STRING]) + text


def _read(line: socket.socket, length: int) -> bytes:
    data = b""
    while len(data) < length:
        more = line.recv(length - len(data))
        if not more:
            raise ConnectionError
        data += more
    return data
