from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from composerd.cli.main import main
from composerd.config.yaml_source import parse_page
from composerd.engine.commands import TABLE
from composerd.engine.controls.encoders import DETENTS, Sends, way_of
from composerd.engine.controls.midi_learn import learned
from composerd.engine.controls.page import Control
from composerd.engine.controls.triggers import parse_trigger
from composerd.errors import ConfigError
from composerd.files.atomic import draft_of
from composerd.library.keyboard_editor import page_for, with_control, write_control
from composerd.library.keyboard_files import check_keyboard, load_keyboard, read_keyboard
from composerd.music.midi import Midi, control, note_off, note_on, program


def does(on: str, do: str, part: str = "") -> Control:
    return Control(parse_trigger(on), do, part=part)


@pytest.mark.parametrize(
    ("function", "messages", "trigger"),
    [
        ("fill", [control(1, 50, 127)], "cc 50"),
        ("fill", [control(1, 1, 3), control(1, 50, 0), control(1, 64, 127)], "cc 64"),
        ("fill", [note_on(1, 36, 9), note_off(1, 36)], "note 36"),
        (
            "fill",
            [*(note_on(1, key, 9) for key in (36, 60, 64)), *(note_off(1, key) for key in (60, 64, 36))],
            "keys 36 + C E",
        ),
        ("genre", [program(1, 4)], "program 4"),
        ("genre", [control(1, 0, 121), control(1, 32, 3), program(1, 4)], "program 4"),
        ("tempo", [note_on(1, 36, 9), note_off(1, 36), *(control(1, 21, value) for value in (12, 13, 14))], "cc 21"),
    ],
)  # fmt: skip
def test_a_control_is_learned_from_what_is_moved(function: str, messages: list[Midi], trigger: str) -> None:
    found = learned(function, messages)
    assert found is not None
    assert (str(found.on), found.sends) == (trigger, "place")


@pytest.mark.parametrize(
    ("values", "sends"),
    [
        ((1, 1, 2, 1, 127, 127), "twos_complement"),
        ((127, 127, 126, 1), "twos_complement"),
        ((65, 65, 67, 63), "binary_offset"),
        ((1, 1, 3, 65, 65), "signed_bit"),
        ((65, 66, 65, 65, 1), "signed_bit_reversed"),
        ((60, 61, 62, 63, 64), "place"),
        ((127, 127, 127, 126, *range(125, 110, -1)), "place"),
        ((0, 0, 0, 1, 2), "place"),
    ],
)
def test_a_knob_without_an_end_is_learned_by_turning_it_up_and_down(values: tuple[int, ...], sends: str) -> None:
    found = learned("tempo", [control(1, 30, value) for value in values])
    assert found is not None
    assert (str(found.on), found.sends) == ("cc 30", sends)


@given(st.sampled_from(list(DETENTS)), st.lists(st.integers(1, 12), min_size=2, max_size=9), st.integers(1, 12))
def test_any_turn_up_and_down_is_read_as_it_was_meant(way: Sends, up: list[int], down: int) -> None:
    sent = {DETENTS[way](value): value for value in range(128)}
    values = [sent[detents] for detents in (up[0], *up, -down)]
    assert way_of(values) == way
    assert way_of(values[:-1]) is None, "before it is turned back nobody can tell"


def test_a_learned_encoder_is_written_with_its_way(tmp_path: Path) -> None:
    environ = {"HOME": str(tmp_path)}
    write_control("AKM322", "", Control(parse_trigger("cc 30"), "pan", part="bass", sends="binary_offset"), environ)
    (found,) = (one for one in load_keyboard("AKM322", environ=environ).controls if one.do == "pan")
    assert (str(found.on), found.part, found.sends) == ("cc 30", "bass", "binary_offset")


@pytest.mark.parametrize("coarse_first", [True, False])
def test_of_a_control_of_14_bits_the_coarse_half_is_learned(coarse_first: bool) -> None:
    sent: list[Midi] = []
    for value in range(8000, 8600, 40):
        halves = control(1, 21, value >> 7), control(1, 53, value & 127)
        sent += halves if coarse_first else halves[::-1]
    found = learned("tempo", sent)
    assert found is not None
    assert (str(found.on), found.sends) == ("cc 21", "place")


def test_a_knob_on_a_number_of_fine_halves_is_learned_where_no_coarse_half_moves() -> None:
    found = learned("tempo", [control(1, 53, value) for value in (20, 21, 22, 23)])
    assert found is not None
    assert str(found.on) == "cc 53"


@pytest.mark.parametrize(
    ("function", "messages"),
    [
        ("fill", [control(1, 1, 127), Midi(0xE0, 1, 0, 64)]),
        ("fill", [note_on(1, 36, 9)]),
        ("tempo", [control(1, 21, 5), control(1, 21, 5), control(1, 22, 6)]),
        ("tempo", [control(1, 21, 30), control(1, 21, 90)]),
        ("genres", [control(1, 21, 1)] * 9),
    ],
)
def test_what_does_not_settle_it_is_waited_out(function: str, messages: list[Midi]) -> None:
    assert learned(function, messages) is None


def test_a_learned_control_stands_in_the_users_page_and_the_others_stay(tmp_path: Path) -> None:
    environ = {"HOME": str(tmp_path)}
    before = load_keyboard("AKM322", environ=environ)
    page = write_control("AKM322:AKM322 MIDI 1", "", does("note 41", "break"), environ)
    after = load_keyboard("AKM322", environ=environ)
    assert page == tmp_path / ".config/composerd/keyboards/deepcomposer.yaml"
    assert [one for one in before.controls if one.on.kind == "cc"] == [
        one for one in after.controls if one.on.kind == "cc"
    ]
    assert [str(one.on) for one in after.controls if one.on.number == 41] == ["note 41"]
    assert "# knob 1" in page.read_text()


