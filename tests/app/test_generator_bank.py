"""Which generator plays a genre: the rules where its page says so, and why not its net where that is not there."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from composerd.app.generator_bank import PLAIN, bank
from composerd.engine.settings import EngineSettings
from composerd.errors import ModelError, Reason
from composerd.library.genre_files import load_genre

POP = load_genre("pop")


def test_a_genre_of_rules_looks_for_no_file() -> None:
    asked: list[str] = []
    generators = bank(EngineSettings(), lambda name: asked.append(name))
    generators.open(replace(POP, model=PLAIN))
    assert generators.open_or_plain(replace(POP, model=PLAIN)) == ""
    assert asked == []


def test_a_model_that_is_not_there_is_missing_with_the_places_where_it_was_looked_for() -> None:
    generators = bank(EngineSettings(), lambda _: None)
    with pytest.raises(ModelError, match=r"genre pop: model: found none, expected pop\.onnx in .*models or ") as told:
        generators.open(POP)
    assert told.value.reason is Reason.MISSING
    assert generators.open_or_plain(POP) == str(told.value)


@pytest.mark.parametrize("data", [b"", b"no model", bytes(1000)])
def test_a_file_that_is_no_model_is_named_and_the_rules_play(tmp_path: Path, data: bytes) -> None:
    file = tmp_path / "pop.onnx"
    file.write_bytes(data)
    notice = bank(EngineSettings(), lambda _: file).open_or_plain(POP)
    assert str(file) in notice
    assert "\n" not in notice


def test_a_model_that_appears_later_is_looked_for_again(tmp_path: Path) -> None:
    found: list[Path] = []
    generators = bank(EngineSettings(), lambda _: found[0] if found else None)
    assert "found none" in generators.open_or_plain(POP)
    found.append(tmp_path / "pop.onnx")
    found[0].write_bytes(b"no model")
    assert str(found[0]) in generators.open_or_plain(POP)
