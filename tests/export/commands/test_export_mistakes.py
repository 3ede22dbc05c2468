"""Mistakes at the command line of the export side: one line that says what was found and what was expected."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import NoReturn

import pytest

pytest.importorskip("torch")

from composerd.errors import ComposerdError, ConfigError
from composerd_export.cli import main
from composerd_export.commands.bounds import MOST_SEED, within
from composerd_export.commands.small_training import train as train_small
from composerd_export.data.bars import read_bars
from composerd_export.datasets import dataset_named
from composerd_export.nets.groove import GrooveSize
from composerd_export.training.checkpoint import load_checkpoint, save_checkpoint
from composerd_export.training.groove_checkpoint import GrooveCheckpoint
from composerd_export.training.groove_trainer import GrooveHyper, GrooveTrainer
from composerd_export.training.progress import stopped
from make_models import tiny_checkpoint, tiny_corpora, tiny_groove

PLAYERS = ("train", "--epochs", "1", "--batch", "4", "--epoch-windows", "32", "--preview-every", "0", "--middle", "1")
NARROW = ("--width", "16")
GROOVE = ("train-groove", "--epochs", "1", "--epoch-updates", "1", "--rows", "64")
VOICING = ("train-voicing", "--epochs", "1", "--epoch-updates", "1", "--rows", "48", "--bars", "8")
HARMONIST = ("fit-harmonist", "--steps", "1")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Corpora in `data`, finished trainings of pop in `players`, `groove` and `voicing`, a text in `file`."""
    found = tmp_path_factory.mktemp("trained")
    data = tiny_corpora(found / "data")
    shutil.copytree(data / "pop", data / "mine")
    (found / "file").write_text("no folder")
    for words, name in (
        ((*PLAYERS, *NARROW, "--dataset", "pop"), "players"),
        ((*GROOVE, "--datasets", "pop"), "groove"),
        ((*VOICING, "--datasets", "pop"), "voicing"),
    ):
        assert main([*words, "--data", str(data), "--out", str(found / name)]) == 0
    save_checkpoint(tiny_checkpoint(), found / "p.pt")
    tiny_groove().save(found / "g.pt")
    return found


def told(folder: Path, words: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    """The status and the line of a command in which `@` stands for the folder."""
    capsys.readouterr()
    status = main([word.replace("@", str(folder)) for word in words])
    error = capsys.readouterr().err
    assert error.startswith("composerd-export: ")
    assert error.count("\n") == 1
    return status, error


AT_DATA = ("--data", "@/data")


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ((*PLAYERS, *NARROW, "--dataset", "bach", "--out", "@/players"), "of pop, musegan, expected one of bach, unet"),
        ((*PLAYERS, *NARROW, "--dataset", "mine", "--out", "@/players"), "expected one of mine, musegan"),
        ((*PLAYERS, *NARROW, "--dataset", "pop", "--model", "unet", "--out", "@/players"), "expected one of pop, unet"),
        ((*PLAYERS, "--width", "32", "--dataset", "pop", "--out", "@/players"), "nets of another size or loss"),
        ((*PLAYERS, *NARROW, "--dataset", "pop", "--loss", "wasserstein", "--out", "@/players"), "other size or loss"),
        ((*GROOVE, "--datasets", "bach", "--out", "@/groove"), "a training of pop, expected one of bach"),
        ((*GROOVE, "--datasets", "pop", "mine", "--out", "@/groove"), "a training of pop, expected one of pop mine"),
        ((*GROOVE, "--datasets", "mine", "--out", "@/groove"), "a training of pop, expected one of mine"),
        ((*VOICING, "--datasets", "bach", "--out", "@/voicing"), "a training of pop, expected one of bach"),
        ((*VOICING, "--datasets", "pop", "--out", "@/groove"), "not a checkpoint of a voicing net"),
    ],
)  # fmt: skip
def test_a_training_goes_on_only_with_what_it_began_with(
    folder: Path, words: tuple[str, ...], expected: str, capsys: pytest.CaptureFixture[str]
) -> None:
    name = words[-1].replace("@", str(folder)) + "/last.pt"
    before = Path(name).read_bytes()
    status, error = told(folder, (*words, *AT_DATA, "--resume"), capsys)
    assert status == ConfigError.status
    assert expected in error
    assert name in error
    assert Path(name).read_bytes() == before


