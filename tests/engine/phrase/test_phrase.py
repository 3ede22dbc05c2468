from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from composerd.engine.commands.band import StopBand
from composerd.engine.commands.time import SetMetre
from composerd.engine.conductor import Start
from composerd.engine.messages import (
    Composed,
    Finish,
    GenreLoaded,
    KeyboardMessage,
    Message,
    Mode,
    Request,
)
from composerd.engine.output.output import is_wheel
from composerd.engine.settings import EngineSettings
from composerd.music.chords import Chord, ChordPlan, PlannedChord
from composerd.music.metre import BarGrid, Metre
from composerd.music.midi import CONTROL, MODULATION, PITCH_BEND, Midi, control
from fakes import InstantComposer, ListeningSink, duo, echo_bass, overlaps
from performed import BEAT, Line, Performed, keys


def perform(
    lines: list[Line],
    until: float,
    delay: float = 0.0,
    settings: EngineSettings | None = None,
    metre: str = "4/4",
    rule: Callable[[Request], Composed] = echo_bass,
) -> tuple[ListeningSink, InstantComposer]:
    top, bottom = map(int, metre.split("/"))
    start = Start(Mode.PHRASE, 120.0, BarGrid.of(Metre(top, bottom)))
    performed = Performed(lines, until, settings, rule, delay, start)
    return performed.sink, performed.composer


TWO_BARS = keys(*((BEAT * i, 60 + i) for i in range(8)))


def test_after_an_empty_bar_the_phrase_comes_back_with_the_band() -> None:
    sink, _ = perform(TWO_BARS, until=9.9)
    assert [(at, pitch) for at, pitch in sink.onsets(None) if at >= 4] == [(6 + BEAT * i, 60 + i) for i in range(8)]
    assert [at for at, _ in sink.onsets(0)] == [6 + BEAT * i for i in range(8)]


def test_the_request_knows_the_whole_phrase() -> None:
    _, composer = perform(TWO_BARS, until=9.0)
    request = composer.requests[-1]
    assert (request.mode, request.step, request.until) == (Mode.PHRASE, 0, 32)
    assert [int(pitch) for pitch in request.melody.pitch[::4]] == list(range(60, 68))


def test_the_phrase_repeats_until_the_next_key_which_begins_another() -> None:
    sink, _ = perform([*TWO_BARS, *keys((11.3, 72))], until=13.0)
    assert [at for at, _ in sink.onsets(0)][8:] == [10.0, 10.5, 11.0]
    assert sink.onsets(None)[-1] == (11.3, 72)


@pytest.mark.parametrize("pitch", [72, 62], ids=["another pitch", "the pitch that is played back"])
def test_the_key_that_begins_another_phrase_sounds_until_it_is_let_go(pitch: int) -> None:
    sink, _ = perform([*TWO_BARS, *keys((11.3, pitch))], until=13.0)
    own = [played for played in sink.heard if played.part is None and played.message.data1 == pitch]
    assert [(round(played.at, 6), played.message.starts_note) for played in own[-2:]] == [(11.3, True), (11.7, False)]
    assert overlaps(played.message for played in sink.heard) == []
    assert sink.sounding == set()


def test_without_repeat_the_phrase_is_heard_once() -> None:
    sink, _ = perform(TWO_BARS, until=20.0, settings=EngineSettings(phrase_repeat=False))
    assert len(sink.onsets(0)) == 8


def test_the_stop_control_brings_the_answer_at_the_next_bar_line() -> None:
    stop: Message = StopBand()
    sink, _ = perform([*TWO_BARS[:8], (1.9, stop)], until=3.9)
    assert sink.onsets(0)[0][0] == 2.0


def test_after_eight_bars_the_answer_comes_by_itself() -> None:
    sink, composer = perform(keys(*((BEAT * i, 60) for i in range(36))), until=18.2)
    assert [request.until for request in composer.requests] == [128]
    assert sink.onsets(0)[0][0] == 18.0


def test_a_key_before_the_answer_sounds_carries_the_phrase_on() -> None:
    sink, composer = perform([*TWO_BARS, *keys((5.6, 72))], until=9.9)
    assert composer.requests[-1].until == 48
    assert sink.onsets(0)[0][0] == 8.0


def test_a_slow_answer_starts_at_the_bar_line_after_it() -> None:
    sink, _ = perform(TWO_BARS, until=12.0, delay=2.0)
    assert sink.onsets(0)[0][0] == 8.0


def test_bends_and_modulation_come_back_with_the_phrase_and_are_at_rest_when_it_comes_round() -> None:
    bend, straight = Midi(PITCH_BEND, 1, 0, 96), Midi(PITCH_BEND, 1, 0, 64)
    wheel, still = control(1, MODULATION, 80), control(1, MODULATION, 0)
    moves: list[tuple[float, Message]] = [
        (0.2, KeyboardMessage(0.2, bend)),
        (1.2, KeyboardMessage(1.2, wheel)),
        (1.4, KeyboardMessage(1.4, still)),
    ]
    sink, _ = perform([*keys((0.0, 60), (1.0, 64)), *moves], until=8.1)
    moved = [(round(one.at, 2), one.message) for one in sink.heard if is_wheel(one.message)]
    once = [(0.2, bend), (1.2, wheel), (1.4, still)]
    assert moved == [*once, *((4 + 2 * n + at, message) for n in range(2) for at, message in (*once, (2.0, straight)))]


