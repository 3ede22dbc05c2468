"""A passage that returns: the pitched parts play its notes again, as long as nothing else is asked for."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from bands import shipped
from composerd.engine.messages import Composed, Directions, Mode, Request
from composerd.generators.onnx import OnnxGenerator
from composerd.generators.returns import returned
from composerd.library.model_files import find_model
from composerd.music.metre import BarGrid
from composerd.music.notes import PartNote, Section
from composerd.music.roll import REST, BandRoll, MelodyRoll
from fakes import duo
from scenes import BAR, G7, C, plan_of

PLAN = plan_of([C, G7])
OLD = PartNote(0, 1, 36, 90, 4)
ANSWER = Composed(
    7, (Section(frozenset({1}), 0, BAR, (PartNote(0, 1, 43, 90, 2),)),
        Section(frozenset({0}), 0, BAR, (PartNote(0, 0, 36, 100, 1),))), PLAN,
)  # fmt: skip


def request(*returning: PartNote, directions: Directions | None = None) -> Request:
    silent = MelodyRoll(0, np.full(0, REST, np.int16), np.zeros(0, np.bool_))
    return Request(
        serial=7, mode=Mode.JAM, genre=duo(), grid=BarGrid(), bpm=120.0, step=0, until=BAR, drums_from=0,
        drums_until=BAR, harmony_from=0, melody=silent, band=BandRoll(0, np.zeros((2, 0, 128), np.uint8)),
        performance=1, directions=directions or Directions(), seed=1, returning=returning,
    )  # fmt: skip


def bass(answer: Composed) -> list[tuple[int, int]]:
    return [(note.step, note.pitch) for section in answer.sections for note in section.notes if note.part == 1]


def test_the_pitched_parts_play_the_passage_and_the_drums_what_was_composed() -> None:
    found = returned(ANSWER, request(OLD))
    assert bass(found) == [(0, 36)]
    assert found.sections[1] == ANSWER.sections[1]


def test_without_a_passage_the_answer_stays() -> None:
    assert returned(ANSWER, request()) is ANSWER


def test_near_the_end_the_answer_stays() -> None:
    assert returned(ANSWER, request(OLD, directions=Directions(ending_at=BAR))) is ANSWER


@pytest.mark.parametrize("step", [-1, BAR, BAR + 3])
def test_notes_outside_the_section_are_left_out(step: int) -> None:
    assert bass(returned(ANSWER, request(OLD, replace(OLD, step=step)))) == [(0, 36)]


def test_a_note_that_is_tied_from_before_is_played_only_at_the_sections_beginning() -> None:
    tied = replace(OLD, tied=True)
    assert bass(returned(ANSWER, request(tied))) == [(0, 36)]
    assert bass(returned(ANSWER, request(replace(tied, step=4)))) == []


def test_notes_of_other_parts_do_not_return_in_this_one() -> None:
    assert bass(returned(ANSWER, request(replace(OLD, part=0)))) == []


def test_no_notes_are_sampled_where_a_passage_is_repeated() -> None:
    """They would be replaced: the drums and the plan are the same as without it."""
    genre = shipped("rock")
    path = find_model("rock")
    assert path is not None
    generator = OnnxGenerator(path, genre)
    asked = replace(
        request(), genre=genre, band=BandRoll.silent(len(genre.parts)),
        melody=MelodyRoll(0, np.full(4, 72, np.int16), np.array([True, False, False, False])),
    )  # fmt: skip
    bass_part = next(i for i, part in enumerate(genre.parts) if part.role == "bass")
    repeated = replace(asked, returning=(PartNote(0, bass_part, 36, 90, 4),))
    plain, found = generator.compose(asked), generator.compose(repeated)
    pitched = [note for section in plain.sections if section.parts == genre.harmony_parts for note in section.notes]
    assert pitched
    assert found.plan == plain.plan
    assert [s for s in found.sections if s.parts == genre.drum_parts] == [
        s for s in plain.sections if s.parts == genre.drum_parts
    ]
    assert not [note for s in found.sections if s.parts == genre.harmony_parts for note in s.notes]
    assert [note.part for s in returned(found, repeated).sections for note in s.notes if note.part == bass_part]
