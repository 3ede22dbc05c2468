from __future__ import annotations

import pytest

from composerd.engine.command_table import Command
from composerd.engine.commands.band import ToggleBand
from composerd.engine.commands.form import Fill
from composerd.engine.commands.genre import ChooseGenre, StepGenre
from composerd.engine.commands.mixer import Mute, SetBandVolume, SetVolume
from composerd.engine.commands.time import SetMetre, SetTempo, Tap
from composerd.engine.controls.control_reader import ControlReader
from composerd.engine.controls.page import Control, ControlMap
from composerd.engine.controls.page_problems import problems_of
from composerd.engine.controls.tap import TapTempo
from composerd.engine.controls.triggers import Trigger, parse_trigger
from composerd.music.midi import Midi, control, note_off, note_on, program

STANDS = {"tempo": 100.0, "band_volume": 64.0}


def page(*lines: Control) -> ControlMap:
    made = ControlMap("test", controls=lines)
    assert problems_of(made) == []
    return made


def does(on: str, do: str, **rest: object) -> Control:
    return Control(parse_trigger(on), do, **rest)  # type: ignore[arg-type]  # by name


def read(reader: ControlReader, *messages: Midi, stands: dict[str, float] | None = None) -> list[object]:
    def where(command: Command) -> float | None:
        word, part = str(type(command).__struct_config__.tag), getattr(command, "part", "")
        return (stands or STANDS).get(f"{word} {part}".strip())

    return [reader.read(message, where) for message in messages]


def test_a_button_acts_on_the_press_and_needs_no_release() -> None:
    reader = ControlReader(page(does("cc 105", "play")))
    assert read(reader, control(1, 105, 127), control(1, 105, 127)) == [(ToggleBand(),), (ToggleBand(),)]
    assert read(reader, control(1, 105, 0)) == [()]


def test_a_pedal_that_says_how_far_it_is_down_is_pressed_once() -> None:
    reader = ControlReader(page(does("cc 64", "fill")))
    moved = read(reader, *(control(1, 64, value) for value in (0, 12, 60, 127, 127, 80, 3, 0, 40)))
    assert [bool(commands) for commands in moved] == [False, True, False, False, True, False, False, False, True]


def test_what_is_not_mapped_is_music() -> None:
    reader = ControlReader(page(does("cc 105", "play"), does("note 36", "fill")))
    music = [
        note_on(1, 60, 80),
        note_off(1, 60),
        control(1, 64, 127),
        control(1, 1, 3),
        program(1, 5),
        Midi(0xE0, 1, 0, 64),
    ]
    assert read(reader, *music) == [None] * len(music)


def test_a_mapped_key_never_sounds_neither_pressed_nor_released_nor_leaned_on() -> None:
    reader = ControlReader(page(does("note 36", "fill")))
    messages = note_on(1, 36, 80), Midi(0xA0, 1, 36, 50), note_off(1, 36), note_on(1, 36, 0)
    assert read(reader, *messages)[:3] == [(Fill(),), (), ()]


def test_a_program_change_can_choose_a_genre() -> None:
    reader = ControlReader(page(does("program 0", "genre", name="jazz")))
    assert read(reader, program(1, 0), program(1, 1)) == [(ChooseGenre("jazz"),), None]


def test_a_control_of_one_channel_leaves_the_others_alone() -> None:
    reader = ControlReader(page(does("cc 20 channel 2", "fill"), does("note 36 channel 10", "tap")))
    assert read(reader, control(1, 20, 1), control(2, 20, 1), note_on(10, 36, 9)) == [None, (Fill(),), (Tap(),)]


def test_a_knob_waits_until_it_passes_what_it_controls() -> None:
    reader = ControlReader(page(does("cc 21", "tempo", range=(50.0, 177.0))))
    values = [read(reader, control(1, 21, value))[0] for value in (10, 20, 40, 60, 70)]
    assert values == [(), (), (), (SetTempo(110.0),), ()], "the tempo stayed 100: somebody else took it back"
    stands = {"tempo": 110.0}
    assert read(reader, control(1, 21, 61), stands=stands) == [(SetTempo(111.0),)]


