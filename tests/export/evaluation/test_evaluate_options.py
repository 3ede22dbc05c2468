"""Options of `evaluate`: defaults that depend on others, ranges, and the command that gives the same figures."""

from __future__ import annotations

import argparse
import shlex

import pytest

from composerd.errors import ConfigError
from composerd_export.commands.evaluate_options import add_arguments, check, command_of, complete, half_of


def parsed(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    args = parser.parse_args(["pop", *words])
    complete(args)
    return args


def test_the_usual_options_are_within_their_ranges() -> None:
    check(parsed())
    check(parsed("--judge"))


@pytest.mark.parametrize(
    "words",
    [
        ("--songs", "0"),
        ("--songs", "1000000"),
        ("--bars", "3"),
        ("--bars", "65"),
        ("--takes", "0"),
        ("--creativity", "1.1"),
    ],
)
def test_a_number_out_of_its_range_names_the_range(words: tuple[str, str]) -> None:
    with pytest.raises(ConfigError, match=rf"{words[0]}: found {words[1]}, expected \S+ to \S+"):
        check(parsed(*words))


@pytest.mark.parametrize("bars", ["4", "64"])
def test_the_ends_of_a_range_are_allowed(bars: str) -> None:
    check(parsed("--bars", bars))


def test_the_judge_plays_more_songs_in_jam_mode_unless_it_is_told_otherwise() -> None:
    plain, judged = parsed(), parsed("--judge")
    assert judged.songs > plain.songs
    assert (plain.mode, judged.mode) == ("both", "jam")
    assert (parsed("--judge", "--mode", "phrase").mode, parsed("--judge", "--songs", "9").songs) == ("phrase", 9)


@pytest.mark.parametrize(
    ("words", "dataset", "half"),
    [
        ((), "pop", "reported"),
        ((), "polka", "both"),
        (("--split", "train"), "pop", "both"),
        (("--half", "tuning"), "pop", "tuning"),
    ],
)
def test_our_own_figures_are_of_the_reported_half(words: tuple[str, ...], dataset: str, half: str) -> None:
    assert half_of(parsed(*words), dataset) == half


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("--songs", "9", "--takes", "2"),
        ("--judge",),
        ("--judge", "--bars", "8", "--half", "tuning"),
        ("--seed", "4", "--creativity", "0.5", "--sweep", "--no-baselines"),
        ("--beside", "plain", "a model.onnx"),
    ],
)
def test_the_command_that_is_written_down_gives_the_same_options(words: tuple[str, ...]) -> None:
    first = parsed(*words)
    command = command_of(first)
    head, rest = command.split()[:2], shlex.split(command)[3:]
    assert head == ["composerd-export", "evaluate"]
    assert vars(parsed(*rest)) == vars(first)


def test_folders_of_this_machine_are_not_written_down() -> None:
    assert "/secret" not in command_of(
        parsed("--judge", "--real-bands", "/secret/real_bands.npz", "--json", "/secret/x")
    )
