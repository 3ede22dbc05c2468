"""Plays the demo's melody into the inbox, then ends the band and the program."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial

from composerd.devices.system.inbox import RealInbox
from composerd.engine.commands.band import EndBand
from composerd.engine.messages import Crashed, KeyboardMessage, Message, Snapshot, Stop
from composerd.music.metre import STEPS_PER_BEAT
from composerd.music.midi_tracks import MelodyTrack
from composerd.threads import spawn

LEAD_IN = 0.5
"""seconds before the first key"""
PATIENCE_BARS = 4
"""bars to wait for the band's end before the program ends without it"""
READY = "ready"
"""the state of a band that waits for a first key"""

Script = tuple[tuple[float, Message], ...]
"""messages with their times, in seconds from the first key"""


def jam_script(melody: MelodyTrack) -> Script:
    """The keys of the whole melody, and the command to end with its last note."""
    return (*_keys(melody, melody.seconds + 1), (melody.seconds, EndBand()))


def phrase_script(melody: MelodyTrack, bars: int) -> Script:
    """The keys of the first `bars` bars, and the command to answer with their last note."""
    keys = _keys(melody, bars_seconds(melody, bars))
    return (*keys, (max(second for second, _ in keys), EndBand()))


def _keys(melody: MelodyTrack, until: float) -> list[tuple[float, Message]]:
    """The melody's messages before second `until`; notes that still sound are released at `until`."""
    played: list[tuple[float, Message]] = []
    held: set[int] = set()
    for one in melody.messages:
        pitch = one.message.data1
        if one.message.starts_note and one.second < until - 1e-6:
            held.add(pitch)
        elif pitch not in held:
            continue
        else:
            held.discard(pitch)
        played.append((min(one.second, until), KeyboardMessage(one.second, one.message)))
    return played


def bars_seconds(melody: MelodyTrack, bars: int) -> float:
    """Seconds of the melody's first `bars` bars, or of all it has where these are fewer."""
    grid, step = melody.axis.bar_grid(), 0
    ticks_per_step = melody.axis.ticks_per_beat / STEPS_PER_BEAT
    for _ in range(bars):
        if step * ticks_per_step >= melody.end_tick:
            break
        step = grid.next_bar_line(step)
    return melody.axis.second_at(step * ticks_per_step)


class DemoPlayer:
    """Thread that plays `script`, waits until the band is ready again, and stops the program."""

    def __init__(self, script: Script, patience: float, show: Callable[[Snapshot], None]) -> None:
        """`patience`: seconds to wait for the band after the script; `show` receives every snapshot."""
        self._script, self._patience, self._show = script, patience, show
        self._played = False
        self._ready = threading.Event()
        self._pause = threading.Event()

    def show(self, snapshot: Snapshot) -> None:
        self._show(snapshot)
        if self._played and snapshot.state == READY:
            self._ready.set()

    def start(self, inbox: RealInbox) -> None:
        spawn("demo", partial(self._run, inbox), lambda error: inbox.put(Crashed(error)))

    def _run(self, inbox: RealInbox) -> None:
        start = inbox.now() + LEAD_IN
        for second, message in self._script:
            self._pause.wait(max(0.0, start + second - inbox.now()))
            at = start + second
            inbox.put(KeyboardMessage(at, message.message) if isinstance(message, KeyboardMessage) else message)
        self._played = True
        self._ready.wait(self._patience)
        inbox.put(Stop("the demo is over"))
