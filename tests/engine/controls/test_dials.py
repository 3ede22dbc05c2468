"""Knobs, encoders and key switches under any hands: values are the knob's places, and no key is left sounding."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from composerd.engine.command_table import Command
from composerd.engine.commands.genre import StepGenre
from composerd.engine.commands.harmony import SetCreativity
from composerd.engine.commands.mixer import Mute, SetBandVolume
from composerd.engine.commands.time import SetTempo, Tap
from composerd.engine.controls.control_reader import FULL, PICK_UP, ControlReader, Current
from composerd.engine.controls.page import Control, ControlMap
from composerd.engine.controls.page_problems import problems_of
from composerd.engine.controls.triggers import parse_trigger
from composerd.music.midi import Midi, control, note_off, note_on


def reader(*lines: tuple[str, str] | Control) -> ControlReader:
    controls = tuple(one if isinstance(one, Control) else Control(parse_trigger(one[0]), one[1]) for one in lines)
    page = ControlMap("test", controls=controls)
    assert problems_of(page) == []
    return ControlReader(page)


def at_value(value: float | None) -> Current:
    return lambda _: value


def turned(at: ControlReader, values: list[int], current: float) -> list[Command]:
    """The commands of a knob whose value nobody else changes."""
    found: list[Command] = []
    for value in values:
        for command in at.read(control(1, 21, value), at_value(current)) or ():
            found.append(command)
            current = next(float(getattr(command, name)) for name in command.__struct_fields__ if name != "part")
    return found


def knob(do: str, ends: tuple[float, float] | None = None) -> ControlReader:
    return reader(Control(parse_trigger("cc 21"), do, range=ends))


@pytest.mark.parametrize(
    ("ends", "value", "bpm"),
    [
        ((60.0, 187.0), 0, 60.0),
        ((60.0, 187.0), 127, 187.0),
        ((60.0, 187.0), 40, 100.0),
        ((187.0, 60.0), 0, 187.0),  # reversed
        ((187.0, 60.0), 127, 60.0),
        ((60.0, 180.0), 64, 120.0),  # 120.47: whole beats a minute
        (None, 0, 50.0),
        (None, 127, 200.0),
    ],
)
def test_the_place_of_a_knob_between_its_ends_is_the_tempo(
    ends: tuple[float, float] | None, value: int, bpm: float
) -> None:
    assert knob("tempo", ends).read(control(1, 21, value), at_value(bpm)) == (SetTempo(bpm),)


@pytest.mark.parametrize(
    ("do", "ends", "fits"),
    [
        ("band_volume", (60, 62), True),
        ("band_volume", (60, 61), False),  # one step is no knob
        ("band_volume", (0, 127), True),
        ("band_volume", (-1, 127), False),
        ("band_volume", (0, 128), False),
        ("creativity", (0.5, 0.6), True),
        ("creativity", (0.5, 0.5), False),
        ("creativity", (1.0, 0.0), True),
        ("genres", (0, 10), False),
        ("fill", (0, 10), False),
    ],
)
def test_the_ends_of_a_knob_lie_within_its_command_and_apart(do: str, ends: tuple[float, float], fits: bool) -> None:
    page = ControlMap("x", controls=(Control(parse_trigger("cc 21"), do, range=ends),))
    problems = [str(problem.why) for problem in problems_of(page)]
    assert (problems == []) == fits
    assert all(problem.startswith(f"range: found {ends[0]:g} to {ends[1]:g}, expected ") for problem in problems)


def test_a_knob_over_a_value_that_stands_nowhere_takes_hold_at_once() -> None:
    assert knob("band_volume").read(control(1, 21, 3), at_value(None)) == (SetBandVolume(3),)


def test_a_knob_over_a_value_beyond_its_own_ends_waits_at_the_nearer_end() -> None:
    at = knob("tempo", (60.0, 180.0))
    read = [at.read(control(1, 21, value), at_value(250.0)) for value in (60, 120, 124)]
    assert read == [(), (), (SetTempo(177.0),)]


@pytest.mark.parametrize(("first", "then", "holds"), [(50, 70, True), (70, 50, True), (50, 60, False), (70, 68, False)])
def test_a_knob_takes_hold_when_it_passes_the_value_from_either_side(first: int, then: int, holds: bool) -> None:
    at = knob("band_volume")
    assert at.read(control(1, 21, first), at_value(64.0)) == ()
    assert at.read(control(1, 21, then), at_value(64.0)) == ((SetBandVolume(then),) if holds else ())


@given(st.lists(st.integers(0, FULL), min_size=1, max_size=30), st.integers(0, FULL))
def test_the_first_command_of_a_knob_is_near_the_value_or_beyond_it(values: list[int], current: int) -> None:
    """Nothing jumps: before the first command, all the knob's places lay on one side of the value."""
    found = turned(knob("band_volume"), values, float(current))
    if not found:
        assert all(abs(value - current) > PICK_UP for value in values)
        assert len({value > current for value in values}) == 1
        return
    took = len(values) - len(found)
    assert found == [SetBandVolume(value) for value in values[took:]], "having hold, it is followed"
    before = values[:took]
    assert all(abs(value - current) > PICK_UP for value in before)
    assert len({value > current for value in before}) <= 1


