"""What holds of nets in model files, whatever their weights: nothing ahead is heard, chords are alike in every key."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from composerd.engine.messages import Directions, Mode, Request
from composerd.generators.onnx import OnnxGenerator
from composerd.generators.session import load_model
from composerd.music.harmony.harmonist import Harmonist
from composerd.music.harmony.styles import style_of
from composerd.music.metre import BarGrid
from composerd.music.roll import ONSET, BandRoll, MelodyRoll
from composerd_export.data.harmony.examples import piece_of
from composerd_export.data.harmony.written import written_songs
from composerd_export.evaluation.chords import whole
from composerd_export.evaluation.known import known_tunes
from composerd_export.evaluation.live_chords import live
from composerd_export.nets.harmonist import TorchHarmonyNet
from composerd_export.onnx.harmonist import followers, to_arrays, write
from composerd_export.onnx.verify import page_for
from composerd_export.onnx.writer import write_model
from make_models import tiny_checkpoint, tiny_groove

PARTS, STEP = 3, 32


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model file of untrained nets, its harmonist too."""
    folder = tmp_path_factory.mktemp("model")
    torch.manual_seed(8)
    net = TorchHarmonyNet(16).eval()
    write(folder / "own.npz", to_arrays(net, followers([piece_of(song) for song in written_songs(3)])))
    write_model(tiny_checkpoint("mine"), folder / "mine.onnx", tiny_groove("mine"), folder / "own.npz")
    return folder / "mine.onnx"


@pytest.fixture(scope="module")
def harmonist(path: Path) -> Harmonist:
    net = load_model(path).harmony
    assert net is not None
    return Harmonist(net, style_of("pop"))


TUNE = known_tunes()[0]


@pytest.mark.parametrize("semitones", [1, 5, -4])
def test_a_files_harmonist_plans_alike_in_every_key(harmonist: Harmonist, semitones: int) -> None:
    moved = replace(TUNE, pitch=np.where(TUNE.pitch >= 0, TUNE.pitch + semitones, -1).astype(np.int16))
    for plan in (whole, lambda harmonist, song: live(harmonist, song).chords):
        here, there = plan(harmonist, TUNE), plan(harmonist, moved)
        assert ((here.root + semitones) % 12 == there.root)[here.root >= 0].all()
        assert (here.kind == there.kind).all()


@pytest.mark.parametrize("bar", [2, 5, 9])
def test_a_files_harmonist_hears_nothing_that_comes_later_in_jam(harmonist: Harmonist, bar: int) -> None:
    cut = 16 * bar + 1
    dice, pitch = np.random.default_rng(bar), TUNE.pitch.copy()
    pitch[cut:] = dice.integers(55, 80, len(pitch) - cut)
    here, there = live(harmonist, TUNE).chords, live(harmonist, replace(TUNE, pitch=pitch)).chords
    assert (here.root[: cut - 1] == there.root[: cut - 1]).all()
    assert (here.kind[: cut - 1] == there.kind[: cut - 1]).all()


def request(path: Path, band: BandRoll, seed: int = 0, melody_to: int = STEP + 1) -> Request:
    genre = page_for(load_model(path))
    pitch = np.resize(np.array([60, 62, 64, 67, 65, 64, 62, 60], np.int16), melody_to)
    melody = MelodyRoll(0, pitch, np.ones(melody_to, np.bool_))
    return Request(
        serial=1, mode=Mode.JAM, genre=genre, grid=BarGrid(), bpm=100.0, step=STEP, until=STEP + 8, drums_from=STEP,
        drums_until=STEP + 8, harmony_from=0, melody=melody, band=band, directions=Directions(), seed=seed,
    )  # fmt: skip


def past(steps: int, seed: int = 1) -> BandRoll:
    """A band that struck notes up to step STEP, and anything after it."""
    cells = np.zeros((PARTS, steps, 128), np.uint8)
    cells[0, ::4, 36], cells[1, :STEP:8, 40], cells[2, :STEP:16, [60, 64, 67]] = ONSET, ONSET, ONSET
    cells[:, STEP:] = 0
    if steps > STEP:
        cells[1:, STEP:, 50 + seed] = ONSET
    return BandRoll(0, cells)


def test_a_decision_depends_on_the_band_before_it_and_not_on_what_was_planned_after(path: Path) -> None:
    generator = OnnxGenerator(path, page_for(load_model(path)))
    plain, planned, other = (generator.compose(request(path, past(STEP + more, seed))).sections
                             for more, seed in ((0, 0), (8, 1), (8, 5)))  # fmt: skip
    assert plain == planned == other
    assert sum(len(section.notes) for section in plain) > 0


def test_equal_seeds_decide_equally_and_others_otherwise(path: Path) -> None:
    generator = OnnxGenerator(path, page_for(load_model(path)))
    one, again = (generator.compose(request(path, past(STEP), 1)).sections for _ in range(2))
    assert one == again
    assert any(generator.compose(request(path, past(STEP), seed)).sections != one for seed in range(2, 6))
