"""Controls that `learn` writes into pages: any page stays readable, and what is learned last holds."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from composerd.config.yaml_source import parse_page
from composerd.engine.controls.page import Control
from composerd.engine.controls.triggers import parse_trigger
from composerd.errors import ConfigError
from composerd.library.keyboard_editor import page_for, with_control, write_control
from composerd.library.keyboard_files import check_keyboard, load_keyboard, read_keyboard, users_folder

TAP = Control(parse_trigger("cc 20"), "tap")


@pytest.fixture
def home(tmp_path: Path) -> dict[str, str]:
    return {"HOME": str(tmp_path)}


def generic(home: dict[str, str], text: str) -> None:
    users_folder(home).mkdir(parents=True)
    (users_folder(home) / "generic.yaml").write_text(text)


@pytest.mark.parametrize(
    ("text", "controls"),
    [
        ("title: Mine\n", ["cc 20"]),
        ("", ["cc 20"]),
        ("controls: []\n", ["cc 20"]),
        ("# my controls: red\ntitle: G\ncontrols:\n  - {on: cc 21, do: stop}\n", ["cc 21", "cc 20"]),
        ("controls:\n- {on: cc 20, do: stop}\n- {on: cc 21, do: stop}\n", ["cc 21", "cc 20"]),
    ],
)
def test_a_new_keyboards_page_begins_with_the_controls_of_the_users_own_generic_page(
    home: dict[str, str], text: str, controls: list[str]
) -> None:
    generic(home, text)
    page = write_control("My Keys:My Keys MIDI 1", "", TAP, home)
    assert page.name == "my-keys.yaml"
    assert [str(one.on) for one in read_keyboard(page).controls] == controls


@pytest.mark.parametrize(
    ("port", "name"),
    [
        ("Oxygen 49:Oxygen 49 MIDI 1", "oxygen-49"),
        ("AKM322", "akm322"),
        ("  ", "keyboard"),
        ("鍵盤:1", "keyboard"),
        ("../../etc/passwd:x", "etc-passwd"),
        ("Key[s] *&@ #1:x", "key-s-1"),
    ],
)
def test_a_page_is_called_after_its_port_in_plain_letters(home: dict[str, str], port: str, name: str) -> None:
    assert page_for(port, environ=home)[0] == name


@given(st.text(min_size=1, max_size=20).filter(lambda name: name.partition(":")[0].isprintable()), st.booleans())
def test_a_page_for_any_port_is_found_for_it_again(
    tmp_path_factory: pytest.TempPathFactory, port: str, has_usb: bool
) -> None:
    home = {"HOME": str(tmp_path_factory.mktemp("home"))}
    usb = "0763:0001" if has_usb else ""
    _, text = page_for(port, usb, home)
    keyboard = check_keyboard(parse_page(text, "page.yaml"), "page.yaml")
    assert keyboard.ports == (port.partition(":")[0],)
    assert keyboard.usb == ((usb,) if usb else ())


def test_a_page_that_is_broken_stays_as_it_is(home: dict[str, str]) -> None:
    users_folder(home).mkdir(parents=True)
    page = users_folder(home) / "mine.yaml"
    page.write_text("ports: [Mine]\ncontrols:\n  - {on: cc 300, do: tap}\n")
    with pytest.raises(ConfigError, match=r"mine\.yaml:3"):
        write_control("Mine", "", TAP, home)
    assert "cc 300" in page.read_text()


def test_a_control_that_the_page_could_not_have_is_refused_before_anything_is_written(home: dict[str, str]) -> None:
    with pytest.raises(ConfigError):
        write_control("Mine", "", Control(parse_trigger("cc 20"), "mute"), home)
    assert not users_folder(home).exists()


def test_a_page_that_is_a_link_stays_one(home: dict[str, str], tmp_path: Path) -> None:
    users_folder(home).mkdir(parents=True)
    kept = tmp_path / "kept.yaml"
    kept.write_text("ports: [Mine]\n")
    (users_folder(home) / "mine.yaml").symlink_to(kept)
    page = write_control("Mine", "", TAP, home)
    assert page.is_symlink()
    assert "cc 20" in kept.read_text()


def test_a_folder_that_cannot_be_written_is_named(home: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / ".config").write_text("a file where the folder should be")
    with pytest.raises(ConfigError, match="cannot be written"):
        write_control("Mine", "", TAP, home)


TRIGGERS = st.sampled_from(
    ["cc 20", "cc 21", "cc 20 channel 2", "note 41", "program 3", "keys 41 + C E", "keys 41 + C E G"]
)


@given(st.lists(st.tuples(TRIGGERS, st.sampled_from(["tap", "fill", "stop"])), min_size=1, max_size=8))
def test_after_any_lessons_the_last_for_each_control_holds_and_no_two_collide(lessons: list[tuple[str, str]]) -> None:
    text = "# mine\ncontrols:\n  - {on: cc 1, do: fill}  # first\n"
    for on, do in lessons:
        text = with_control(text, "mine.yaml", Control(parse_trigger(on), do))
    controls = check_keyboard(parse_page(text, "mine.yaml"), "mine.yaml").controls
    on, do = lessons[-1]
    assert (controls[-1].on, controls[-1].do) == (parse_trigger(on), do)
    assert not any(a.on.collides(b.on) for at, a in enumerate(controls) for b in controls[at + 1 :])
    assert [one.do for one in controls if str(one.on) == "cc 1"] == ["fill"]
    assert text.startswith("# mine\n")
    assert "# first" in text


def test_a_usb_id_goes_before_a_name_and_capitals_do_not_matter(home: dict[str, str]) -> None:
    users_folder(home).mkdir(parents=True)
    for name, page in (("named", "ports: [Keys]"), ("numbered", "usb: ['1ACC:00ff']")):
        (users_folder(home) / f"{name}.yaml").write_text(f"title: {name}\n{page}\ncontrols: []\n")
    assert load_keyboard("KEYS 1", "1acc:00FF", home).title == "numbered"
    assert load_keyboard("my keys 1", "", home).title == "named"
    assert load_keyboard("other", "ffff:0000", home).title not in ("named", "numbered")
