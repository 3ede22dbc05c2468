"""Logits become notes: onsets, held notes, rests, chords and drums."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from composerd.contract.decoding import Decoder, Style, chance_width
from composerd.contract.layout import LEAP, Layout, Track
from composerd.contract.part_decoding import GOES_ON, RESTS, STRIKES
from composerd.music.roll import HELD, ONSET, REST
from layouts import BAND, CHORALE

STEPS = 12
BASS, KEYS = 1, 2


def silent(layout: Layout, batch: int = 1) -> tuple[np.ndarray, ...]:
    return tuple(np.zeros((batch, STEPS, track.rows), np.uint8) for track in layout.tracks)


def quiet_logits(layout: Layout) -> np.ndarray:
    """Logits for which every part rests."""
    logits = np.zeros((1, STEPS, layout.out_width), np.float32)
    for name, columns in layout.output_columns.items():
        if name.endswith((".gate", "drums.onset")):
            logits[..., columns] = -9
        if name.endswith(".rest"):
            logits[..., columns] = 9
    return logits


def decide(layout: Layout, logits: np.ndarray, cells: tuple[np.ndarray, ...], first: int = 4) -> dict[int, np.ndarray]:
    melody = np.full((1, STEPS), REST)
    chance = np.full((1, STEPS, chance_width(layout)), 0.5, np.float32)
    return Decoder(layout).harmony(logits, cells, melody, first, STEPS, Style(), chance)


def push(
    layout: Layout, logits: np.ndarray, track: Track, what: str, step: int, amount: float, pitch: int = -1
) -> None:
    column = layout.output_columns[f"{track.name}.{what}"].start + (pitch - track.low if pitch >= 0 else 0)
    logits[0, step, column] += amount


def test_a_repeated_note_begins_again_and_a_held_one_goes_on() -> None:
    layout = Layout(BAND)
    bass, logits = BAND[BASS], quiet_logits(layout)
    for step, what in ((4, "onset"), (5, "hold"), (6, "onset"), (7, "hold")):
        push(layout, logits, bass, what, step, 30, 40 if what == "onset" else -1)
    row = decide(layout, logits, silent(layout))[BASS][0, :, 40 - bass.low]
    assert row.tolist() == [ONSET, HELD, ONSET, HELD, 0, 0, 0, 0]


def test_a_part_cannot_hold_what_does_not_sound() -> None:
    layout = Layout(BAND)
    logits = quiet_logits(layout)
    for step in range(STEPS):
        push(layout, logits, BAND[BASS], "hold", step, 30)
    assert not decide(layout, logits, silent(layout))[BASS].any()


def test_a_note_from_before_is_held_as_the_same_note() -> None:
    layout = Layout(BAND)
    bass, logits, cells = BAND[BASS], quiet_logits(layout), silent(layout)
    cells[BASS][0, 3, 45 - bass.low] = ONSET
    push(layout, logits, bass, "hold", 4, 30)
    found = decide(layout, logits, cells)[BASS][0]
    assert np.argwhere(found).tolist() == [[0, 45 - bass.low]]
    assert found[0, 45 - bass.low] == HELD


def test_leaps_are_counted_from_the_parts_own_last_note() -> None:
    layout = Layout(BAND)
    bass, logits, cells = BAND[BASS], quiet_logits(layout), silent(layout)
    cells[BASS][0, 1, 40 - bass.low] = ONSET
    push(layout, logits, bass, "rest", 4, -30)
    logits[0, 4, layout.output_columns["bass.leap"].start + LEAP + 5] = 20
    assert decide(layout, logits, cells)[BASS][0, 0, 45 - bass.low] == ONSET


def test_a_voice_hears_what_the_voice_before_it_plays_at_the_same_step() -> None:
    layout = Layout(CHORALE)
    logits = quiet_logits(layout)
    push(layout, logits, CHORALE[0], "rest", 4, -30)
    push(layout, logits, CHORALE[0], "onset", 4, 30, 48)
    push(layout, logits, CHORALE[1], "rest", 4, -30)
    logits[0, 4, layout.output_columns["tenor.onset~bass"].start + 7] = 20
    tenor = decide(layout, logits, silent(layout))[1][0, 0]
    assert [(pitch + CHORALE[1].low - 48) % 12 for pitch in np.flatnonzero(tenor)] == [7]


def test_a_chord_has_as_many_notes_as_expected_and_never_more_than_the_part_has_voices() -> None:
    layout = Layout(BAND)
    keys = BAND[KEYS]
    for wanted, expected in ((3, 3), (9, keys.polyphony)):
        logits = quiet_logits(layout)
        push(layout, logits, keys, "gate", 4, 30)
        logits[..., layout.output_columns["keys.onset"]] = -9
        for pitch in range(60, 60 + wanted):
            push(layout, logits, keys, "onset", 4, 18, pitch)
        row = decide(layout, logits, silent(layout))[KEYS][0, 0]
        assert np.count_nonzero(row == ONSET) == expected


def test_drums_are_struck_where_that_is_likelier_than_not() -> None:
    layout = Layout(BAND)
    logits = quiet_logits(layout)
    logits[0, 4:8, layout.output_columns["drums.onset"].start] = 0.5
    chance = np.full((1, STEPS, chance_width(layout)), 0.5, np.float32)
    struck = Decoder(layout).drums(logits, 4, 8, Style(), chance)
    assert (struck[..., 0] == ONSET).all()
    assert not struck[..., 1:].any()


def test_a_rhythm_that_is_told_is_played_to_the_step() -> None:
    """Whatever the net itself would do: the bass and the keys strike, go on and rest where they are told to."""
    layout, rng = Layout(BAND), np.random.default_rng(2)
    logits = rng.normal(0, 3, (1, STEPS, layout.out_width)).astype(np.float32)
    told = {i: rng.choice([RESTS, GOES_ON, STRIKES], (1, STEPS)).astype(np.uint8) for i in (1, KEYS)}
    chance = rng.random((1, STEPS, chance_width(layout)), np.float32)
    melody = np.full((1, STEPS), REST)
    found = Decoder(layout).harmony(logits, silent(layout), melody, 0, STEPS, Style(0.5), chance, rhythm=told)
    for track, rhythm in told.items():
        sounds = False
        for step in range(STEPS):
            row = found[track][0, step]
            wanted = rhythm[0, step]
            assert (row == ONSET).any() == (wanted == STRIKES)
            sounds = bool(wanted == STRIKES or (wanted == GOES_ON and sounds))
            assert (row > 0).any() == sounds


def test_a_pitch_that_is_wished_for_is_played() -> None:
    layout = Layout(BAND)
    told = {i: np.full((1, STEPS), STRIKES, np.uint8) for i in (1, KEYS)}
    wishes = {i: np.zeros((1, STEPS, layout.tracks[i].rows), np.float32) for i in (1, KEYS)}
    for wish in wishes.values():
        wish[..., 7] = 30.0
    chance = np.full((1, STEPS, chance_width(layout)), 0.5, np.float32)
    found = Decoder(layout).harmony(
        quiet_logits(layout), silent(layout), np.full((1, STEPS), REST), 0, STEPS, Style(), chance, rhythm=told,
        bias=wishes,
    )  # fmt: skip
    for rows in found.values():
        assert (rows[..., 7] == ONSET).all()


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6))
def test_windows_are_decided_alike_alone_and_together(seed: int) -> None:
    rng = np.random.default_rng(seed)
    layout = Layout(BAND)
    logits = rng.normal(0, 2, (3, STEPS, layout.out_width)).astype(np.float32)
    cells = tuple(
        np.where(rng.random((3, STEPS, track.rows)) < 0.05, rng.choice([HELD, ONSET]), 0).astype(np.uint8)
        for track in BAND
    )
    melody = rng.integers(-1, 100, (3, STEPS))
    chance = rng.random((3, STEPS, chance_width(layout)), np.float32)
    decoder, style = Decoder(layout), Style(0.5, 0.5)
    together = decoder.harmony(logits, cells, melody, 4, STEPS, style, chance)
    for i in range(3):
        alone = decoder.harmony(
            logits[i : i + 1], tuple(rows[i : i + 1] for rows in cells), melody[i : i + 1], 4, STEPS, style,
            chance[i : i + 1],
        )  # fmt: skip
        for track, rows in together.items():
            assert np.array_equal(alone[track][0], rows[i])
