"""Every command of the player: its words, its bounds, what it switches, what it hands on, and what then sounds."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from composerd.engine.command_fields import Field, Shape
from composerd.engine.command_table import Command, Kind, Word
from composerd.engine.commands import TABLE
from composerd.engine.commands.band import EndBand, SetMode
from composerd.engine.commands.genre import StepGenre
from composerd.engine.commands.harmony import SetKey, TransposeBand, TransposeKeys
from composerd.engine.commands.mixer import Mute, SetInstrument
from composerd.engine.commands.time import SetMetre
from composerd.engine.conductor import Conductor, Start
from composerd.engine.messages import KeyboardMessage, Mode
from composerd.engine.output.stage import Stage
from composerd.engine.settings import EngineSettings
from composerd.engine.virtual import VirtualInbox
from composerd.errors import Unfit
from composerd.music.midi import PAN, PROGRAM, VOLUME, Midi, control, note_off, note_on, program
from fakes import InstantComposer, ListeningSink, duo, echo_bass
from performed import BEAT, Line, Performed, keys

WORDS = list(TABLE.words.values())
NUMBERS = [(word, one) for word in WORDS for one in word.fields if one.shape in (Shape.NUMBER, Shape.WHOLE)]
SWITCHES = [word for word in WORDS if word.kind is Kind.TOGGLE]
EXAMPLES = {"metre": "7/8", "key": "Eb"}


def example(one: Field) -> str:
    """A word that the field takes."""
    if one.shape is Shape.SWITCH:
        return "on"
    if one.shape in (Shape.NUMBER, Shape.WHOLE):
        return f"{one.high:g}"
    return one.choices[-1] if one.choices else EXAMPLES.get(one.of, "bass")


def said(word: Word, **instead: str) -> list[str]:
    """The command in words, with an example for each field, or what stands in its place."""
    return [word.name, *(instead.get(one.name, example(one)) for one in word.fields)]


class Stand:
    """A band at rest, to which commands are given."""

    def __init__(self, mode: Mode = Mode.JAM) -> None:
        inbox, self.sink, self.delegated = VirtualInbox(), ListeningSink(), list[object]()
        self.conductor = Conductor(
            inbox, InstantComposer(inbox, echo_bass), Stage([self.sink], duo()), EngineSettings(), Start(mode, 120.0),
            delegate=self.delegated.append,
        )  # fmt: skip

    def do(self, text: str) -> object:
        """Carry out a command in words; returns where its quantity stands then."""
        command = TABLE.parse(text.split())
        self.conductor.handle(command)
        return command.current(self.conductor.band)

    @property
    def sent(self) -> list[Midi]:
        return [played.message for played in self.sink.heard]


@pytest.mark.parametrize("word", WORDS, ids=lambda word: word.name)
def test_a_command_in_words_is_the_one_in_json_and_shows_its_use(word: Word) -> None:
    command = TABLE.parse(said(word))
    values = {one: getattr(command, one) for one in command.__struct_fields__}
    assert TABLE.read(json.loads(json.dumps({"do": word.name, **values}))) == command
    assert word.usage.split()[0] == word.name
    assert len(word.usage.split()) == 1 + len(word.fields)
    assert word.described()["name"] == word.name


@pytest.mark.parametrize("word", WORDS, ids=lambda word: word.name)
def test_a_word_too_many_and_a_word_too_few_are_refused_with_what_is_expected(word: Word) -> None:
    with pytest.raises(Unfit) as told:
        TABLE.parse([*said(word), "more"])
    assert told.value.field == word.name
    needed = sum(one.needed for one in word.fields)
    if needed:
        with pytest.raises(Unfit, match=f"^{word.name}: found "):
            TABLE.parse(said(word)[:needed])


@pytest.mark.parametrize(("word", "one"), NUMBERS, ids=[f"{word.name} {one.name}" for word, one in NUMBERS])
def test_a_number_is_taken_up_to_its_bounds_and_no_further(word: Word, one: Field) -> None:
    for value in (one.low, one.high):
        assert getattr(TABLE.parse(said(word, **{one.name: f"{value:g}"})), one.name) == value
    for text in (f"{one.low - 1:g}", f"{one.high + 1:g}", "many", "", "nan", "inf", "1e999"):
        with pytest.raises(Unfit) as told:
            TABLE.parse(said(word, **{one.name: text}))
        assert str(told.value) == f"{one.name}: found {text!r}, expected {one.expected}"
    if one.shape is Shape.WHOLE:
        with pytest.raises(Unfit, match="expected a whole number"):
            TABLE.parse(said(word, **{one.name: "0.5"}))


@pytest.mark.parametrize("word", SWITCHES, ids=lambda word: word.name)
def test_a_switch_is_set_or_turned(word: Word) -> None:
    stand, part = Stand(), " bass" if word.part is not None else ""
    name = f"{word.name}{part}"
    first = stand.do(f"{name} on")
    assert first is True
    assert [stand.do(f"{name} {state}".strip()) for state in ("on", "off", "off", "", "")] == [
        True, False, False, True, False,
    ]  # fmt: skip
    with pytest.raises(Unfit, match="on: found 'maybe', expected on or off"):
        stand.do(f"{name} maybe")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("mode waltz", "mode: found 'waltz', expected jam or phrase"),
        ("variation C", "name: found 'C', expected A, B or auto"),
        ("end soon", "when: found 'soon', expected bar or now"),
        (
            "metre 4/5",
            "name: found '4/5', expected a time signature such as 4/4, 3/4, 7/8 or 12/8, whose bars are whole",
        ),
        ("key X", "name: found 'X', expected a key such as G, Eb or F#m, or none"),
        ("chord_loop 9", "slot: found '9', expected 1, 2, 3, 4, 5, 6, 7 or 8"),
        ("volume", "volume: found nothing, expected PART LEVEL"),
        ("volume bass", "volume: found bass, expected PART LEVEL"),
        ("fill now", "fill: found now, expected nothing more"),
    ],
)
def test_what_a_command_cannot_take_is_named_with_what_it_can(text: str, expected: str) -> None:
    with pytest.raises(Unfit) as told:
        TABLE.parse(text.split())
    assert str(told.value).startswith(expected)


@pytest.mark.parametrize(
    ("texts", "stands"),
    [
        (["variation", "variation", "variation B", "variation"], ["B", "A", "B", "A"]),
        (["auto_variation", "variation"], [None, "B"]),
        (["mode", "mode", "mode jam", "mode phrase"], ["phrase", "jam", "jam", "phrase"]),
        (["metre 3/4", "metre 3/4 back", "metre 3/4 back", "metre 4/4"], ["3/4", "4/4", "3/4", "4/4"]),
        (["key Eb", "key f#m", "key none", "key"], ["Eb", "F#m", "none", "none"]),
        (["tempo 90", "half_time", "tempo 300"], [90.0, None, 300.0]),
        (["transpose_keys -11", "transpose_keys 0"], [-11, 0]),
        (["transpose_band 5", "transpose_band 0"], [5, 0]),
        (["swing 1", "swing 0", "swing"], [1.0, 0.0, 0.0]),
        (["instrument bass 38", "instrument bass", "instrument violin 3"], [38, 33, None]),
        (["save_preset gig", "save_preset"], [None, None]),
        (["chord_loop 3", "clear_loop 3", "chord_loop"], ["recording 3", None, "recording 1"]),
    ],
)  # fmt: skip
def test_a_quantity_stands_where_the_last_command_put_it(texts: list[str], stands: list[object]) -> None:
    stand = Stand()
    assert [stand.do(text) for text in texts] == stands


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        ("volume bass 40", [control(2, VOLUME, 40)]),
        ("volume drums 0", [control(10, VOLUME, 0)]),
        ("band_volume 50", [control(10, VOLUME, 50), control(2, VOLUME, 50)]),
        ("master_volume 127", [control(1, VOLUME, 127), control(10, VOLUME, 127), control(2, VOLUME, 127)]),
        ("pan bass 20", [control(2, PAN, 20)]),
        ("instrument bass 38", [program(2, 38)]),
        ("volume nobody 5", []),
        ("pan nobody 5", []),
        ("instrument nobody 5", []),
        ("mute bass on", []),
    ],
)  # fmt: skip
def test_the_mixers_commands_are_sent_at_once(text: str, sent: list[Midi]) -> None:
    stand = Stand()
    stand.do(text)
    assert stand.sent == sent
    stand.do(text)
    assert stand.sent == sent, "and once"


@pytest.mark.parametrize(
    ("text", "delegated"),
    [
        ("next_genre", StepGenre(1)),
        ("previous_genre", StepGenre(-1)),
        ("genres -7", StepGenre(-7)),
        *((text, None) for text in ("genre jazz", "song blues", "preset gig", "set_list gig", "entry 3", "next_song",
                                    "previous_song", "save")),
    ],
)  # fmt: skip
def test_what_only_the_program_can_do_is_handed_on(text: str, delegated: Command | None) -> None:
    stand = Stand()
    command = TABLE.parse(text.split())
    stand.conductor.handle(command)
    assert stand.delegated == [delegated or command]


def test_a_preset_without_a_name_is_the_one_that_was_used_last_and_none_before_that() -> None:
    stand = Stand()
    stand.do("save_preset")
    assert stand.delegated == []
    stand.do("save_preset gig")
    stand.do("tempo 90")
    stand.do("save_preset")
    assert [getattr(one, "name", None) for one in stand.delegated] == ["gig", "gig"]


@pytest.mark.parametrize("mode", list(Mode))
@pytest.mark.parametrize("word", [word for word in WORDS if word.name != "quit"], ids=lambda word: word.name)
def test_any_command_may_be_given_to_a_band_at_rest(word: Word, mode: Mode) -> None:
    stand = Stand(mode)
    stand.conductor.handle(TABLE.parse(said(word)))
    stand.conductor.handle(EndBand("now"))
    assert stand.sink.sounding == set()
    assert not stand.conductor.band.mode.playing


def test_keys_that_are_transposed_sound_higher_and_end_where_they_began() -> None:
    line: list[Line] = [
        (0.0, TransposeKeys(3)),
        (0.1, KeyboardMessage(0.1, note_on(1, 60, 80))),
        (0.2, TransposeKeys(0)),
        (0.3, KeyboardMessage(0.3, note_off(1, 60))),
        (0.4, KeyboardMessage(0.4, note_on(1, 60, 80))),
        (0.5, KeyboardMessage(0.5, note_off(1, 60))),
    ]
    played = Performed(line, until=0.9)
    own = [one.message for one in played.sink.heard if one.part is None]
    assert [(one.starts_note, one.data1) for one in own] == [(True, 63), (False, 63), (True, 60), (False, 60)]


def test_a_band_that_is_transposed_plays_in_the_players_sounding_key() -> None:
    tune = keys(*((BEAT * i, 64) for i in range(8)), length=0.2)
    plain, higher = Performed(tune, 3.9), Performed([(0.0, TransposeBand(5)), *tune], 3.9)
    assert [request.melody.pitch[-1] for request in higher.composer.requests[2:]] == [
        pitch - 5 if pitch >= 0 else pitch for pitch in (one.melody.pitch[-1] for one in plain.composer.requests[2:])
    ]
    assert higher.sink.onsets(0) == plain.sink.onsets(0), "drums have no key"


def test_a_key_that_was_said_goes_with_every_request() -> None:
    played = Performed([(0.0, SetKey("Eb")), *keys((0.1, 60)), (2.3, SetKey("none"))], 4.2)
    said_keys = [str(request.directions.key) for request in played.composer.requests]
    assert said_keys[0] == "Eb"
    assert said_keys[-1] == "None"


def test_a_muted_part_is_composed_and_not_heard() -> None:
    line = keys(*((BEAT * i, 60) for i in range(12)), length=0.2)
    played = Performed([(0.0, Mute("bass", True)), *line, (4.1, Mute("bass", False))], 5.9)
    assert [at for at, _ in played.sink.onsets(1) if at < 4.1] == []
    assert [at for at, _ in played.sink.onsets(1) if at > 4.1]


def test_an_instrument_that_is_chosen_before_the_first_note_is_sent_before_it() -> None:
    played = Performed([(0.0, SetInstrument("bass", 38)), *keys(*((BEAT * i, 60) for i in range(8)))], 3.9)
    messages = [one.message for one in played.sink.heard]
    assert [one for one in messages if one.kind == PROGRAM] == [program(2, 38)]
    first = next(index for index, one in enumerate(messages) if one.channel == 2 and one.starts_note)
    assert messages.index(program(2, 38)) < first


def test_another_mode_silences_what_plays_and_the_same_mode_does_not() -> None:
    tune = keys((0.0, 60), length=9.0)
    assert Performed([*tune, (1.2, SetMode("jam"))], 3.9).drums()[-1] == 3.5
    assert Performed([*tune, (1.2, SetMode("phrase"))], 3.9).drums()[-1] == 1.0


@given(st.lists(st.sampled_from(["3/4", "4/4", "7/8"]), min_size=1, max_size=6))
def test_a_button_for_a_metre_goes_back_to_common_time_when_it_is_the_metre_already(names: list[str]) -> None:
    stand, stands = Stand(), "4/4"
    for name in names:
        stand.conductor.handle(SetMetre(name, "back"))
        stands = "4/4" if name == stands else name
        assert str(stand.conductor.band.metre) == stands
