"""A preset and a set list in the band: carried out in order, shown, kept, and moved on by program change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from composerd.engine.commands.harmony import TransposeKeys
from composerd.engine.commands.mixer import Mute, SetBandVolume, SetInstrument, SetMasterVolume, SetPan, SetVolume, Solo
from composerd.engine.commands.song import SavePreset, SetListEntry
from composerd.engine.commands.time import SetSwing, SetTempo
from composerd.engine.conductor import Conductor, Start
from composerd.engine.controls.page import Control, ControlMap
from composerd.engine.controls.page_problems import problems_of
from composerd.engine.controls.triggers import parse_trigger
from composerd.engine.messages import (
    Delegated,
    GenreLoaded,
    KeepPreset,
    KeyboardChanged,
    KeyboardMessage,
    Message,
    PresetLoaded,
    SetListMoved,
    Snapshot,
    SongLoaded,
    Stop,
    TimedCommand,
)
from composerd.engine.output.mixer import CENTRE, ORDINARY
from composerd.engine.output.stage import Stage
from composerd.engine.settings import EngineSettings
from composerd.engine.virtual import VirtualInbox
from composerd.files.charts.text import read_text
from composerd.music.midi import CONTROL, PAN, PROGRAM, VOLUME, Midi, control, note_on
from fakes import InstantComposer, ListeningSink, duo, echo_bass

CHART = read_text("title: T\n| C | F |\n")
GIG = SetListMoved("gig", 1, ("opener", "waltz"))


class Set:
    def __init__(self, *asked: Message, page: ControlMap | None = None) -> None:
        inbox, self.sink = VirtualInbox(), ListeningSink()
        self.shown, self.delegated = list[Snapshot](), list[Delegated]()
        inbox.post(0.0, KeyboardChanged(0.0, "a keyboard", controls=page or ControlMap()))
        for index, message in enumerate(asked, 1):
            inbox.post(index / 10, message)
        inbox.post(3.0, Stop())
        composer = InstantComposer(inbox, echo_bass)
        stage = Stage([self.sink], duo())
        Conductor(
            inbox, composer, stage, EngineSettings(), Start(bpm=120.0), self.shown.append, self.delegated.append
        ).run()


def test_a_presets_commands_are_carried_out_and_it_is_shown() -> None:
    played = Set(PresetLoaded("opener", (SetTempo(96.0), SetVolume("bass", 90), TransposeKeys(3))))
    last = played.shown[-1]
    assert (last.preset, last.bpm) == ("opener", 96.0)
    assert last.controls["transpose_keys"] == 3
    assert last.controls["preset"] == "opener"


def test_an_instrument_of_a_preset_belongs_to_the_presets_genre_also_while_the_genre_before_plays_on() -> None:
    other = replace(duo(), name="other")
    key = KeyboardMessage(0.1, note_on(1, 60, 80))
    played = Set(key, GenreLoaded(other), PresetLoaded("opener", (SetInstrument("bass", 38),)))
    before, *_, last = [shown for shown in played.shown if shown.preset]
    assert (before.genre, _bass(before)) == ("duo", 33)
    assert played.sink.genres == ["duo", "other"]
    assert [one.message.data1 for one in played.sink.heard if one.message.kind == PROGRAM] == [38]
    assert (last.genre, _bass(last)) == ("other", 38)


def _bass(shown: Snapshot) -> object:
    """The program of the bass."""
    programs = shown.controls["instrument"]
    assert isinstance(programs, Mapping)
    return programs["bass"]


def test_how_things_stand_is_kept_under_the_name_of_the_preset_that_was_chosen() -> None:
    song = SongLoaded(CHART, name="my-song")
    asked = (song, PresetLoaded("opener", (SetTempo(96.0), SetSwing(0.5), SetVolume("bass", 90))), SavePreset())
    kept = Set(*asked).delegated[-1]
    assert isinstance(kept, KeepPreset)
    assert kept.name == "opener"
    assert {**kept.values} == {
        "genre": "duo", "song": "my-song", "tempo": 96.0, "metre": "4/4", "swing": 0.5, "key": "none",
        "transpose_keys": 0, "transpose_band": 0, "variation": "A", "creativity": 0.3, "left_hand": "off",
        "follow": "off", "volume": {"bass": 90}, "band_volume": 100,
    }  # fmt: skip
    assert Set(SavePreset()).delegated == [], "there is no name for it"


def test_a_preset_sounds_the_same_each_time_whatever_was_turned_before_it() -> None:
    opener = PresetLoaded("opener", (SetVolume("bass", 90), SetInstrument("bass", 38)))
    turned = (Mute("drums", True), Solo("bass", True), SetVolume("drums", 20), SetPan("bass", 10), SetBandVolume(60))
    asked = [TimedCommand(0.0, command) for command in (*turned, SetInstrument("drums", 8))]
    fresh, after = Set(opener).shown[-1], Set(*asked, opener).shown[-1]
    assert (after.muted, after.solo, after.controls) == ((), (), fresh.controls)


def test_the_outputs_are_told_what_a_preset_puts_back() -> None:
    turned = (SetVolume("bass", 20), SetPan("bass", 10), SetInstrument("bass", 38))
    played = Set(*(TimedCommand(0.0, command) for command in turned), PresetLoaded("plain", ()))
    told = [(one.message.kind, one.message.data1, one.message.data2) for one in played.sink.heard if one.part == 1]
    assert told[-3:] == [(PROGRAM, 33, 0), (CONTROL, VOLUME, ORDINARY), (CONTROL, PAN, CENTRE)]


def test_a_preset_leaves_the_master_and_the_metronomes_volume_alone() -> None:
    asked = [TimedCommand(0.0, one) for one in (SetMasterVolume(70), SetVolume("metronome", 30), SetVolume("band", 50))]
    played = Set(*asked, PresetLoaded("plain", ()))
    assert played.shown[-1].controls["master_volume"] == 70
    assert played.shown[-1].controls["band_volume"] == 100


def test_parts_that_were_muted_and_turned_down_by_their_role_are_kept_so() -> None:
    genre = replace(duo(), parts=(duo().parts[0], replace(duo().parts[1], name="contrabass")))
    turned = [TimedCommand(0.0, one) for one in (Mute("bass", True), SetVolume("bass", 90), SetPan("bass", 0))]
    kept = Set(GenreLoaded(genre), *turned, SavePreset("mine")).delegated[-1]
    assert isinstance(kept, KeepPreset)
    assert [kept.values[word] for word in ("mute", "volume", "pan")] == [{"bass": "on"}, {"bass": 90}, {"bass": 0}]


def test_a_presets_controls_are_on_top_of_the_keyboards_page_until_the_next_preset() -> None:
    page = ControlMap(controls=(Control(parse_trigger("cc 20"), "fill"), Control(parse_trigger("cc 21"), "save")))
    own = (Control(parse_trigger("cc 20"), "entry"), Control(parse_trigger("cc 22"), "next_song"))

    def press(number: int) -> KeyboardMessage:
        return KeyboardMessage(0.0, control(1, number, 127))

    with_controls = Set(PresetLoaded("a", (), own), press(22), press(21), page=page)
    assert [type(one).__name__ for one in with_controls.delegated] == ["NextSong", "SaveTake"]
    after = Set(PresetLoaded("a", (), own), PresetLoaded("b", ()), press(22), press(21), page=page)
    assert [type(one).__name__ for one in after.delegated] == ["SaveTake"]
    replugged = Set(PresetLoaded("a", (), own), KeyboardChanged(0.2, "a keyboard"), press(22), page=page)
    assert [type(one).__name__ for one in replugged.delegated] == ["NextSong"]
    assert problems_of(page.with_controls(own)) == []


def test_the_set_list_is_shown_and_program_changes_choose_its_entries() -> None:
    played = Set(GIG, KeyboardMessage(0.2, Midi(PROGRAM, 1, 1)))
    assert played.delegated == [SetListEntry(2)]
    assert played.shown[-1].set_list == "gig 1 of 2: opener, then waltz"
    assert not [one for one in played.sink.heard if one.message.kind == PROGRAM and one.part is None]


def test_without_a_set_list_a_program_change_is_the_players_own() -> None:
    played = Set(GIG, SetListMoved(), KeyboardMessage(0.2, Midi(PROGRAM, 1, 7)))
    assert played.delegated == []
    assert [one.message.data1 for one in played.sink.heard if one.message.kind == PROGRAM and one.part is None] == [7]
