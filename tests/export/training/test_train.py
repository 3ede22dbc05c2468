"""Training: updates counted, stopped and resumed, and refused where it cannot be."""

from __future__ import annotations

import argparse
import csv
import os
import signal
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from composerd.contract.frames import Floats, Window
from composerd.contract.layout import Layout
from composerd.errors import ComposerdError, ConfigError
from composerd.files.atomic import draft_of
from composerd_export.cli import main
from composerd_export.commands import train
from composerd_export.data.batches import Windows
from composerd_export.data.rolls import load
from composerd_export.datasets import DATASETS
from composerd_export.nets.discriminator import Discriminator, context_width
from composerd_export.training.adversarial import bernoulli, gradient_penalty, real_events, sampled_events
from composerd_export.training.average import weights_of
from composerd_export.training.checkpoint import load_checkpoint, save_checkpoint
from composerd_export.training.hyperparameters import PRESETS, Hyper, from_options, preset
from composerd_export.training.live_metrics import heard
from composerd_export.training.progress import Diverged
from composerd_export.training.trainer import Trainer
from composerd_export.training.validation import validate
from layouts import BAND
from make_models import TINY, tiny_corpora

LAYOUT = Layout(BAND)
SMALL = ["--width", "16", "--middle", "1", "--batch", "4", "--epoch-windows", "32", "--threads", "1", "--device", "cpu"]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_corpora(tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="module")
def windows(data: Path) -> Windows:
    return Windows(load(replace(DATASETS["pop"], tracks=BAND), data, "train"), BAND)


def a_trainer(windows: Windows, **changes: Any) -> Trainer:
    return Trainer(LAYOUT, "musegan", Hyper.from_json({**TINY, **changes}), windows)


def run(*options: object) -> int:
    return main(["train", *SMALL, *(str(option) for option in options)])


@pytest.mark.parametrize("ratio", [1, 2, 5])
@pytest.mark.parametrize("loss", ["hinge", "wasserstein"])
def test_the_discriminator_is_updated_ratio_times_for_each_update_of_the_generator(
    windows: Windows, ratio: int, loss: str
) -> None:
    trainer = a_trainer(windows, update_ratio=ratio, loss=loss, adversarial_from=0.0, rollout=0.0)
    steps = []
    for net, name in ((trainer.net, "g"), (trainer.discriminator, "c")):
        optimiser = trainer.optimiser if name == "g" else trainer.discriminator_optimiser
        optimiser.register_step_post_hook(lambda *_, name=name: steps.append(name))
        assert any(value.requires_grad for value in net.parameters())
    for index, _ in enumerate(trainer.epoch()):
        if index == 2:
            break
    assert "".join(steps) == 3 * ("c" * ratio + "g")
    assert (trainer.counts.generator, trainer.counts.discriminator) == (3, 3 * ratio)


def test_without_an_adversarial_loss_the_discriminator_rests(windows: Windows) -> None:
    trainer = a_trainer(windows, adversarial=0.0)
    for _ in trainer.epoch():
        pass
    assert trainer.counts.discriminator == 0


def test_the_discriminator_joins_when_its_share_of_the_training_has_come(windows: Windows) -> None:
    trainer = a_trainer(windows, adversarial_from=0.5, rollout=0.0)
    for _ in range(2):
        before = trainer.counts.discriminator
        for _ in trainer.epoch():
            pass
    assert before == 0
    assert trainer.counts.discriminator == trainer.steps_per_epoch


def test_the_loss_falls_on_a_small_set(windows: Windows) -> None:
    trainer = a_trainer(windows, adversarial=0.0, rollout=0.0, epochs=60, batch=4, learning_rate=2e-2)
    losses = [trainer.generator_step()["generator"] for _ in range(60)]
    assert np.mean(losses[-10:]) < 0.5 * np.mean(losses[:5])


def test_the_classical_recipe_trains_both_nets_without_reconstruction(windows: Windows) -> None:
    trainer = a_trainer(windows, **preset("wgan-gp", "pop"))
    terms = trainer.generator_step()
    assert set(terms) == {"adversarial", "generator"} - ({"adversarial"} if not trainer.adversarial else set())
    assert np.isfinite(trainer.discriminator_step())
    assert trainer.hyper.update_ratio == 5
    assert trainer.hyper.loss == "wasserstein"


