"""Trainers: schedules of their parts, resuming to the same weights, and checkpoints that lack something."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from composerd.contract.frames import Floats, Window
from composerd.contract.layout import DRUMS, Layout
from composerd.errors import ConfigError
from composerd.music.roll import ONSET
from composerd_export.data.batches import Windows
from composerd_export.data.masks import CAUSAL, MaskMix
from composerd_export.data.rolls import load
from composerd_export.datasets import DATASETS
from composerd_export.training.average import weights_of
from composerd_export.training.checkpoint import Checkpoint, load_checkpoint, save_checkpoint, trunk_size
from composerd_export.training.checkpoint_file import read_values, write_values
from composerd_export.training.groove_checkpoint import GrooveCheckpoint
from composerd_export.training.hyperparameters import Hyper
from composerd_export.training.live_metrics import ORDINARY, live
from composerd_export.training.preview import accompany
from composerd_export.training.progress import Sums
from composerd_export.training.rollout import LENGTHS, Span, draw_span, rolled
from composerd_export.training.trainer import Trainer
from composerd_export.training.validation import validate
from composerd_export.training.voicing_checkpoint import VoicingCheckpoint
from layouts import BAND
from make_models import TINY, tiny_checkpoint, tiny_corpora, tiny_groove

LAYOUT = Layout(BAND)
Flags = np.ndarray[tuple[int, ...], np.dtype[np.bool_]]


@pytest.fixture(scope="module")
def windows(tmp_path_factory: pytest.TempPathFactory) -> Windows:
    data = tiny_corpora(tmp_path_factory.mktemp("data"))
    return Windows(load(replace(DATASETS["pop"], tracks=BAND), data, "train"), BAND)


def a_trainer(windows: Windows, family: str = "musegan", **changes: Any) -> Trainer:
    return Trainer(LAYOUT, family, Hyper.from_json({**TINY, "epoch_windows": 32, **changes}), windows)


def updated(trainer: Trainer, count: int) -> list[dict[str, float]]:
    found = []
    for _ in range(count):
        if trainer.adversarial:
            trainer.discriminator_step()
        found.append(trainer.generator_step())
    return found


# -- resuming


@pytest.mark.parametrize(
    ("family", "changes"),
    [
        ("unet", {"adversarial": 0.0}),
        ("musegan", {"adversarial_from": 0.0, "rollout_from": 0.0, "rollout": 1.0}),
        ("musegan", {"adversarial_from": 0.0, "loss": "wasserstein", "dropout": 0.3}),
    ],
)
def test_a_restored_training_of_players_goes_on_bit_for_bit(
    windows: Windows, family: str, changes: dict[str, Any]
) -> None:
    one = a_trainer(windows, family, **changes)
    updated(one, 1)
    state, average = deepcopy(one.state()), weights_of(one.average)  # as a file would keep them
    two = a_trainer(windows, family, **changes, seed=9)
    two.restore(state, average)
    random = torch.get_rng_state()
    first = updated(one, 1)
    torch.set_rng_state(random)
    assert updated(two, 1) == first
    for mine, other in ((one.net, two.net), (one.discriminator, two.discriminator)):
        assert all(torch.equal(value, other.state_dict()[name]) for name, value in mine.state_dict().items())
    assert all(torch.equal(value, weights_of(two.average)[name]) for name, value in weights_of(one.average).items())
    assert (one.counts, one.schedule.get_last_lr()) == (two.counts, two.schedule.get_last_lr())


def test_a_training_in_a_file_is_the_training(windows: Windows, tmp_path: Path) -> None:
    one = a_trainer(windows)
    updated(one, 1)
    point = Checkpoint(
        "pop", "musegan", BAND, one.hyper, weights_of(one.average), 1, one.state(), [{"epoch": 1.0}], 3.5
    )
    save_checkpoint(point, tmp_path / "last.pt")
    stored = load_checkpoint(tmp_path / "last.pt")
    assert (stored.dataset, stored.family, stored.tracks, stored.hyper) == ("pop", "musegan", BAND, one.hyper)
    assert (stored.epoch, stored.curves, stored.best, stored.data) == (1, [{"epoch": 1.0}], 3.5, [])
    two = a_trainer(windows, seed=3)
    two.restore(stored.training, stored.weights)
    random = torch.get_rng_state()
    first = updated(one, 1)
    torch.set_rng_state(random)
    assert updated(two, 1) == first


def test_equal_seeds_train_equal_nets_and_others_others(windows: Windows) -> None:
    found = []
    for seed in (1, 1, 2):
        trainer = a_trainer(windows, seed=seed)
        found.append((updated(trainer, 1), weights_of(trainer.average)))
    assert found[0][0] == found[1][0] != found[2][0]
    assert all(torch.equal(value, found[1][1][name]) for name, value in found[0][1].items())


# -- schedules


def test_an_epoch_has_as_many_updates_as_its_windows_fill_batches(windows: Windows) -> None:
    assert a_trainer(windows, batch=4, epoch_windows=32).steps_per_epoch == min(32, len(windows)) // 4
    assert a_trainer(windows, batch=1024, epoch_windows=32).steps_per_epoch == 1
    trainer = a_trainer(windows, epochs=3)
    assert trainer.total == 3 * trainer.steps_per_epoch
    assert trainer.progress == 0.0
    updated(trainer, 1)
    assert trainer.progress == 1 / trainer.total


@pytest.mark.parametrize(("weight", "share", "joins"), [(0.1, 0.0, True), (0.1, 0.9, False), (0.0, 0.0, False)])
def test_the_adversarial_loss_joins_by_its_weight_and_its_share(
    windows: Windows, weight: float, share: float, joins: bool
) -> None:
    trainer = a_trainer(windows, adversarial=weight, adversarial_from=share, rollout=0.0)
    assert trainer.adversarial == joins
    terms = trainer.generator_step()
    assert ("adversarial" in terms) == joins
    assert ("features" in terms) == joins


def test_the_generators_loss_is_its_terms_by_their_weights(windows: Windows) -> None:
    trainer = a_trainer(windows, reconstruction=2.0, adversarial=0.5, features=0.25, adversarial_from=0.0, rollout=0.0)
    terms = trainer.generator_step()
    said = sum(value for name, value in terms.items() if name.startswith("reconstruction"))
    wanted = 2.0 * said + 0.5 * terms["adversarial"] + 0.25 * terms["features"]
    assert terms["generator"] == pytest.approx(wanted, rel=1e-4)
    assert {name for name in terms if name.startswith("reconstruction")} == {
        f"reconstruction {track.name}" for track in BAND
    }


def test_sums_of_an_epoch_are_means_by_the_times_a_term_was_there() -> None:
    sums = Sums()
    for name, value in (("a", 1.0), ("a", 3.0), ("b", 5.0)):
        sums.add(name, value)
    assert sums.means() == {"a": 2.0, "b": 5.0}
    assert Sums().means() == {}


@pytest.mark.parametrize(("width", "widths"), [(16, (16, 24, 36)), (128, (128, 192, 288))])
def test_the_trunks_channels_follow_from_the_width(width: int, widths: tuple[int, ...]) -> None:
    size = trunk_size(Hyper(width=width, middle=2, dropout=0.4))
    assert (size.widths, size.middle, size.dropout) == (widths, 2, 0.4)


def test_an_answer_leaves_the_net_as_it_was(windows: Windows) -> None:
    trainer = a_trainer(windows, dropout=0.5)
    window = windows.draw(2, np.random.default_rng(0)).window
    for training in (True, False):
        trainer.net.train(training)
        found = trainer.answer(window)
        assert found.shape == (2, 64, LAYOUT.out_width)
        assert trainer.net.training == training
    assert all(value.grad is None for value in trainer.net.parameters())


def test_validation_is_repeatable_and_of_both_modes(windows: Windows) -> None:
    trainer = a_trainer(windows, family="unet")
    first, again = (validate(trainer, windows, 1) for _ in range(2))
    assert first == again
    assert set(first) == {"validation phrase", "validation jam"}
    updated(trainer, 1)
    trainer.net.load_state_dict(trainer.average.module.state_dict())
    assert validate(trainer, windows, 1) != first


# -- rollouts and playing along


def strikes(window: Window) -> Floats:
    """A net that begins a note of every part on every step."""
    logits = np.zeros((*window.shape, LAYOUT.out_width), np.float32)
    for name, columns in LAYOUT.output_columns.items():
        if name.endswith((".onset", ".gate")):
            logits[..., columns] = 9.0
        if name.endswith((".hold", ".rest")):
            logits[..., columns] = -90.0
    return logits


def test_spans_of_a_rollout_end_within_the_window_and_have_one_of_the_lengths() -> None:
    dice = np.random.default_rng(0)
    for _ in range(200):
        span = draw_span(dice)
        assert 12 <= span.until < 53
        assert 0 <= span.first < span.until
        assert span.until - span.first in LENGTHS or span.first == 0


def test_a_rollout_asks_for_what_comes_after_the_nets_own_playing(windows: Windows) -> None:
    batch = windows.draw(6, np.random.default_rng(1))
    found = rolled(LAYOUT, strikes, batch, MaskMix(), np.random.default_rng(2), Span(20, 28))
    assert (found.kind == CAUSAL).all()
    assert (found.moment == 28).all()
    assert not found.window.known[:, 28:].any()
    assert not found.window.melody_known[:, 29:].any()
    valid: Flags = batch.valid & np.asarray(batch.present.all(1))[:, None]
    assert (found.weight[:, 28:32][valid[:, 28:32]] == 2.0).all()
    assert (found.weight[:, 32:44][valid[:, 32:44]] == np.float32(0.8)).all()
    for played, truth in zip(found.window.cells[1:], batch.window.cells[1:], strict=True):
        assert (played[:, 20:28] == ONSET).any(2).all()
        assert np.array_equal(played[:, :20], truth[:, :20])
        assert np.array_equal(played[:, 28:], truth[:, 28:])


@pytest.mark.parametrize("way", ["phrase", "jam"])
def test_what_is_played_along_is_never_told_to_the_net_before_it_is_played(windows: Windows, way: str) -> None:
    batch, asked = windows.draw(2, np.random.default_rng(1)), list[Window]()

    def heard(window: Window) -> Floats:
        asked.append(replace(window, cells=tuple(rows.copy() for rows in window.cells)))
        return strikes(window)

    if way == "jam":
        played = live(LAYOUT, heard, batch, ORDINARY, np.random.default_rng(0))
    else:
        played = accompany(LAYOUT, heard, batch, seed=0)
    step = 64 // len(asked)
    for index, window in enumerate(asked):
        first = index * step
        assert not window.known[:, first:].any()
        assert not any(rows[:, first:].any() for rows in window.cells)
        melody = window.melody_known[:, first + 1 :]
        assert melody.any() == (way == "phrase" and bool(batch.valid[:, first + 1 :].any()))
    for rows, track in zip(played.cells, BAND, strict=True):
        assert (rows == ONSET).any(2).all() or track.kind == DRUMS
    assert len(asked) == (16 if way == "jam" else 4)


# -- checkpoints that lack something

Values = dict[str, Any]
Save = Callable[[Path], None]
Load = Callable[[Path], object]
KINDS: dict[str, tuple[Save, Load]] = {
    "players": (lambda path: save_checkpoint(tiny_checkpoint(), path), load_checkpoint),
    "groove": (lambda path: tiny_groove().save(path), GrooveCheckpoint.load),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ["tracks", "hyper", "weights", "epoch", "training", "curves", "best"])
def test_a_checkpoint_that_lacks_an_entry_is_refused_by_its_name(kind: str, name: str, tmp_path: Path) -> None:
    path, (save, read) = tmp_path / "last.pt", KINDS[kind]
    save(path)
    values: Values = read_values(path)
    del values[name]
    write_values(path, values)
    with pytest.raises(ConfigError, match=rf"last\.pt: not a checkpoint of .*this version \('{name}'\)$"):
        read(path)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("name", "value"), [("tracks", [{"name": "bass"}]), ("tracks", 3), ("hyper", 3)])
def test_an_entry_of_another_kind_is_refused_in_one_line(kind: str, name: str, value: object, tmp_path: Path) -> None:
    path, (save, read) = tmp_path / "last.pt", KINDS[kind]
    save(path)
    write_values(path, {**read_values(path), name: value})
    with pytest.raises(ConfigError, match=r"not a checkpoint of .*this version") as told:
        read(path)
    assert "\n" not in str(told.value)


def test_hyperparameters_of_another_version_are_refused_by_their_name(tmp_path: Path) -> None:
    path = tmp_path / "last.pt"
    tiny_groove().save(path)
    values = read_values(path)
    write_values(path, {**values, "hyper": {**values["hyper"], "swing": 0.5}})
    with pytest.raises(ConfigError, match="unexpected keyword argument 'swing'"):
        GrooveCheckpoint.load(path)
    with pytest.raises(ConfigError, match="not a checkpoint of a voicing net"):
        VoicingCheckpoint.load(path)
