from __future__ import annotations

from functools import partial

import pytest

import performed
from composerd.engine.commands.band import EndBand, Panic
from composerd.engine.commands.time import SetTempo
from composerd.engine.conductor import Start
from composerd.engine.messages import (
    Composed,
    Finish,
    GenreLoaded,
    KeyboardChanged,
    Request,
    Stop,
)
from composerd.engine.settings import EngineSettings
from composerd.music.feel import swung
from composerd.music.genre import Feel, Genre
from composerd.music.notes import PartNote, Section
from fakes import duo
from performed import BEAT, Performed

STEP = BEAT / 4
keys = partial(performed.keys, length=0.2)


def test_the_first_key_is_beat_one_and_the_drums_start_with_it() -> None:
    played = Performed(keys((1.3, 60)), until=3.0)
    assert played.sink.onsets(0)[:3] == [(1.3, 36), (1.8, 36), (2.3, 36)]


def test_the_players_own_note_goes_out_first_and_on_channel_one() -> None:
    played = Performed(keys((1.0, 60)), until=2.0)
    assert [(p.part, p.message.channel) for p in played.sink.heard[:1]] == [(None, 1)]


def test_harmony_enters_at_bar_two() -> None:
    played = Performed(keys(*((BEAT * i, 60) for i in range(8))), until=3.9)
    assert played.sink.onsets(1)[0][0] == 4 * BEAT


def test_a_key_a_little_early_is_answered_at_once_with_its_note_heard() -> None:
    line = [*((BEAT * i, 60) for i in range(6)), (3.0 - 0.04, 65)]
    played = Performed(keys(*line), until=3.4)
    assert (2.96, 28 + (65 - 28) % 12) in played.sink.onsets(1)
    assert all(abs(at - 3.0) > 0.001 for at, _ in played.sink.onsets(1)), "the step is played once, with the key"


def test_a_key_within_the_grace_is_answered_with_its_note_and_nothing_was_guessed_before() -> None:
    line = [*((BEAT * i, 60) for i in range(6)), (3.0 + 0.015, 65)]
    played = Performed(keys(*line), until=3.4)
    around = [(at, pitch) for at, pitch in played.sink.onsets(1) if 2.9 < at < 3.1]
    assert around == [(3.015, 28 + (65 - 28) % 12)]


def test_without_a_key_the_band_sounds_on_the_step() -> None:
    played = Performed(keys(*((BEAT * i, 60) for i in range(4)), length=0.45), until=5.9)
    beats = [at for at, _ in played.sink.onsets(1) if at >= 4.0]
    assert beats == [4.0, 4.5, 5.0, 5.5]


def test_drums_stay_exactly_on_the_grid_whatever_the_player_does() -> None:
    early = [(BEAT * i - (0.05 if i else 0.0), 60 + i) for i in range(16)]
    played = Performed(keys(*early), until=8.0)
    assert [at for at, _ in played.sink.onsets(0)] == [round(BEAT * i, 6) for i in range(16)]


def test_an_answer_later_than_its_step_is_dropped_and_counted_and_the_plan_is_played() -> None:
    line = keys(*((BEAT * i, 60) for i in range(16)))
    played = Performed(line, until=8.0, delay=0.3)
    snapshot = played.conductor.band.mode.snapshot(8.0, None)
    assert snapshot.late > 0
    assert [at for at, _ in played.sink.onsets(0)][-4:] == [6.0, 6.5, 7.0, 7.5]


def test_where_every_answer_is_late_the_band_still_plays_what_it_brings_for_later_steps() -> None:
    line = keys(*((BEAT * i, 60) for i in range(16)))
    played = Performed(line, until=8.0, delay=0.3)
    beats = [at for at, _ in played.sink.onsets(1)]
    assert beats
    assert all(at % STEP <= 0.02 + 1e-6 for at in beats), "on the grid, or the grace later"


def test_the_band_ends_at_the_bar_line_after_two_silent_bars_and_waits_for_the_next_first_key() -> None:
    played = Performed([*keys((0.0, 60), (0.5, 62)), *keys((20.25, 64))], until=22.0)
    drums = [at for at, _ in played.sink.onsets(0)]
    assert max(at for at in drums if at < 20) < 8.1
    assert min(at for at in drums if at > 10) == 20.25


def test_a_key_before_the_end_keeps_the_band_playing() -> None:
    played = Performed(keys((0.0, 60), (5.2, 60)), until=8.9)
    assert [at for at, _ in played.sink.onsets(0)] == [round(BEAT * i, 6) for i in range(18)]


def test_nothing_sounds_after_the_end() -> None:
    played = Performed(keys((0.0, 60), (2.1, 62), length=9.0), until=3.33)
    assert played.sink.sounding == set()
    assert played.sink.closed
    assert played.composer.closed


def test_unplugging_the_keyboard_releases_what_it_held_and_the_band_plays_on() -> None:
    messages = [*keys((0.0, 60), length=99), (2.2, KeyboardChanged(2.2, None))]
    played = Performed(messages, until=3.9)
    released = [p.at for p in played.sink.heard if p.part is None and p.message.ends_note]
    assert released[0] == 2.2
    assert [at for at, _ in played.sink.onsets(0)][-1] == 3.5


def test_a_new_tempo_agrees_with_the_old_at_the_moment_of_change() -> None:
    played = Performed([*keys((0.0, 60), length=9.0), (1.0, SetTempo(60.0))], until=4.5)
    assert [at for at, _ in played.sink.onsets(0)] == [0.0, 0.5, 1.0, 2.0, 3.0, 4.0]