def test_a_keyboard_without_a_page_gets_one_of_its_own(tmp_path: Path) -> None:
    environ = {"HOME": str(tmp_path)}
    page = write_control("Oxygen 49:Oxygen 49 MIDI 1", "0763:0001", does("cc 20", "mute", "drums"), environ)
    assert page.name == "oxygen-49.yaml"
    for port, usb in (("Oxygen 49:Oxygen 49 MIDI 1", ""), ("renamed", "0763:0001")):
        found = load_keyboard(port, usb, environ)
        assert does("cc 20", "mute", "drums") in found.controls
        assert any(one.do == "fill" for one in found.controls)
    assert write_control("Oxygen 49:Oxygen 49 MIDI 1", "", does("cc 21", "tap"), environ) == page
    assert len(load_keyboard("Oxygen 49", environ=environ).controls) == len(found.controls) + 1


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("title: mine\n", "title: mine\ncontrols:\n  - {on: cc 1, do: fill}\n"),
        ("controls:\nports: [x]\n", "controls:\n  - {on: cc 1, do: fill}\nports: [x]\n"),
        ("controls: [{on: cc 2, do: tap}]\n", "controls: [{on: cc 2, do: tap}, {on: cc 1, do: fill}]\n"),
        ("controls:\n  - on: cc 1\n    do: tap\n", "controls:\n  - {on: cc 1, do: fill}\n"),
        (
            "controls:\n- {on: cc 2, do: tap}  # thumb\n",
            "controls:\n- {on: cc 2, do: tap}  # thumb\n- {on: cc 1, do: fill}\n",
        ),
        (
            "controls:\n  - {on: cc 3, do: tap}\n  - {on: cc 1, do: tap}  # old\n  # pads\n  - {on: cc 4, do: stop}\n",
            "controls:\n  - {on: cc 3, do: tap}\n  # pads\n  - {on: cc 4, do: stop}\n  - {on: cc 1, do: fill}\n",
        ),
    ],
)
def test_a_control_is_put_into_any_page_of_legal_yaml_and_comments_stay(before: str, after: str) -> None:
    assert with_control(before, "mine", does("cc 1", "fill")) == after


ODD = [
    "[x",
    "* y",
    "@z",
    "- a",
    "{b",
    "|c",
    "back\\slash",
    "#d",
    "null",
    "1e3",
    "é♭",
    "'q'",
    '"r"',
    "a: b",
    "%e",
    "",
    " ",
]


@pytest.mark.parametrize("port", ODD)
def test_a_keyboard_of_any_name_gets_a_page_that_is_found_again(port: str, tmp_path: Path) -> None:
    environ = {"HOME": str(tmp_path)}
    write_control(f"{port}:MIDI 1", "", does("cc 20", "tap"), environ)
    client = port.partition(":")[0]
    found = load_keyboard(f"{port}:MIDI 1", environ=environ)
    assert does("cc 20", "tap") in found.controls or not client.strip()
    page = next((tmp_path / ".config/composerd/keyboards").iterdir())
    assert read_keyboard(page).ports == (client,)


@given(st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12))
def test_a_new_page_says_the_name_of_the_port_as_it_is(port: str) -> None:
    name, text = page_for(port, "", {"HOME": "/nowhere"})
    page = check_keyboard(parse_page(text, name), name)
    assert page.ports == (port.partition(":")[0],)


def test_a_page_that_cannot_be_written_stays_as_it_was(tmp_path: Path) -> None:
    environ = {"HOME": str(tmp_path)}
    page = write_control("Oxygen", "", does("cc 20", "tap"), environ)
    before = page.read_text()
    draft_of(page).mkdir()  # where the draft would be written
    with pytest.raises(ConfigError, match=r"oxygen\.yaml: cannot be written"):
        write_control("Oxygen", "", does("cc 21", "fill"), environ)
    assert page.read_text() == before


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["learn", "fil"], "unknown function 'fil'; did you mean fill?"),
        (["learn", "mute"], "--part: found nothing, expected the name or role of a part"),
        (["learn", "genre"], "--name: found nothing, expected the name of a genre"),
        (["learn", "pan"], "--part: found nothing, expected the name or role of a part"),
        (["learn", "fill", "--part", "drums"], "--part: found 'drums', expected nothing: fill is of no part"),
        (["learn", "mute", "--part", "drum"], "--part: found 'drum', expected one of a genre; did you mean drums?"),
        (["learn", "genre", "--name", "jaz"], "--name: found 'jaz', expected the name of a genre; did you mean jazz?"),
        (["learn", "metre", "--name", "waltz"], "--name: found 'waltz', expected a time signature such as 4/4"),
    ],
)
def test_a_mistake_is_one_line(words: list[str], complaint: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words) == 2
    assert complaint in capsys.readouterr().err


def test_without_a_keyboard_nobody_is_asked_to_move_anything(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JACK_DEFAULT_SERVER", "composerd-nobody")
    assert main(["learn", "fill", "--midi-api", "jack"]) == 1
    assert capsys.readouterr().out == ""


def test_the_list_shows_every_function(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JACK_DEFAULT_SERVER", "composerd-nobody")
    assert main(["learn", "--list"]) == 0
    shown = capsys.readouterr().out
    assert all(f"  {name} " in shown for name in TABLE.words)
