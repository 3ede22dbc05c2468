"""The keyboard in use: its page, the controls that a preset adds to it, and whether it is ignored for now."""

from __future__ import annotations

from composerd.engine.command_table import Command
from composerd.engine.controls.control_reader import ControlReader, Current
from composerd.engine.controls.page import Control, ControlMap
from composerd.engine.messages import ControlsChanged, KeyboardChanged, KeyboardMessage


class CurrentKeyboard:
    """Reads commands from the messages of one keyboard after another."""

    def __init__(self, current: Current) -> None:
        """`current` gives the current value that a command sets."""
        self.name: str | None = None
        """None where none is plugged in"""
        self.ignored = False
        """whether its messages are ignored for now"""
        self._current, self._page, self._preset = current, ControlMap(), tuple[Control, ...]()
        self._reader = ControlReader(self._page)

    def commands(self, heard: KeyboardMessage) -> tuple[Command, ...] | None:
        """The commands in a message, or None if it is music. Keys of a screen have no controls."""
        return self._reader.read(heard.message, self._current) if heard.mapped else None

    def change(self, change: KeyboardChanged) -> None:
        """Take over the controls of another keyboard; of the same one again, knobs must be picked up again."""
        self.name = change.name
        if change.name is not None:
            self._page = change.controls or self._page
            self._read_page()

    def set_controls(self, message: ControlsChanged) -> None:
        """Replace the page, if it is this keyboard's."""
        if message.name == self.name:
            self._page = message.controls
            self._read_page()

    def set_preset(self, controls: tuple[Control, ...]) -> None:
        """Use the controls of a preset beside those of the page."""
        self._preset = controls
        self._read_page()

    def _read_page(self) -> None:
        self._reader = ControlReader(self._page.with_controls(self._preset))
