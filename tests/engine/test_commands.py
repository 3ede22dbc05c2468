"""A command is declared in one place and is found everywhere."""

from __future__ import annotations

import json
from typing import Annotated, ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from composerd.cli.commands.ctl import overview, request_of
from composerd.cli.commands.learn import listed
from composerd.control.protocol import Refused, read_request
from composerd.engine.band import Band
from composerd.engine.command_docs import fields_table, words_table
from composerd.engine.command_fields import number
from composerd.engine.command_table import Command, CurrentValue, Kind
from composerd.engine.commands import TABLE
from composerd.engine.commands.time import SetTempo
from composerd.engine.conductor import Conductor, Start
from composerd.engine.controls.control_reader import ControlReader
from composerd.engine.controls.page import Control, ControlMap
from composerd.engine.controls.page_problems import problems_of
from composerd.engine.controls.triggers import parse_trigger
from composerd.engine.messages import GenreLoaded, Snapshot
from composerd.engine.output.stage import Stage
from composerd.engine.settings import EngineSettings
from composerd.engine.virtual import VirtualInbox
from composerd.errors import ConfigError, Unfit
from composerd.music.genre import Genre, Part
from composerd.music.midi import control
from fakes import InstantComposer, ListeningSink, duo, echo_bass

SHIFTED: list[tuple[int, float]] = []


class Transpose(Command, tag="transpose", frozen=True):
    """play in another key"""

    group: ClassVar = "Harmony"
    by: Annotated[int, number(-11, 11, "up or down", "semitones", step=1, middle=0)]

    def apply(self, band: Band, at: float) -> None:  # noqa: ARG002 - the same call for every command
        SHIFTED.append((self.by, at))

    def current(self, band: Band) -> CurrentValue:  # noqa: ARG002 - the same call for every command
        return 0


WITH_ONE_MORE = TABLE.plus(Transpose)


def test_a_new_command_is_a_request_of_the_socket() -> None:
    asked = read_request(b'{"v": 1, "id": 3, "do": "transpose", "by": -2}', WITH_ONE_MORE)
    assert (asked.id, asked.what) == (3, Transpose(-2))
    with pytest.raises(Refused, match="by: found 12, expected a whole number from -11 to 11 semitones"):
        read_request(b'{"v": 1, "do": "transpose", "by": 12}', WITH_ONE_MORE)


def test_a_new_command_is_a_word_of_ctl_with_its_help_and_its_errors() -> None:
    assert request_of(["transpose", "5"], WITH_ONE_MORE) == {"do": "transpose", "by": 5}
    assert any("transpose BY" in line and "play in another key" in line for line in overview(WITH_ONE_MORE))
    with pytest.raises(ConfigError, match="ctl transpose: by: found '99', expected a whole number from -11 to 11"):
        request_of(["transpose", "99"], WITH_ONE_MORE)
    with pytest.raises(ConfigError, match=r"unknown request 'transpos'; did you mean transpose\?"):
        request_of(["transpos"], WITH_ONE_MORE)


def test_a_new_command_is_a_function_of_pages() -> None:
    knob = Control(parse_trigger("cc 21"), "transpose")
    page = ControlMap("test", controls=(knob,))
    assert problems_of(page, WITH_ONE_MORE) == []
    reader = ControlReader(page, WITH_ONE_MORE)
    assert reader.read(control(1, 21, 64), lambda _: 0.0) == (Transpose(0),)
    assert reader.read(control(1, 21, 127), lambda _: 0.0) == (Transpose(11),)


def test_a_new_command_is_listed_by_learn_beside_what_does_it() -> None:
    lines = list(listed([Control(parse_trigger("cc 21"), "transpose")], WITH_ONE_MORE))
    assert any(line.split()[:3] == ["transpose", "cc", "21"] and line.endswith("another key") for line in lines)


def test_a_new_command_stands_in_the_tables_of_the_documentation() -> None:
    assert "| `transpose` | knob | `transpose BY` | play in another key |" in words_table(WITH_ONE_MORE)
    row = "| `transpose` | `by` | a whole number from -11 to 11 semitones | up or down |"
    assert row in fields_table(WITH_ONE_MORE)


def test_a_new_command_is_carried_out_without_another_line_of_code() -> None:
    inbox = VirtualInbox()
    composer = InstantComposer(inbox, echo_bass)
    conductor = Conductor(inbox, composer, Stage([ListeningSink()], duo()), EngineSettings(), Start())
    SHIFTED.clear()
    conductor.handle(Transpose(3))
    assert SHIFTED == [(3, 0.0)]


def test_a_new_command_is_described_for_a_page_of_controls() -> None:
    described = next(one for one in WITH_ONE_MORE.described() if one["name"] == "transpose")
    assert json.loads(json.dumps(described)) == {
        "name": "transpose",
        "label": "Transpose",
        "kind": "value",
        "group": "Harmony",
        "help": "play in another key",
        "fields": [
            {
                "name": "by",
                "shape": "a whole number",
                "needed": True,
                "help": "up or down",
                "unit": "semitones",
                "low": -11,
                "high": 11,
                "step": 1,
                "middle": 0,
            }
        ],
    }


