from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Literal

import pytest

from composerd.engine.command_table import Command
from composerd.engine.commands.band import EndBand, Panic, SaveTake, StartBand, StopBand, ToggleBand
from composerd.engine.commands.form import Break, Fill, SetVariation
from composerd.engine.commands.genre import StepGenre
from composerd.engine.commands.harmony import SetCreativity, SetKey, SetLeftHand
from composerd.engine.commands.mixer import Mute, SetInstrument, SetPan, SetVolume, Solo
from composerd.engine.commands.time import (
    DoubleTime,
    HalfTime,
    SetFollow,
    SetMetre,
    SetMetronome,
    SetSwing,
    SetTempo,
    Tap,
)
from composerd.engine.conductor import Start
from composerd.engine.controls.page import Control, ControlMap
from composerd.engine.controls.triggers import parse_trigger
from composerd.engine.jam.intensity import Intensity
from composerd.engine.messages import (
    Composed,
    ControlsChanged,
    GenreLoaded,
    HoldKeyboard,
    KeyboardChanged,
    KeyboardMessage,
    Mode,
    Request,
)
from composerd.engine.settings import EngineSettings
from composerd.generators.plain import PlainGenerator
from composerd.library.genre_files import load_genre
from composerd.music.genre import Feel, Genre
from composerd.music.harmony.key import Key
from composerd.music.midi import PROGRAM, control, note_off, note_on
from composerd.music.notes import PartNote, Section
from fakes import duo, echo_bass
from performed import BAR, BEAT, Line, Performed


class Band(Performed):
    """The same, with what it was told over MIDI."""

    def programs(self) -> list[tuple[float, int, int]]:
        found = [(p.at, p.message) for p in self.sink.heard if p.message.kind == PROGRAM]
        return [(at, message.channel, message.data1) for at, message in found]

    def controls(self, number: int) -> list[tuple[float, int, int]]:
        found = [(p.at, p.message) for p in self.sink.heard if p.message.kind == 0xB0 and p.message.data1 == number]
        return [(at, message.channel, message.data2) for at, message in found]


def held(pitch: int = 60, at: float = 0.0, until: float = 99.0) -> list[Line]:
    return [(at, KeyboardMessage(at, note_on(1, pitch, 80))), (until, KeyboardMessage(until, note_off(1, pitch)))]


def beats(first: int, until: int) -> list[float]:
    return [round(i * BEAT, 6) for i in range(first, until)]


def test_play_starts_the_band_without_a_key() -> None:
    assert Band([(1.0, ToggleBand())], 2.9).drums() == [1.0, 1.5, 2.0, 2.5]


def test_after_play_the_drums_keep_time_alone_until_the_first_key_however_long_that_takes() -> None:
    genre = load_genre("pop")
    key = 61.0
    band = Band([(0.0, ToggleBand()), *held(60, key)], 66.0, genre=genre, rule=PlainGenerator(genre).compose)
    drums = [played.at for played in band.sink.heard if played.part == 0 and played.message.starts_note]
    harmony = [played.at for played in band.sink.heard if (played.part or 0) > 0 and played.message.starts_note]
    assert all(any(bar <= at < bar + 2 for at in drums) for bar in range(0, 66, 2))
    assert 62.0 - 0.05 <= harmony[0] <= 62.0 + 0.05, "the bar line after the first key"
    assert {snapshot.chord for snapshot in band.shown if snapshot.bar and snapshot.bar < 30} == {""}


def test_after_play_the_harmony_comes_with_a_first_key_on_a_bar_line() -> None:
    band = Band([(0.0, ToggleBand()), *held(60, 20.0)], 24.0)
    assert band.bass()[0] == 20.0


def test_after_play_a_pause_counts_from_the_first_key_on() -> None:
    band = Band([(0.0, ToggleBand()), *held(60, 20.0, 20.4)], 40.0)
    assert band.drums()[-1] == 27.5, "two silent bars, and a last one that rings"


