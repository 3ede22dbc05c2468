"""A JACK client in a process of its own that sends a MIDI clock exact to the frame and records the frame of every
message.

`python -m composerd.bench.jack_clock BPM SECONDS CONNECT…` sends two beats of ticks, a start and SECONDS of clock on
its port `jack-clock:out`, and prints as JSON what came in on `jack-clock:in`, which it connects to the first port there
whose name begins with one of CONNECT. It begins when a line comes in on stdin. For `composerd bench`: rtmidi cannot
send or receive at a given frame.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Sequence

import jack

from composerd.engine.tempo.clock_in import START, TICK, TICKS_PER_BEAT

NAME = "jack-clock"
SETTLING = 1.5
"""seconds from the connection to the first tick, in which the listener finds its ports"""
LEAD = 2 * TICKS_PER_BEAT
"""ticks before the start, from which the listener measures the tempo"""
_ROOM = 1 << 16


class Clock:
    """The JACK client. Raises jack.JackOpenError if there is no JACK server."""

    def __init__(self, bpm: float, beats: float) -> None:
        self._client = jack.Client(NAME, no_start_server=True)
        self._out = self._client.midi_outports.register("out")
        self._in = self._client.midi_inports.register("in")
        self.rate = self._client.samplerate
        self._per_tick = self.rate * 60 / bpm / TICKS_PER_BEAT
        self._last = LEAD + round(beats * TICKS_PER_BEAT)
        self._tick = 0
        self.first: int | None = None
        """frame of the first tick"""
        self.started = 0
        """frame of the tick after the start"""
        self.heard: list[tuple[int, list[int]]] = []
        self._client.set_process_callback(self._process)
        self._client.activate()

    @property
    def over(self) -> bool:
        return self._tick >= self._last

    def listen_to(self, names: Sequence[str]) -> bool:
        """Connect the input to the first port whose name begins with one of `names`. Returns whether there was one."""
        for port in self._client.get_ports(is_midi=True, is_output=True):
            if port.name.startswith(tuple(names)):
                self._in.connect(port)
                return True
        return False

    def go(self) -> None:
        """Start the clock, a tenth of a second from now."""
        self.first = self._client.last_frame_time + self.rate // 10

    def close(self) -> None:
        self._client.deactivate()
        self._client.close()

    def _process(self, frames: int) -> None:
        now = self._client.last_frame_time
        for offset, data in self._in.incoming_midi_events():
            if len(self.heard) < _ROOM:
                self.heard.append((now + offset, list(bytes(data))))
        self._out.clear_buffer()
        while self.first is not None and self._tick < self._last:
            frame = self.first + round(self._tick * self._per_tick)
            if frame >= now + frames:
                break
            offset = max(0, frame - now)
            if self._tick == LEAD:
                self.started = frame
                self._out.write_midi_event(offset, (START,))
            self._out.write_midi_event(offset, (TICK,))
            self._tick += 1


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
