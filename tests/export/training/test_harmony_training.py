"""Training of the harmonist: losses by hand, what each way of training may look at, averages, and equal seeds."""

from __future__ import annotations

from dataclasses import replace
from math import log

import pytest
import torch
from torch import Tensor

from composerd.music.harmony.encoding import ENDING, FUTURE_WIDTH, PAST_WIDTH, STYLES
from composerd.music.harmony.net import BASSES, CHORDS, QUALITY_COUNT
from composerd_export.data.harmony.examples import ROOT_ONLY, STRETCH, UNKNOWN, PreparedSong, drawn_examples, piece_of
from composerd_export.data.harmony.written import written_songs
from composerd_export.nets.harmonist import TorchBlock, TorchHarmonyNet
from composerd_export.training.harmonist_trainer import (
    BATCH,
    COLOUR_SHARE,
    HIDDEN_SHARE,
    NEAR_SHARE,
    Batch,
    chord_loss,
    collate,
    losses,
    train,
)

HIDDEN, NEAR, WHOLE = 0.0, HIDDEN_SHARE, HIDDEN_SHARE + NEAR_SHARE
WIDTH = 8


@pytest.fixture(scope="module")
def pieces() -> list[PreparedSong]:
    return [piece_of(song) for song in written_songs(4)]


def quiet() -> TorchHarmonyNet:
    """A net that rates all chords and colours alike."""
    torch.manual_seed(0)
    net = TorchHarmonyNet(WIDTH, 0.0)
    with torch.no_grad():
        for layer in (net.out, net.colour_out):
            layer.weight.zero_()
            layer.bias.zero_()
    return net


def batch(*target: int, quality: int = 0, bass: int = 0) -> Batch:
    """One example whose first slots have these targets."""
    rows = torch.full((1, STRETCH), UNKNOWN)
    rows[0, : len(target)] = torch.tensor(target)
    generator = torch.Generator().manual_seed(1)
    past, shown = (torch.rand(1, STRETCH, PAST_WIDTH, generator=generator) for _ in range(2))
    colour = [torch.where(rows == UNKNOWN, UNKNOWN, value) for value in (quality, bass)]
    future = torch.rand(1, STRETCH, FUTURE_WIDTH, generator=generator)
    return Batch(past, shown, future, rows, colour[0], colour[1], torch.zeros(1, STRETCH, len(STYLES)))


# -- losses


def test_known_and_rooted_slots_count_alike_and_unknown_ones_not_at_all() -> None:
    logits = torch.zeros(1, 3, CHORDS)
    target = torch.tensor([[5, ROOT_ONLY + 4, UNKNOWN]])
    assert float(chord_loss(logits, target)) == pytest.approx((log(CHORDS) + log(12)) / 2)
    assert float(chord_loss(logits[:, :1], target[:, :1])) == pytest.approx(log(CHORDS))


def test_a_chord_that_is_rated_higher_costs_its_log_odds() -> None:
    logits = torch.zeros(1, 1, CHORDS)
    logits[0, 0, 7] = log(3.0)
    assert float(chord_loss(logits, torch.tensor([[7]]))) == pytest.approx(log((CHORDS + 2) / 3), abs=1e-5)
    assert float(chord_loss(logits, torch.tensor([[8]]))) == pytest.approx(log(CHORDS + 2), abs=1e-5)
    assert float(chord_loss(logits, torch.tensor([[ROOT_ONLY + 2]]))) == pytest.approx(log((CHORDS + 2) / 5), abs=1e-5)


@pytest.mark.parametrize(("chance", "readings"), [(HIDDEN, 1), (NEAR, 2), (WHOLE, 2)])
def test_without_an_opinion_each_reading_costs_the_log_of_its_choices(chance: float, readings: int) -> None:
    colours = log(QUALITY_COUNT) + log(BASSES)
    wanted = readings * (log(CHORDS) + COLOUR_SHARE * colours)
    assert float(losses(quiet(), batch(3, 4), chance, 8).detach()) == pytest.approx(wanted, rel=1e-4)


def test_colours_of_unknown_slots_are_not_learned() -> None:
    net, known = quiet(), batch(3, 4, quality=2, bass=5)
    odd = replace(known, quality=torch.where(known.target == UNKNOWN, 1, known.quality),
                  bass=torch.where(known.target == UNKNOWN, 7, known.bass))  # fmt: skip
    with torch.no_grad():
        net.colour_out.bias[2] = 3.0
    for chance in (HIDDEN, WHOLE):
        assert float(losses(net, known, chance, 8).detach()) == pytest.approx(
            float(losses(net, odd, chance, 8).detach())
        )


# -- what each way looks at


