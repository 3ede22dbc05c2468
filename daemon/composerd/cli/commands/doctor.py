"""`composerd doctor`: checks and measures this computer, and advises settings. Takes half a minute, minutes on a Pi.

Exit status 1 when there is a problem, 0 with warnings only.
"""

from __future__ import annotations

import argparse
import json
import os
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from composerd.cli.options import load_config
from composerd.config import paths
from composerd.config.yaml_source import is_there
from composerd.errors import ConfigError

if TYPE_CHECKING:
    from composerd.doctor.advice import Advice
    from composerd.doctor.finding import Patient


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print JSON, for programs")
    parser.add_argument("--apply", action="store_true", help="write the advised settings into the settings file")
    parser.add_argument("--config", metavar="FILE", type=Path, help="settings file to read and write instead")


def run(args: argparse.Namespace) -> int:
    from composerd.doctor.advice import advise
    from composerd.doctor.examination import examine, patient_with, report
    from composerd.doctor.finding import Level
    from composerd.doctor.timing import Measurements

    if args.config is not None and not is_there(args.config):
        load_config(args)  # which says so
    patient, settings = patient_with(lambda: load_config(args))
    readable = settings.level is not Level.PROBLEM
    measured, findings, page = Measurements(), [], page_of(args.config)
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
        print(json.dumps(report(findings, advices, page, applied), indent=1, ensure_ascii=False))
    if problem:
        raise problem
    return 1 if any(finding.level is Level.PROBLEM for finding in findings) else 0


def _apply(page: Path, advices: list[Advice]) -> ConfigError | None:
    """Write the advice into the settings file; the reason if that failed."""
    from composerd.doctor.prescription import write

    try:
        write(page, advices) if advices else None
    except ConfigError as error:
        return error
    return None


def page_of(given: Path | None) -> Path:
    """The settings file for the advice: for root the machine's, else the user's own; a file of root's own overrides
    both."""
    system, user = paths.config_pages()
    return given or (system if os.geteuid() == 0 and not is_there(user) else user)


def _say(patient: Patient, advices: list[Advice], page: Path, applies: bool) -> None:
    from composerd.doctor.advice import with_advice

    if not advices:
        print("nothing to set: the settings suit this machine")
        return
    print(f"to set in {page}:" if applies else f"would set (--apply writes it into {page}):")
    for advice in advices:
        print(f"  {with_advice(patient.settings, advice)}")