def test_every_command_has_a_group_and_says_what_it_does_in_one_line() -> None:
    for word in TABLE.words.values():
        assert word.group
        assert word.help
        assert not word.help.endswith(".")
        assert all(field.explained or field.name == "on" for field in word.fields)


def test_one_quantity_has_one_scale_wherever_it_is_set() -> None:
    scales: dict[str, set[tuple[float, float, str]]] = {}
    for word in TABLE.words.values():
        for field in word.fields:
            if word.kind is Kind.VALUE and field is word.main:
                scales.setdefault(field.name, set()).add((field.low, field.high, field.unit))
    assert all(len(found) == 1 for found in scales.values()), scales
    assert scales["level"] == scales["place"] == {(0, 127, "")}


@given(st.data())
def test_a_command_is_the_same_said_to_ctl_as_json_or_made_here(data: st.DataObject) -> None:
    bpm = data.draw(st.integers(30, 300))
    request = request_of(["tempo", str(bpm)])
    line = json.dumps({"v": 1, **request}).encode()
    assert read_request(line).what == TABLE.parse(["tempo", str(bpm)]) == SetTempo(float(bpm))


@pytest.mark.parametrize(
    ("request_", "complaint"),
    [
        ({"do": "plya"}, "unknown command 'plya'; did you mean play?"),
        ({"do": 7}, "unknown command 7"),
        ({"do": "tempo"}, "bpm: found nothing, expected a number from 30 to 300 quarter notes a minute"),
        ({"do": "tempo", "bpm": True}, "bpm: found true, expected a number"),
        ({"do": "tempo", "bmp": 90}, "unknown field of tempo 'bmp'; did you mean bpm?"),
        ({"do": "mute", "part": "", "on": True}, "part: found '', expected the name or role of a part"),
        ({"do": "mute", "part": "bass", "on": "yes"}, "on: found 'yes', expected on or off"),
        ({"do": "mode", "mode": "jazz"}, "mode: found 'jazz', expected jam or phrase"),
        ({"do": "metre", "name": "4/5"}, "name: found '4/5', expected a time signature such as 4/4"),
    ],
)
def test_what_is_no_command_is_said_in_our_words(request_: dict[str, object], complaint: str) -> None:
    with pytest.raises(Unfit) as caught:
        TABLE.read(request_)
    assert str(caught.value).startswith(complaint)


def shown(*commands: Command) -> Snapshot:
    """The snapshot after `commands`."""
    inbox, found = VirtualInbox(), list[Snapshot]()
    composer = InstantComposer(inbox, echo_bass)
    conductor = Conductor(inbox, composer, Stage([ListeningSink()], duo()), EngineSettings(), Start(), found.append)
    for command in commands:
        conductor.handle(command)
    return found[-1]


@pytest.mark.parametrize(
    ("words", "control", "value"),
    [
        ("creativity 0.75", "creativity", 0.75),
        ("swing 0.5", "swing", 0.5),
        ("metronome on", "metronome", True),
        ("follow on", "follow", True),
        ("left_hand on", "left_hand", True),
        ("variation auto", "variation", "auto"),
        ("mode phrase", "mode", "phrase"),
        ("metre 7/8", "metre", "7/8"),
        ("band_volume 90", "band_volume", 90),
        ("master_volume 80", "master_volume", 80),
        ("volume bass 3", "volume", {"drums": 100, "bass": 3}),
        ("pan drums 0", "pan", {"drums": 0, "bass": 64}),
        ("instrument bass 38", "instrument", {"drums": 0, "bass": 38}),
        ("mute bass on", "mute", {"drums": False, "bass": True}),
        ("solo drums", "solo", {"drums": True, "bass": False}),
    ],
)
def test_what_a_command_has_set_shows_at_once(words: str, control: str, value: object) -> None:
    assert shown(TABLE.parse(words.split())).controls[control] == value


def test_everything_that_a_command_sets_shows_where_it_stands() -> None:
    snapshot = shown(SetTempo(90.0))
    set_by_commands = {word.name for word in TABLE.words.values() if word.kind in (Kind.VALUE, Kind.TOGGLE)}
    assert set_by_commands - {"tempo"} <= set(snapshot.controls)
    assert (snapshot.bpm, snapshot.metre) == (90.0, "4/4")


def test_controls_of_parts_are_those_of_the_genre_that_plays() -> None:
    other = Genre("other", "Other", "plain", 90.0, (Part("piano", "comp", 3),))
    inbox, found = VirtualInbox(), list[Snapshot]()
    composer = InstantComposer(inbox, echo_bass)
    conductor = Conductor(inbox, composer, Stage([ListeningSink()], duo()), EngineSettings(), Start(), found.append)
    conductor.handle(GenreLoaded(other))
    assert found[-1].controls["volume"] == {"piano": 100}
    assert found[-1].controls["genre"] == "other"
