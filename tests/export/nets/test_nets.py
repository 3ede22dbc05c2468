"""Shapes, sizes and what a net may see."""

from __future__ import annotations

import pytest
import torch

from composerd.contract.layout import Layout
from composerd_export.datasets import DATASETS, dataset_named
from composerd_export.nets.discriminator import Discriminator, context_width, event_width
from composerd_export.nets.players import FAMILIES, build, draw_noise
from composerd_export.nets.trunk import TrunkSize
from composerd_export.onnx.writer import LIVE_STEPS, multiply_accumulates
from layouts import BAND, CHORALE

SMALL = TrunkSize((16, 24, 32), 1, 0.1)


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("tracks", [BAND, CHORALE])
@pytest.mark.parametrize("steps", [4, 44, 64])
def test_frames_become_logits_of_the_layout_at_any_length(family: str, tracks: tuple, steps: int) -> None:  # type: ignore[type-arg]
    layout = Layout(tracks)
    net = build(family, layout, SMALL).eval()
    logits = net(torch.zeros(2, steps, layout.width), draw_noise(layout, 2, steps))
    assert logits.shape == (2, steps, layout.out_width)


def test_a_musegan_hears_its_noise_and_each_part_its_own() -> None:
    torch.manual_seed(0)
    layout = Layout(BAND)
    net = build("musegan", layout, SMALL).eval()
    frames, noise = torch.zeros(1, 16, layout.width), torch.zeros(1, 16, layout.noise_width)
    own = noise.clone()
    own[..., -1] = 3.0
    changed = (net(frames, own) - net(frames, noise)).abs().amax((0, 1)) > 1e-6
    for track in BAND:
        assert bool(changed[layout.out_columns_of(track)].any()) == (track is BAND[-1])


def test_a_unet_has_no_noise() -> None:
    layout = Layout(CHORALE)
    net = build("unet", layout, SMALL).eval()
    frames = torch.rand(1, 16, layout.width)
    assert torch.equal(net(frames, draw_noise(layout, 1, 16)), net(frames, draw_noise(layout, 1, 16)))


def test_noise_changes_with_the_bar_and_not_within() -> None:
    noise = draw_noise(Layout(BAND), 1, 32)
    assert torch.equal(noise[:, 0], noise[:, 15])
    assert not torch.equal(noise[:, 15], noise[:, 16])


def test_the_discriminator_scores_patches_of_a_beat() -> None:
    layout = Layout(BAND)
    events = torch.rand(3, 64, sum(event_width(track) for track in BAND))
    scores, features = Discriminator(layout)(events, torch.rand(3, 64, context_width(layout)))
    assert scores.shape == (3, 16)
    assert len(features) == 4


@pytest.mark.parametrize("name", DATASETS)
def test_every_shipped_net_is_small_enough_for_a_small_computer(name: str) -> None:
    dataset = DATASETS[name]
    net = build(dataset.family, Layout(dataset.tracks), TrunkSize())
    assert multiply_accumulates(net, LIVE_STEPS) < 150e6
    assert 2 * sum(value.numel() for value in net.parameters()) < 8e6, "16 bits a weight"


def test_sources_come_before_the_parts_that_hear_them() -> None:
    for dataset in DATASETS.values():
        heard: set[str] = set()
        for track in dataset.tracks:
            assert set(track.sources) <= heard
            heard.add(track.name)


def test_an_unknown_dataset_is_named_with_what_is_there(tmp_path: object) -> None:
    from pathlib import Path

    from composerd.errors import ConfigError

    with pytest.raises(ConfigError, match=r"--dataset: found 'polka', expected one of bach, rock"):
        dataset_named("polka", Path(str(tmp_path)))
