from __future__ import annotations

from composerd.engine.output.stage import Stage
from composerd.engine.output.timeline import Event
from composerd.music.midi import Midi, control, note_on
from composerd.music.tempo import Tempo
from fakes import ListeningSink, duo


def test_in_a_panic_all_notes_end_and_a_listener_that_rings_on_is_silenced() -> None:
    sink = ListeningSink()
    stage = Stage([sink], duo())
    stage.player(0.0, note_on(1, 60, 80), None)
    stage.band([Event(0.0, 1, 40, 80)], Tempo(120.0), 0.0)
    stage.panic(1.0)
    assert sink.panics == 1
    assert sink.sounding == set()


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
