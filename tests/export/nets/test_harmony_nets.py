"""The harmonist's net in torch: what each tower may depend on, and what the losses ask for."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor

from composerd.music.harmony.encoding import FUTURE_WIDTH, PAST_WIDTH, STYLES
from composerd.music.harmony.net import BASSES, CHORDS, QUALITY_COUNT
from composerd_export.data.harmony.examples import (
    ROOT_ONLY,
    STRETCH,
    UNKNOWN,
    drawn_examples,
    example,
    piece_of,
    weights,
)
from composerd_export.data.harmony.written import written_songs
from composerd_export.nets.harmonist import TorchHarmonyNet
from composerd_export.onnx.harmonist import followers, from_arrays, to_arrays
from composerd_export.training.harmonist_trainer import (
    HIDDEN_SHARE,
    HORIZONS,
    NEAR_SHARE,
    chord_loss,
    collate,
    losses,
)

SLOTS, WIDTH, AT = 24, 16, 10


@pytest.fixture(scope="module")
def net() -> TorchHarmonyNet:
    torch.manual_seed(0)
    return TorchHarmonyNet(WIDTH).eval()


def rows(width: int, seed: int) -> Tensor:
    return torch.randn(1, SLOTS, width, generator=torch.Generator().manual_seed(seed))


def changed(before: Tensor, after: Tensor) -> list[int]:
    """Slots whose state differs."""
    return torch.nonzero((before - after).abs().amax((0, 2)) > 1e-6).flatten().tolist()


def test_the_pasts_tower_depends_on_this_slot_and_those_before_alone(net: TorchHarmonyNet) -> None:
    one, other = rows(PAST_WIDTH, 1), rows(PAST_WIDTH, 1)
    other[:, AT] += 1
    found = changed(net.past_states(one), net.past_states(other))
    assert min(found) == AT
    assert found == list(range(AT, SLOTS)), "and reaches all that follow"


def test_the_futures_tower_depends_on_this_slot_and_those_after_alone(net: TorchHarmonyNet) -> None:
    one, other = rows(FUTURE_WIDTH, 1), rows(FUTURE_WIDTH, 1)
    other[:, AT] += 1
    assert changed(net.future_states(one), net.future_states(other)) == list(range(AT + 1))


def test_in_jam_no_chord_depends_on_what_comes(net: TorchHarmonyNet) -> None:
    one, other = rows(PAST_WIDTH, 2), rows(PAST_WIDTH, 2)
    other[:, AT:] += 1
    here, there = (net.chords(net.fused(net.past_states(each))) for each in (one, other))
    assert changed(here, there)[0] == AT


def test_of_a_tune_that_is_known_whole_slots_look_at_each_other(net: TorchHarmonyNet) -> None:
    past, future = net.past_states(rows(PAST_WIDTH, 3)), net.future_states(rows(FUTURE_WIDTH, 3))
    moved = past.clone()
    moved[:, AT] += 1
    apart = changed(net.fused(past, future), net.fused(moved, future))
    together = changed(net.fused(past, future, whole=True), net.fused(moved, future, whole=True))
    assert apart == [AT]
    assert together == list(range(AT - 3, AT + 4)), "two blocks, which reach one and two slots to both sides"


def test_ratings_and_colours_have_their_shapes(net: TorchHarmonyNet) -> None:
    state = net.fused(net.past_states(rows(PAST_WIDTH, 4)))
    style = torch.zeros(1, SLOTS, len(STYLES))
    assert net.chords(state).shape == (1, SLOTS, CHORDS)
    assert net.colour(state, torch.zeros(1, SLOTS, dtype=torch.long), style).shape == (1, SLOTS, QUALITY_COUNT + BASSES)


def logits_for(chord: int) -> Tensor:
    found = torch.zeros(1, 1, CHORDS)
    found[0, 0, chord] = 20.0
    return found


def test_a_known_chord_costs_what_its_probability_says() -> None:
    assert float(chord_loss(logits_for(21), torch.tensor([[21]]))) == pytest.approx(0.0, abs=1e-4)
    assert float(chord_loss(torch.zeros(1, 1, CHORDS), torch.tensor([[21]]))) == pytest.approx(np.log(CHORDS))


def test_where_only_the_root_is_known_any_kind_of_it_is_right() -> None:
    for kind in range(3):
        assert float(chord_loss(logits_for(3 * 7 + kind), torch.tensor([[ROOT_ONLY + 7]]))) < 1e-4
    assert float(chord_loss(logits_for(3 * 6), torch.tensor([[ROOT_ONLY + 7]]))) > 10
    assert float(chord_loss(torch.zeros(1, 1, CHORDS), torch.tensor([[ROOT_ONLY]]))) == pytest.approx(np.log(12))


def test_slots_without_a_chord_count_for_nothing() -> None:
    wrong = torch.cat([logits_for(3), logits_for(0)], 1)
    assert float(chord_loss(wrong, torch.tensor([[3, UNKNOWN]]))) == pytest.approx(0.0, abs=1e-4)
    assert float(chord_loss(wrong, torch.full((1, 2), UNKNOWN))) == 0.0


@pytest.mark.parametrize("chance", [0.0, HIDDEN_SHARE, HIDDEN_SHARE + NEAR_SHARE, 0.99])
@pytest.mark.parametrize("horizon", HORIZONS)
def test_every_way_to_train_has_a_loss_with_a_gradient(chance: float, horizon: int) -> None:
    torch.manual_seed(1)
    net = TorchHarmonyNet(WIDTH)
    batch = collate(next(drawn_examples([piece_of(song) for song in written_songs(3)], 2, seed=1)))
    loss = losses(net, batch, chance, horizon)
    loss.backward()  # type: ignore[no-untyped-call]
    assert torch.isfinite(loss)
    assert net.past_in.weight.grad is not None
    assert float(net.past_in.weight.grad.abs().sum()) > 0


def test_examples_of_short_and_long_songs_are_equally_long() -> None:
    dice = np.random.default_rng(2)
    batch = collate([example(piece_of(song), dice) for song in written_songs(4)])
    assert batch.past.shape == (4, STRETCH, PAST_WIDTH)
    assert batch.future.shape == (4, STRETCH, FUTURE_WIDTH)
    assert batch.target.shape == (4, STRETCH)


def test_songs_are_drawn_by_their_length_and_their_styles_share() -> None:
    pieces = [piece_of(song) for song in written_songs(6)]
    shares = weights(pieces)
    assert shares.sum() == pytest.approx(1.0)
    lengths = np.array([min(len(piece.target), 400) for piece in pieces])
    assert np.allclose(shares, lengths / lengths.sum()), "of one style: by length"


def test_transitions_are_probabilities_and_what_is_never_seen_is_possible() -> None:
    found = np.exp(followers([piece_of(song) for song in written_songs(4)]))
    assert found.shape == (3, 3, 3, 12)
    assert np.allclose(found.sum((2, 3)), 1.0)
    assert (found > 0).all()


def test_a_net_comes_back_from_its_arrays() -> None:
    torch.manual_seed(2)
    net = TorchHarmonyNet(WIDTH).eval()
    again = from_arrays(to_arrays(net, np.zeros((3, 3, 3, 12)))).eval()
    given = rows(PAST_WIDTH, 6)
    assert torch.allclose(net.past_states(given), again.past_states(given), atol=1e-2), "kept in 16 bits"
    with pytest.raises(KeyError):
        from_arrays({"follow": np.zeros(1)})