def test_play_and_play_again_without_a_key_end_with_drums_alone() -> None:
    genre = load_genre("rock")
    toggles: list[Line] = [(0.0, ToggleBand()), (12.7, ToggleBand())]
    band = Band(toggles, 20.0, genre=genre, rule=PlainGenerator(genre).compose)
    assert {played.part for played in band.sink.heard if played.message.starts_note} == {0}
    assert max(played.at for played in band.sink.heard if played.message.starts_note) <= 14.05


def test_play_again_ends_at_the_next_bar_line_with_a_chord_that_rings() -> None:
    band = Band([(0.0, ToggleBand()), *held(60, 0.1, 4.0), (4.7, ToggleBand())], 12.0, rule=chordal)
    assert band.drums()[-1] == 6.0
    assert band.bass()[-1] == 6.0
    assert max(p.at for p in band.sink.heard if p.message.ends_note) == 8.0


def test_stop_brings_the_last_chord_on_the_next_beat() -> None:
    band = Band([*held(), (4.7, StopBand())], 12.0, rule=chordal)
    assert band.composer.requests[-1].directions.ending_at == 40
    assert band.drums()[-1] == band.bass()[-1] == 5.0


def test_keys_played_into_the_asked_for_ending_do_not_take_it_back_nor_start_anew() -> None:
    band = Band([*held(), (4.7, ToggleBand()), *held(64, 5.5, 5.9), *held(65, 6.03, 6.9)], 7.9, rule=chordal)
    assert band.drums()[-1] == 6.0


def test_the_first_key_after_the_ending_starts_anew() -> None:
    band = Band([*held(until=3.0), (4.7, ToggleBand()), *held(65, 9.1)], 9.4)
    assert band.drums()[-1] == 9.1


def test_stop_twice_is_panic() -> None:
    band = Band([*held(), (4.7, StopBand()), (4.9, StopBand())], 12.0)
    assert band.drums()[-1] == 4.5
    assert band.sink.panics == 1
    assert max(p.at for p in band.sink.heard if p.message.ends_note and p.part is not None) == 4.9


def test_stop_again_later_silences_the_last_chord() -> None:
    band = Band([*held(until=4.0), (4.7, StopBand()), (6.2, StopBand())], 12.0, rule=chordal)
    assert max(p.at for p in band.sink.heard if p.message.ends_note) == 6.2


def chordal(request: Request) -> Composed:
    """The echo bass, with one long note at the ending in both parts."""
    end = request.directions.ending_at
    answer = echo_bass(request)
    if end is None:
        return answer
    sections = []
    for section in answer.sections:
        (part,) = section.parts
        notes = [note for note in section.notes if note.step < end]
        if section.first <= end < section.until:
            notes.append(PartNote(end, part, 36, 90, 16))
        sections.append(Section(section.parts, section.first, section.until, tuple(notes)))
    return Composed(request.serial, tuple(sections))


def test_a_count_in_clicks_and_the_band_starts_after_it() -> None:
    settings = EngineSettings(count_in_bars=1)
    band = Band([(1.0, StartBand()), *held(72, 2.0, 2.1)], 4.9, settings)
    clicks = [(p.at, p.message.channel) for p in band.sink.heard if p.message.starts_note and p.message.channel == 16]
    assert clicks == [(1.0, 16), (1.5, 16), (2.0, 16), (2.5, 16)]
    assert band.drums() == [3.0, 3.5, 4.0, 4.5]
    assert band.sink.sounding == set()


def test_stop_ends_a_count_in() -> None:
    band = Band([(1.0, StartBand()), (2.2, StopBand())], 6.0, EngineSettings(count_in_bars=1))
    assert band.drums() == []
    assert band.sink.sounding == set()


def test_a_fill_asked_for_leads_from_the_next_beat_to_the_next_bar_line() -> None:
    band = Band([*held(), (4.7, Fill())], 7.9)
    asked = [(r.drums_from, r.drums_until) for r in band.composer.requests if r.directions.fill_until == 48]
    assert asked == [(40, 48)]
    assert band.drums() == beats(0, 16)


