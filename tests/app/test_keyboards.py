"""The controls of a keyboard that was plugged in: its page's, none where that is broken, and read again when asked."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from composerd.app.keyboards import Keyboards, control_page
from composerd.engine.controls.page import ControlMap
from composerd.engine.messages import ControlsChanged, Message
from composerd.library.keyboard_files import users_folder

PAGE = "title: My pads\nports: [Pads]\ncontrols:\n  - {on: cc 20, do: tap}\n"


@pytest.fixture
def home(tmp_path: Path) -> dict[str, str]:
    environ = {"HOME": str(tmp_path)}
    users_folder(environ).mkdir(parents=True)
    return environ


def page(home: dict[str, str], text: str, name: str = "pads") -> None:
    (users_folder(home) / f"{name}.yaml").write_text(text)


def controls(found: ControlMap) -> list[tuple[str, str]]:
    return [(str(one.on), one.do) for one in found.controls]


def test_a_keyboard_gets_the_controls_of_its_page_and_the_log_says_which(
    home: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    page(home, PAGE)
    assert controls(control_page("Pads:Pads MIDI 1", "", home)) == [("cc 20", "tap")]
    assert "controls of Pads:Pads MIDI 1: My pads" in caplog.text


def test_a_broken_page_leaves_its_keyboard_without_controls_and_says_where(
    home: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    page(home, PAGE.replace("cc 20", "cc 200"))
    assert control_page("Pads", "", home) == ControlMap()
    assert "pads.yaml:4" in caplog.text
    assert [record.levelname for record in caplog.records] == ["WARNING"]


def test_the_broken_page_of_another_keyboard_is_said_and_costs_this_one_nothing(
    home: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    page(home, PAGE)
    page(home, "a: [", "other")
    assert controls(control_page("Pads", "", home)) == [("cc 20", "tap")]
    assert "left out" in caplog.text


def test_a_page_that_has_changed_is_read_again_for_the_keyboard_that_is_there(home: dict[str, str]) -> None:
    told: list[Message] = []
    keyboards = Keyboards(told.append, home)
    keyboards.reread()
    assert told == [], "no keyboard has been there yet"
    page(home, PAGE)
    keyboards.controls("Pads", "")
    page(home, PAGE.replace("tap", "fill"))
    keyboards.reread()
    page(home, "a: [")
    keyboards.reread()
    [changed, broken] = told
    assert isinstance(changed, ControlsChanged)
    assert isinstance(broken, ControlsChanged)
    assert controls(changed.controls) == [("cc 20", "fill")]
    assert broken == ControlsChanged("Pads", ControlMap())


def test_the_last_keyboard_that_was_plugged_in_is_the_one_whose_page_is_read_again(home: dict[str, str]) -> None:
    told: list[Message] = []
    keyboards = Keyboards(told.append, home)
    page(home, PAGE)
    keyboards.controls("Other", "")
    keyboards.controls("Pads", "")
    keyboards.reread()
    [changed] = told
    assert isinstance(changed, ControlsChanged)
    assert controls(changed.controls) == [("cc 20", "tap")]
