"""Listening to a keyboard until one of its controls is known."""

from __future__ import annotations

from dataclasses import dataclass

from composerd.devices import port_names
from composerd.devices.inbox import RealInbox
from composerd.devices.midi_in import Keyboard
from composerd.devices.midi_system import MidiSystem, find_system, usb_id
from composerd.devices.ports import MidiSettings
from composerd.engine.learning import Learned, Learner
from composerd.engine.messages import Heard
from composerd.errors import DeviceError


@dataclass(frozen=True, slots=True)
class Found:
    """The keyboard that would be played from."""

    port: str
    """its full name"""
    usb: str

    @property
    def name(self) -> str:
        return port_names.plain(self.port)


def find_keyboard(settings: MidiSettings) -> Found:
    """Raises DeviceError where there is none."""
    system = find_system(settings.api)
    try:
        return _found(system, settings)
    finally:
        system.close()


def listen(settings: MidiSettings, function: str, seconds: float) -> tuple[Found, Learned]:
    """The keyboard, and the control that is moved within `seconds`. Raises DeviceError."""
    system, inbox = find_system(settings.api), RealInbox()
    try:
        found = _found(system, settings)
        keyboard = Keyboard(system.api, found.port, inbox)
        try:
            return found, _wait(inbox, function, seconds)
        finally:
            keyboard.close()
    finally:
        system.close()


def _found(system: MidiSystem, settings: MidiSettings) -> Found:
    names = port_names.keyboards(system.inputs(), settings.keyboard)
    if not names:
        raise DeviceError("no keyboard is plugged in")
    return Found(names[0], usb_id(names[0]))


def _wait(inbox: RealInbox, function: str, seconds: float) -> Learned:
    learner, until = Learner(function), inbox.now() + seconds
    while (message := inbox.receive(until)) is not None:
        if isinstance(message, Heard) and (found := learner.hear(message.message)) is not None:
            return found
    raise DeviceError(f"nothing that can do {function} was moved within {seconds:g} seconds")
