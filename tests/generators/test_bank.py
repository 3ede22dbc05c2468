from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from shutil import copyfile

import pytest

from composerd.app.generator_bank import bank
from composerd.engine.messages import Composed, Request
from composerd.engine.phrase.request import phrase_request
from composerd.engine.ports import Generator
from composerd.engine.settings import EngineSettings
from composerd.errors import ModelError
from composerd.generators.bank import KEPT, Bank
from composerd.generators.plain import PlainGenerator
from composerd.library.genre_files import load_genre
from composerd.library.model_files import find_model
from composerd.music.genre import Genre
from composerd.music.melody import MelodyRecorder
from composerd.music.metre import BarGrid

NAMES = ("bach", "jazz", "pop", "rock", "symphony")
GENRES = {name: load_genre(name, {"HOME": "/nowhere"}) for name in NAMES}


def request(name: str) -> Request:
    recorder = MelodyRecorder(0)
    for step in range(16):
        if step % 4 == 0:
            recorder.press(step, 60 + step // 4)
        recorder.close(step)
    genre = GENRES[name]
    return phrase_request(genre, BarGrid.of(genre.metre), 100.0, recorder.roll(16, 16), 16)


class Opened:
    """Makes generators by rules and records for which genres."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def __call__(self, genre: Genre) -> Generator:
        self.names.append(genre.name)
        return PlainGenerator(genre)


def kept(opened: Opened, stamp: Callable[[Genre], object] = lambda _: 1) -> Bank:
    return Bank(opened, PlainGenerator, stamp)


def test_stepping_through_all_genres_keeps_two_open() -> None:
    opened = Opened()
    generators = kept(opened)
    for name in NAMES:
        generators.open(GENRES[name])
    for name in NAMES[-KEPT:]:
        generators.open(GENRES[name])
    assert opened.names == list(NAMES)
    generators.open(GENRES[NAMES[0]])
    assert opened.names == [*NAMES, NAMES[0]]


def test_the_genre_that_plays_stays_open_while_others_are_tried() -> None:
    opened = Opened()
    generators = kept(opened)
    generators.open(GENRES["pop"])
    for name in ("jazz", "rock", "bach"):
        assert generators.compose(request("pop")).sections
        generators.open(GENRES[name])
    assert opened.names == ["pop", "jazz", "rock", "bach"]
    generators.compose(request("pop"))
    assert opened.names.count("pop") == 1


def test_a_genre_that_had_to_go_is_opened_again_when_it_plays() -> None:
    opened = Opened()
    generators = kept(opened)
    for name in NAMES:
        generators.open(GENRES[name])
    assert generators.compose(request("bach")).sections
    assert opened.names == [*NAMES, "bach"]


def test_a_page_or_model_that_changed_is_read_again_and_others_are_not() -> None:
    opened, state = Opened(), [1]
    generators = kept(opened, lambda _: state[0])
    generators.open(GENRES["pop"])
    generators.open(GENRES["pop"])
    assert opened.names == ["pop"]
    generators.open(replace(GENRES["pop"], bpm=77.0))
    assert opened.names == ["pop"] * 2
    state[0] = 2
    generators.open(replace(GENRES["pop"], bpm=77.0))
    assert opened.names == ["pop"] * 3


def test_a_model_file_written_anew_is_read_again(tmp_path: Path) -> None:
    shipped = find_model("pop", {"HOME": "/nowhere"})
    assert shipped is not None
    mine = tmp_path / "pop.onnx"
    copyfile(shipped, mine)
    generators = bank(EngineSettings(), lambda _: mine)
    generators.open(GENRES["pop"])
    mine.write_bytes(b"no longer a model")
    os.utime(mine, ns=(1, 1))
    with pytest.raises(ModelError, match=r"pop\.onnx"):
        generators.open(GENRES["pop"])


def test_a_model_that_failed_is_tried_again_when_its_genre_is_chosen_again() -> None:
    opened = Opened()

    class Failing:
        def compose(self, _: Request) -> Composed:
            raise RuntimeError("no")

    def first_fails(genre: Genre) -> Generator:
        generator = opened(genre)
        return generator if len(opened.names) > 1 else Failing()

    generators = Bank(first_fails, PlainGenerator, lambda _: 1)
    generators.open(GENRES["pop"])
    assert "RuntimeError" in generators.compose(request("pop")).problem
    assert generators.compose(request("pop")).problem == ""
    assert opened.names == ["pop"]
    generators.open(GENRES["pop"])
    assert opened.names == ["pop", "pop"]
