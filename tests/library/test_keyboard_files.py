from __future__ import annotations

from pathlib import Path

import pytest

from composerd.app.keyboards import control_page
from composerd.engine.controls.page import ControlMap
from composerd.errors import ConfigError
from composerd.library.keyboard_files import find_page, keyboard_pages, load_keyboard, read_keyboard


def home(tmp_path: Path) -> dict[str, str]:
    return {"HOME": str(tmp_path)}


def written(tmp_path: Path, name: str, text: str) -> Path:
    page = tmp_path / ".config" / "composerd" / "keyboards" / f"{name}.yaml"
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text(text)
    return page


@pytest.mark.parametrize("name", ["deepcomposer", "generic"])
def test_the_shipped_pages_can_be_read(name: str) -> None:
    page = read_keyboard(keyboard_pages({"HOME": "/nowhere"})[name])
    assert {"play", "stop", "save", "fill", "mute", "tap"} <= {control.do for control in page.controls}


def test_the_deepcomposer_has_all_its_controls() -> None:
    page = load_keyboard("AKM322:AKM322 MIDI 1", environ={"HOME": "/nowhere"})
    done = {str(control.on): control.do for control in page.controls}
    assert [done[f"cc {number}"] for number in (105, 106, 107, 21, 22, 23, 10, 7)] == [
        "play", "stop", "save", "tempo", "band_volume", "creativity", "genres", "master_volume",
    ]  # fmt: skip
    assert "cc 91" not in done


def test_a_page_is_found_by_usb_id_by_port_name_or_is_the_generic_one(tmp_path: Path) -> None:
    written(tmp_path, "mine", "ports: [Oxygen]\nusb: ['0763:0001']\ncontrols:\n  - {on: cc 1, do: fill}\n")
    found = [
        find_page(port, usb, home(tmp_path)).stem
        for port, usb in (
            ("AKM322 MIDI 1", ""),
            ("?", "1ACC:1533"),
            ("oxygen 49", ""),
            ("AKM322", "0763:0001"),
            ("x", ""),
        )
    ]
    assert found == ["deepcomposer", "deepcomposer", "mine", "mine", "generic"]


def test_the_users_page_wins_over_ours(tmp_path: Path) -> None:
    page = written(tmp_path, "deepcomposer", "ports: [AKM322]\n")
    assert find_page("AKM322", "", home(tmp_path)) == page


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("controls:\n  - {on: cc 1, do: fil}\n", ":2: controls[0].do: found 'fil', expected the word of a command"),
        ("controls:\n  - {on: cc 1, do: fil}\n", "did you mean fill?"),
        ("controls:\n  - {on: cc 300, do: fill}\n", ":2: controls[0].on: found 'cc 300', expected a number from 0"),
        (
            "controls:\n  - {on: cc 1, do: tap}\n  - {on: cc 1, do: fill}\n",
            ":3: controls[1].on: found cc 1, expected a control of its",
        ),
        ("contrls: []\n", ":1: unknown contrls; did you mean controls?"),
        ("controls:\n  - {on: cc 1, do: tempo, range: [1]}\n", ":2: controls[0].range: found a list"),
    ],
)
def test_a_mistake_in_a_page_is_named_with_its_line(tmp_path: Path, text: str, complaint: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read_keyboard(written(tmp_path, "mine", text))
    assert complaint in str(caught.value)


def test_a_range_is_read(tmp_path: Path) -> None:
    page = read_keyboard(written(tmp_path, "mine", "controls:\n  - {on: cc 1, do: tempo, range: [40, 220.5]}\n"))
    assert page.controls[0].range == (40.0, 220.5)


def test_a_broken_page_leaves_the_keyboard_to_play_without_controls(tmp_path: Path) -> None:
    written(tmp_path, "mine", "ports: [Oxygen]\ncontrols:\n  - {on: cc 1, do: fil}\n")
    assert control_page("Oxygen 49", environ=home(tmp_path)) == ControlMap()


def test_a_broken_page_for_one_keyboard_takes_no_control_from_another(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    written(tmp_path, "mine", "ports: [Oxygen]\ncontrols:\n  - {on: cc 1, do: fil}\n")
    assert control_page("AKM322", environ=home(tmp_path)).title.startswith("AWS DeepComposer")
    assert "mine.yaml:3: controls[0].do: found 'fil'" in caplog.text
    with pytest.raises(ConfigError, match=r"mine\.yaml:3"):
        find_page("nobody's", environ=home(tmp_path))