def test_three_four_bars_are_three_beats() -> None:
    sink, composer = perform(keys(*((BEAT * i, 60) for i in range(3))), until=5.0, metre="3/4")
    assert composer.requests[-1].until == 12
    assert sink.onsets(0)[0][0] == 3.0


@pytest.mark.parametrize("at", [1.0, 5.0, 7.0, 11.0])
def test_another_time_signature_holds_from_the_next_phrase_on(at: float) -> None:
    sink, composer = perform([*TWO_BARS, (at, SetMetre("3/4")), *keys((18.1, 60))], until=24.0)
    heard = [(at, pitch) for at, pitch in sink.onsets(None) if 4 <= at < 18]
    assert heard == [(6 + 4 * n + BEAT * i, 60 + i) for n in range(3) for i in range(8)]
    assert [request.until for request in composer.requests] == [32, 12]


def test_nothing_sounds_after_the_end_of_the_playback() -> None:
    sink, _ = perform(TWO_BARS, until=6.7)
    assert sink.sounding == set()


def test_the_metronome_clicks_while_a_phrase_is_played_and_not_while_it_comes_back() -> None:
    sink, _ = perform(TWO_BARS, until=9.9, settings=EngineSettings(metronome=True))
    clicks = [round(played.at, 6) for played in sink.heard if played.is_click and played.message.starts_note]
    assert clicks == [BEAT * i for i in range(12)]


def test_finishing_lets_the_phrase_play_to_the_bar_line() -> None:
    sink, _ = perform([*TWO_BARS, (6.7, Finish())], until=30.0)
    assert [at for at, _ in sink.onsets(0)] == [6.0, 6.5, 7.0, 7.5]
    assert 7.99 < max(played.at for played in sink.heard) <= 8.0
    assert sink.closed


def test_finishing_while_a_phrase_is_still_played_waits_for_nothing() -> None:
    sink, _ = perform([*TWO_BARS, (3.3, Finish())], until=30.0)
    assert max(played.at for played in sink.heard) == 3.3
    assert sink.closed


def test_a_pedal_that_the_player_holds_stays_down_when_the_phrase_comes_round() -> None:
    pedal: Message = KeyboardMessage(6.5, control(1, 64, 127))
    sink, _ = perform([*TWO_BARS, (6.5, pedal)], until=13.0)
    moved = [played for played in sink.heard if played.message.kind == CONTROL and played.at < 13.0]
    assert [played.message for played in moved] == [control(1, 64, 127)]


def test_the_metre_of_the_next_phrase_is_not_that_of_the_one_that_plays() -> None:
    metre: Message = SetMetre("3/4")
    sink, _ = perform([*TWO_BARS, (9.1, metre)], until=17.9)
    assert [at for at, _ in sink.onsets(0)] == [6 + BEAT * i for i in range(24)], "it comes round after its two bars"
    sink, composer = perform([*TWO_BARS, (1.1, metre)], until=9.9)
    assert composer.requests[-1].until == 32
    sink, composer = perform([*TWO_BARS, (9.1, metre), *keys(*((11.0 + BEAT * i, 60) for i in range(3)))], until=15.0)
    assert composer.requests[-1].until == 12
    assert sink.onsets(0)[-1][0] == 14.5


def test_another_genre_while_the_phrase_is_carried_on_answers_the_whole_of_it() -> None:
    carried_on = [*TWO_BARS, *keys((5.6, 72)), (5.8, GenreLoaded(duo()))]
    sink, composer = perform(carried_on, until=9.9)
    assert composer.requests[-1].until == 48
    assert sink.onsets(0)[0][0] == 8.0


def test_a_key_after_the_stop_control_takes_it_back() -> None:
    sink, _ = perform([*TWO_BARS, (3.6, StopBand()), *keys((3.8, 72))], until=13.0)
    assert sink.onsets(0)[0][0] == 8.0, "a bar after the last key's"


def test_a_note_that_the_pedal_held_rings_as_long_when_it_comes_back() -> None:
    pedal: list[tuple[float, Message]] = [
        (at, KeyboardMessage(at, control(1, 64, value))) for at, value in ((0.1, 127), (1.45, 0), (1.6, 127))
    ]
    sink, _ = perform([*keys((0.0, 60), (0.5, 64), (1.0, 60), (1.5, 67)), *pedal], until=5.95)
    again = [(round(p.at, 6), p.message.data1, p.message.starts_note) for p in sink.heard if p.replayed]
    assert again == [
        (4.0, 60, True),
        (4.5, 64, True),
        (5.0, 60, False),
        (5.0, 60, True),
        (5.45, 60, False),
        (5.45, 64, False),
        (5.5, 67, True),
    ]
    assert sink.sounding == set()


def test_the_chord_now_and_the_next_one_are_shown_while_the_phrase_comes_back() -> None:
    plan = ChordPlan((PlannedChord(0, 16, Chord(0, "")), PlannedChord(16, 16, Chord(7, ""))))

    def planned(request: Request) -> Composed:
        return replace(echo_bass(request), plan=plan)

    performed = Performed(TWO_BARS, 9.9, rule=planned, start=Start(Mode.PHRASE, 120.0))
    shown = [(one.chord, one.next_chord) for one in performed.shown if one.state == "playing back"]
    assert list(dict.fromkeys(shown)) == [("C", "G"), ("G", "C")], "after the last chord the first comes round"