def test_a_break_silences_the_band_for_a_bar_and_nothing_rings_into_it() -> None:
    band = Band([*held(), (4.7, Break())], 11.9)
    rest = [p for p in band.sink.heard if p.part is not None and p.message.starts_note and 5.95 < p.at < 7.93]
    assert rest == []
    assert band.drums() == beats(0, 12) + beats(16, 24)
    ends = [p.at for p in band.sink.heard if p.part == 1 and p.message.ends_note]
    assert not [at for at in ends if 6.0 < at < 8.0]


def test_a_muted_part_falls_silent_at_once_and_comes_back_on_its_next_note() -> None:
    band = Band([*held(), (2.7, Mute("bass")), (4.2, Mute("bass"))], 5.9)
    assert band.bass() == [2.02, 2.5, 4.5, 5.0, 5.5]
    assert [p.at for p in band.sink.heard if p.part == 1 and p.message.ends_note][1] == 2.7


def test_a_solo_leaves_only_the_part_named_by_its_role() -> None:
    band = Band([*held(), (2.7, Solo("drums", True)), (3.2, Mute("drums", True)), (4.2, Mute("drums", False))], 4.9)
    assert band.bass() == [2.02, 2.5]
    assert band.drums() == [*beats(0, 7), 4.5]


@pytest.mark.parametrize("command", [Mute("theremin"), Solo("theremin")])
def test_muting_or_hearing_alone_a_part_the_genre_does_not_have_is_no_mistake(command: Command) -> None:
    assert Band([*held(), (0.7, command)], 1.9).drums() == beats(0, 4)


def test_volumes_are_controller_seven_of_each_channel() -> None:
    band = Band([(0.5, SetVolume("band", 64)), (0.6, SetVolume("master", 127)), (0.7, SetVolume("master", 127))], 1.0)
    assert band.controls(7) == [(0.5, 10, 64), (0.5, 2, 64), (0.6, 1, 127), (0.6, 10, 81), (0.6, 2, 81)]


def test_the_parts_of_a_new_genre_get_the_volume_before_their_first_note() -> None:
    parts = duo().parts
    other = Genre("other", "Other", "plain", 120.0, (parts[0], type(parts[1])("lead", "lead", 5)))
    band = Band([*held(), (0.5, SetVolume("band", 64)), (0.7, GenreLoaded(other))], 3.0)
    assert (2.0, 5, 64) in band.controls(7)


def test_a_part_is_placed_by_controller_ten_of_its_channel_and_again_in_every_genre_that_has_it() -> None:
    parts = duo().parts
    other = Genre("other", "Other", "plain", 120.0, (parts[0], replace(parts[1], channel=5)))
    lines = [(0.5, SetPan("bass", 0)), (0.6, SetPan("bass", 0)), (0.7, SetPan("bass", 127))]
    band = Band([*held(), *lines, (1.0, GenreLoaded(other)), (3.0, GenreLoaded(duo()))], 5.0)
    assert band.controls(10) == [(0.5, 2, 0), (0.7, 2, 127), (2.0, 5, 127), (4.0, 2, 127)]


def test_a_part_plays_on_another_instrument_from_now_on_and_again_when_its_genre_is_back() -> None:
    other = Genre("other", "Other", "plain", 120.0, duo().parts)
    lines = [(0.5, SetInstrument("bass", 38)), (0.6, SetInstrument("bass", 38)), (0.7, SetInstrument("drums", 25))]
    band = Band([*held(), *lines, (1.0, GenreLoaded(other)), (3.0, GenreLoaded(duo()))], 5.0)
    assert band.programs() == [(0.5, 2, 38), (0.7, 10, 25), (4.0, 10, 25), (4.0, 2, 38)]
    assert band.shown[-1].controls["instrument"] == {"drums": 25, "bass": 38}


def test_without_a_program_a_part_plays_again_what_its_genre_has() -> None:
    own = duo().parts[1].program
    band = Band([(0.5, SetInstrument("bass", 38)), (0.6, SetInstrument("bass")), (0.7, SetInstrument("kazoo", 1))], 1.0)
    assert band.programs() == [(0.5, 2, 38), (0.6, 2, own)]


def test_a_place_in_a_genre_without_the_part_is_no_mistake() -> None:
    assert Band([*held(), (0.5, SetPan("theremin", 96))], 1.9).controls(10) == []


