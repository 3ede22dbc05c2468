"""The band's rhythm in performances of the shipped models: riffs are stated and kept."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from bands import band_of, shipped
from composerd.contract.groove import UNKNOWN
from composerd.contract.layout import Layout
from composerd.contract.part_decoding import STRIKES
from composerd.engine.messages import Directions, Request
from composerd.engine.phrase.request import phrase_request
from composerd.generators.groove_units import unit_at, units
from composerd.generators.piece_classes import classes_of_band
from composerd.generators.riff_pitches import SAME_PITCH_BIAS, RiffPitches
from composerd.generators.seeds import TEXTURES, permutation
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
    """Drums and bass of people have a new bar in three or four; these neither wander nor stand still.

    Some performances repeat their bars more than others, as people's do.
    """
    early, late, kinds = (defaultdict[str, list[float]](list) for _ in range(3))
    for seed in (1, 2, 3):
        for role, bars in rhythms(a_phrase(genre, 64, seed)):
            early[role].append(distinct(bars[8:32]))
            late[role].append(distinct(bars[40:64]))
            kinds[role].append(len({row.tobytes() for row in bars}))
    for role in ("drums", "bass"):
        assert np.mean(early[role]) <= 0.5, role
        assert np.mean(late[role]) <= 0.5, role
        assert np.mean(kinds[role]) > 3, role


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


# -- textures

PIECES = np.array([
    [[0, 0, 0], [0, 0, 0], [UNKNOWN] * 3],
    [[1, 1, 1], [UNKNOWN] * 3, [1, 1, 1]],
    [[2, 2, 2], [2, 2, 2], [2, 2, 2]],
])  # fmt: skip


@pytest.mark.parametrize(
    ("plays", "found"),
    [
        ((True, True, True), [2, 2, 2]),  # the first piece with all of them
        ((True, True, False), [0, 0, UNKNOWN]),
        ((True, False, True), [1, UNKNOWN, 1]),
    ],
)
def test_a_band_plays_in_the_textures_of_the_first_piece_that_has_its_parts(
    plays: tuple[bool, ...], found: list[int]
) -> None:
    assert classes_of_band(PIECES, np.array(plays))[:, 0].tolist() == found


def test_parts_of_no_single_piece_have_the_textures_of_several_and_unknown_ones_of_none() -> None:
    assert classes_of_band(PIECES[:2], np.ones(3, np.bool_))[:, 0].tolist() == [0, 0, 1]
    assert (classes_of_band(PIECES[:0], np.ones(3, np.bool_)) == UNKNOWN).all()


def test_a_performance_keeps_its_texture_and_the_next_one_may_have_another() -> None:
    asked = a_phrase("rock", 8)
    later = replace(asked, step=64, melody=asked.melody.window(0, 80))
    assert permutation(asked, TEXTURES, 200) == permutation(later, TEXTURES, 200)
    others = {permutation(replace(asked, performance=n), TEXTURES, 200)[0] for n in range(8)}
    assert len(others) > 5


def test_two_performances_differ_in_how_densely_the_parts_play() -> None:
    """As people's bands do: the guitar of one strikes twice as often as that of another."""
    counts = []
    for seed in range(5):
        bars = [int(rows.sum()) for role, rows in rhythms(a_phrase("rock", 12, seed)) if role == "comp"]
        counts += bars
    assert max(counts) > 1.5 * max(1, min(counts))
