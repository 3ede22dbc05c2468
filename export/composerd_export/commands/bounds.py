"""Bounds of numbers that several subcommands take."""

from __future__ import annotations

from composerd.errors import ConfigError

MOST_THREADS, MOST_SEED = 256, 2**31 - 1


def within(option: str, value: float, low: float, high: float) -> None:
    """Raises ConfigError if an option's value is not between `low` and `high`, both included."""
    if not low <= value <= high:
        raise ConfigError(f"{option}: found {value}, expected {low:.10g} to {high:.10g}")


def check_threads(value: int) -> None:
    """Raises ConfigError for a number of threads that torch does not take."""
    within("--threads", value, 1, MOST_THREADS)


def check_seed(value: int) -> None:
    """Raises ConfigError for a seed that the random generators do not take."""
    within("--seed", value, 0, MOST_SEED)
