"""The band's rhythm in performances of the shipped models: riffs are stated and kept."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from bands import band_of, shipped
from composerd.contract.layout import Layout
from composerd.contract.part_decoding import STRIKES
from composerd.engine.messages import Directions, Request
from composerd.engine.phrase.request import phrase_request
from composerd.generators.groove_units import unit_at, units
from composerd.generators.riff_pitches import SAME_PITCH_BIAS, RiffPitches
from composerd.music.chords import Chord, ChordPlan, PlannedChord
from composerd.music.metre import BarGrid, Metre
from composerd.music.notes import notes_to_cells
from composerd.music.roll import ONSET, BandRoll, MelodyRoll
from layouts import BAND

BAR = 16
TUNE = (60, 64, 67, 65, 62, 65, 69, 67, 64, 67, 72, 71, 69, 67, 65, 62)


def a_phrase(name: str, bars: int, seed: int = 1, **directions: object) -> Request:
    """Quarter notes, a tune of four bars again and again."""
    genre, steps = shipped(name), bars * BAR
    pitch = np.array([TUNE[step // 4 % 16] for step in range(steps)], np.int16)
    melody = MelodyRoll(0, pitch, np.arange(steps) % 4 == 0)
    asked = Directions(**directions)  # type: ignore[arg-type]
    return phrase_request(genre, BarGrid(), genre.bpm, melody, steps, seed=seed, directions=asked)


def rhythms(request: Request) -> Iterator[tuple[str, np.ndarray]]:
    """Each part's onsets (bars, 16)."""
    answer = band_of(request.genre.name).compose(request)
    notes = tuple(note for section in answer.sections for note in section.notes)
    cells = notes_to_cells(notes, 0, request.until, len(request.genre.parts))
    for part, rows in zip(request.genre.parts, cells, strict=True):
        yield part.role, (rows == ONSET).any(1).reshape(-1, BAR)


def distinct(bars: np.ndarray) -> float:
    return len({row.tobytes() for row in bars}) / len(bars)


@pytest.mark.parametrize("genre", ["rock", "pop", "jazz"])
def test_sixty_four_bars_keep_their_riffs_and_do_not_freeze(genre: str) -> None:
    """Drums and bass of people have a new bar in three or four; these neither wander nor stand still."""
    for role, bars in rhythms(a_phrase(genre, 64)):
        if role in ("drums", "bass"):
            early, late = distinct(bars[8:32]), distinct(bars[40:64])
            assert early <= 0.5, role
            assert late <= 0.5, role
            assert len({row.tobytes() for row in bars}) > 3, role


def test_two_seeds_state_different_riffs() -> None:
    one, other = ([bars.tobytes() for _, bars in rhythms(a_phrase("rock", 8, seed))] for seed in (1, 2))
    assert one != other


def test_variation_b_is_fuller_and_creativity_makes_more_new_bars() -> None:
    def onsets(**directions: object) -> int:
        return sum(int(bars.sum()) for seed in range(2) for _, bars in rhythms(a_phrase("pop", 12, seed, **directions)))

    assert onsets(variation="B") > onsets(variation="A")

    def novelty(amount: float) -> float:
        found = [
            distinct(bars)
            for seed in range(2)
            for role, bars in rhythms(a_phrase("rock", 20, seed, creativity=amount))
            if role in ("drums", "bass")
        ]
        return float(np.mean(found))

    assert novelty(0.0) < novelty(1.0)


def test_bars_are_units_and_short_ones_are_read_together() -> None:
    assert [unit_at(BarGrid(), step).start for step in (0, 15, 16, 40)] == [0, 0, 16, 32]
    two_four = BarGrid.of(Metre(2, 4))
    assert [(one.start, one.steps, one.number) for one in (unit_at(two_four, step) for step in (0, 9, 16))] == [
        (0, 16, 0),
        (0, 16, 0),
        (16, 16, 1),
    ]
    waltz = BarGrid.of(Metre(3, 4))
    assert unit_at(waltz, 13).steps == 12
    changed = BarGrid().changed(32, Metre(3, 4))
    assert [(one.start, low, high) for one, low, high in units(changed, 20, 50)] == [
        (16, 20, 32),
        (32, 32, 44),
        (44, 44, 50),
    ]
    assert unit_at(changed, 44).since == 32


def test_a_riffs_pitches_move_with_the_chord_and_settle_on_its_tones() -> None:
    """C major's root and third become A minor's: the bass moves by a minor third down, the third by a semitone less."""
    layout = Layout(BAND)
    cells = np.zeros((3, 16, 128), np.uint8)
    cells[1, 0, 36], cells[2, 0, [60, 64, 67]] = ONSET, ONSET
    plan = ChordPlan((PlannedChord(16, 16, Chord(9, "m")),))
    riff = RiffPitches(layout, (0, 1, 2), BandRoll(0, cells), plan)
    told = {i: np.array([STRIKES] + [0] * 15, np.uint8) for i in (1, 2)}
    found = riff.pitch_bias(16, told, {i: np.full(16, 16) for i in (1, 2)})
    bass, keys = (np.flatnonzero(found[i][0, 0] == SAME_PITCH_BIAS) + BAND[i].low for i in (1, 2))
    assert {int(pitch) % 12 for pitch in bass} == {9}
    assert {int(pitch) % 12 for pitch in keys} <= {9, 0, 4}
    assert not found[1][0, 1:].any()


def test_a_band_without_its_own_parts_still_answers() -> None:
    """A page that leaves out the drums: the groove net is shown silence there."""
    request = a_phrase("rock", 4)
    genre = replace(request.genre, parts=tuple(part for part in request.genre.parts if part.role != "drums"))
    found = list(rhythms(replace(request, genre=genre, band=BandRoll.silent(len(genre.parts)))))
    assert any(bars.any() for _, bars in found)
