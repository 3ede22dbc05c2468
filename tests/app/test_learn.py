from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from composerd.cli import main
from composerd.engine.controls import FUNCTIONS, Control
from composerd.engine.learning import learned
from composerd.engine.triggers import parse_trigger
from composerd.engine.turning import DETENTS, Sends, way_of
from composerd.errors import ConfigError
from composerd.keyboard_pages import load_keyboard
from composerd.keyboard_writing import teach, with_control
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
    teach("AKM322", "", Control(parse_trigger("cc 30"), "pan", part="bass", sends="binary_offset"), environ)
    (found,) = (one for one in load_keyboard("AKM322", environ=environ).controls if one.do == "pan")
    assert (str(found.on), found.part, found.sends) == ("cc 30", "bass", "binary_offset")


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
    page = teach("AKM322:AKM322 MIDI 1", "", does("note 41", "break"), environ)
    after = load_keyboard("AKM322", environ=environ)
    assert page == tmp_path / ".config/composerd/keyboards/deepcomposer.yaml"
    assert [one for one in before.controls if one.on.kind == "cc"] == [
        one for one in after.controls if one.on.kind == "cc"
    ]
    assert [str(one.on) for one in after.controls if one.on.number == 41] == ["note 41"]
    assert "# knob 1" in page.read_text()


def test_a_keyboard_without_a_page_gets_one_of_its_own(tmp_path: Path) -> None:
    environ = {"HOME": str(tmp_path)}
    page = teach("Oxygen 49:Oxygen 49 MIDI 1", "0763:0001", does("cc 20", "mute", "drums"), environ)
    assert page.name == "oxygen-49.yaml"
    for port, usb in (("Oxygen 49:Oxygen 49 MIDI 1", ""), ("renamed", "0763:0001")):
        found = load_keyboard(port, usb, environ)
        assert does("cc 20", "mute", "drums") in found.controls
        assert any(one.do == "fill" for one in found.controls)
    assert teach("Oxygen 49:Oxygen 49 MIDI 1", "", does("cc 21", "tap"), environ) == page
    assert len(load_keyboard("Oxygen 49", environ=environ).controls) == len(found.controls) + 1


def test_a_control_is_put_into_an_empty_page() -> None:
    assert with_control("title: mine\n", "mine", does("cc 1", "fill")).endswith("controls:\n  - {on: cc 1, do: fill}\n")


@pytest.mark.parametrize("controls", ["controls:", "controls: []  # none"])
def test_a_control_is_put_into_an_empty_list(controls: str) -> None:
    page = with_control(f"{controls}\nports: [x]\n", "mine", does("cc 1", "fill"))
    assert page == "ports: [x]\n\ncontrols:\n  - {on: cc 1, do: fill}\n"


def test_a_list_in_brackets_is_left_alone() -> None:
    with pytest.raises(ConfigError, match="mine:1: expected the controls one to a line"):
        with_control("controls: [{on: cc 1, do: tap}]\n", "mine", does("cc 2", "fill"))


def test_a_control_over_several_lines_is_not_taken_out_by_a_program() -> None:
    text = "controls:\n  - on: cc 1\n    do: tap\n"
    with pytest.raises(ConfigError, match="mine:2: cc 1 is in use here"):
        with_control(text, "mine", does("cc 1", "fill"))
    assert with_control(text, "mine", does("cc 2", "fill")) == text + "  - {on: cc 2, do: fill}\n"


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["learn", "fil"], "found function 'fil', did you mean fill?"),
        (["learn", "mute"], "mute needs --part PART"),
        (["learn", "genre"], "genre needs --name NAME"),
        (["learn", "pan"], "pan needs --part PART"),
        (["learn", "fill", "--part", "drums"], "fill takes no --part"),
        (["learn", "mute", "--part", "drum"], "--part: found 'drum', no genre has one, did you mean drums?"),
        (["learn", "genre", "--name", "jaz"], "--name: found 'jaz', no such genre, did you mean jazz?"),
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
    assert all(f"  {name} " in shown for name in FUNCTIONS)
