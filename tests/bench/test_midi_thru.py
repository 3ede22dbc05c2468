"""What the measurements of `composerd bench` measure."""

from __future__ import annotations

import sys

import pytest

from composerd.bench.midi_thru import KEYBOARD, Spread, measure_lateness, measure_thru
from composerd.errors import DeviceError

_OTHER_ECHO = f"""
import rtmidi, sys, time
out = rtmidi.MidiOut(rtmidi.API_UNIX_JACK, name="other")
out.open_virtual_port("out")
keys = rtmidi.MidiIn(rtmidi.API_UNIX_JACK, name="other-in")
keys.set_callback(lambda event, _: (time.sleep(0.02), out.send_message(event[0])) if event[0][2] else None)
keys.open_port(next(n for n, name in enumerate(keys.get_ports()) if {KEYBOARD!r} in name), "in")
sys.stdin.read()
"""


@pytest.mark.jack
def test_a_program_that_dawdles_20_ms_is_seen_to() -> None:
    thru = measure_thru([sys.executable, "-c", _OTHER_ECHO], "other:out", presses=40)
    assert thru.program.p50 > thru.echo.p50 + 15
    assert thru.ratio > 1
    assert thru.echo.count + thru.echo.lost == 40


def test_quantiles_are_of_the_ordered_values_and_in_milliseconds() -> None:
    assert Spread.of([n / 1000 for n in range(200, 0, -1)], lost=3) == Spread(101.0, 199.0, 200, 3)
    with pytest.raises(DeviceError, match="none of 5 notes came back"):
        Spread.of([], lost=5)


def test_no_wait_ends_early() -> None:
    late = measure_lateness(waits=20, wait=0.001)
    assert (late.count, late.lost) == (20, 0)
    assert late.p99 >= late.p50 >= 0