def test_swing_is_a_setting_and_a_control_for_every_genre() -> None:
    def off_beats(request: Request) -> Composed:
        notes = tuple(
            PartNote(step, 0, 42, 80, 1) for step in range(request.drums_from, request.drums_until) if step % 4 == 2
        )
        drums = (Section(frozenset({0}), request.drums_from, request.drums_until, notes),)
        return Composed(request.serial, drums if notes else ())

    straight = [0.25, 0.75, 1.25, 1.75]
    swung = [pytest.approx(beat * BEAT + BEAT * 2 / 3) for beat in range(4)]
    assert Band(held(), 1.9, rule=off_beats).drums() == straight
    assert Band(held(), 1.9, EngineSettings(swing=1.0), rule=off_beats).drums() == swung
    assert Band([(0.0, SetSwing(1.0)), *held()], 1.9, rule=off_beats).drums() == swung
    jazzy = Genre("jazzy", "Jazzy", "plain", 120.0, duo().parts, feel=Feel(swing=1.0))
    assert Band(held(), 1.9, EngineSettings(swing=0.0), genre=jazzy, rule=off_beats).drums() == straight
    while_playing = Band([*held(), (1.0, SetSwing(1.0))], 5.9, rule=off_beats).drums()
    assert while_playing[:8] == [beat + bar for bar in (0, 2) for beat in straight], "what is laid stays"
    assert while_playing[8:] == [pytest.approx(4 + beat * BEAT + BEAT * 2 / 3) for beat in range(4)]
    lines = [(0.0, SetSwing(0.0)), (0.1, SetSwing(None)), *held(at=0.2)]
    assert Band(lines, 0.8, genre=jazzy, rule=off_beats).drums() == [pytest.approx(0.2 + BEAT * 2 / 3)]


def test_the_metronome_is_turned_on_and_off_from_bar_line_to_bar_line() -> None:
    band = Band([*held(), (0.7, SetMetronome()), (2.7, SetMetronome(False))], 5.9)
    clicks = [p.at for p in band.sink.heard if p.message.starts_note and p.message.channel == 16]
    assert clicks == beats(4, 8)


def test_the_metronome_has_a_volume_of_its_own_beneath_the_masters() -> None:
    lines = [(0.1, SetVolume("master", 50)), (1.1, SetVolume("metronome", 50))]
    band = Band([*held(), *lines], 2.9, EngineSettings(metronome=True))
    assert [volume for volume in band.controls(7) if volume[1] == 16] == [(0.1, 16, 50), (1.1, 16, 25)]
    assert [at for at, channel, _ in band.controls(7) if channel == 1] == [0.1]


def test_a_metronome_that_never_clicks_is_told_no_volume_and_one_turned_on_later_is_told_at_its_first_click() -> None:
    lines: list[Line] = [(0.1, SetVolume("master", 50)), (0.7, SetMetronome())]
    quiet, clicking = Band([*held(), lines[0]], 5.9), Band([*held(), *lines], 5.9)
    assert [channel for _, channel, _ in quiet.controls(7)] == [1, 10, 2]
    assert clicking.controls(7)[3:] == [(2.0, 16, 50)]


def test_a_time_signature_holds_from_the_next_bar_line_on_and_the_same_again_goes_back() -> None:
    waltz = SetMetre("3/4", "back")
    band = Band([*held(), (0.7, waltz), (4.1, waltz)], 9.9, EngineSettings(metronome=True))
    clicks = [(p.at, p.message.data2) for p in band.sink.heard if p.message.starts_note and p.message.channel == 16]
    accents = [at for at, velocity in clicks if velocity == max(velocity for _, velocity in clicks)]
    assert accents == [0.0, 2.0, 3.5, 5.0, 7.0, 9.0]


def test_what_was_chosen_shows_at_once() -> None:
    lines: list[Line] = [
        (0.1, Mute("bass")),
        (0.2, Solo("drums")),
        (0.3, SetFollow()),
        (0.4, SetLeftHand(True)),
        (0.5, SetVariation("auto")),
        (0.6, Mute("bass")),
    ]
    shown = Band(lines, 1.0).shown
    chosen = [(s.variation, s.muted, s.solo, s.follow, s.left_hand) for s in shown[-len(lines) :]]
    assert chosen[0] == ("A", ("bass",), (), False, False)
    assert chosen[3] == ("A", ("bass",), ("drums",), True, True)
    assert chosen[4] == ("auto", ("bass",), ("drums",), True, True)
    assert chosen[5][1] == ()


