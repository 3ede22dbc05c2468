"""The plan is what sounds: what a band with a voicing net holds ends where a chord begins that does not have it."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from bands import band_of, shipped
from composerd.engine.messages import Directions
from composerd.engine.phrase.request import phrase_request
from composerd.music.metre import BarGrid
from composerd.music.notes import PartNote
from composerd.music.roll import MelodyRoll

TUNE = (60, 64, 67, 64, 65, 69, 72, 69, 67, 71, 74, 71, 72, 67, 64, 60)
"""C, F, G, C in broken chords, a quarter a note."""


def a_melody() -> MelodyRoll:
    pitch = np.repeat(np.array(TUNE * 2, np.int16), 4)
    return MelodyRoll(0, pitch, np.arange(len(pitch)) % 4 == 0)


def joined(notes: list[PartNote]) -> list[PartNote]:
    """Notes that go on in the next section as one."""
    found: list[PartNote] = []
    for note in sorted(notes, key=lambda one: (one.part, one.pitch, one.step)):
        last = found[-1] if found else None
        if note.tied and last is not None and (last.part, last.pitch, last.end) == (note.part, note.pitch, note.step):
            found[-1] = last.lasting(note.end - last.step)
        else:
            found.append(note)
    return found


@pytest.mark.parametrize("name", ["pop", "rock", "jazz", "symphony"])
def test_chords_and_basses_do_not_ring_into_a_chord_that_does_not_have_them(name: str) -> None:
    genre, generators = shipped(name), band_of(name)
    melody = a_melody()
    for seed in range(3):
        request = phrase_request(genre, BarGrid(), 110.0, melody, melody.end, seed=seed, directions=Directions())
        answer = generators.compose(request)
        notes = joined([note for section in answer.sections for note in section.notes])
        changes = [(new.step, new.chord) for old, new in pairwise(answer.plan.chords) if old.chord != new.chord]
        assert len(changes) >= 4
        for step, chord in changes:
            for note in notes:
                part = genre.parts[note.part]
                if not note.step < step < note.end or part.role in ("voice", "lead", "drums"):
                    continue
                alone = part.role == "bass" and part.voices == 1
                wanted = (chord.bass_class,) if alone else (*chord.pitch_classes, chord.bass_class)
                assert note.pitch % 12 in wanted
