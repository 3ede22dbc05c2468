"""The player's input ports: opened when they appear, closed when they have gone. Used by the watcher's thread."""

from __future__ import annotations

from collections.abc import Callable

from composerd.devices.midi.echo import SentMessages
from composerd.devices.midi.input import Keyboard
from composerd.devices.midi.port_names import SURE_RANK, heard, keyboard_rank, plain
from composerd.devices.midi.settings import MidiSettings
from composerd.devices.midi.system import MidiSystem, usb_id
from composerd.devices.system.inbox import RealInbox
from composerd.engine.controls.page import ControlMap
from composerd.engine.messages import KeyboardChanged
from composerd.errors import DeviceError

Controls = Callable[[str, str], ControlMap | None]
"""finds the controls of a keyboard by port name and USB id; may read files"""


class KeyboardPorts:
    """Opens and closes the player's ports. The first is reported as the keyboard; its control page is for all."""

    def __init__(self, settings: MidiSettings, inbox: RealInbox, controls: Controls, clock: bool) -> None:
        """`clock`: MIDI clock of the keyboard goes into the inbox, too."""
        self._settings, self._inbox, self._controls, self._clock = settings, inbox, controls, clock
        self._open: list[Keyboard] = []
        self._found: tuple[str, ControlMap | None] | None = None
        """port and controls of a keyboard that does not open yet"""
        self.problem = ""

    @property
    def names(self) -> list[str]:
        """Full names, the keyboard's first."""
        return [port.name for port in self._open]

    def tend(self, system: MidiSystem, inputs: list[str], sent: SentMessages | None) -> None:
        """Close ports that have gone and open new ones. `sent`: our outgoing messages, ignored where they come back."""
        self.problem = ""
        gone = [port for port in self._open if port.name not in inputs or not system.listening(port.name)]
        if self._open and (self._open[0] in gone or not self._stays(self._open[0].name, inputs)):
            self.close()
        else:
            for port in gone:
                self._open.remove(port)
                port.close()
                port.release()
        for name in heard(inputs, self._settings.keyboard, self.names):
            if name not in self.names:
                self._listen(system, name, sent)

    def close(self) -> None:
        """All ports; what was held is released."""
        if not self._open:
            return
        for port in self._open:
            port.close()
        self._open.clear()
        self._inbox.put(KeyboardChanged(self._inbox.now(), None))

    def _stays(self, name: str, inputs: list[str]) -> bool:
        """Whether the keyboard is kept: it was named by the user, is certainly one, or no likelier one has appeared."""
        sure = bool(self._settings.keyboard) or keyboard_rank(name) >= SURE_RANK
        return sure or all(keyboard_rank(one) <= keyboard_rank(name) for one in heard(inputs))

    def _listen(self, system: MidiSystem, name: str, sent: SentMessages | None) -> None:
        """Open a port; its controls are read first, since no message may arrive before they are set."""
        first, usb = not self._open, usb_id(name)
        if first and (self._found is None or self._found[0] != name):
            self._found = name, self._controls(plain(name), usb)
        with system.turn():
            opened = self._opened(system, name, sent)
        if opened and first and self._found is not None:
            self._inbox.put(KeyboardChanged(self._inbox.now(), plain(name), usb, self._found[1]))
            self._found = None

    def _opened(self, system: MidiSystem, name: str, sent: SentMessages | None) -> bool:
        """Open the port; False if another composerd uses it or the system refuses."""
        if system.taken(name):
            self.problem = self.problem or f"{plain(name)} is played by another composerd"
            return False
        try:
            self._open.append(Keyboard(system.api, name, self._inbox, self._clock, sent))
        except DeviceError as error:
            self.problem = self.problem or str(error)
            return False
        system.await_connection(name)
        return True
