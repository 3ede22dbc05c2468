"""Sends the band's and the player's messages to a MIDI port that may come and go: an engine Sink."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Sequence
from threading import Lock

import rtmidi

from composerd.devices.midi.echo import SentMessages
from composerd.devices.midi.port_names import CLIENT
from composerd.devices.midi.system import Api, new_client
from composerd.engine.messages import Played
from composerd.engine.output.mixer import CENTRE
from composerd.errors import DeviceError
from composerd.music.genre import PLAYER_CHANNEL, Genre
from composerd.music.midi import (
    ALL_NOTES_OFF,
    ALL_SOUND_OFF,
    CONTROL,
    PAN,
    PROGRAM,
    VOLUME,
    Midi,
    control,
    note_off,
    program,
    silence,
)

DRAIN_SECONDS = 0.05
"""wait before a client is closed [s]: two periods of 1024 frames, as slow JACK servers have, rounded up"""


def open_output(api: Api, name: str | None) -> rtmidi.MidiOut:
    """Open the port of this full `name`, or for None a virtual port of our own. Raises DeviceError."""
    client = new_client(rtmidi.MidiOut, api, CLIENT)
    try:
        if name is None:
            client.open_virtual_port("out")
        else:
            client.open_port(client.get_ports().index(name), "out")
    except (rtmidi.RtMidiError, ValueError) as error:
        client.delete()
        raise DeviceError(f"{name}: cannot be opened: {error}") from None
    return client


class MidiOutSink:
    """A Sink that sends messages immediately; the conductor calls it when they are due.

    The conductor's thread plays, the watcher's thread attaches and detaches the port; between them is one lock, held
    for no longer than a send. Without a port it is silent; what was sounding when the port went is released when it
    is back.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._port: rtmidi.MidiOut | None = None
        self._genre: Genre | None = None
        self._sounding: Counter[tuple[int, int]] = Counter()
        self._faders: dict[tuple[int, int], int] = {}
        """(channel, controller) -> volume or place played last, which a newly attached synth gets as well"""
        self._chosen: dict[int, int] = {}
        """channel -> program played since the genre's own"""
        self._closed = False
        self.sent = SentMessages()
        """messages sent to the port, for the keyboards' echo guards to compare with"""
        self.failed = 0
        """messages that the port refused"""

    def play(self, played: Played) -> None:
        with self._lock:
            self._send_all((played.message,))

    def set_genre(self, genre: Genre) -> None:
        with self._lock:
            self._genre = genre
            self._chosen.clear()
            self._send_all([*self._programs(), *self._back_to_the_middle()])

    def panic(self) -> None:
        """Silence all sixteen channels at once."""
        with self._lock:
            self._send_all(self._releases())

    def send_bytes(self, data: Sequence[int]) -> None:
        """Send a system message, such as MIDI clock's, immediately."""
        with self._lock:
            self._send_raw(data)

    def attach(self, port: rtmidi.MidiOut) -> None:
        """Play to `port` from now on, after silencing it and sending the instruments."""
        with self._lock:
            if not self._closed:
                self._port = port
                self.sent.clear()
                self._send_all([*self._releases(), *self._programs(), *self._mix()])
                return
        port.delete()

    def detach(self, *, alive: bool = False) -> None:
        """Drop the port; if it is still `alive` it is silenced first."""
        if alive:
            self._fall_silent()
        with self._lock:
            port, self._port = self._port, None
        if port is not None:
            port.delete()

    def close(self) -> None:
        """Release what sounds, silence all channels, and close the port for good."""
        self._closed = True
        self.detach(alive=True)

    def _fall_silent(self) -> None:
        """Send all note-offs, twice: JACK loses messages sent just before a client closes, and periods under load."""
        with self._lock:
            if self._port is None:
                return
            self._send_all(self._releases())
        time.sleep(DRAIN_SECONDS)
        with self._lock:
            self._send_all(self._releases())
        time.sleep(DRAIN_SECONDS)

    def _releases(self) -> list[Midi]:
        """Messages that end all sounding notes and silence all channels, where another program's notes may sound."""
        return [*(note_off(channel, pitch) for channel, pitch in sorted(self._sounding.elements())), *silence()]

    def _programs(self) -> list[Midi]:
        if self._genre is None:
            return []
        chosen = self._chosen
        band = [program(part.channel, chosen.get(part.channel, part.program)) for part in self._genre.parts]
        return [program(PLAYER_CHANNEL, self._genre.player_program), *band]

    def _mix(self) -> list[Midi]:
        return [control(*fader, value) for fader, value in sorted(self._faders.items())]

    def _back_to_the_middle(self) -> list[Midi]:
        """Centre the pan of channels that belong to other parts now."""
        return [control(channel, number, CENTRE) for channel, number in sorted(self._faders) if number == PAN]

    def _send_all(self, messages: Iterable[Midi]) -> None:
        """Send messages; errors are counted, never raised, since the watcher deals with a broken port.

        Without a port, instruments, volumes and places are kept for the next one.
        """
        for message in messages:
            self._keep(message)
            if self._port is not None:
                self._account(message)
                self.sent.add(time.monotonic(), message)
                self._send_raw(message.to_bytes())

    def _send_raw(self, data: Sequence[int]) -> None:
        if self._port is None:
            return
        try:
            self._port.send_message(data)
        except (rtmidi.RtMidiError, ValueError):
            self.failed += 1

    def _keep(self, message: Midi) -> None:
        if message.kind == CONTROL and message.data1 in (VOLUME, PAN):
            self._faders[message.channel, message.data1] = message.data2
        elif message.kind == PROGRAM:
            self._chosen[message.channel] = message.data1

    def _account(self, message: Midi) -> None:
        key = (message.channel, message.data1)
        if message.starts_note:
            self._sounding[key] += 1
        elif message.ends_note:
            if self._sounding[key] <= 1:
                del self._sounding[key]
            else:
                self._sounding[key] -= 1
        elif message.kind == CONTROL and message.data1 in (ALL_NOTES_OFF, ALL_SOUND_OFF):
            for sounding in [other for other in self._sounding if other[0] == message.channel]:
                del self._sounding[sounding]
