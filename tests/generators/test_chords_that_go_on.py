"""A chord that goes on over the beginning of a request is no new chord to a band of nets."""

from __future__ import annotations

from dataclasses import replace

import pytest

from composerd.app.generator_bank import bank
from composerd.app.render import render
from composerd.engine.messages import Composed, Mode, Request
from composerd.engine.ports import Generator
from composerd.engine.settings import EngineSettings
from composerd.library.genre_files import load_genre
from composerd.music.chords import ChordPlan, PlannedChord
from composerd.music.metre import Metre
from composerd.music.midi import note_off, note_on
from composerd.music.notes import PartNote
from composerd.music.song import Axis, Song, SongMessage
from scenes import BAR


class Recording:
    """A generator whose requests are kept."""

    def __init__(self, generator: Generator) -> None:
        self.generator, self.requests = generator, list[Request]()

    def compose(self, request: Request) -> Composed:
        self.requests.append(request)
        return self.generator.compose(request)


def a_song(bars: int) -> Song:
    """A C held on every beat."""
    axis = Axis.steady(120.0, Metre(), 480)
    messages = [
        SongMessage(tick, axis.second_at(tick), message)
        for beat in range(4 * bars)
        for tick, message in ((480 * beat, note_on(1, 60, 80)), (480 * beat + 400, note_off(1, 60)))
    ]
    return Song(axis, "a song", tuple(messages), 480 * 4 * bars)


def struck(notes: list[PartNote], step: int) -> set[tuple[int, int]]:
    return {(note.part, note.pitch) for note in notes if note.step == step and not note.tied}


@pytest.mark.parametrize("name", ["pop", "symphony"])
def test_notes_held_over_a_bar_line_are_struck_anew_only_where_the_chord_is_another_one(name: str) -> None:
    genre, generators = load_genre(name, {"HOME": "/nowhere"}), bank(EngineSettings())
    generators.open(genre)
    recording = Recording(generators)
    render(a_song(10), genre, Mode.JAM, recording, EngineSettings(seed=3))
    lines = [request for request in recording.requests if request.step % BAR == 0 and request.step >= 4 * BAR]
    fewer = 0
    for request in lines:
        plan = generators.compose(request).plan
        before = PlannedChord(request.step - BAR, BAR, plan.chords[0].chord)
        counts = []
        for sounded in (ChordPlan((before,)), ChordPlan()):
            answer = generators.compose(replace(request, sounded=sounded))
            notes = [note for section in answer.sections for note in section.notes]
            counts.append(len(struck(notes, request.step)))
        assert answer.plan == plan, "what sounded does not change the plan"
        fewer += counts[0] < counts[1]
    assert lines
    assert fewer, "a chord that goes on"
