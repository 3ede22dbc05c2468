"""A chord that goes on over the beginning of a request is no new chord to a band of nets."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bands import band_of, shipped
from composerd.app.render import render
from composerd.engine.messages import Composed, Mode, Request
from composerd.engine.ports import Generator
from composerd.engine.settings import EngineSettings
from composerd.music.chords import ChordPlan, PlannedChord
from composerd.music.metre import Metre
from composerd.music.midi import note_off, note_on
from composerd.music.midi_tracks import Axis, MelodyTrack, TrackMessage
from scenes import BAR


class Recording:
    """A generator whose requests are kept."""

    def __init__(self, generator: Generator) -> None:
        self.generator, self.requests = generator, list[Request]()

    def compose(self, request: Request) -> Composed:
        self.requests.append(request)
        return self.generator.compose(request)


def a_song(bars: int) -> MelodyTrack:
    """A C held on every beat."""
    axis = Axis.steady(120.0, Metre(), 480)
    messages = [
        TrackMessage(tick, axis.second_at(tick), message)
        for beat in range(4 * bars)
        for tick, message in ((480 * beat, note_on(1, 60, 80)), (480 * beat + 400, note_off(1, 60)))
    ]
    return MelodyTrack(axis, "a song", tuple(messages), 480 * 4 * bars)


def struck(answer: Composed, step: int) -> int:
    """The number of notes that begin on `step`."""
    return sum(note.step == step and not note.tied for section in answer.sections for note in section.notes)


@pytest.mark.parametrize("name", ["pop", "rock"])
def test_notes_held_over_a_bar_line_are_struck_anew_less_often_where_the_chord_goes_on(name: str) -> None:
    genre, generators = shipped(name), band_of(name)
    going_on = anew = 0
    for seed in range(6):
        recording = Recording(generators)
        render(a_song(8), genre, Mode.JAM, recording, EngineSettings(seed=seed))
        for request in recording.requests:
            if request.step % BAR or request.step < 4 * BAR:
                continue
            plan = generators.compose(request).plan
            before = ChordPlan((PlannedChord(request.step - BAR, BAR, plan.chords[0].chord),))
            asked = [replace(request, sounded=sounded, returning=()) for sounded in (before, ChordPlan())]
            answers = [generators.compose(one) for one in asked]
            assert answers[0].plan == answers[1].plan == plan, "what sounded does not change the plan"
            counts = [struck(answer, request.step) for answer in answers]
            going_on, anew = going_on + counts[0], anew + counts[1]
    assert going_on < anew
