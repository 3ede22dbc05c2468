"""Grooves are songs that stand for the others."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from composerd.contract.card import GROOVE_STEPS, decode_card, encode_card
from composerd.contract.layout import Layout
from composerd.errors import ModelError
from composerd_export.checkpoint import load_checkpoint, save_checkpoint
from composerd_export.data.rolls import load
from composerd_export.export import arranged, card_of
from composerd_export.grooves import medoids, song_grooves, stretches
from composerd_export.nets.datasets import DATASETS
from layouts import BAND
from make_models import tiny_checkpoint, tiny_corpora

POP = replace(DATASETS["pop"], tracks=BAND)


def test_a_corpus_of_equal_songs_has_one_groove_and_nothing_sets_it_apart(tmp_path: Path) -> None:
    rolls = load(POP, tiny_corpora(tmp_path), "train")
    profiles, weights = stretches(rolls, Layout(BAND))
    assert profiles.shape == (4, 2, GROOVE_STEPS)
    assert profiles[0, 0].tolist() == [1.0, 0, 0, 0] * 4, "the bass strikes every beat"
    assert len(weights) == 4
    (groove,) = song_grooves(rolls, Layout(BAND))
    assert groove.weight == 1.0
    assert groove.rates == {"bass": pytest.approx(np.log(1 / 4), abs=1e-3), "keys": pytest.approx(-2.773, abs=1e-3)}
    assert set(groove.steps["bass"]) == {0.0}


def test_medoids_are_points_of_both_heaps_by_their_weight() -> None:
    rng = np.random.default_rng(0)
    points = np.concatenate([rng.normal(0, 0.1, (30, 3)), rng.normal(5, 0.1, (10, 3))])
    chosen, shares = medoids(points, np.ones(40), 2, np.random.default_rng(1))
    assert sorted((index >= 30, round(float(share), 2)) for index, share in zip(chosen, shares, strict=True)) == [
        (False, 0.75), (True, 0.25),
    ]  # fmt: skip


def test_the_card_carries_the_grooves(tmp_path: Path) -> None:
    save_checkpoint(tiny_checkpoint(), tmp_path / "best.pt")
    point = arranged(load_checkpoint(tmp_path / "best.pt"), tiny_corpora(tmp_path / "data"))
    assert point.decoding is not None
    assert point.decoding.grooves
    text = encode_card(card_of(point, point.net(), "pop"))
    assert decode_card(text, "pop.onnx").decoding == point.decoding
    short = text.replace('"steps": {"bass": [0.0, ', '"steps": {"bass": [')
    assert short != text
    with pytest.raises(ModelError, match="expected 16 steps"):
        decode_card(short, "pop.onnx")