def test_the_gradient_penalty_is_nothing_for_a_discriminator_of_slope_one() -> None:
    class Slope(torch.nn.Module):
        def forward(self, events: torch.Tensor, _: torch.Tensor) -> tuple[torch.Tensor, list[torch.Tensor]]:
            return events.flatten(1)[:, :1], []

    real, fake = torch.rand(3, 8, 5), torch.rand(3, 8, 5)
    assert float(gradient_penalty(Slope(), real, fake, torch.zeros(3, 8, 1))) == pytest.approx(0.0)  # type: ignore[arg-type]
    steep = Discriminator(LAYOUT, spectral=False)
    context = torch.rand(2, 64, context_width(LAYOUT))
    width = real_events(LAYOUT, tuple(np.zeros((2, 64, track.rows), np.uint8) for track in BAND)).shape[2]
    penalty = gradient_penalty(steep, torch.rand(2, 64, width), torch.rand(2, 64, width), context)
    penalty.backward()  # type: ignore[no-untyped-call]
    assert any(value.grad is not None and bool(value.grad.any()) for value in steep.parameters())


def test_what_is_drawn_is_whole_and_lets_gradients_through(windows: Windows) -> None:
    logits = torch.zeros(1000, requires_grad=True)
    drawn = bernoulli(logits)
    assert set(drawn.detach().round(decimals=5).tolist()) == {0.0, 1.0}
    drawn.sum().backward()  # type: ignore[no-untyped-call]
    assert logits.grad is not None
    assert float(logits.grad.min()) > 0
    batch = windows.draw(2, np.random.default_rng(0))
    said = torch.zeros(2, 64, LAYOUT.out_width)
    kept = sampled_events(LAYOUT, said, batch.window, batch.window.cells, torch.zeros(2, 64, 3))
    assert torch.equal(kept, real_events(LAYOUT, batch.window.cells)), "what is known stays the truth"


def test_a_resumed_training_equals_one_that_never_stopped(data: Path, tmp_path: Path) -> None:
    common = (
        "--dataset",
        "pop",
        "--data",
        data,
        "--preview-every",
        0,
        "--adversarial-from",
        0.5,
        "--rollout-from",
        0.2,
    )
    assert run(*common, "--epochs", 2, "--out", tmp_path / "whole") == 0
    _first_epochs(1, *common, "--epochs", 2, "--out", tmp_path / "parts")
    assert run(*common, "--epochs", 2, "--out", tmp_path / "parts", "--resume") == 0
    one, other = (load_checkpoint(tmp_path / name / train.LAST) for name in ("whole", "parts"))
    assert one.curves == other.curves
    assert all(torch.equal(value, other.weights[name]) for name, value in one.weights.items())


def _first_epochs(count: int, *options: object) -> None:
    """Ctrl-C in epoch `count` + 1."""

    class Stopped(train.Training):
        def _close_epoch(self, sums: Any) -> None:
            super()._close_epoch(sums)
            if self.point.epoch == count:
                os.kill(os.getpid(), signal.SIGINT)

    parser = argparse.ArgumentParser()
    train.add_arguments(parser)
    args = parser.parse_args([*SMALL, *(str(option) for option in options)])
    begun = train._started(DATASETS["pop"], "musegan", from_options(args, preset(None, "pop")), args)
    assert Stopped(begun.trainer, begun.point, begun.valid, begun.out, 0).run() == 130


def test_curves_previews_and_checkpoints_are_written(data: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    assert run("--dataset", "bach", "--data", data, "--epochs", 2, "--out", out) == 0
    names = {path.name for path in out.iterdir()}
    assert names >= {"best.pt", "last.pt", "curves.csv", "curves.png", "epoch001.mid", "epoch001.png", "epoch002.mid"}
    assert not [name for name in names if name.endswith(".part")]
    rows = list(csv.DictReader((out / "curves.csv").read_text(encoding="utf-8").splitlines()))
    assert [row["epoch"] for row in rows] == ["1.0", "2.0"]
    assert {"validation phrase", "validation jam", "reconstruction bass"} <= set(rows[0])
    assert load_checkpoint(out / "best.pt").data[0]["source"] == "made up"


def test_another_pairing_is_trained_with_a_note(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--dataset", "bach", "--model", "musegan", "--data", data, "--epochs", 1, "--out", tmp_path) == 0
    assert "note: bach is usually trained with unet" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--update-ratio", "0"), "--update-ratio: found 0, expected 1 to 10"),
        (("--learning-rate", "5"), "--learning-rate: found 5.0, expected 1e-06 to 0.1"),
        (("--epochs", "0"), "--epochs: found 0"),
        (("--dropout", "1"), "--dropout: found 1.0"),
        (("--threads", "999"), "--threads: found 999, expected 1 to 256"),
        (("--dataset", "polka"), "--dataset: found 'polka', expected one of bach, rock"),
        (("--resume",), "no such checkpoint"),
        (("--data", "/nowhere"), "--data: /nowhere is not a folder"),
    ],
)
def test_a_mistake_is_one_line(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], options: tuple[str, ...], words: str
) -> None:
    given = ["--dataset", "pop", "--data", str(data), "--out", str(tmp_path), *options]
    assert main(["train", *SMALL, *given]) == ConfigError.status
    error = capsys.readouterr().err
    assert words in error
    assert error.count("\n") == 1