@given(st.lists(st.integers(-12, 12).filter(bool), min_size=1, max_size=30), st.floats(0, 1))
def test_an_encoder_keeps_a_value_between_its_ends(turns: list[int], current: float) -> None:
    at = reader(Control(parse_trigger("cc 21"), "creativity", sends="binary_offset"))
    amount = current
    for turn in turns:
        [command] = at.read(control(1, 21, 64 + turn), at_value(amount)) or ()
        assert isinstance(command, SetCreativity)
        assert command.amount == pytest.approx(min(1.0, max(0.0, amount + turn / FULL)))
        amount = command.amount


@pytest.mark.parametrize(
    ("values", "steps"),
    [
        ([2, 1, 0, 0, 0], [0, -1, -1, -1, -1]),  # at its lower end it repeats 0
        ([126, 127, 127, 127], [0, 1, 1, 1]),
        ([64, 64, 65], [0, 0, 1]),
        ([0, 127], [0, 1]),
    ],
)
def test_an_encoder_that_sends_its_place_goes_on_stepping_at_its_ends(values: list[int], steps: list[int]) -> None:
    at = reader(Control(parse_trigger("cc 21"), "genres"))
    found = []
    for value in values:
        commands = at.read(control(1, 21, value), at_value(None)) or ()
        found.append(sum(command.by for command in commands if isinstance(command, StepGenre)))
    assert found == steps


def test_a_knob_below_whose_travel_the_value_stands_waits_at_the_lower_end() -> None:
    at = knob("tempo", (60.0, 187.0))
    assert [at.read(control(1, 21, value), at_value(40.0)) for value in (9, 4, 3)] == [(), (), (SetTempo(63.0),)]


def test_a_reversed_encoder_turns_the_value_the_other_way() -> None:
    at = reader(Control(parse_trigger("cc 21"), "tempo", range=(180.0, 60.0), sends="twos_complement"))
    up, down = (at.read(control(1, 21, value), at_value(100.0)) for value in (1, 127))
    assert (up, down) == ((SetTempo(99.0),), (SetTempo(101.0),))


@pytest.mark.parametrize(
    ("ends", "up", "down"),
    [
        (None, 0.6 + 1 / FULL, 0.6 - 1 / FULL),
        ((0.5, 1.0), 0.6 + 0.5 / FULL, 0.6 - 0.5 / FULL),
        ((1.0, 0.5), 0.6 - 0.5 / FULL, 0.6 + 0.5 / FULL),
        ((0.6, 1.0), 0.6 + 0.4 / FULL, 0.6),
    ],
)
def test_an_encoder_moves_a_value_by_a_127th_of_its_travel(
    ends: tuple[float, float] | None, up: float, down: float
) -> None:
    at = reader(Control(parse_trigger("cc 21"), "creativity", range=ends, sends="twos_complement"))
    for value, amount in ((1, up), (127, down)):
        [command] = at.read(control(1, 21, value), at_value(0.6)) or ()
        assert isinstance(command, SetCreativity)
        assert command.amount == pytest.approx(amount)


def test_an_encoder_over_a_value_that_stands_nowhere_has_nothing_to_move() -> None:
    at = reader(Control(parse_trigger("cc 21"), "band_volume", sends="twos_complement"))
    assert at.read(control(1, 21, 1), at_value(None)) == ()
    assert at.read(control(1, 21, 0), at_value(64.0)) == (), "no turn"