def test_panic_silences_everything_at_once() -> None:
    played = Performed([*keys((0.0, 60), (2.0, 62), length=9.0), (2.3, Panic())], until=2.4)
    assert played.sink.sounding == set()
    assert played.sink.panics == 1


def test_a_genre_changes_at_the_next_bar_line() -> None:
    other = Genre("other", "Other", "plain", 120.0, duo().parts)
    played = Performed([*keys((0.0, 60), length=9.0), (0.7, GenreLoaded(other))], until=3.9)
    assert played.sink.genres == ["duo", "other"]
    assert [at for at, _ in played.sink.onsets(0)] == [round(BEAT * i, 6) for i in range(8)]


def test_the_band_can_be_asked_to_end_at_the_next_bar_line() -> None:
    played = Performed([*keys((0.0, 60), length=9.0), (2.6, EndBand())], until=12.0)
    assert max(at for at, _ in played.sink.onsets(0)) < 6.0


def test_with_bars_given_the_first_key_does_not_move_them() -> None:
    played = Performed(keys((0.7, 60), (2.0, 60), (2.5, 60)), until=5.9, start=Start(bpm=120.0, fixed_at=0.0))
    assert [at for at, _ in played.sink.onsets(0)][:3] == [1.0, 1.5, 2.0]
    assert played.sink.onsets(1)[0][0] == 2.0


@pytest.mark.parametrize("bpm", [31, 60, 200, 300])
def test_every_tempo_keeps_the_drums_on_the_beat(bpm: int) -> None:
    beat = 60 / bpm
    played = Performed(keys((0.0, 60), length=99.0), until=beat * 12 - 0.01, start=Start(bpm=bpm))
    assert [at for at, _ in played.sink.onsets(0)] == [round(beat * i, 6) for i in range(12)]


def guesser(request: Request) -> Composed:
    """Holds one long note through everything, as ties."""
    step = max(request.step, request.harmony_from)
    tied = bool(request.band.sounding(1, request.step - 1))
    note = PartNote(step, 1, 40, 90, request.until - step, tied and step == request.step)
    notes = (note,) if request.until > step else ()
    return Composed(request.serial, (Section(frozenset({1}), request.step, request.until, notes),))


def test_a_tied_note_goes_on_without_a_new_onset() -> None:
    played = Performed(keys(*((BEAT * i, 60 + i) for i in range(14))), until=7.0, rule=guesser)
    assert played.sink.onsets(1) == [(2.0, 40)]


@pytest.mark.parametrize("swing", [0.0, 0.5, 0.85, 1.0])
def test_swung_keys_are_on_the_steps_they_are_meant_for_and_so_are_straight_ones(swing: float) -> None:
    feel = Feel(swing=swing)
    steps = range(0, 32, 2)
    for at in (lambda step: swung(step, feel), lambda step: step / 4):
        line = [(BEAT * at(step), 60 + step % 12) for step in steps]
        played = Performed(keys(*line, length=0.05), until=4.2, genre=duo(feel))
        heard = played.composer.requests[-1].melody
        assert [step for step in range(heard.first, heard.end) if heard.onset[step - heard.first]][:16] == [*steps]


def test_the_bass_answers_a_swung_key_on_its_own_step() -> None:
    feel = Feel(swing=1.0)
    line = [(BEAT * swung(step, feel), 60 + step % 12) for step in range(0, 32, 2)]
    played = Performed(keys(*line, length=0.05), until=4.2, genre=duo(feel))
    assert (round(BEAT * swung(18, feel), 6), 28 + (60 + 18 % 12 - 28) % 12) in played.sink.onsets(1)


def test_the_metronome_clicks_every_pulse_with_an_accent_on_beat_one() -> None:
    played = Performed(keys((0.0, 60), length=9.0), until=3.9, settings=EngineSettings(metronome=True))
    clicked = [(p.at, p.message.data1) for p in played.sink.heard if p.is_click and p.message.starts_note]
    assert [at for at, _ in clicked] == [BEAT * i for i in range(8)]
    assert [i for i, (_, pitch) in enumerate(clicked) if pitch == clicked[0][1]] == [0, 4]
    assert played.sink.sounding == set()


def test_the_first_request_to_end_lets_the_last_chord_ring_and_the_second_does_not() -> None:
    line = keys(*((BEAT * i, 60) for i in range(40)))
    gentle = Performed([*line[:16], (4.1, Finish())], until=60.0)
    assert gentle.composer.requests[-1].directions.ending_at == 36, "the next beat"
    assert 5.0 < max(played.at for played in gentle.sink.heard) <= 6.5, "no longer than the bar that it begins"
    harsh = Performed([*line[:16], (4.1, Finish()), (4.7, Stop())], until=60.0)
    assert max(played.at for played in harsh.sink.heard) == 4.7
    assert gentle.sink.sounding == harsh.sink.sounding == set()


def test_a_player_who_goes_on_playing_does_not_keep_the_program_from_ending() -> None:
    line = keys(*((BEAT * i, 60) for i in range(80)))
    played = Performed([*line, (4.1, Finish())], until=60.0)
    assert max(event.at for event in played.sink.heard) == 6.5


def test_idle_it_ends_at_once() -> None:
    played = Performed([(1.0, Finish())], until=60.0)
    assert played.sink.closed
    assert played.conductor.over