def moved(which: str, first: int) -> Batch:
    """The batch with another past or future from slot `first` on."""
    plain = batch(*range(STRETCH % 30))
    rows: Tensor = getattr(plain, which).clone()
    rows[:, first:] = 1 - rows[:, first:]
    return replace(plain, **{which: rows})


@pytest.mark.parametrize(
    ("chance", "past", "shown", "future"),
    [(HIDDEN, True, False, False), (NEAR, False, True, True), (WHOLE, False, True, True)],
)
def test_hidden_slots_are_seen_in_one_way_and_what_comes_in_the_others(
    chance: float, past: bool, shown: bool, future: bool
) -> None:
    torch.manual_seed(3)
    net = TorchHarmonyNet(WIDTH, 0.0).eval()
    plain = float(losses(net, moved("past", STRETCH), chance, 8).detach())
    for which, seen in (("past", past), ("past_shown", shown), ("future", future)):
        assert (float(losses(net, moved(which, 0), chance, 8).detach()) != plain) == seen


def test_with_a_horizon_nothing_beyond_it_is_seen() -> None:
    """The target lies in the first eight slots; the future from the eighth on changes nothing unless all is known."""
    torch.manual_seed(3)
    net = TorchHarmonyNet(WIDTH, 0.0).eval()
    here, there = (replace(moved("future", first), target=batch(1, 2, 3).target) for first in (STRETCH, 8))
    near = [float(losses(net, one, NEAR, 8).detach()) for one in (here, there)]
    assert near[0] == pytest.approx(near[1], rel=1e-6)
    assert float(losses(net, here, NEAR, 16).detach()) != float(losses(net, there, NEAR, 16).detach())
    assert float(losses(net, here, WHOLE, 8).detach()) != float(losses(net, there, WHOLE, 8).detach())
    ended = here.future.clone()
    ended[..., -ENDING:] = 1 - ended[..., -ENDING:]
    told = [float(losses(net, replace(here, future=rows), NEAR, 8).detach()) for rows in (here.future, ended)]
    assert told[0] == told[1], "within a horizon no ending is known"


@pytest.mark.parametrize(("side", "reach"), [("past", (-4, 0)), ("future", (0, 4)), ("both", (-2, 2))])
def test_a_block_reaches_to_its_side(side: str, reach: tuple[int, int]) -> None:
    torch.manual_seed(0)
    block = TorchBlock(4, 2, side, 0.0).eval()
    x = torch.rand(1, 20, 4)
    other = x.clone()
    other[0, 10, 0] += 1
    found = torch.nonzero((block(x) - block(other)).abs().sum((0, 2)) > 1e-7).flatten().tolist()
    low, high = reach
    assert (10 - found[-1], 10 - found[0]) == (low, high), "slots that look at slot 10"


# -- training


def test_a_batch_has_a_row_for_each_example(pieces: list[PreparedSong]) -> None:
    some = next(drawn_examples(pieces, 2, seed=1))
    found = collate(some)
    assert torch.equal(found.past[1], torch.from_numpy(some[1].past))
    assert found.target.shape == (2, STRETCH)
    assert found.style.shape == (2, STRETCH, len(STYLES))


def trained(pieces: list[PreparedSong], steps: int, seed: int = 0) -> tuple[dict[str, Tensor], list[int]]:
    torch.manual_seed(5)
    reports = list[int]()
    net = train(TorchHarmonyNet(WIDTH), pieces, steps, lambda step, *_: reports.append(step), size=2, seed=seed)
    return net.state_dict(), reports


def test_equal_seeds_train_equal_harmonists(pieces: list[PreparedSong]) -> None:
    (one, told), (again, _), (other, _) = trained(pieces, 2), trained(pieces, 2), trained(pieces, 2, seed=1)
    assert all(torch.equal(value, again[name]) for name, value in one.items())
    assert any(not torch.equal(value, other[name]) for name, value in one.items())
    assert told == [2], "the last step is reported"
    assert BATCH > 2


def test_a_young_average_is_the_plain_mean_of_the_weights(pieces: list[PreparedSong]) -> None:
    """After two steps the net has the mean of its weights after each of them."""
    last: list[Tensor] = []
    found = []
    for steps in (1, 2):
        torch.manual_seed(5)
        net = TorchHarmonyNet(WIDTH)
        train(net, pieces, steps, lambda _step, _loss, one: last.append(one.out.weight.detach().clone()), size=2)
        found.append(net.state_dict()["out.weight"])
    once, twice = found
    assert torch.equal(once, last[0])
    assert not torch.equal(twice, last[1])
    assert torch.allclose(twice, (once + last[1]) / 2, atol=1e-6)
