"""Plays keys that a program sends over the control socket, such as an on-screen piano."""

from __future__ import annotations

from collections.abc import Callable

from composerd.control.protocol import Note, Pedal
from composerd.engine.messages import KeyboardMessage, Message
from composerd.music.genre import PLAYER_CHANNEL
from composerd.music.midi import SUSTAIN_PEDAL, control, note_off, note_on


class ScreenKeys:
    """The keys and the pedal that one client holds; they are released when it disconnects for any reason."""

    def __init__(self, put: Callable[[Message], None], now: Callable[[], float]) -> None:
        self._put, self._now = put, now
        self._held: set[int] = set()
        self._pedal = False

    def play(self, request: Note | Pedal) -> None:
        if isinstance(request, Note):
            self.key(request.pitch, request.velocity)
        else:
            self.pedal(request.down)

    def key(self, pitch: int, velocity: int) -> None:
        """Press a key, or release it (`velocity` 0); releasing a key that is not held has no effect."""
        if velocity:
            self._held.add(pitch)
            self._put(KeyboardMessage(self._now(), note_on(PLAYER_CHANNEL, pitch, velocity), mapped=False))
        elif pitch in self._held:
            self._held.discard(pitch)
            self._put(KeyboardMessage(self._now(), note_off(PLAYER_CHANNEL, pitch), mapped=False))

    def pedal(self, down: bool) -> None:
        self._pedal = down
        self._put(
            KeyboardMessage(self._now(), control(PLAYER_CHANNEL, SUSTAIN_PEDAL, 127 if down else 0), mapped=False)
        )

    def release(self) -> None:
        """Release all keys and the pedal."""
        for pitch in sorted(self._held):
            self.key(pitch, 0)
        if self._pedal:
            self.pedal(False)