def test_a_corpus_of_ones_own_goes_on_with_the_parts_it_began_with(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = [*GROOVE, "--datasets", "mine", "--data", str(folder / "data"), "--out", str(tmp_path)]
    assert main([*words, "--parts", "pop"]) == 0
    _, error = told(folder, (*words, "--parts", "rock", "--resume"), capsys)
    assert "training of other parts: give the same --parts" in error
    assert main([*words, "--parts", "pop", "--epochs", "2", "--resume"]) == 0
    assert GrooveCheckpoint.load(tmp_path / "last.pt").epoch == 2


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ((*GROOVE, "--datasets", "pop", "--threads", "0"), "--threads: found 0, expected 1 to 256"),
        ((*VOICING, "--datasets", "pop", "--threads", "-4"), "--threads: found -4, expected 1 to 256"),
        ((*HARMONIST, "--threads", "0"), "--threads: found 0, expected 1 to 256"),
        ((*PLAYERS, "--dataset", "pop", "--threads", "0"), "--threads: found 0, expected 1 to 256"),
        ((*GROOVE, "--datasets", "pop", "--seed", "-1"), "--seed: found -1, expected 0 to 2147483647"),
        ((*HARMONIST, "--seed", "-1"), "--seed: found -1, expected 0 to 2147483647"),
        (("evaluate", "plain", "--dataset", "pop", "--seed", "-1"), "--seed: found -1, expected 0 to 2147483647"),
        ((*GROOVE, "--datasets", "pop", "--learning-rate", "nan"), "--learning-rate: found nan, expected a"),
        ((*VOICING, "--datasets", "pop", "--weight-decay", "inf"), "--weight-decay: found inf, expected a"),
        (("fit-harmonist", "--steps", "0"), "--steps: found 0, expected 1 to 1000000"),
        (("fit-harmonist", "--steps", "-5"), "--steps: found -5, expected 1 to 1000000"),
    ],
)  # fmt: skip
def test_a_number_out_of_its_bounds_is_refused(
    folder: Path, words: tuple[str, ...], expected: str, capsys: pytest.CaptureFixture[str]
) -> None:
    rest = {"fit-harmonist": ("--dataset", "@/data/pop/train.npz", "-o", "@/h.npz"), "evaluate": AT_DATA}
    status, error = told(folder, (*words, *rest.get(words[0], (*AT_DATA, "--out", "@/new"))), capsys)
    assert status == ConfigError.status
    assert expected in error
    assert not (folder / "new").exists()
    assert not (folder / "h.npz").exists()


@pytest.mark.parametrize(
    "words",
    [
        (*PLAYERS, *NARROW, "--dataset", "pop", *AT_DATA, "--out", "@/file"),
        (*PLAYERS, *NARROW, "--dataset", "pop", *AT_DATA, "--out", "@/file/below"),
        (*GROOVE, "--datasets", "pop", *AT_DATA, "--out", "@/file"),
        (*VOICING, "--datasets", "pop", *AT_DATA, "--out", "@/file"),
        (*HARMONIST, "--dataset", "@/data/pop/train.npz", "-o", "@/file/h.npz"),
        ("export", "@/p.pt", "--groove", "@/g.pt", "-o", "@/file/m.onnx", "--no-verify"),
        ("data", "show", "@/data/pop/train.npz", "--rolls", "@/file"),
    ],
)
def test_a_place_that_cannot_be_written_is_named(
    folder: Path, words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    status, error = told(folder, words, capsys)
    assert status == ComposerdError.status
    assert str(folder / "file") in error
    assert (folder / "file").read_text() == "no folder"


@pytest.mark.parametrize("value", [1, 2, MOST_SEED])
def test_bounds_belong_to_what_is_allowed(value: int) -> None:
    within("--x", value, 1, MOST_SEED)
    with pytest.raises(ConfigError, match=f"--x: found {value}, expected {value + 1} to {value + 2}"):
        within("--x", value, value + 1, value + 2)


def test_ctrl_c_says_where_the_last_epoch_is_and_nothing_of_a_file_that_is_not_there() -> None:
    assert "last.pt holds epoch 3: go on with --resume" in stopped(Path("run/last.pt"), 3)
    assert "last.pt" not in stopped(Path("run/last.pt"), 0)


def test_ctrl_c_in_the_first_epoch_of_a_small_net_leaves_no_checkpoint(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bars = read_bars([dataset_named("pop", folder)], folder / "data", "train")
    hyper = GrooveHyper(epochs=2, epoch_updates=1, plan_bars=8, rows=32, size=GrooveSize((4, 4, 4, 4), 0.0))
    trainer = GrooveTrainer(bars, hyper)
    point = GrooveCheckpoint(bars.layout.tracks, ("pop",), hyper, {})

    def pressed() -> NoReturn:
        raise KeyboardInterrupt

    assert train_small(trainer, point, tmp_path, len(bars), pressed) == 130
    assert "stopped in the first epoch" in capsys.readouterr().out
    assert list(tmp_path.iterdir()) == []


def test_a_finished_training_has_nothing_left_to_do(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = load_checkpoint(folder / "players" / "last.pt").weights
    words = [*PLAYERS, *NARROW, "--dataset", "pop", "--data", str(folder / "data"), "--out", str(folder / "players")]
    assert main([*words, "--resume"]) == 0
    assert "done" in capsys.readouterr().out
    after = load_checkpoint(folder / "players" / "last.pt").weights
    assert all(bool((before[name] == after[name]).all()) for name in before)
