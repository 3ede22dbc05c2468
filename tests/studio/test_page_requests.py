"""Requests of a page: each is described, checked before it runs, and slow ones come one after the other."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path
from typing import Any, ClassVar

import msgspec
import pytest

from composerd.errors import ConfigError
from composerd.studio.page_requests import PageRequest
from composerd.studio.services import ANY, REQUESTS, Services
from composerd.studio.studio_paths import StudioPaths
from composerd.studio.take_requests import AccompanyFile, TakeFile


@pytest.fixture
def place(tmp_path: Path) -> StudioPaths:
    return StudioPaths((), tmp_path / "takes", tmp_path, tmp_path / "config.yaml")


def ask(place: StudioPaths, asked: dict[str, Any]) -> Any:
    return asyncio.run(Services(place).answer(asked))


def word(request: type[PageRequest]) -> str:
    tag = request.__struct_config__.tag
    assert isinstance(tag, str)
    return tag


def test_every_request_has_a_word_of_its_own_and_says_what_it_does() -> None:
    words = [word(request) for request in REQUESTS]
    assert len(set(words)) == len(words)
    assert [request.__name__ for request in REQUESTS if not request.__doc__] == []


def test_every_request_can_be_carried_out() -> None:
    assert [request.__name__ for request in REQUESTS if request.answer is PageRequest.answer] == []


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"studio": "no such thing", "id": 1}, "Invalid value"),
        ({"studio": "takes"}, "missing required field `id`"),
        ({"studio": "takes", "id": -1}, "`int` >= 0"),
        ({"studio": "takes", "id": 1, "more": 2}, "unknown field `more`"),
        ({"studio": "take", "id": 1, "name": ""}, "length >= 1"),
        ({"studio": "take", "id": 1, "name": "x" * 201}, "length <= 200"),
        ({"studio": "take_file", "id": 1, "name": "a", "kind": "exe"}, "Invalid enum value 'exe'"),
        ({"studio": "midi_file", "id": 1, "file": "../../etc/passwd"}, "matching regex"),
        ({"studio": "song", "id": 1, "name": "a", "transpose": 12}, "<= 11"),
        ({"studio": "save_set", "id": 1, "name": "a", "entries": ["x"] * 129}, "length <= 128"),
        ({"id": 1}, "missing required field `studio`"),
    ],
)
def test_what_cannot_be_understood_is_refused_in_words(place: StudioPaths, asked: dict[str, Any], says: str) -> None:
    with pytest.raises(ConfigError) as told:
        ask(place, asked)
    assert says in str(told.value)


def test_a_take_that_is_not_there_is_refused(place: StudioPaths) -> None:
    for asked in (
        {"studio": "take", "id": 1, "name": "none"},
        {"studio": "rename_take", "id": 1, "name": "n", "title": ""},
    ):
        with pytest.raises(ConfigError):
            ask(place, asked)


def test_an_empty_machine_has_no_takes_and_no_files(place: StudioPaths) -> None:
    place.takes.mkdir()
    assert ask(place, {"studio": "takes", "id": 1}) == []
    assert ask(place, {"studio": "midi_files", "id": 2}) == []
    assert ask(place, {"studio": "accompaniments", "id": 3, "of": "none"}) == []


def test_the_commands_and_genres_are_those_of_the_engine(place: StudioPaths) -> None:
    commands = ask(place, {"studio": "commands", "id": 1})
    assert {"start", "tempo", "quit"} <= {command["name"] for command in commands}
    assert {"rock", "pop", "jazz", "symphony", "bach"} <= {
        genre["name"] for genre in ask(place, {"studio": "genres", "id": 2})
    }


def test_a_typed_chart_is_read_and_a_mistake_names_its_line(place: StudioPaths) -> None:
    read = ask(place, {"studio": "read_song", "id": 1, "text": "title: T\n\n[A]\n| C | G7 |\n"})
    assert read["title"] == "T"
    with pytest.raises(ConfigError, match="4"):
        ask(place, {"studio": "read_song", "id": 1, "text": "title: T\n\n[A]\n| C | what |\n"})


def test_making_files_and_examining_take_long_and_nothing_else() -> None:
    assert {word(request) for request in REQUESTS if request.takes_long} == {
        "take_file", "accompany", "accompany_file", "accompaniment_file", "doctor"
    }  # fmt: skip
    assert TakeFile.takes_long
    assert AccompanyFile.takes_long


class Slow(PageRequest, tag="slow", frozen=True, kw_only=True):
    """Says that it has begun, and ends when it may."""

    takes_long: ClassVar = True
    begun: ClassVar = {1: threading.Event(), 2: threading.Event()}
    may_end: ClassVar = threading.Event()

    def answer(self, place: StudioPaths) -> Any:  # noqa: ARG002 - same call as all
        self.begun[self.id].set()
        return self.may_end.wait(60)


class Quick(PageRequest, tag="quick", frozen=True, kw_only=True):
    def answer(self, place: StudioPaths) -> Any:  # noqa: ARG002 - same call as all
        return "at once"


async def _one_slow_at_a_time(services: Services) -> None:
    slow = [asyncio.create_task(services.carry_out(Slow(id=number))) for number in (1, 2)]
    assert await asyncio.to_thread(Slow.begun[1].wait, 60)
    assert await services.carry_out(Quick(id=3)) == "at once", "quick ones do not wait for it"
    assert not Slow.begun[2].is_set()
    Slow.may_end.set()
    assert await asyncio.gather(*slow) == [True, True]


def test_of_requests_that_take_long_one_runs_at_a_time(place: StudioPaths) -> None:
    asyncio.run(_one_slow_at_a_time(Services(place)))


def test_any_is_decoded_to_the_class_of_its_word() -> None:
    asked = {"studio": "take_file", "id": 5, "name": "a", "kind": "wav"}
    assert msgspec.convert(asked, ANY) == TakeFile(id=5, name="a", kind="wav")
