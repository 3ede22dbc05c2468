"""Requests for genres while playing."""

from __future__ import annotations

import logging
from contextlib import suppress
from logging.handlers import QueueHandler
from queue import Empty, SimpleQueue
from threading import Event
from typing import Any

from composerd.app.genre_loader import GenreChanger, log
from composerd.engine.commands.genre import ChooseGenre, StepGenre
from composerd.engine.ports import Generator
from composerd.generators.bank import Bank
from composerd.generators.plain import PlainGenerator
from composerd.music.genre import Genre

PATIENCE = 30.0


class Slow:
    """A bank whose first genre opens when the test lets it."""

    def __init__(self) -> None:
        self.begun, self.go_on = Event(), Event()
        self.opened: list[str] = []

    def __call__(self, genre: Genre) -> Generator:
        self.opened.append(genre.name)
        self.begun.set()
        assert self.go_on.wait(PATIENCE)
        return PlainGenerator(genre)


def changes(*asked: ChooseGenre | StepGenre) -> tuple[list[str], list[str]]:
    """(opened, told of): `jazz` is opening when all of `asked` comes; the engine plays `pop` before."""
    slow, told = Slow(), SimpleQueue[Any]()
    changer = GenreChanger(Bank(slow, PlainGenerator), told.put, "pop")
    changer.ask(ChooseGenre("jazz"))
    assert slow.begun.wait(PATIENCE)
    for message in asked:
        changer.ask(message)
    slow.go_on.set()
    names = [told.get(timeout=PATIENCE).genre.name for _ in range(2)]
    changer.close()
    assert told.empty()
    return slow.opened, names


def test_of_a_flood_of_requests_only_the_last_is_opened() -> None:
    flood = [ChooseGenre(name) for name in ("rock", "bach", "pop", "symphony") * 50]
    assert changes(*flood) == (["jazz", "symphony"], ["jazz", "symphony"])


def test_steps_of_a_flood_add_up_from_the_genre_that_came_before() -> None:
    assert changes(StepGenre(1), StepGenre(1), StepGenre(-1), StepGenre(1)) == (["jazz", "rock"], ["jazz", "rock"])
    assert changes(ChooseGenre("rock"), StepGenre(1)) == (["jazz", "symphony"], ["jazz", "symphony"])


def test_a_genre_that_is_not_there_is_said_and_the_next_request_is_heard() -> None:
    said, told = SimpleQueue[logging.LogRecord](), SimpleQueue[Any]()
    listener = QueueHandler(said)
    log.addHandler(listener)
    changer = GenreChanger(Bank(PlainGenerator, PlainGenerator), told.put, "pop")
    try:
        changer.ask(ChooseGenre("polka"))
        assert "polka" in said.get(timeout=PATIENCE).getMessage()
        changer.ask(StepGenre(-1))
        assert told.get(timeout=PATIENCE).genre.name == "jazz"
    finally:
        changer.close()
        log.removeHandler(listener)


def test_an_unforeseen_error_does_not_end_the_thread() -> None:
    told = SimpleQueue[Any]()
    missing = iter([OSError("the disk has gone")])

    def stamp(_: Genre) -> object:
        for error in missing:
            raise error
        return 1

    changer = GenreChanger(Bank(PlainGenerator, PlainGenerator, stamp), told.put, "pop")
    changer.ask(ChooseGenre("rock"))
    while told.empty():  # `rock` failed: any later request is heard
        changer.ask(ChooseGenre("jazz"))
        with suppress(Empty):
            assert told.get(timeout=0.1).genre.name == "jazz"
            break
    changer.close()
