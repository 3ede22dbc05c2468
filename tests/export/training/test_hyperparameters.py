"""Hyperparameters: checked with their option's name, kept in cards, and preset by recipe and dataset."""

from __future__ import annotations

import argparse
from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from composerd.errors import ConfigError
from composerd_export.training.hyperparameters import PRESETS, RECIPES, Hyper, add_options, from_options, preset

NUMBERS = [entry for entry in fields(Hyper) if "low" in entry.metadata]


def options(*given: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    add_options(parser)
    return parser.parse_args(given)


def test_every_default_is_in_its_range() -> None:
    assert Hyper() == Hyper.from_json({})


@pytest.mark.parametrize("name", [entry.name for entry in NUMBERS])
def test_both_ends_of_a_range_are_in_it_and_what_is_beyond_is_refused(name: str) -> None:
    limits = next(entry.metadata for entry in NUMBERS if entry.name == name)
    for value in (limits["low"], limits["high"]):
        assert getattr(Hyper(**{name: value}), name) == value
    for value in (limits["low"] - 1, limits["high"] + 1):
        with pytest.raises(ConfigError) as told:
            Hyper(**{name: value})
        assert str(told.value).startswith(f"--{name.replace('_', '-')}: found {value}, expected {limits['low']} to ")


@pytest.mark.parametrize("name", ["recipe", "loss"])
def test_an_unknown_choice_is_refused_with_those_there_are(name: str) -> None:
    with pytest.raises(ConfigError, match=f"--{name}: found 'magic', expected one of "):
        Hyper.from_json({name: "magic"})


@given(st.integers(1, 10000), st.floats(0.0, 0.9), st.sampled_from(RECIPES))
def test_what_a_card_keeps_comes_back(epochs: int, dropout: float, recipe: str) -> None:
    hyper = Hyper(epochs=epochs, dropout=dropout, recipe=recipe)
    assert Hyper.from_json(hyper.to_json()) == hyper
    assert Hyper.from_json({**hyper.to_json(), "of a later version": 3}) == hyper


def test_each_has_an_option_with_its_meaning() -> None:
    text = argparse.ArgumentParser()
    add_options(text)
    shown = " ".join(text.format_help().split())
    for entry in fields(Hyper):
        assert f"--{entry.name.replace('_', '-')}" in shown
        assert entry.metadata["about"] in shown


def test_options_override_what_they_are_based_on_and_nothing_else() -> None:
    hyper = from_options(options("--epochs", "7", "--dropout", "0.25"), {"epochs": 3, "batch": 12})
    assert (hyper.epochs, hyper.dropout, hyper.batch) == (7, 0.25, 12)
    assert from_options(options()) == Hyper()


def test_an_option_outside_of_its_range_is_refused() -> None:
    with pytest.raises(ConfigError, match="--batch: found 0, expected 1 to 1024"):
        from_options(options("--batch", "0"))


@pytest.mark.parametrize("recipe", RECIPES)
@pytest.mark.parametrize("dataset", ["pop", "bach"])
def test_a_recipe_is_a_sound_set_of_values(recipe: str, dataset: str) -> None:
    hyper = Hyper.from_json(preset(recipe, dataset))
    assert hyper.recipe == recipe
    for name, value in PRESETS[recipe].items():
        assert getattr(hyper, name) == value


def test_without_a_recipe_it_is_composerds_and_a_dataset_may_have_its_own_values() -> None:
    assert preset(None, "pop") == {"recipe": "composerd"}
    assert preset(None, "bach")["no_plan"] == 0.3
    assert preset("wgan-gp", "bach")["loss"] == "wasserstein"