def test_every_hyperparameter_has_its_range_and_default_in_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["train", "--help"])
    text = " ".join(capsys.readouterr().out.split())
    for name, default in (("--update-ratio", "1 to 10, default: 1"), ("--learning-rate", "default: 0.0015")):
        assert name in text
        assert default in text
    assert set(PRESETS) == {"composerd", "wgan-gp"}


def test_looking_at_the_averaged_weights_changes_nothing_of_the_training(windows: Windows) -> None:
    def second_step(look: bool) -> dict[str, float]:
        trainer = a_trainer(windows)
        trainer.generator_step()
        if look:
            with trainer.averaged():
                weights = trainer.net.state_dict()
                assert all(torch.equal(weights[name], value) for name, value in weights_of(trainer.average).items())
                validate(trainer, windows, 1)
                heard(trainer.layout, trainer.answer, windows, 2)
        return trainer.generator_step()

    assert second_step(look=True) == second_step(look=False)


def test_a_band_that_doubles_the_melody_is_heard_as_all_consonance(windows: Windows) -> None:
    """Logits that let every part strike the melody's pitch class on each step on which it is heard, and hold it."""

    def doubling(window: Window) -> Floats:
        logits = np.zeros((*window.shape, LAYOUT.out_width), np.float32)
        columns = LAYOUT.output_columns
        strike = np.where(window.melody_known, 9.0, -9.0)[..., None]
        logits[..., columns["bass.rest"]] = -9.0
        logits[..., columns["keys.gate"]] = strike
        for part in ("bass", "keys"):
            logits[..., columns[f"{part}.hold"]] = -3 * strike
        for part in ("bass", "keys"):
            logits[..., columns[f"{part}.onset"]] = -9.0
            logits[..., columns[f"{part}.onset~melody"].start] = 18.0
        return logits

    music = heard(LAYOUT, doubling, windows, 2)
    assert (music["music consonance"], music["music clash"]) == (1.0, 0.0)
    assert music["music density"] == pytest.approx(2 / 1.25), "the corpus: a bass note a beat, a chord a bar"


def test_a_loss_that_is_no_number_stops_the_training_and_keeps_the_best(
    data: Path, tmp_path: Path, windows: Windows
) -> None:
    trainer = a_trainer(windows, rollout=0.0)
    with torch.no_grad():
        next(iter(trainer.net.parameters())).fill_(float("nan"))
    with pytest.raises(Diverged, match="the loss is nan after 0 updates"):
        trainer.generator_step()
    trainer.average.module.load_state_dict(trainer.net.state_dict())
    with pytest.raises(Diverged), trainer.averaged():
        validate(trainer, windows, 1)
    assert run("--dataset", "pop", "--data", data, "--epochs", 1, "--out", tmp_path, "--preview-every", 0) == 0
    stored = load_checkpoint(tmp_path / train.LAST)
    first = next(iter(stored.training["net"]))
    stored.training["net"][first].fill_(float("nan"))
    save_checkpoint(stored, tmp_path / train.LAST)
    best = (tmp_path / train.BEST).read_bytes()
    code = run("--dataset", "pop", "--data", data, "--epochs", 2, "--out", tmp_path, "--preview-every", 0, "--resume")
    assert code == ComposerdError.status
    assert (tmp_path / train.BEST).read_bytes() == best


def test_a_checkpoint_that_cannot_be_written_leaves_the_old_one(data: Path, tmp_path: Path) -> None:
    assert run("--dataset", "pop", "--data", data, "--epochs", 1, "--out", tmp_path, "--preview-every", 0) == 0
    before = (tmp_path / train.LAST).read_bytes()
    draft_of(tmp_path / train.LAST).mkdir()  # where files.atomic writes first
    code = run("--dataset", "pop", "--data", data, "--epochs", 2, "--out", tmp_path, "--preview-every", 0, "--resume")
    assert code == ComposerdError.status
    assert (tmp_path / train.LAST).read_bytes() == before


def test_what_is_no_checkpoint_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.pt"
    for content in (b"", b"nonsense"):
        path.write_bytes(content)
        with pytest.raises(ConfigError, match=r"x\.pt: not a checkpoint"):
            load_checkpoint(path)
