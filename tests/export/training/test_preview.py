"""Examples of a training, as MIDI and picture."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import mido
import numpy as np
import pytest

pytest.importorskip("torch")

from composerd.contract.layout import Layout
from composerd.music.roll import ONSET
from composerd_export.data.batches import Windows
from composerd_export.data.rolls import load
from composerd_export.datasets import DATASETS
from composerd_export.training.preview import as_rolls, draw, write_midi
from layouts import BAND
from make_models import tiny_corpora

LAYOUT = Layout(BAND)


@pytest.fixture(scope="module")
def windows(tmp_path_factory: pytest.TempPathFactory) -> Windows:
    data = tiny_corpora(tmp_path_factory.mktemp("data"))
    return Windows(load(replace(DATASETS["pop"], tracks=BAND), data, "train"), BAND)


def test_a_window_is_written_as_it_is(windows: Windows, tmp_path: Path) -> None:
    window = windows.draw(1, np.random.default_rng(0)).window
    rolls = as_rolls(LAYOUT, window, 0)
    assert rolls.shape == (1 + len(BAND), 64, 128)
    write_midi(LAYOUT, rolls, tmp_path / "one.mid")
    file = mido.MidiFile(tmp_path / "one.mid")
    assert [track.name for track in file.tracks] == ["melody", *(track.name for track in BAND)]
    for roll, track in zip(rolls, file.tracks, strict=True):
        begins = [message.note for message in track if message.type == "note_on" and message.velocity]
        assert len(begins) == (roll == ONSET).sum()
    drums = {message.channel for message in file.tracks[1] if message.type == "note_on"}
    assert drums == {9}


def test_rolls_are_drawn_under_each_other(windows: Windows, tmp_path: Path) -> None:
    rolls = as_rolls(LAYOUT, windows.draw(1, np.random.default_rng(0)).window, 0)
    draw(LAYOUT, {"truth": rolls, "net": rolls}, tmp_path / "one.png")
    assert (tmp_path / "one.png").read_bytes().startswith(b"\x89PNG")