def test_the_variation_that_the_playing_calls_for_shows() -> None:
    shown = Band([(0.0, SetVariation("auto")), *loud(110, 4, 3)], 2.5 * BAR).shown
    assert {one.variation for one in shown if one.bar == 2} == {"auto A"}
    assert {one.variation for one in shown if one.bar == 3} == {"auto B"}


def test_creativity_and_variation_reach_the_generator() -> None:
    band = Band([(0.1, SetCreativity(0.9)), (0.2, SetVariation()), *held(at=1.0)], 1.5)
    directions = band.composer.requests[0].directions
    assert (directions.creativity, directions.variation) == (0.9, "B")


def test_a_key_that_was_said_reaches_the_generator_and_shows_until_it_is_released() -> None:
    band = Band([(0.1, SetKey("F#m")), *held(at=1.0), (3.0, SetKey())], 2.5 * BAR)
    said = [request.directions.key for request in band.composer.requests]
    assert said[0] == Key(6, minor=True)
    assert said[-1] is None
    assert "F#m" in {one.key for one in band.shown}


def test_variation_b_is_louder() -> None:
    def loudness(name: Literal["A", "B"]) -> list[int]:
        return [p.message.data2 for p in Band([(0.0, SetVariation(name)), *held()], 3.0).sink.heard if p.part == 0]

    assert [round(1.1 * velocity) for velocity in loudness("A") if velocity > 64] == [
        v for v in loudness("B") if v > 64
    ]


def test_choices_outlive_a_change_of_mode() -> None:
    band = Band([(0.1, SetCreativity(0.9)), *held(at=1.0, until=1.5)], 9.0, start=Start(Mode.PHRASE, 120.0))
    assert band.composer.requests[0].directions.creativity == 0.9


def loud(velocity: int, per_beat: int, bars: int, first: int = 0) -> list[Line]:
    step = BEAT / per_beat
    moments = [first * BAR + i * step for i in range(bars * 4 * per_beat)]
    on = [(at, KeyboardMessage(at, note_on(1, 60, velocity))) for at in moments]
    return sorted(
        [*on, *((at + 0.9 * step, KeyboardMessage(at + 0.9 * step, note_off(1, 60))) for at in moments)],
        key=lambda m: m[0],
    )


