"""A control is known by what it sends while it is moved; what was learned gives its command from then on."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from composerd.engine.commands.harmony import SetCreativity
from composerd.engine.controls.control_reader import ControlReader
from composerd.engine.controls.encoders import DETENTS, Sends
from composerd.engine.controls.midi_learn import Learned, learned
from composerd.engine.controls.page import Control, ControlMap
from composerd.engine.controls.triggers import parse_trigger
from composerd.music.midi import Midi, control, note_off, note_on, program

PRESSED, BEND = Midi(0xD0, 1, 64), Midi(0xE0, 1, 0, 80)


def knob(number: int, *values: int) -> list[Midi]:
    return [control(1, number, value) for value in values]


def key(*pitches: int, channel: int = 1) -> list[Midi]:
    """The keys pressed one after the other, then let go in the same order."""
    return [*(note_on(channel, pitch, 70) for pitch in pitches), *(note_off(channel, pitch) for pitch in pitches)]


BUTTONS: list[tuple[str, Sequence[Midi], str]] = [
    ("a button", knob(105, 127), "cc 105"),
    ("a button's release and then another's press", [*knob(105, 0), *knob(106, 1)], "cc 106"),
    ("a pedal", knob(64, 3), "cc 64"),
    ("a program change", [program(1, 5)], "program 5"),
    ("a program of a bank", [*knob(0, 1), *knob(32, 2), program(1, 0)], "program 0"),
    ("a key", key(36), "note 36"),
    ("a pad of another channel", key(40, channel=10), "note 40"),
    ("a key whose release is a note-on without velocity", [note_on(1, 36, 80), note_on(1, 36, 0)], "note 36"),
    ("a key held and another pressed", key(41, 60), "keys 41 + C"),
    ("a key held and two others", key(41, 60, 64), "keys 41 + C E"),
    ("the same tone in two octaves", key(41, 60, 72), "keys 41 + C"),
    (
        "the first key let go last",
        [note_on(1, 41, 9), note_on(1, 50, 9), note_off(1, 50), note_off(1, 41)],
        "keys 41 + D",
    ),
    ("a wheel that was brushed, then a key", [*knob(1, 40), *key(36)], "note 36"),
    ("aftertouch and a bent pitch, then a key", [PRESSED, BEND, *key(36)], "note 36"),
]
NOT_YET: list[tuple[str, str, Sequence[Midi]]] = [
    ("play", "nothing", []),
    ("play", "a key that is still held", [note_on(1, 36, 80)]),
    ("play", "a release of a key that was pressed before", [note_off(1, 36)]),
    ("play", "one of two keys let go", [note_on(1, 36, 80), note_on(1, 40, 80), note_off(1, 36)]),
    ("play", "the modulation wheel", knob(1, 1, 64, 127)),
    ("play", "a bank alone", [*knob(0, 1), *knob(32, 1)]),
    ("play", "a button's release", knob(105, 0)),
    ("play", "a bent pitch", [BEND, PRESSED]),
    ("tempo", "a key", key(36)),
    ("tempo", "a program change", [program(1, 5)]),
    ("tempo", "a button: two values", knob(105, 127, 0, 127, 0)),
    ("tempo", "the modulation wheel", knob(1, 30, 40, 50, 60)),
    ("tempo", "a knob turned too little", knob(21, 40, 41)),
    ("tempo", "an encoder turned one way only", knob(10, 1, 1, 1, 1)),
    ("tempo", "the fine half of a knob alone moves after its coarse half", knob(21, 60) + knob(53, 1, 50, 90)),
    ("genres", "a key", key(36)),
]  # fmt: skip


@pytest.mark.parametrize(("what", "messages", "on"), BUTTONS, ids=[what for what, _, _ in BUTTONS])
def test_a_button_is_known_by_its_press(what: str, messages: Sequence[Midi], on: str) -> None:
    assert learned("play", messages) == Learned(parse_trigger(on)), what


@pytest.mark.parametrize(("function", "what", "messages"), NOT_YET, ids=[f"{one} {what}" for one, what, _ in NOT_YET])
def test_what_decides_nothing_is_waited_over(function: str, what: str, messages: Sequence[Midi]) -> None:
    assert learned(function, messages) is None, what


@pytest.mark.parametrize(
    ("messages", "on", "sends"),
    [
        (knob(21, 40, 42, 45), "cc 21", "place"),
        (knob(21, 90, 89, 88), "cc 21", "place"),
        (knob(10, 1, 1, 127, 127), "cc 10", "twos_complement"),
        (knob(10, 65, 65, 63, 63), "cc 10", "binary_offset"),
        (knob(10, 1, 1, 65, 65), "cc 10", "signed_bit"),
        (knob(10, 65, 65, 1, 1), "cc 10", "signed_bit_reversed"),
        (knob(21, 40) + knob(22, 40, 41, 42), "cc 22", "place"),
        ([one for value in (40, 41, 42) for one in (control(1, 21, value), control(1, 53, value))], "cc 21", "place"),
        ([one for value in (1, 1, 2, 3) for one in (control(1, 7, value), control(1, 39, 0))], "cc 7", "place"),
        ([*key(60), *knob(21, 40, 42, 45)], "cc 21", "place"),
    ],
)
def test_a_knob_is_known_by_its_turns(messages: Sequence[Midi], on: str, sends: Sends) -> None:
    assert learned("tempo", messages) == Learned(parse_trigger(on), sends)


@given(st.sampled_from([*range(2, 32), *range(64, 120)]), st.sampled_from(sorted(DETENTS)), st.integers(1, 16))
def test_an_encoder_that_was_learned_moves_the_value_the_way_it_is_turned(
    number: int, sends: Sends, channel: int
) -> None:
    by_detents = {DETENTS[sends](value): value for value in range(128)}
    up, down = (control(channel, number, by_detents[way]) for way in (1, -1))
    found = learned("creativity", [up, up, up, down, down, down])
    assert found is not None
    reader = ControlReader(ControlMap("x", controls=(Control(found.on, "creativity", sends=found.sends),)))
    [higher], [lower] = (reader.read(turn, lambda _: 0.5) or () for turn in (up, down))
    assert isinstance(higher, SetCreativity)
    assert isinstance(lower, SetCreativity)
    assert higher.amount > 0.5 > lower.amount


@given(
    st.lists(st.integers(0, 127), min_size=1, max_size=4, unique_by=lambda pitch: pitch % 12),
    st.sampled_from(["play", "fill", "tap"]),
)
def test_keys_that_were_learned_give_their_command_when_they_are_pressed_again(pitches: list[int], word: str) -> None:
    found = learned(word, key(*pitches))
    assert found is not None
    reader = ControlReader(ControlMap("x", controls=(Control(found.on, word),)))
    given_commands = [reader.read(message, lambda _: None) for message in key(*pitches)]
    assert sum(len(commands or ()) for commands in given_commands) == 1
    assert None not in given_commands, "none of them sounds"