def test_a_knob_that_stands_where_the_value_is_takes_hold_at_once() -> None:
    reader = ControlReader(page(does("cc 21", "tempo", range=(50.0, 177.0))))
    assert read(reader, control(1, 21, 51)) == [(SetTempo(101.0),)]


def test_a_fast_turn_of_a_knob_that_has_hold_is_followed_however_far() -> None:
    reader = ControlReader(page(does("cc 22", "band_volume")))
    commands: list[object] = []
    stands = {"band_volume": 64.0}
    for value in (64, 127, 0, 90):
        (answer,) = read(reader, control(1, 22, value), stands=stands)
        assert isinstance(answer, tuple)
        commands += answer
        stands["band_volume"] = answer[0].level
    assert commands == [SetBandVolume(value) for value in (64, 127, 0, 90)]


def test_a_knob_loses_hold_when_somebody_else_changes_the_value() -> None:
    reader = ControlReader(page(does("cc 22", "band_volume")))
    read(reader, control(1, 22, 64))
    assert read(reader, control(1, 22, 66), stands={"band_volume": 114.0}) == [()]


def test_an_encoder_steps_both_ways_also_when_it_rests_at_its_end() -> None:
    reader = ControlReader(page(does("cc 10", "genres", clicks=2)))
    up = read(reader, *(control(1, 10, value) for value in (125, 126, 127, 127, 127, 126, 125)))
    assert up == [(), (), (StepGenre(1),), (), (StepGenre(1),), (), (StepGenre(-1),)]


@pytest.mark.parametrize(
    ("sends", "up", "down"),
    [("twos_complement", 1, 127), ("binary_offset", 65, 63), ("signed_bit", 1, 65), ("signed_bit_reversed", 65, 1)],
)
def test_an_encoder_without_an_end_steps_by_what_it_sends(sends: str, up: int, down: int) -> None:
    reader = ControlReader(page(does("cc 10", "genres", clicks=2, sends=sends), does("cc 11", "tempo", sends=sends)))
    turned = read(reader, *(control(1, 10, value) for value in (up, up, down, up, up, down, down)))
    assert turned == [(), (StepGenre(1),), (), (), (StepGenre(1),), (), (StepGenre(-1),)]
    assert read(reader, control(1, 11, up), control(1, 11, down)) == [(SetTempo(101.0),), (SetTempo(99.0),)]


def test_a_fast_turn_of_an_encoder_is_several_steps_and_its_value_stays_within_its_ends() -> None:
    lines = does("cc 10", "genres", sends="twos_complement"), does("cc 11", "band_volume", sends="twos_complement")
    reader = ControlReader(page(*lines))
    assert read(reader, control(1, 10, 3), control(1, 10, 126)) == [(StepGenre(3),), (StepGenre(-2),)]
    stands = {"band_volume": 126.0}
    assert read(reader, control(1, 11, 20), stands=stands) == [(SetBandVolume(127),)]


def test_an_encoder_moves_on_from_wherever_the_value_is() -> None:
    reader = ControlReader(page(does("cc 11", "band_volume", sends="binary_offset", range=(0, 64))))
    for level in (10.0, 40.0):
        (moved,) = read(reader, control(1, 11, 74), stands={"band_volume": level})
        assert isinstance(moved, tuple)
        assert moved[0].level == level + 10


def test_a_knob_can_place_a_part_and_another_set_its_loudness() -> None:
    reader = ControlReader(page(does("cc 30", "pan", part="bass"), does("cc 31", "volume", part="comp")))
    stands = {"pan bass": 64.0, "volume comp": 95.0}
    (placed,) = read(reader, control(1, 30, 66), stands=stands)
    assert isinstance(placed, tuple)
    assert (placed[0].part, placed[0].place) == ("bass", 66)
    assert read(reader, control(1, 31, 20), control(1, 31, 127), stands=stands) == [(), (SetVolume("comp", 127),)]


