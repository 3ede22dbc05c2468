"""What signals do to the program."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest

from composerd.devices.system.inbox import RealInbox
from composerd.devices.system.signals import catch_signals
from composerd.engine.messages import Finish, Stop


def test_the_first_signal_asks_the_second_insists_and_the_old_handlers_come_back() -> None:
    inbox, before = RealInbox(), signal.getsignal(signal.SIGTERM)
    with catch_signals(inbox):
        os.kill(os.getpid(), signal.SIGTERM)
        assert inbox.receive(inbox.now() + 10) == Finish("SIGTERM")
        os.kill(os.getpid(), signal.SIGINT)
        assert inbox.receive(inbox.now() + 10) == Stop("SIGINT")
    assert signal.getsignal(signal.SIGTERM) is before


_HANGING = """
import time
from composerd.devices.system.inbox import RealInbox
from composerd.devices.system.signals import catch_signals
with catch_signals(RealInbox()):
    print("up", flush=True)
    while True:
        time.sleep(0.01)
"""


@pytest.fixture
def hanging() -> subprocess.Popen[str]:
    """A program that never reads its inbox."""
    process = subprocess.Popen(
        [sys.executable, "-c", _HANGING], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "up\n"
    return process


def test_a_third_signal_ends_even_a_program_that_hangs(hanging: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + 30
    sent = 0
    while hanging.poll() is None and time.monotonic() < deadline:
        hanging.send_signal(signal.SIGTERM)
        sent += 1
        try:
            hanging.wait(0.1)
        except subprocess.TimeoutExpired:
            continue
    hanging.communicate()
    assert hanging.returncode == -signal.SIGTERM
    assert sent >= 3


def test_usr1_prints_the_stacks_and_the_program_goes_on(hanging: subprocess.Popen[str]) -> None:
    hanging.send_signal(signal.SIGUSR1)
    assert hanging.stderr is not None
    assert "most recent call first" in hanging.stderr.readline()
    assert hanging.poll() is None
    hanging.kill()
    hanging.communicate()
