"""The metronome's queue: clicks are sent in order, each is ended, and stopping leaves none sounding."""

from __future__ import annotations

from math import inf

from composerd.engine.output.clicks import Clicks
from composerd.engine.output.stage import Stage
from composerd.music.metre import BarGrid, Metre
from composerd.music.metronome import METRONOME_CHANNEL
from composerd.music.tempo import Tempo
from fakes import ListeningSink, duo

TEMPO = Tempo(120.0, 0.0, 0.0)


def metronome() -> tuple[Clicks, ListeningSink]:
    sink = ListeningSink()
    return Clicks(Stage([sink], duo())), sink


def clicks_in(sink: ListeningSink) -> list[tuple[float, int, int]]:
    """(second, pitch, velocity) of the click channel's notes; velocity 0 ends."""
    return [
        (round(played.at, 3), played.message.data1, played.message.data2 if played.message.starts_note else 0)
        for played in sink.heard
        if played.message.channel == METRONOME_CHANNEL and (played.message.starts_note or played.message.ends_note)
    ]


def test_every_pulse_clicks_and_the_first_is_accented() -> None:
    clicks, sink = metronome()
    clicks.add(BarGrid(), 0, 16)
    clicks.play(4.0, TEMPO, 10.0)
    starts = [click for click in clicks_in(sink) if click[2]]
    assert [(second, pitch) for second, pitch, _ in starts] == [(0.0, 84), (0.5, 77), (1.0, 77), (1.5, 77)]
    assert starts[0][2] > starts[1][2]
    assert len(clicks_in(sink)) == 8, "each is ended"


def test_a_click_that_is_not_due_waits() -> None:
    clicks, sink = metronome()
    clicks.add(BarGrid(), 0, 16)
    clicks.play(1.0, TEMPO, 0.5)
    assert [click for click in clicks_in(sink) if click[2]] == [(0.0, 84, 112), (0.5, 77, 88)]
    assert clicks.next_beat() == 1.125


def test_the_count_in_clicks_before_step_0() -> None:
    clicks, _ = metronome()
    clicks.add(BarGrid.of(Metre(3, 4)), 0, 12, before=12)
    assert clicks.next_beat() == -3.0


def test_clicks_of_compound_time_fall_on_dotted_quarters() -> None:
    clicks, sink = metronome()
    clicks.add(BarGrid.of(Metre(6, 8)), 0, 12)
    clicks.play(3.0, TEMPO, 10.0)
    assert [second for second, _, velocity in clicks_in(sink) if velocity] == [0.0, 0.75]


def test_a_click_is_never_sent_later_than_now() -> None:
    clicks, sink = metronome()
    clicks.add(BarGrid(), 0, 4)
    clicks.play(0.0, Tempo(120.0, 100.0, 0.0), 99.0)
    assert clicks_in(sink)[0][0] == 99.0


def test_stopping_ends_the_click_that_sounds_and_forgets_the_rest() -> None:
    clicks, sink = metronome()
    clicks.add(BarGrid(), 0, 16)
    clicks.play(0.0, TEMPO, 0.0)
    clicks.stop(0.05)
    assert clicks_in(sink) == [(0.0, 84, 112), (0.05, 84, 0)]
    assert clicks.next_beat() == inf


def test_stopping_between_clicks_sends_nothing() -> None:
    clicks, sink = metronome()
    clicks.add(BarGrid(), 0, 16)
    clicks.stop(0.0)
    assert clicks_in(sink) == []
