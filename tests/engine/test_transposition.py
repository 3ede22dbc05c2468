"""Keys and band are transposed apart, stay in one key, and end exactly the notes that they began."""

from __future__ import annotations

import pytest

from composerd.engine.commands.band import SetMode
from composerd.engine.commands.harmony import SetKey, TransposeBand, TransposeKeys
from composerd.engine.conductor import Conductor, Start
from composerd.engine.messages import (
    KeyboardChanged,
    KeyboardMessage,
    Mode,
    Request,
    Snapshot,
    SongLoaded,
    Stop,
)
from composerd.engine.output.stage import Stage
from composerd.engine.settings import EngineSettings
from composerd.engine.transposition import moved
from composerd.engine.virtual import VirtualInbox
from composerd.files.charts.text import read_text
from composerd.generators.plain import PlainGenerator
from composerd.generators.worker import Immediate
from composerd.library.genre_files import load_genre
from composerd.music.harmony.key import Key
from composerd.music.midi import note_off, note_on
from fakes import ListeningSink
from performed import BEAT, Line, Performed

SONG = read_text("title: T\nkey: C\n| C | F | G7 | C |\n")


class Heard(Performed):
    """A duo whose bass plays the melody lower."""

    @property
    def requests(self) -> list[Request]:
        return self.composer.requests

    def player(self) -> list[tuple[int, int]]:
        """(second as beats, pitch) of what the player sounds."""
        return [(round(at / BEAT), pitch) for at, pitch in self.sink.onsets(None)]

    def bass_classes(self) -> set[int]:
        return {pitch % 12 for _, pitch in self.sink.onsets(1)}


def held(*pitches: int, first: int = 0, beats: int = 4) -> list[Line]:
    """Each pitch held for `beats`, one after the other."""
    found: list[Line] = []
    for index, pitch in enumerate(pitches):
        at = (first + index * beats) * BEAT
        found.append((at, KeyboardMessage(at, note_on(1, pitch, 80))))
        end = at + beats * BEAT - 0.1
        found.append((end, KeyboardMessage(end, note_off(1, pitch))))
    return found


def test_keys_sound_higher_and_the_band_harmonises_what_sounds() -> None:
    heard = Heard([(0.0, TransposeKeys(3)), *held(60, 60, 60)], 6.0)
    assert {pitch for _, pitch in heard.player()} == {63}
    assert heard.bass_classes() == {3}
    assert heard.sink.sounding == set()


def test_the_band_sounds_higher_and_stays_in_the_players_key() -> None:
    heard = Heard([(0.0, TransposeBand(-2)), *held(60, 60, 60)], 6.0)
    assert {pitch for _, pitch in heard.player()} == {60}
    assert heard.bass_classes() == {0}
    assert {pitch % 12 for request in heard.requests[5:] for pitch in request.melody.pitch if pitch >= 0} == {2}
    assert {pitch for _, pitch in heard.sink.onsets(0)} == {36}, "drums stay what they are"


def test_a_chart_in_c_is_accompanied_in_d_for_a_player_in_d() -> None:
    genre, inbox, sink, shown = load_genre("pop"), VirtualInbox(), ListeningSink(), list[Snapshot]()
    asked: list[Line] = [(0.0, TransposeBand(2)), (0.0, SongLoaded(SONG)), *held(62, 67, 69, 62)]
    for at, message in asked:
        inbox.post(at, message)
    inbox.post(8.0, Stop())
    stage = Stage([sink], genre)
    Conductor(
        inbox, Immediate(PlainGenerator(genre), inbox.put), stage, EngineSettings(), Start(bpm=120.0), shown.append
    ).run()
    assert [shot.chord for shot in shown if shot.beat == 3][:4] == ["D", "G", "A7", "D"]
    bass = next(index for index, part in enumerate(genre.parts) if part.role == "bass")
    assert sink.onsets(bass)[0][1] % 12 == 2


def test_chords_are_shown_as_the_players_fingers_have_them() -> None:
    both: list[Line] = [(0.0, TransposeKeys(2)), (0.0, TransposeBand(2)), (0.0, SongLoaded(SONG))]
    shown = [shot for shot in Heard([*both, *held(60, 65, 67, 60)], 8.0).shown if shot.state == "playing"]
    assert shown[-1].ahead[:2] == ("C", "F") or shown[-1].ahead[:2] == ("F", "G7")


def test_keys_that_are_held_end_at_the_pitch_they_began() -> None:
    heard = Heard([*held(60, beats=4), (0.5, TransposeKeys(5)), (0.7, TransposeBand(-4))], 3.0)
    ends = [p.message.data1 for p in heard.sink.heard if p.part is None and p.message.ends_note]
    assert ends == [60]
    assert heard.sink.sounding == set()


def test_the_band_is_silent_for_a_moment_where_its_transposition_changes_and_leaves_no_note() -> None:
    heard = Heard([*held(60, 62, 64, 65), (2.2, TransposeBand(7)), (4.1, TransposeBand(-7))], 9.0)
    assert heard.sink.sounding == set()


def test_a_keyboard_that_is_pulled_out_lets_go_of_transposed_keys() -> None:
    asked: list[Line] = [(0.0, TransposeKeys(4)), (0.0, TransposeBand(1)), *held(60, beats=40)[:1]]
    heard = Heard([*asked, (1.0, KeyboardChanged(1.0, None))], 2.0)
    assert heard.sink.sounding == set()
    assert heard.requests[-1].melody.pitch[-1] == -1


def test_the_key_that_is_said_is_the_one_of_the_keys() -> None:
    heard = Heard([(0.0, TransposeKeys(3)), (0.0, TransposeBand(1)), (0.0, SetKey("D")), *held(62, 62)], 3.0)
    assert heard.requests[-1].directions.key == Key(4)
    assert {shot.key for shot in heard.shown if shot.state == "playing"} == {"D"}


@pytest.mark.parametrize(("pitch", "semitones", "expected"), [(60, 5, 65), (125, 5, 118), (3, -5, 10), (127, 0, 127)])
def test_what_leaves_midis_range_moves_by_an_octave(pitch: int, semitones: int, expected: int) -> None:
    assert moved(pitch, semitones) == expected


def test_a_phrase_comes_back_at_the_pitch_it_was_played_at() -> None:
    asked: list[Line] = [(0.0, SetMode("phrase")), (0.0, TransposeBand(3)), (0.0, TransposeKeys(1))]
    heard = Heard([*asked, *held(60, 64, beats=2)], 14.0, EngineSettings(phrase_repeat=False))
    pitches = [pitch for _, pitch in heard.player()]
    assert pitches[:2] == [61, 65]
    assert set(pitches[2:]) == {61, 65}
    assert Mode.PHRASE.value in str(heard.shown[-1].controls["mode"])
