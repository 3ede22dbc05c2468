"""The real clock and the real wait."""

from __future__ import annotations

import math
import os
import signal
import threading
from collections.abc import Iterator

import pytest

from composerd.devices.system.inbox import RealInbox
from composerd.engine.commands.time import SetTempo
from composerd.engine.messages import Message, Stop


@pytest.fixture
def inbox() -> RealInbox:
    return RealInbox()


@pytest.fixture
def stop_on_usr2(inbox: RealInbox) -> Iterator[None]:
    before = signal.signal(signal.SIGUSR2, lambda *_: inbox.put(Stop("signal")))
    yield
    signal.signal(signal.SIGUSR2, before)


def test_nothing_comes_before_its_moment(inbox: RealInbox) -> None:
    for wait in (0.0, 0.0003, 0.002, 0.01):
        until = inbox.now() + wait
        assert inbox.receive(until) is None
        assert inbox.now() >= until


def test_a_message_that_is_there_wins_over_the_moment(inbox: RealInbox) -> None:
    inbox.put(Stop("there"))
    assert inbox.receive(-math.inf) == Stop("there")
    assert inbox.receive(-math.inf) is None


def test_messages_keep_their_order(inbox: RealInbox) -> None:
    sent: list[Message] = [SetTempo(float(bpm)) for bpm in range(100)]
    for message in sent:
        inbox.put(message)
    assert [inbox.receive(inbox.now()) for _ in sent] == sent


def test_a_message_ends_a_wait_without_end(inbox: RealInbox) -> None:
    threading.Timer(0.01, inbox.put, [Stop("thread")]).start()
    assert inbox.receive(math.inf) == Stop("thread")


def test_four_threads_putting_at_once_lose_nothing(inbox: RealInbox) -> None:
    each = 5000

    def send(first: int) -> None:
        for number in range(first, first + each):
            inbox.put(SetTempo(number))

    senders = [threading.Thread(target=send, args=[k * each]) for k in range(4)]
    for sender in senders:
        sender.start()
    received = [inbox.receive(inbox.now() + 10) for _ in range(4 * each)]
    for sender in senders:
        sender.join()
    assert {m.bpm for m in received if isinstance(m, SetTempo)} == set(range(4 * each))
    assert inbox.receive(inbox.now()) is None


@pytest.mark.usefixtures("stop_on_usr2")
def test_a_signal_handler_may_put_while_its_own_thread_waits(inbox: RealInbox) -> None:
    threading.Timer(0.01, os.kill, [os.getpid(), signal.SIGUSR2]).start()
    assert inbox.receive(inbox.now() + 10) == Stop("signal")
