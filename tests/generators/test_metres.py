from __future__ import annotations

import pytest

from bands import GENRES, band_of, shipped
from composerd.engine.messages import Request
from composerd.engine.phrase.request import phrase_request
from composerd.generators.window import Frame, bar_phases
from composerd.music.melody import MelodyRecorder
from composerd.music.metre import BarGrid, Metre

STEPS = 96
METRES = [Metre(2, 4), Metre(3, 4), Metre(4, 4), Metre(5, 4), Metre(6, 8), Metre(7, 8)]


def request_in(metre: Metre, genre: str) -> Request:
    recorder, pitch = MelodyRecorder(0), 60
    for step in range(STEPS):
        if step % metre.pulse_steps == 0:
            recorder.release(step, pitch)
            pitch = 60 + (0, 4, 7, 5, 2)[step // metre.pulse_steps % 5]
            recorder.press(step, pitch)
        recorder.close(step)
    melody = recorder.roll(STEPS, STEPS)
    return phrase_request(shipped(genre), BarGrid.of(metre), 100.0, melody, STEPS)


@pytest.mark.parametrize("metre", METRES, ids=str)
@pytest.mark.parametrize("genre", GENRES)
def test_every_genre_plays_in_every_metre(genre: str, metre: Metre) -> None:
    request = request_in(metre, genre)
    answer = band_of(genre).compose(request)
    assert answer.problem == ""
    onsets = {note.step for section in answer.sections for note in section.notes if not note.tied}
    bars = {step // metre.bar_steps for step in onsets}
    assert len(bars) >= 0.8 * STEPS / metre.bar_steps


def test_two_four_is_read_as_halves_of_four_four_and_six_eight_as_three_four() -> None:
    assert bar_phases(BarGrid.of(Metre(2, 4)), Frame(0, 24)).tolist() == [*range(16), *range(8)]
    six_eight, three_four = (bar_phases(BarGrid.of(metre), Frame(0, 24)) for metre in (Metre(6, 8), Metre(3, 4)))
    assert six_eight.tolist() == three_four.tolist()
