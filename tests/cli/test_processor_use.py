"""The program leaves the other processor cores to others."""

from __future__ import annotations

import os
import subprocess
import sys

PROGRAM = """
import os
from composerd.cli.main import main
main(["genres"])
import numpy
print(os.environ["OPENBLAS_NUM_THREADS"], len(os.listdir("/proc/self/task")))
"""


def threads(**given: str) -> tuple[str, int]:
    """The number of threads that NumPy is given, and those that the program has once NumPy is loaded."""
    environ = {name: value for name, value in os.environ.items() if not name.endswith("_NUM_THREADS")} | given
    done = subprocess.run([sys.executable, "-c", PROGRAM], env=environ, capture_output=True, text=True, check=True)
    wanted, count = done.stdout.splitlines()[-1].split()
    return wanted, int(count)


def test_numpy_computes_in_one_thread_unless_the_user_says_otherwise() -> None:
    assert threads() == ("1", 1)
    assert threads(OPENBLAS_NUM_THREADS="2")[0] == "2"