@pytest.mark.parametrize("clicks", [1, 2, 3, 5])
@given(turns=st.lists(st.sampled_from([-3, -2, -1, 1, 2, 3]), min_size=1, max_size=20))
def test_so_many_clicks_one_way_are_a_step(clicks: int, turns: list[int]) -> None:
    at = reader(Control(parse_trigger("cc 21"), "genres", clicks=clicks, sends="binary_offset"))
    steps = []
    for turn in turns:
        commands = at.read(control(1, 21, 64 + turn), at_value(None)) or ()
        steps.append(sum(command.by for command in commands if isinstance(command, StepGenre)))
    run = 0
    for turn, step in zip(turns, steps, strict=True):
        run = run + turn if run * turn >= 0 else turn
        assert step == int(run / clicks)
        run -= step * clicks
    if all(turn > 0 for turn in turns):
        assert sum(steps) == sum(turns) // clicks


def test_a_control_of_one_channel_goes_before_the_same_control_of_any_channel() -> None:
    at = reader(("note 36", "fill"), ("note 36 channel 10", "tap"))
    assert at.read(note_on(10, 36, 80), at_value(None)) == (Tap(),)
    assert at.read(note_on(1, 36, 80), at_value(None)) != (Tap(),)


def test_a_page_takes_further_controls_in_the_place_of_those_they_collide_with() -> None:
    page = ControlMap(
        "x", controls=tuple(Control(parse_trigger(on), "fill") for on in ("cc 1", "note 41", "keys 36 + C"))
    )
    more = tuple(Control(parse_trigger(on), "tap") for on in ("keys 41 + D", "keys 36 + C E", "cc 1 channel 2"))
    merged = page.with_controls(more)
    assert [str(one.on) for one in merged.controls] == ["cc 1", *(str(one.on) for one in more)]
    assert problems_of(merged) == []
    assert page.with_controls(()) is page


LEGAL_KEYS = st.lists(st.tuples(st.sampled_from([1, 10]), st.sampled_from([36, 41, 43, 60, 62, 64])), max_size=40)


@given(LEGAL_KEYS)
def test_a_key_that_sounded_is_let_go_and_one_that_commanded_is_not(presses: list[tuple[int, int]]) -> None:
    """Each item presses the key if it is up, else lets it go: a keyboard's legal messages, in any order."""
    at = reader(
        ("note 36 channel 10", "fill"), ("keys 41 + C", "tap"), ("keys 41 + D E", "play"),
        Control(parse_trigger("keys 43 + C"), "mute", part="drums"),
    )  # fmt: skip
    down: dict[tuple[int, int], bool] = {}
    for channel, pitch in presses:
        if (channel, pitch) not in down:
            down[channel, pitch] = at.read(note_on(channel, pitch, 80), at_value(None)) is None
        else:
            is_music = at.read(note_off(channel, pitch), at_value(None)) is None
            assert is_music == down.pop((channel, pitch))
    for channel, pitch in list(down):
        assert (at.read(note_off(channel, pitch), at_value(None)) is None) == down.pop((channel, pitch))
    assert at.read(note_on(1, 60, 80), at_value(None)) is None, "with all keys up, a key is music again"


def test_a_second_switch_takes_over_from_one_that_is_still_held() -> None:
    at = reader(("keys 41 + C", "tap"), Control(parse_trigger("keys 43 + C"), "mute", part="drums"))
    keys = [
        note_on(1, 41, 9),
        note_on(1, 43, 9),
        note_on(1, 60, 9),
        note_off(1, 60),
        note_off(1, 43),
        note_on(1, 60, 9),
    ]
    assert [at.read(message, at_value(None)) for message in keys] == [(), (), (Mute("drums"),), (), (), None]


@given(st.lists(st.builds(Midi, st.sampled_from(range(0x80, 0xF0, 16)), st.integers(1, 16), st.integers(0, 127),
                          st.integers(0, 127)), max_size=40))  # fmt: skip
def test_whatever_a_keyboard_sends_is_music_or_commands_of_the_page(messages: list[Midi]) -> None:
    words = {"fill", "tap", "tempo", "genres", "genre"}
    at = reader(
        ("note 36", "fill"), ("keys 41 + C", "tap"), ("cc 21", "tempo"), ("cc 22", "genres"),
        Control(parse_trigger("program 3"), "genre", name="jazz"),
    )  # fmt: skip
    for message in messages:
        for command in at.read(message, at_value(100.0)) or ():
            assert command.__struct_config__.tag in words
