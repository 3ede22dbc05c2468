"""A generator in a separate thread."""

from __future__ import annotations

import logging
from queue import SimpleQueue

import pytest

from composerd.engine.messages import Composed, Crashed, Request
from composerd.engine.phrase.request import phrase_request
from composerd.generators.bank import Bank
from composerd.generators.plain import PlainGenerator
from composerd.generators.worker import Worker
from composerd.library.genre_files import load_genre
from composerd.music.melody import MelodyRecorder
from composerd.music.metre import BarGrid

PATIENCE = 30.0
POP = load_genre("pop")


def request(serial: int) -> Request:
    recorder = MelodyRecorder(0)
    for step in range(16):
        recorder.press(step, 60 + step % 5)
        recorder.close(step)
    return phrase_request(POP, BarGrid(), 100.0, recorder.roll(16, 16), 16, serial=serial)


class Failing:
    """A model that fails at every request."""

    def compose(self, request: Request) -> Composed:
        raise ValueError(f"no row for step {request.step}")


def test_a_model_that_fails_while_playing_is_said_once_and_the_rules_answer(caplog: pytest.LogCaptureFixture) -> None:
    answers = SimpleQueue[Composed | Crashed]()
    worker = Worker(Bank(lambda _: Failing(), PlainGenerator), answers.put)
    with caplog.at_level(logging.WARNING):
        for serial in (1, 2, 3):
            worker.ask(request(serial))
            answer = answers.get(timeout=PATIENCE)
            assert isinstance(answer, Composed)
            assert any(section.notes for section in answer.sections)
    worker.close()
    assert [record.getMessage() for record in caplog.records] == [
        "pop: ValueError: no row for step 0; the rules of `plain` play instead"
    ]


class Broken:
    """No model, but a program with a mistake."""

    def compose(self, request: Request) -> Composed:
        raise KeyError(request.serial)


def test_a_mistake_of_the_programs_reaches_the_conductor() -> None:
    answers = SimpleQueue[Composed | Crashed]()
    worker = Worker(Broken(), answers.put)
    worker.ask(request(7))
    crashed = answers.get(timeout=PATIENCE)
    assert isinstance(crashed, Crashed)
    assert isinstance(crashed.error, KeyError)
