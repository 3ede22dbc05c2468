"""A song as the band receives it: steps, voices, and the left hand's chords."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from composerd.app.heard_melody import heard_of, step_at
from composerd.engine.settings import EngineSettings
from composerd.music.genre import Feel
from composerd.music.metre import Metre
from composerd.music.midi import note_off, note_on
from composerd.music.midi_tracks import Axis, MelodyTrack, TrackMessage
from composerd.music.roll import REST

AXIS = Axis.steady(120.0, Metre())
STEP = AXIS.ticks_per_beat // 4


def song(*notes: tuple[int, int, int]) -> MelodyTrack:
    """Notes as (tick, length in ticks, pitch)."""
    events = []
    for tick, length, pitch in notes:
        events += [(tick, note_on(1, pitch, 80)), (tick + length, note_off(1, pitch))]
    events.sort(key=lambda event: event[0])
    messages = tuple(TrackMessage(tick, AXIS.second_at(tick), message) for tick, message in events)
    return MelodyTrack(AXIS, "melody", messages, max((tick for tick, _ in events), default=0))


def test_a_song_without_notes_has_no_melody() -> None:
    heard = heard_of(song())
    assert (heard.chords, heard.below) == (None, None)
    assert set(heard.melody.pitch.tolist()) <= {REST}


@pytest.mark.parametrize("late", [-STEP // 2 + 1, 0, STEP // 2 - 1])
def test_a_note_belongs_to_its_nearest_step(late: int) -> None:
    heard = heard_of(song((4 * STEP + late, STEP, 72)))
    assert heard.melody.onset.tolist().index(True) == 4


@given(st.integers(0, 100_000))
def test_steps_never_go_back_as_time_goes_on(tick: int) -> None:
    assert step_at(AXIS, tick) <= step_at(AXIS, tick + 1) <= step_at(AXIS, tick) + 1
    assert abs(step_at(AXIS, tick) * STEP - tick) <= STEP / 2


def test_swung_off_beats_are_straightened_for_a_genre_that_swings() -> None:
    swung = song((0, STEP, 72), (AXIS.ticks_per_beat * 2 // 3, STEP, 74))
    assert heard_of(swung, Feel(swing=1.0)).melody.onset.tolist()[:4] == [True, False, True, False]
    assert heard_of(swung).melody.onset.tolist()[:4] == [True, False, False, True]


def test_chords_below_the_melody_are_the_players_chords() -> None:
    bar = 16 * STEP
    notes = [(beat * 4 * STEP, 4 * STEP, 76) for beat in range(4)]
    notes += [(0, bar, pitch) for pitch in (48, 52, 55)]
    heard = heard_of(song(*notes))
    assert heard.below is not None
    assert heard.chords is not None
    assert {str(planned.chord) for planned in heard.chords.chords} == {"C"}


def test_with_the_left_hand_low_keys_name_chords_and_are_no_melody() -> None:
    settings = EngineSettings(left_hand=True, split_pitch=60)
    heard = heard_of(song((0, 8 * STEP, 45), (0, 4 * STEP, 72)), settings=settings)
    assert heard.chords is not None
    assert str(heard.chords.chords[0].chord) == "A", "one finger is a major chord"
    assert 45 not in heard.melody.pitch.tolist()
