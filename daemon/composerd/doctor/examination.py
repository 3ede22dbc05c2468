"""The examination: every check in order, and its findings and advice as plain values."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from composerd.config.layers import Config
from composerd.doctor import machine, timing, user_files
from composerd.doctor.advice import Advice
from composerd.doctor.finding import Finding, Patient
from composerd.doctor.timing import Measurements
from composerd.errors import ConfigError


def patient_with(load: Callable[[], Config]) -> tuple[Patient, Finding]:
    """The machine to check, and a finding about the settings files, which may be broken."""
    try:
        config = load()
    except ConfigError as error:
        return Patient(), user_files.unreadable(error)
    return Patient(config.settings), user_files.readable(config.pages)


def examine(patient: Patient, measured: Measurements) -> Iterator[Finding]:
    """Run every check, the quick ones first."""
    checks: tuple[Callable[[], Iterator[Finding]], ...] = (
        lambda: machine.midi(patient),
        lambda: machine.sound_systems(patient),
        lambda: machine.sound_permission(patient),
        lambda: machine.real_time(patient),
        lambda: machine.governor(patient),
        lambda: machine.power(patient),
        lambda: machine.disk(patient),
        lambda: user_files.genres(patient),
        lambda: timing.waits(measured),
        lambda: timing.output(patient),
        lambda: timing.synth(patient, measured),
        lambda: timing.models(patient, measured),
    )
    for check in checks:
        yield from check()


def plain(finding: Finding) -> dict[str, Any]:
    """The finding as plain values."""
    return {**asdict(finding), "level": finding.level.value}


def report(findings: Sequence[Finding], advices: Sequence[Advice], page: Path, applied: bool) -> dict[str, Any]:
    """Everything as plain values; `page` is the settings file that the advice is for."""
    return {
        "findings": [plain(finding) for finding in findings],
        "advice": [asdict(advice) for advice in advices],
        "page": str(page),
        "applied": applied,
    }
