"""A command whose names lead to nothing is refused, in words, before the engine gets it."""

from __future__ import annotations

from pathlib import Path

import pytest

from composerd.app.control import refusal
from composerd.engine.command_table import Command
from composerd.engine.commands.genre import ChooseGenre
from composerd.engine.commands.mixer import SetInstrument
from composerd.engine.commands.song import ChoosePreset, ChooseSetList, ChooseSong, SavePreset
from composerd.library.presets import save_preset, save_set
from fakes import duo


@pytest.fixture(autouse=True)
def _presets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    save_preset("slow", {"tempo": 70})
    save_set("gig", ("slow",))


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (ChooseGenre("jaz"), "unknown genre 'jaz'; did you mean jazz?"),
        (ChooseSong("nothing"), "unknown song 'nothing'"),
        (ChoosePreset("slo"), "unknown preset 'slo'; did you mean slow?"),
        (ChooseSetList("gigs"), "unknown set list 'gigs'; did you mean gig?"),
        (SavePreset("a/b"), "name: found 'a/b', expected 1 to 60 letters"),
        (SavePreset(""), "name: found '', expected 1 to 60 letters"),
        (SetInstrument("flute", 1), "unknown part 'flute'"),
    ],
)
def test_a_name_that_leads_to_nothing_is_refused_in_words(command: Command, said: str) -> None:
    assert refusal(command, duo()).startswith(said)


@pytest.mark.parametrize(
    "command",
    [ChoosePreset("slow"), ChooseSetList("gig"), ChooseSetList("none"), ChooseSong("none"), SavePreset("My own")],
)
def test_a_name_that_is_there_or_can_be_is_not(command: Command) -> None:
    assert refusal(command, duo()) == ""


def test_to_keep_the_preset_that_was_chosen_needs_no_name() -> None:
    assert refusal(SavePreset(), duo()) == ""


@pytest.mark.parametrize("command", [SavePreset("another"), SavePreset()])
def test_a_preset_that_cannot_be_written_is_refused_with_the_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: Command
) -> None:
    file = tmp_path / "file"
    file.touch()
    monkeypatch.setenv("XDG_DATA_HOME", str(file))
    assert refusal(command, duo()) == f"{file}: found no folder that can be written to, expected one for presets"
