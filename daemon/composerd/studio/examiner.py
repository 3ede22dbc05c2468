"""`python -m composerd.studio.examiner [CONFIG]`: examines the machine, a line of JSON for every finding as it is made.

The last line is the advice. It is a separate process, so that the page's server never loads a synth or a model.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path

from composerd.config.layers import load
from composerd.doctor.advice import advise
from composerd.doctor.examination import examine, patient_with, plain
from composerd.doctor.finding import Level
from composerd.doctor.timing import Measurements
from composerd.errors import ComposerdError


def examine_machine(page: Path | None) -> None:
    """Print the findings and the advice; `page` is the settings file that was named. Raises ComposerdError."""
    patient, settings = patient_with(lambda: load(page=page))
    measured = Measurements()
    _tell({"finding": plain(settings)})
    for finding in examine(patient, measured):
        _tell({"finding": plain(finding)})
    readable = settings.level is not Level.PROBLEM
    _tell({"advice": [asdict(advice) for advice in advise(patient, measured)] if readable else []})


def main() -> int:
    try:
        examine_machine(Path(sys.argv[1]) if len(sys.argv) > 1 else None)
    except ComposerdError as error:
        print(f"composerd: {' '.join(str(error).split())}", file=sys.stderr)
        return error.status
    return 0


def _tell(what: object) -> None:
    print(json.dumps(what, ensure_ascii=False), flush=True)


if __name__ == "__main__":
    sys.exit(main())
