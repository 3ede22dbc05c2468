from __future__ import annotations

from dataclasses import dataclass

from composerd.engine.stage import Stage
from composerd.music.midi import ALL_NOTES_OFF
from fakes import ListeningSink, duo


@dataclass
class RingingSink(ListeningSink):
    panics: int = 0

    def panic(self) -> None:
        self.panics += 1


def test_a_listener_that_rings_on_is_silenced_and_others_release_their_notes() -> None:
    ringing, other = RingingSink(), ListeningSink()
    Stage([ringing, other], duo()).panic(1.0)
    assert ringing.panics == 1
    assert [p.message.data1 for p in other.heard].count(ALL_NOTES_OFF) == 3
