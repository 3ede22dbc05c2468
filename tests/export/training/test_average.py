"""Averaged weights and learning-rate schedules."""

from __future__ import annotations

import pytest

pytest.importorskip("torch")

import torch

from composerd_export.training.average import averaged, half_cosine, linear, restore, schedule, weights_of


def test_the_average_follows_quickly_when_young_and_slowly_later() -> None:
    net = torch.nn.Linear(1, 1, bias=False)
    net.weight.data.fill_(0.0)
    average = averaged(net, 0.9)
    average.update_parameters(net)
    net.weight.data.fill_(1.0)
    average.update_parameters(net)
    assert float(weights_of(average)["weight"]) == pytest.approx(20 / 22)
    for _ in range(500):
        average.update_parameters(net)
    net.weight.data.fill_(2.0)
    average.update_parameters(net)
    assert float(weights_of(average)["weight"]) == pytest.approx(1.1, abs=1e-3)


def test_a_restored_average_goes_on_as_the_old_one() -> None:
    torch.manual_seed(0)
    net = torch.nn.Linear(3, 2)
    one = averaged(net, 0.99)
    for _ in range(5):
        net.weight.data.normal_()
        one.update_parameters(net)
    two = averaged(net, 0.99)
    restore(two, weights_of(one), 5)
    net.weight.data.normal_()
    for average in (one, two):
        average.update_parameters(net)
    assert torch.equal(weights_of(one)["weight"], weights_of(two)["weight"])


def test_what_is_copied_of_the_average_does_not_change_with_it() -> None:
    net = torch.nn.Linear(1, 1)
    average = averaged(net, 0.5)
    kept = weights_of(average)
    net.weight.data.fill_(7.0)
    average.update_parameters(net)
    assert float(kept["weight"]) != 7.0


def test_the_linear_schedule_rises_and_falls_to_a_rest() -> None:
    factor = linear(10, 100)
    assert factor(0) == pytest.approx(0.1)
    assert factor(9) == pytest.approx(0.91)
    assert factor(50) == pytest.approx(0.5)
    assert factor(100) == pytest.approx(0.02)


def test_the_cosine_holds_for_half_of_the_training() -> None:
    factor = half_cosine(10, 100)
    assert factor(49) == 1.0
    assert factor(75) == pytest.approx(0.52)
    assert factor(100) == pytest.approx(0.02)


def test_a_schedule_sets_the_rate_and_goes_on_where_it_stopped() -> None:
    parameter = torch.nn.Parameter(torch.zeros(1))

    def optimiser() -> torch.optim.Optimizer:
        return torch.optim.SGD([parameter], lr=9.0)

    one = optimiser()
    steps = schedule(one, 0.5, linear(10, 100))
    rates = []
    for _ in range(20):
        rates.append(one.param_groups[0]["lr"])
        one.step()
        steps.step()
    assert rates == pytest.approx([0.5 * linear(10, 100)(update) for update in range(20)])
    two = optimiser()
    schedule(two, 0.5, linear(10, 100), updates=20)
    assert two.param_groups[0]["lr"] == pytest.approx(one.param_groups[0]["lr"])
