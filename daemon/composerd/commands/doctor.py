"""`composerd doctor`: check and measure this machine, and say what to set. Takes half a minute, minutes on a Pi.

Exit status 1 when there is a problem, 0 with warnings only.
"""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import asdict
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from composerd import paths
from composerd.commands.options import load_config
from composerd.errors import ConfigError
from composerd.pages import is_there

if TYPE_CHECKING:
    from composerd.doctor.advice import Advice
    from composerd.doctor.finding import Finding, Patient
    from composerd.doctor.timing import Measured


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="as JSON, for programs")
    parser.add_argument("--apply", action="store_true", help="write what it would set into the settings page")
    parser.add_argument("--config", metavar="FILE", type=Path, help="settings page to read and write instead")


def run(args: argparse.Namespace) -> int:
    from composerd.doctor.advice import advise
    from composerd.doctor.finding import Level
    from composerd.doctor.timing import Measured

    patient, settings = _patient(args)
    readable = settings.level is not Level.PROBLEM
    measured, findings, page = Measured(), [], page_of(args.config)
    for finding in chain([settings], examine(patient, measured)):
        findings.append(finding)
        if not args.json:
            print(finding.lines(), flush=True)
    advices = list(advise(patient, measured)) if readable else []
    if readable and not args.json:
        _say(patient, advices, page, applies=args.apply)
    problem = _apply(page, advices) if args.apply else None
    if args.json:
        applied = bool(args.apply and advices and not problem)
        print(json.dumps(_report(findings, advices, page, applied), indent=1, ensure_ascii=False))
    if problem:
        raise problem
    return 1 if any(finding.level is Level.PROBLEM for finding in findings) else 0


def _patient(args: argparse.Namespace) -> tuple[Patient, Finding]:
    """Who is looked at, and how the settings are: a doctor sends nobody away because of broken ones."""
    from composerd.doctor.finding import Patient
    from composerd.doctor.pages import readable, unreadable

    try:
        config = load_config(args)
    except ConfigError as error:
        if args.config is not None and not is_there(args.config):
            raise
        return Patient(), unreadable(error)
    return Patient(config.settings), readable(config.pages)


def _apply(page: Path, advices: list[Advice]) -> ConfigError | None:
    """Why the advice could not be written, where it could not."""
    from composerd.doctor.prescription import write

    try:
        write(page, advices) if advices else None
    except ConfigError as error:
        return error
    return None


def examine(patient: Patient, measured: Measured) -> Iterator[Finding]:
    """Every check; the quick ones first."""
    from composerd.doctor import machine, pages, timing

    checks: tuple[Callable[[], Iterator[Finding]], ...] = (
        lambda: machine.midi(patient),
        lambda: machine.sound_systems(patient),
        lambda: machine.sound_permission(patient),
        lambda: machine.real_time(patient),
        lambda: machine.governor(patient),
        lambda: machine.power(patient),
        lambda: machine.disk(patient),
        lambda: pages.genres(patient),
        lambda: timing.waits(measured),
        lambda: timing.output(patient),
        lambda: timing.synth(patient, measured),
        lambda: timing.models(patient, measured),
    )
    for check in checks:
        yield from check()


def page_of(given: Path | None) -> Path:
    """Root's advice is for the machine, anybody else's for themselves; a page of root's own is stronger than both."""
    system, user = paths.config_pages()
    return given or (system if os.geteuid() == 0 and not is_there(user) else user)


def _say(patient: Patient, advices: list[Advice], page: Path, applies: bool) -> None:
    from composerd.doctor.advice import with_advice

    if not advices:
        print("nothing to set: the settings fit this machine")
        return
    print(f"to set in {page}:" if applies else f"would set (--apply writes it into {page}):")
    for advice in advices:
        print(f"  {with_advice(patient.settings, advice)}")


def _report(findings: list[Finding], advices: list[Advice], page: Path, applied: bool) -> dict[str, object]:
    return {
        "findings": [{**asdict(finding), "level": finding.level.value} for finding in findings],
        "advice": [asdict(advice) for advice in advices],
        "page": str(page),
        "applied": applied,
    }
