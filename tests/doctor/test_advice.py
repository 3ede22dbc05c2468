"""Advice follows from what was measured: never beyond its bounds, and never the other way."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from composerd.config.layers import Settings
from composerd.doctor.advice import (
    BLOCKS,
    HEARD_MS,
    LEAST_GRACE_MS,
    MARGIN,
    MOST_GRACE_MS,
    Advice,
    precision,
    threads,
    with_advice,
)
from composerd.doctor.advice import block as block_advice
from composerd.doctor.advice import grace as grace_advice
from composerd.doctor.finding import Finding, Level, Patient
from composerd.doctor.timing import Measurements


def grace(slowest: float) -> int:
    found = grace_advice(Patient(), Measurements(decisions_ms={"a": slowest, "b": slowest / 2}))
    assert found is not None
    return int(found.value)


def block(lateness: float, load: float, rate: int = 48000) -> int:
    patient = Patient(replace(Settings(), audio=replace(Settings().audio, rate=rate)))
    found = block_advice(patient, Measurements(lateness_ms=lateness, render_load=load))
    assert found is not None
    return int(found.value)


@given(st.floats(0, 200), st.floats(0, 50))
def test_a_slower_model_never_leaves_more_grace_and_both_together_are_not_heard(slowest: float, more: float) -> None:
    assert LEAST_GRACE_MS <= grace(slowest + more) <= grace(slowest) <= MOST_GRACE_MS
    assert grace(slowest) + slowest <= HEARD_MS + 0.5 or grace(slowest) == LEAST_GRACE_MS


@given(st.floats(0, 60), st.floats(0.001, 0.99), st.floats(0, 20), st.sampled_from([44100, 48000, 96000]))
def test_the_shortest_block_that_lasts_is_advised(lateness: float, load: float, more: float, rate: int) -> None:
    found = block(lateness, load, rate)
    assert found in BLOCKS
    lasts = [frames for frames in BLOCKS if 1000 * frames / rate * (1 - load) >= MARGIN * lateness]
    assert found == (lasts[0] if lasts else BLOCKS[-1])
    assert block(lateness + more, load, rate) >= found


@pytest.mark.parametrize("adviser", [grace_advice, block_advice, threads, precision])
def test_without_a_measurement_there_is_no_advice(adviser: object) -> None:
    assert callable(adviser)
    assert adviser(Patient(), Measurements()) is None


def test_advice_is_shown_beside_what_is_set_now() -> None:
    settings = replace(Settings(), engine=replace(Settings().engine, grace_ms=15.0))
    assert (
        with_advice(settings, Advice("engine.grace_ms", "10", "it is slow")) == "engine.grace_ms: 15 → 10 (it is slow)"
    )


@pytest.mark.parametrize(
    ("finding", "lines"),
    [
        (Finding("timer", Level.OK, "fine"), "OK       timer: fine"),
        (Finding("timer", Level.WARNING, "late", "do this"), "warning  timer: late\n         fix: do this"),
        (Finding("timer", Level.PROBLEM, "gone"), "problem  timer: gone"),
    ],
)
def test_a_finding_is_a_line_with_its_level_and_its_fix_below(finding: Finding, lines: str) -> None:
    assert finding.lines() == lines


def test_what_cannot_be_read_of_the_machine_is_empty() -> None:
    patient = Patient()
    assert patient.read("nowhere/at/all") == ""
    assert patient.read("proc") == "", "a folder"
    assert patient.glob("nowhere/*") == []