def test_hard_and_dense_playing_brings_variation_b_and_soft_playing_takes_it_back() -> None:
    lines = [(0.0, SetVariation("auto")), *loud(110, 4, 3), *loud(50, 1, 4, first=3)]
    band = Band(lines, 7 * BAR)
    by_bar = {request.step // 16: request.directions.variation for request in band.composer.requests}
    assert [by_bar[bar] for bar in range(7)] == ["A", "A", "B", "B", "B", "A", "A"]


def test_one_louder_bar_changes_nothing_and_between_the_bounds_what_was_stays() -> None:
    intensity = Intensity()
    for velocity, notes in ((120, 12), (80, 6), (120, 12), (80, 6)):
        for _ in range(notes):
            intensity.add(velocity)
        intensity.bar_ended(4.0)
        assert intensity.variation == "A"
    intensity.bar_ended(4.0)
    assert intensity.variation == "A"


def test_half_time_begins_at_the_bar_line_and_goes_back_the_same_way() -> None:
    band = Band([*held(), (0.7, HalfTime()), (3.0, HalfTime())], 7.9)
    assert band.drums()[:4] == beats(0, 4)
    assert band.drums()[4:] == [2.0, 3.0, 4.0, 5.0, 6.0, 6.5, 7.0, 7.5]


def test_the_next_performance_is_in_ordinary_time_again() -> None:
    lines = [*held(until=5.0), (0.7, DoubleTime()), (5.0, EndBand("now")), *held(64, 6.0)]
    assert [at for at in Band(lines, 7.4).drums() if at >= 6] == [6.0, 6.5, 7.0]


@pytest.mark.parametrize("at", [1.8, 1.9, 1.96, 2.1])
def test_half_time_leaves_the_tempo_that_was_set_alone_whenever_the_end_or_a_new_tempo_comes(at: float) -> None:
    half: list[Line] = [*held(until=1.5), (0.2, HalfTime())]
    assert Band([*half, (at, Panic())], 3.0).shown[-1].bpm == 120.0
    assert Band([*half, (at, SetTempo(100.0)), (4.5, Panic())], 5.0).shown[-1].bpm == (100.0 if at < 2.0 else 200.0)


def test_the_last_bar_broadens_where_the_genre_has_it_so() -> None:
    base = duo()
    broad = Genre("duo", "Duo", "plain", 120.0, base.parts, broadening=0.3)
    band = Band([*held(), (2.2, ToggleBand())], 9.0, genre=broad, rule=chordal)
    gaps = [b - a for a, b in zip(band.drums()[4:], band.drums()[5:], strict=False)]
    assert len(gaps) == 4
    assert gaps == sorted(gaps)
    assert gaps[-1] > 0.6
    assert Band([*held(), (2.2, ToggleBand()), *held(60, 12.0)], 12.9, genre=broad).drums()[-2:] == [12.0, 12.5]


def test_taps_set_the_tempo_and_draw_the_beat_to_them() -> None:
    taps = [(at, Tap()) for at in (0.6, 1.1, 1.6, 2.1)]
    drums = Band([*held(), *taps], 4.0).drums()
    assert drums[-3:] == pytest.approx([2.6, 3.1, 3.6], abs=0.03)


def test_a_slip_among_the_taps_does_not_move_the_beat() -> None:
    taps: list[Line] = [(at, Tap()) for at in (1.0, 1.5, 2.0, 2.25, 2.5, 3.0)]
    assert Band([*held(), *taps], 4.9).drums() == beats(0, 10)


def test_what_the_app_must_do_is_handed_to_it() -> None:
    commands: list[Command] = [SaveTake(), StepGenre(1)]
    band = Band([(0.1, command) for command in commands], 1.0)
    assert band.delegated == commands


PAGE = ControlMap(
    "test",
    controls=tuple(
        Control(parse_trigger(on), do)
        for on, do in (("cc 105", "play"), ("cc 106", "stop"), ("cc 21", "tempo"), ("keys 41 + C", "fill"))
    ),
)


def test_controls_of_a_keyboard_command_and_never_sound() -> None:
    lines: list[Line] = [(0.0, KeyboardChanged(0.0, "a keyboard"))]
    for at, message in (
        (0.1, control(1, 105, 127)),
        (0.2, note_on(1, 41, 80)),
        (0.3, note_on(1, 60, 80)),
        (0.4, note_off(1, 60)),
        (0.5, note_off(1, 41)),
        (2.6, control(1, 106, 127)),
    ):
        lines.append((at, KeyboardMessage(at, message)))
    band = Band(lines, 9.0, page=PAGE)
    assert band.drums()[:4] == [0.1, 0.6, 1.1, 1.6]
    assert [p for p in band.sink.heard if p.part is None] == []


def test_the_tempo_knob_picks_up_softly() -> None:
    lines: list[Line] = [(0.0, KeyboardChanged(0.0, "a keyboard"))]
    lines += [
        (0.1 * i, KeyboardMessage(0.1 * i, control(1, 21, value))) for i, value in enumerate((10, 30, 50, 60, 70), 1)
    ]
    band = Band([*lines, *held(at=1.0)], 2.9, page=PAGE)
    assert band.conductor.band.mode.bpm == round(50 + 150 * 70 / 127)


def test_set_tempo_while_playing_moves_no_beat_that_was() -> None:
    assert Band([*held(), (1.0, SetTempo(60.0))], 4.5).drums() == [0.0, 0.5, 1.0, 2.0, 3.0, 4.0]


def left(at: float, *pitches: int, length: float = 0.4) -> list[Line]:
    return [line for pitch in pitches for line in held(pitch, at, at + length)]


LEFT = EngineSettings(left_hand=True)


def test_keys_below_the_split_are_chords_and_no_melody() -> None:
    band = Band([*left(0.0, 48), *held(72, 2.0, 2.4), *left(4.0, 45, 48)], 6.0, LEFT)
    last = band.composer.requests[-1]
    assert last.plan is not None
    assert [(one.step, str(one.chord)) for one in last.plan.chords] == [(0, "C"), (32, "Am")]
    assert {int(pitch) for pitch in last.melody.pitch} == {-1, 72}


def test_a_new_chord_is_asked_for_at_once_and_holds_after_the_hand_has_gone() -> None:
    band = Band([*left(0.0, 48), *left(3.1, 41)], 5.0, LEFT)
    asked = [r for r in band.composer.requests if r.plan and len(r.plan.chords) == 2]
    assert asked[0].step == 25
    assert asked[-1].plan is not None
    assert str(asked[-1].plan.at(60).chord) == "F"  # type: ignore[union-attr]  # it is there


def test_a_left_hand_that_holds_keeps_the_band_playing() -> None:
    assert Band(left(0.0, 48, length=20.0), 19.9, LEFT).drums()[-1] == 19.5


def test_the_left_hand_can_be_turned_on_by_a_control() -> None:
    band = Band([(0.0, SetLeftHand()), *left(0.5, 48)], 2.0)
    assert band.composer.requests[-1].plan is not None
    assert Band(left(0.5, 48), 2.0).composer.requests[-1].plan is None


def test_a_phrase_too_is_accompanied_with_the_left_hands_chords() -> None:
    band = Band([*left(0.0, 48), *held(72, 0.5, 0.9)], 9.0, LEFT, start=Start(Mode.PHRASE, 120.0))
    plan = band.composer.requests[0].plan
    assert plan is not None
    assert str(plan.chords[0].chord) == "C"


def failing_once(request: Request) -> Composed:
    answer = echo_bass(request)
    return replace(answer, problem="duo: KeyError: 'row'") if request.serial == 2 else answer


def test_a_model_that_failed_is_shown_until_its_genre_is_read_again() -> None:
    band = Band([*held(), (6.1, GenreLoaded(duo())), (8.0, GenreLoaded(duo(), "no file"))], 9.0, rule=failing_once)
    notes = [snapshot.notes for snapshot in band.shown]
    seen = [note for before, note in pairwise([(), *notes]) if note != before]
    assert seen == [("plays by rules (duo: KeyError: 'row')",), (), ("plays by rules (no file)",)]


def test_while_learn_listens_the_keyboard_plays_and_commands_nothing_and_what_it_held_is_let_go() -> None:
    page = ControlMap("test", controls=(Control(parse_trigger("cc 105"), "play"),))
    pressed: list[Line] = [
        (2.2, KeyboardMessage(2.2, note_on(1, 67, 80))),
        (2.3, KeyboardMessage(2.3, control(1, 105, 127))),
    ]
    plugged = (0.0, KeyboardChanged(0.0, "keys", controls=page))
    band = Band([plugged, *held(60, 0.1), (2.1, HoldKeyboard(True)), *pressed], 2.4)
    assert band.sink.onsets(None) == [(0.1, 60)]
    assert next(p.at for p in band.sink.heard if p.part is None and p.message.ends_note) == 2.1
    assert band.drums()[-1] == 2.1, "the band plays on"


def test_after_learn_the_keyboard_plays_again_by_the_page_that_was_written() -> None:
    page = ControlMap("test", controls=(Control(parse_trigger("note 67"), "play"),))
    lines: list[Line] = [
        (0.0, KeyboardChanged(0.0, "keys", controls=ControlMap())),
        (0.1, HoldKeyboard(True)),
        (0.3, HoldKeyboard(False)),
        (0.4, ControlsChanged("other keys", ControlMap())),
        (0.4, ControlsChanged("keys", page)),
        (1.0, KeyboardMessage(1.0, note_on(1, 67, 80))),
    ]
    band = Band(lines, 2.9)
    assert band.drums() == [1.0, 1.5, 2.0, 2.5]
    assert band.sink.onsets(None) == []
