"""Checkpoints of the small nets: kept whole, best parts chosen, foreign files refused."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("torch")

import torch

from composerd.errors import ConfigError
from composerd_export.training.checkpoint_file import read_values, write_values
from composerd_export.training.groove_checkpoint import GrooveCheckpoint
from composerd_export.training.groove_trainer import GrooveHyper
from composerd_export.training.voicing_checkpoint import VoicingCheckpoint
from composerd_export.training.voicing_trainer import VoicingHyper
from layouts import BAND


def point(**more: object) -> GrooveCheckpoint:
    weights = {"nets.drum_bars.w": torch.tensor([1.0]), "nets.band_steps.w": torch.tensor([2.0])}
    return GrooveCheckpoint(BAND, ("pop",), GrooveHyper(), weights, **more)  # type: ignore[arg-type]


def test_what_was_saved_is_read_again(tmp_path: Path) -> None:
    saved = point(epoch=3, curves=[{"epoch": 1.0}], best={"validation plan": 0.5}, extra={"absent": [[0.5]]})
    saved.save(tmp_path / "last.pt")
    read = GrooveCheckpoint.load(tmp_path / "last.pt")
    assert (read.tracks, read.genres, read.hyper, read.epoch) == (BAND, ("pop",), GrooveHyper(), 3)
    assert (read.curves, read.best, read.extra) == (saved.curves, saved.best, saved.extra)
    assert {name: float(value) for name, value in read.weights.items()} == {
        "nets.drum_bars.w": 1.0, "nets.band_steps.w": 2.0
    }  # fmt: skip


def test_a_better_term_keeps_the_weights_that_it_teaches_and_no_others() -> None:
    found = point()
    taught = GrooveCheckpoint.TERMS["band"]
    assert found.keep({"validation band": 1.0}) == ["validation band"]
    first = {name: float(value) for name, value in found.chosen.items()}
    assert first == {name: float(value) for name, value in found.weights.items() if name.split(".")[1] in taught}
    found.weights = {name: value + 10 for name, value in found.weights.items()}
    assert found.keep({"validation band": 1.5}) == []
    assert {name: float(value) for name, value in found.chosen.items()} == first, "the best stays"
    assert found.keep({"validation band": 0.5}) == ["validation band"]
    assert {name: float(value) for name, value in found.chosen.items()} == {
        name: value + 10 for name, value in first.items()
    }


def test_the_chosen_weights_are_copies() -> None:
    found = point()
    found.keep({"validation plan": 1.0, "validation band": 1.0, "validation drums": 1.0})
    before = {name: float(value) for name, value in found.chosen.items()}
    for value in found.weights.values():
        value.zero_()
    assert {name: float(value) for name, value in found.chosen.items()} == before


def test_every_term_teaches_parts_of_the_net() -> None:
    for kind in (GrooveCheckpoint, VoicingCheckpoint):
        assert all(kind.TERMS.values())


def test_a_checkpoint_of_the_other_net_is_refused(tmp_path: Path) -> None:
    point().save(tmp_path / "last.pt")
    with pytest.raises(ConfigError, match=f"not a checkpoint of a {VoicingCheckpoint.KIND} net"):
        VoicingCheckpoint.load(tmp_path / "last.pt")


@pytest.mark.parametrize("values", [{}, {"format": 1}, {"format": 2, "kind": "players"}, [1, 2], "text"])
def test_another_file_of_torch_is_refused(tmp_path: Path, values: object) -> None:
    write_values(tmp_path / "odd.pt", values)  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match="not a checkpoint of a groove net"):
        GrooveCheckpoint.load(tmp_path / "odd.pt")


@pytest.mark.parametrize("data", [b"", b"no zip", b"PK\x03\x04 broken"])
def test_a_broken_file_is_one_line(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "broken.pt").write_bytes(data)
    with pytest.raises(ConfigError) as told:
        GrooveCheckpoint.load(tmp_path / "broken.pt")
    assert "\n" not in str(told.value)


def test_hyperparameters_that_were_stored_come_back_with_the_size_of_the_net(tmp_path: Path) -> None:
    stored = VoicingCheckpoint(BAND, ("pop",), VoicingHyper(epochs=3, rows=7), {})
    stored.save(tmp_path / "v.pt")
    assert VoicingCheckpoint.load(tmp_path / "v.pt").hyper == VoicingHyper(epochs=3, rows=7)


@pytest.mark.parametrize(("kind", "hyper"), [(VoicingCheckpoint, VoicingHyper()), (GrooveCheckpoint, GrooveHyper())])
def test_a_checkpoint_of_an_earlier_format_is_refused(
    tmp_path: Path, kind: type[VoicingCheckpoint | GrooveCheckpoint], hyper: VoicingHyper | GrooveHyper
) -> None:
    """Its net has other inputs."""
    kind(BAND, ("pop",), hyper, {}).save(tmp_path / "v.pt")
    assert kind.load(tmp_path / "v.pt").hyper == hyper
    write_values(tmp_path / "v.pt", {**read_values(tmp_path / "v.pt"), "format": 3})
    with pytest.raises(ConfigError, match=f"not a checkpoint of a {kind.KIND} net of this version"):
        kind.load(tmp_path / "v.pt")
