"""Colours of triads: of the triad's kind, over the player's bass, never rubbing against the melody, by style."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from composerd.generators.tables import shipped
from composerd.music.chords import QUALITIES, Chord
from composerd.music.harmony.colour import OF_KIND, coloured
from composerd.music.harmony.encoding import heard
from composerd.music.harmony.net import QUALITY_NAMES
from composerd.music.harmony.slots import slots_between
from composerd.music.harmony.styles import HARMONY_STYLES, HarmonyStyle, style_of
from composerd.music.metre import BarGrid

NET = shipped()
SLOTS = slots_between(BarGrid(), 0, 64)
CHORDS = st.lists(st.tuples(st.integers(0, 11), st.integers(0, 2)), min_size=16, max_size=16)
TUNES = st.lists(st.integers(-1, 11), min_size=16, max_size=16)
STYLES = st.sampled_from(sorted(HARMONY_STYLES))


def chords(
    triads: list[tuple[int, int]], tune: list[int], style: HarmonyStyle, *, seed: int = 0, bass: list[int] | None = None
) -> list[Chord]:
    """A chord on each of 16 beats from (root, kind), under a melody of pitch classes, one a beat, -1 for a rest."""
    pitch = np.repeat(np.array([one + 60 if one >= 0 else -1 for one in tune], np.int16), 4)
    onset = np.zeros(len(pitch), np.bool_)
    onset[::4] = pitch[::4] >= 0
    state = np.random.default_rng(seed).normal(size=(16, NET.width)).astype(np.float32)
    indices = np.array([3 * root + kind for root, kind in triads], np.int64)
    entries = [(at, at + 1) for at in range(16)]
    given_bass = np.array(bass or [-1] * 16, np.int64)
    return coloured(NET, state, indices, entries, heard(pitch, onset, SLOTS, 0), given_bass, style)


@given(CHORDS, TUNES, STYLES, st.integers(0, 50))
@settings(max_examples=40)
def test_a_colour_is_one_of_the_triads_kind_on_its_root(
    triads: list[tuple[int, int]], tune: list[int], style: str, seed: int
) -> None:
    for (root, kind), chord in zip(triads, chords(triads, tune, style_of(style), seed=seed), strict=True):
        assert chord.root == root
        assert chord.quality in OF_KIND[kind]
        assert chord.bass is None or chord.bass in chord.pitch_classes


@given(CHORDS, TUNES, STYLES)
@settings(max_examples=40)
def test_no_tone_that_a_colour_adds_lies_a_semitone_from_the_melody(
    triads: list[tuple[int, int]], tune: list[int], style: str
) -> None:
    for (root, kind), sung, chord in zip(triads, tune, chords(triads, tune, style_of(style)), strict=True):
        triad = {(root + one) % 12 for one in QUALITIES[OF_KIND[kind][0]]}
        added = set(chord.pitch_classes) - triad - {(root + 6) % 12}
        if sung >= 0 and sung not in added:
            assert not added & {(sung + 1) % 12, (sung - 1) % 12}, (str(chord), sung)


@given(CHORDS, st.lists(st.integers(0, 11), min_size=16, max_size=16))
@settings(max_examples=30)
def test_the_bass_is_the_players_where_the_player_plays_one(triads: list[tuple[int, int]], bass: list[int]) -> None:
    found = chords(triads, [-1] * 16, style_of("pop"), bass=bass)
    assert [chord.bass_class for chord in found] == bass
    assert all(chord.bass is None or chord.bass != chord.root for chord in found), "the root is not said twice"


def test_a_style_that_wants_plain_triads_has_them() -> None:
    triads = [(root % 12, kind) for kind in (0, 1) for root in range(8)]
    plain = HarmonyStyle("folk", "folk", plain=1000.0)
    assert [chord.quality for chord in chords(triads, [-1] * 16, plain)] == [""] * 8 + ["m"] * 8


def test_jazz_has_more_sevenths_than_hymns() -> None:
    triads = [(7, 0), (2, 1), (0, 0), (9, 1)] * 4
    rich = {
        style: Counter(
            len(chord.pitch_classes)
            for seed in range(6)
            for chord in chords(triads, [-1] * 16, HarmonyStyle(style, style), seed=seed)
        )
        for style in ("jazz", "hymn")
    }
    assert rich["jazz"][4] > rich["hymn"][4]


@pytest.mark.parametrize("kind", [0, 1, 2])
def test_every_quality_that_the_net_knows_is_of_one_kind(kind: int) -> None:
    assert set(OF_KIND[kind]) <= set(QUALITY_NAMES)
    others = {name for other, names in enumerate(OF_KIND) for name in names if other != kind}
    assert not set(OF_KIND[kind]) & others


def test_all_qualities_are_reachable() -> None:
    assert sorted(name for names in OF_KIND for name in names) == sorted(QUALITY_NAMES)