def test_the_fine_half_of_a_control_that_commands_is_no_music() -> None:
    reader = ControlReader(page(does("cc 21", "tempo"), does("cc 39", "creativity")))
    assert read(reader, control(1, 53, 9), control(1, 54, 9)) == [(), None]
    assert read(reader, control(1, 39, 64), stands={"creativity": 0.5}) != [None]


def test_a_key_can_choose_the_time_signature() -> None:
    reader = ControlReader(page(does("note 36", "metre", name="3/4")))
    assert read(reader, note_on(1, 36, 80)) == [(SetMetre("3/4", "back"),)]


def test_a_key_switch_commands_with_the_keys_pressed_beside_it_and_none_of_them_sounds() -> None:
    reader = ControlReader(page(does("keys 41 + C", "fill"), does("keys 41 + D F", "mute", part="drums")))
    lines: list[tuple[Midi, tuple[Command, ...] | None]] = [
        (note_on(1, 41, 80), ()),
        (note_on(1, 60, 80), (Fill(),)),
        (note_off(1, 60), ()),
        (note_on(1, 65, 80), ()),
        (note_on(1, 62, 80), (Mute("drums"),)),
        (note_off(1, 41), ()),
        (note_off(1, 65), ()),
        (note_on(1, 64, 80), None),
        (note_off(1, 62), ()),
        (note_off(1, 64), None),
    ]
    assert read(reader, *(message for message, _ in lines)) == [command for _, command in lines]


def test_keys_beside_a_key_switch_command_also_when_the_one_before_is_still_down() -> None:
    reader = ControlReader(page(does("keys 41 + C", "fill"), does("keys 41 + D", "tap"), does("keys 41 + E G", "play")))
    pressed = read(reader, *(note_on(1, key, 80) for key in (41, 60, 62, 64, 67)))
    assert pressed == [(), (Fill(),), (Tap(),), (), ()]
    assert read(reader, note_off(1, 60), note_off(1, 62), note_off(1, 64), note_on(1, 64, 80))[3] == (ToggleBand(),)


def test_an_octave_of_a_key_beside_a_key_switch_gives_its_command_once_more_only_when_pressed_alone() -> None:
    reader = ControlReader(page(does("keys 41 + C", "fill"), does("keys 41 + D F", "tap")))
    assert read(reader, *(note_on(1, key, 80) for key in (41, 60, 72))) == [(), (Fill(),), ()]
    assert read(reader, note_off(1, 60), note_on(1, 60, 80), note_off(1, 72), note_off(1, 60)) == [(), (), (), ()]
    assert read(reader, note_on(1, 72, 80), note_on(1, 72, 80)) == [(Fill(),), (Fill(),)], "a note-off may be lost"
    assert read(reader, note_off(1, 72), *(note_on(1, key, 80) for key in (62, 65, 74))) == [(), (), (Tap(),), ()]


def test_a_pad_and_a_key_of_one_number_are_two() -> None:
    reader = ControlReader(page(does("note 36 channel 10", "fill")))
    assert read(reader, note_on(1, 36, 80), note_on(10, 36, 80)) == [None, (Fill(),)]
    assert read(reader, note_off(1, 36), note_off(10, 36)) == [None, ()]


def test_a_note_that_sounded_before_the_switch_was_held_ends_as_a_note() -> None:
    reader = ControlReader(page(does("keys 41 + C", "fill")))
    assert read(reader, note_on(1, 60, 80), note_on(1, 41, 80), note_off(1, 60)) == [None, (), None]


@pytest.mark.parametrize(
    "text", ["cc 105", "note 36", "program 3", "cc 20 channel 16", "keys 41 + C", "keys 108 + C# F#"]
)
def test_a_trigger_is_read_as_it_is_written(text: str) -> None:
    assert str(parse_trigger(text)) == text


