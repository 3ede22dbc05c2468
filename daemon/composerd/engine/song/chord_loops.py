"""The chord loops of the eight slots: recorded, played, left and deleted by commands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from composerd.engine.commands.song import ChooseSong
from composerd.engine.jam.mode import Jam
from composerd.engine.messages import KeepLoop, SongLoaded
from composerd.engine.song.loop import loop_name, loop_slot

if TYPE_CHECKING:
    from composerd.engine.band import Band


class ChordLoops:
    """Loops exist in jam mode only; the app keeps them as songs."""

    def __init__(self, band: Band) -> None:
        self._band = band
        self.kept: frozenset[str] = frozenset()
        """slots that hold a loop"""

    @property
    def _jam(self) -> Jam | None:
        return self._band.mode if isinstance(self._band.mode, Jam) else None

    def turn(self, slot: str) -> None:
        """Advance the loop of `slot`: record it, play the recorded or kept one, or leave it."""
        band, jam = self._band, self._jam
        if jam is None:
            return
        if (recorded := jam.recorded_loop()) is not None:
            chart, first = recorded
            self.kept |= {recorded_slot := loop_slot(chart)}
            band.delegate(KeepLoop(recorded_slot, chart))
            band.play_song(SongLoaded(chart, name=loop_name(recorded_slot), loop=recorded_slot), first)
        elif band.choices.loop == slot:
            band.play_song(SongLoaded(None))
        elif slot in self.kept:
            band.delegate(ChooseSong(loop_name(slot)))
        else:
            jam.record_loop(slot)

    def clear(self, slot: str) -> None:
        """Delete the loop of `slot`; if it plays or is recorded, leave it first."""
        if self._jam is not None:
            self._jam.record_loop("")
        if self._band.choices.loop == slot:
            self._band.play_song(SongLoaded(None))
        self.kept -= {slot}
        self._band.delegate(KeepLoop(slot, None))

    @property
    def state(self) -> str:
        """`off`, `recording N` or `looping N`."""
        if self._jam is not None and (slot := self._jam.recording_slot):
            return f"recording {slot}"
        return f"looping {self._band.choices.loop}" if self._band.choices.loop else "off"
