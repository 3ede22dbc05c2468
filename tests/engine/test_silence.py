from __future__ import annotations

from dataclasses import dataclass

from composerd.engine.stage import Stage
from composerd.music.midi import ALL_NOTES_OFF, Midi, control, note_on
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


def test_of_a_vanished_keyboard_keys_pedals_and_wheels_are_let_go_where_they_are_not_at_rest() -> None:
    sink = ListeningSink()
    stage = Stage([sink], duo())
    moved = [control(2, 64, 20), control(2, 1, 90), Midi(0xE0, 2, 0, 80), control(2, 66, 127), control(2, 7, 90)]
    for message in (note_on(2, 60, 90), *moved, control(2, 66, 0)):
        stage.player(1.0, message, None)
    before = len(sink.heard)
    assert stage.release_player(2.0) == [60]
    assert [played.message for played in sink.heard[before + 1 :]] == [
        control(1, 64, 0),
        control(1, 1, 0),
        Midi(0xE0, 1, 0, 64),
    ]
    before = len(sink.heard)
    assert stage.release_player(3.0) == []
    assert len(sink.heard) == before
