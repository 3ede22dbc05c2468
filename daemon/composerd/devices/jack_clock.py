"""A MIDI clock exact to the frame, and an ear that notes the frame of all it hears: one JACK client of its own process.

`python -m composerd.devices.jack_clock BPM SECONDS CONNECT…` sends two beats of ticks, a start and SECONDS of clock on
its port `jack-clock:out`, and prints as JSON what came in on `jack-clock:in`, which it connects to the first port there
whose name begins with one of CONNECT. It begins when a line comes in on stdin. For `composerd bench`: rtmidi can
neither send nor hear at a frame, this can.
"""

from __future__ import annotations

import ctypes
import json
import sys
import time
from collections.abc import Sequence

from composerd.engine.clock_in import START, TICK, TICKS_PER_BEAT

NAME = "jack-clock"
SETTLING = 1.5
"""seconds from the connection to the first tick: the listener looks for its ports meanwhile"""
LEAD = 2 * TICKS_PER_BEAT
"""ticks before the start: they tell the tempo"""
_MIDI = b"8 bit raw midi"
_IS_INPUT, _IS_OUTPUT = 1, 2
_NO_START = 1
_ROOM = 1 << 16


class _Event(ctypes.Structure):
    _fields_ = (("time", ctypes.c_uint32), ("size", ctypes.c_size_t), ("buffer", ctypes.POINTER(ctypes.c_ubyte)))


_Process = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_uint32, ctypes.c_void_p)


def _library() -> ctypes.CDLL:
    jack = ctypes.CDLL("libjack.so.0")
    pointers = ("jack_client_open", "jack_port_register", "jack_port_get_buffer", "jack_get_ports", "jack_port_name")
    for name in pointers:
        getattr(jack, name).restype = ctypes.c_void_p
    jack.jack_last_frame_time.restype = ctypes.c_uint32
    jack.jack_midi_event_reserve.restype = ctypes.POINTER(ctypes.c_ubyte)
    jack.jack_midi_event_reserve.argtypes = (ctypes.c_void_p, ctypes.c_uint32, ctypes.c_size_t)
    jack.jack_midi_event_get.argtypes = (ctypes.POINTER(_Event), ctypes.c_void_p, ctypes.c_uint32)
    jack.jack_get_ports.restype = ctypes.POINTER(ctypes.c_char_p)
    return jack


class Clock:
    """Raises OSError where there is no JACK."""

    def __init__(self, bpm: float, beats: float) -> None:
        self._jack = _library()
        status = ctypes.c_int()
        self._client = ctypes.c_void_p(
            self._jack.jack_client_open(NAME.encode(), ctypes.c_int(_NO_START), ctypes.byref(status))
        )
        if not self._client:
            raise OSError("no JACK server")
        rate = self._jack.jack_get_sample_rate(self._client)
        self._out, self._in = self._port("out", _IS_OUTPUT), self._port("in", _IS_INPUT)
        self._per_tick = rate * 60 / bpm / TICKS_PER_BEAT
        self._last = LEAD + round(beats * TICKS_PER_BEAT)
        self._tick = 0
        self.rate = rate
        self.first: int | None = None
        """frame of the first tick"""
        self.started = 0
        """frame of the tick after the start"""
        self.heard: list[tuple[int, list[int]]] = []
        self._callback = _Process(self._process)  # kept: JACK holds no reference
        self._jack.jack_set_process_callback(self._client, self._callback, None)
        self._jack.jack_activate(self._client)

    @property
    def over(self) -> bool:
        return self._tick >= self._last

    def listen_to(self, names: Sequence[str]) -> bool:
        """Connect the ear to the first port whose name begins with one of `names`; whether there was one."""
        found = self._jack.jack_get_ports(self._client, None, _MIDI, ctypes.c_ulong(_IS_OUTPUT))
        ports, i = [], 0
        while found and found[i]:
            ports.append(found[i])
            i += 1
        for port in ports:
            if port.decode().startswith(tuple(names)):
                self._jack.jack_connect(self._client, port, f"{NAME}:in".encode())
                return True
        return False

    def go(self) -> None:
        """Begin to tick, a tenth of a second from now."""
        self.first = self._jack.jack_last_frame_time(self._client) + self.rate // 10

    def close(self) -> None:
        self._jack.jack_deactivate(self._client)
        self._jack.jack_client_close(self._client)

    def _port(self, name: str, flag: int) -> ctypes.c_void_p:
        register = self._jack.jack_port_register
        return ctypes.c_void_p(register(self._client, name.encode(), _MIDI, ctypes.c_ulong(flag), ctypes.c_ulong(0)))

    def _process(self, frames: int, _: int) -> int:
        now = self._jack.jack_last_frame_time(self._client)
        self._hear(now, frames)
        buffer = ctypes.c_void_p(self._jack.jack_port_get_buffer(self._out, ctypes.c_uint32(frames)))
        self._jack.jack_midi_clear_buffer(buffer)
        while self.first is not None and self._tick < self._last:
            frame = self.first + round(self._tick * self._per_tick)
            if frame >= now + frames:
                break
            offset = max(0, frame - now)
            if self._tick == LEAD:
                self.started = frame
                self._send(buffer, offset, START)
            self._send(buffer, offset, TICK)
            self._tick += 1
        return 0

    def _send(self, buffer: ctypes.c_void_p, offset: int, status: int) -> None:
        room = self._jack.jack_midi_event_reserve(buffer, offset, 1)
        if room:
            room[0] = status

    def _hear(self, now: int, frames: int) -> None:
        buffer = ctypes.c_void_p(self._jack.jack_port_get_buffer(self._in, ctypes.c_uint32(frames)))
        event = _Event()
        for i in range(self._jack.jack_midi_get_event_count(buffer)):
            if len(self.heard) < _ROOM and not self._jack.jack_midi_event_get(ctypes.byref(event), buffer, i):
                self.heard.append((now + event.time, list(event.buffer[: event.size])))


def main(bpm: float, seconds: float, names: Sequence[str]) -> None:
    clock = Clock(bpm, seconds * bpm / 60)
    until = time.monotonic() + 20
    while not clock.listen_to(names) and time.monotonic() < until:
        time.sleep(0.05)
    sys.stdin.readline()
    time.sleep(SETTLING)
    clock.go()
    while not clock.over:
        time.sleep(0.05)
    time.sleep(0.5)
    clock.close()
    print(json.dumps({"rate": clock.rate, "started": clock.started, "heard": clock.heard}))


if __name__ == "__main__":
    main(float(sys.argv[1]), float(sys.argv[2]), sys.argv[3:])
