"""Finds the keyboard, and the control of it that is moved, for `composerd learn`."""

from __future__ import annotations

from dataclasses import dataclass

from composerd.devices.midi import port_names
from composerd.devices.midi.input import Keyboard
from composerd.devices.midi.settings import MidiSettings
from composerd.devices.midi.system import MidiSystem, find_system, usb_id
from composerd.devices.system.inbox import RealInbox
from composerd.engine.controls.midi_learn import Learned, Learner
from composerd.engine.messages import KeyboardMessage
from composerd.errors import DeviceError


@dataclass(frozen=True, slots=True)
class FoundKeyboard:
    """The keyboard that composerd would play from."""

    port: str
    """its full name"""
    usb: str

    @property
    def name(self) -> str:
        return port_names.plain(self.port)


def find_keyboard(settings: MidiSettings) -> FoundKeyboard:
    """The keyboard to learn from. Raises DeviceError if there is none."""
    system = find_system(settings.api)
    try:
        return _found(system, settings)
    finally:
        system.close()


def listen(settings: MidiSettings, function: str, seconds: float) -> tuple[FoundKeyboard, Learned]:
    """The keyboard, and the control that is moved within `seconds`. Raises DeviceError if there is none."""
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


def _found(system: MidiSystem, settings: MidiSettings) -> FoundKeyboard:
    names = port_names.heard(system.inputs(), settings.keyboard)
    if not names:
        raise DeviceError("no keyboard is plugged in")
    return FoundKeyboard(names[0], usb_id(names[0]))


def _wait(inbox: RealInbox, function: str, seconds: float) -> Learned:
    learner, until = Learner(function), inbox.now() + seconds
    while (message := inbox.receive(until)) is not None:
        if isinstance(message, KeyboardMessage) and (found := learner.read(message.message)) is not None:
            return found
    raise DeviceError(f"no control that can do {function} was moved within {seconds:g} seconds")
