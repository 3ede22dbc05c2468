"""Creativity, variation and endings, as edits of the nets' logits."""

from __future__ import annotations

import numpy as np
import pytest

from composerd.contract.groove_decoding import GrooveStyle
from composerd.contract.layout import Layout
from composerd.engine.messages import Directions
from composerd.generators.decoding_style import EVEN, groove_style, pitch_temperature
from composerd.generators.logit_edits import CERTAIN, ringing
from composerd.generators.window import Frame
from layouts import BAND

LAYOUT = Layout(BAND)


def test_more_creativity_is_more_noise_density_and_novelty() -> None:
    bold = [Directions(creativity=amount) for amount in (0.0, EVEN, 0.6, 1.0)]
    for values in (
        [pitch_temperature(0.5, one) for one in bold],
        [groove_style(one).fuller for one in bold],
        [groove_style(one).fresher for one in bold],
    ):
        assert values == sorted(set(values))
    assert pitch_temperature(0.5, bold[0]) == 0
    assert pitch_temperature(0.5, bold[1]) == pytest.approx(0.5)
    assert groove_style(bold[1]) == GrooveStyle()
    assert groove_style(Directions(variation="B", creativity=EVEN)).fuller > 0


def test_without_an_ending_nothing_is_edited() -> None:
    logits = np.ones((1, 8, LAYOUT.out_width), np.float32)
    assert ringing(LAYOUT, logits, Directions(), Frame(0, 8)) is logits


def test_the_last_chord_is_held_after_its_line() -> None:
    around = Frame(0, 32)
    logits = ringing(LAYOUT, np.zeros((1, 32, LAYOUT.out_width), np.float32), Directions(ending_at=16), around)[0]
    columns = LAYOUT.output_columns
    for part in ("bass", "keys"):
        assert (logits[17:, columns[f"{part}.hold"]] == np.float32(CERTAIN)).all()
    assert not logits[:17].any()