@pytest.mark.parametrize(
    "text", ["", "105", "cc", "cc 128", "note 60 channel 17", "keys 41", "keys 41 + H", "keys 200 + C"]
)
def test_what_is_no_trigger_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="expected"):
        parse_trigger(text)


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        ([Control(Trigger("cc", 1), "plya")], "do: found 'plya', expected the word of a command; did you mean play?"),
        ([does("note 36", "tempo")], "on: found note 36, expected a controller for tempo"),
        ([does("cc 1", "mute")], "part: found nothing, expected the name or role of a part"),
        ([does("cc 1", "tempo", range=(90.0, 90.0))], "range: found 90 to 90, expected two different ends"),
        ([does("cc 1", "genres", clicks=0)], "clicks: found 0, expected 1 or more"),
        ([does("cc 1", "fill"), does("cc 1", "tap")], "on: found cc 1, expected a control of its own: cc 1 does fill"),
        ([does("keys 41 + C", "fill"), does("keys 41 + C E", "tap")], "on: found keys 41 + C E, expected a control of"),
        ([does("cc 1", "pan")], "part: found nothing, expected the name or role of a part"),
        ([does("cc 1", "metre", name="waltz")], "name: found 'waltz', expected a time signature"),
        ([does("note 41", "fill"), does("keys 41 + C E", "tap")], "on: found keys 41 + C E, expected a control of"),
    ],
)
def test_a_page_that_cannot_work_says_why(lines: list[Control], problem: str) -> None:
    found = problems_of(ControlMap("test", controls=tuple(lines)))
    assert len(found) == 1
    assert str(found[0].why).startswith(problem)
    assert found[0].control == len(lines) - 1


def tapped(*moments: float) -> float | None:
    tempo, found = TapTempo(), None
    for at in moments:
        found = tempo.tap(at)
    return None if found is None else round(found, 1)


def test_two_taps_make_a_tempo_and_one_does_not() -> None:
    assert tapped(5.0) is None
    assert tapped(5.0, 5.5) == 120.0


def test_a_slip_of_the_finger_is_ignored() -> None:
    assert tapped(0.0, 0.5, 1.0, 1.5, 1.75, 2.0, 2.5) == 120.0
    assert tapped(0.0, 0.5, 1.0, 2.0, 2.5) == 120.0
    assert tapped(0.0, 0.02, 0.5, 1.0, 1.03) == 120.0


def test_two_intervals_that_differ_are_not_averaged_and_the_third_decides() -> None:
    assert tapped(0.0, 0.5, 1.5) == 120.0
    assert tapped(0.0, 0.3, 0.8) == 200.0
    assert tapped(0.0, 0.5, 1.5, 2.0) == tapped(0.0, 0.3, 0.8, 1.3) == 120.0
    assert tapped(0.0, 0.5, 1.5, 2.5) == 60.0


def test_after_a_pause_two_taps_suffice_again() -> None:
    assert tapped(0.0, 0.5, 1.0, 1.5, 4.0, 4.4) == 150.0
    assert tapped(0.0, 0.3, 1.5) is None
    assert tapped(0.0, 0.3, 1.5, 2.5) == 60.0


def test_a_slip_is_no_beat_and_a_tap_after_one_left_out_is() -> None:
    tempo, beats = TapTempo(), []
    for at in (0.0, 0.5, 0.53, 1.0, 1.25, 1.5, 2.0, 3.0):
        tempo.tap(at)
        beats += [at] if tempo.on_beat else []
    assert beats == [0.0, 0.5, 1.0, 2.0, 3.0]


def test_uneven_taps_are_averaged() -> None:
    assert tapped(0.0, 0.49, 1.01, 1.5, 2.0) == 120.0


def test_a_new_tempo_is_taken_once_it_is_sure_and_a_pause_starts_anew() -> None:
    assert tapped(0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 5.0) == 60.0
    assert tapped(0.0, 0.5, 1.0, 9.0) is None
    assert tapped(0.0, 0.5, 1.0, 9.0, 9.3) == 200.0
