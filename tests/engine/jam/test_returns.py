"""An AABA tune played live: in its last A the chords are known ahead and the riff of the first A returns, fuller."""

from __future__ import annotations

from functools import lru_cache

import pytest

from bands import band_of, shipped
from composerd.engine.conductor import Conductor, Start
from composerd.engine.jam.riffs import KEPT_STEPS, Riffs
from composerd.engine.messages import KeyboardMessage, Request, Snapshot, Stop
from composerd.engine.output.stage import Stage
from composerd.engine.settings import EngineSettings
from composerd.engine.virtual import VirtualInbox
from composerd.generators.decoding_style import groove_style
from composerd.generators.worker import Immediate
from composerd.music.midi import note_off, note_on
from composerd.music.notes import PartNote
from fakes import InstantComposer, ListeningSink, duo, echo_bass

BEAT = 0.5  # seconds, at 120 bpm
A = [60, 64, 67, 72, 69, 65, 69, 72, 71, 67, 62, 65, 64, 60, 67, 64]
B = [69, 72, 76, 72, 65, 69, 72, 69, 62, 65, 69, 65, 67, 71, 74, 71]
GENRES = ("bach", "jazz", "pop", "rock", "symphony")


class Tune:
    """A tune of quarters, played to a generator in `genre`."""

    def __init__(self, genre: str, pitches: list[int]) -> None:
        self.genre, self.sink, self.shown = shipped(genre), ListeningSink(), list[Snapshot]()
        inbox = VirtualInbox()
        play(inbox, pitches)
        settings = EngineSettings()
        stage = Stage([self.sink], self.genre)
        composer = Immediate(band_of(genre), inbox.put)
        Conductor(inbox, composer, stage, settings, Start(bpm=120.0), self.shown.append).run()

    def riff(self, first: int, until: int) -> list[tuple[int, int, int]]:
        """(part, step, pitch) of the notes that the pitched parts begin in bars [first, until), counted from there."""
        drums = self.genre.drum_parts
        found = [
            (one.part, round(one.beat * 4) - 16 * first, one.message.data1)
            for one in self.sink.heard
            if one.part is not None and one.part not in drums and one.message.starts_note and one.beat is not None
        ]
        return sorted(one for one in found if 0 <= one[1] < 16 * (until - first))

    def chords(self, first: int, until: int) -> set[tuple[int, str | None]]:
        """(beat, chord) of the beats of bars [first, until), counted from there."""
        shown = {(4 * (shot.bar - 1 - first) + shot.beat - 1, shot.chord) for shot in self.shown if shot.chord}
        return {one for one in shown if 0 <= one[0] < 4 * (until - first)}


def play(inbox: VirtualInbox, pitches: list[int]) -> None:
    for index, pitch in enumerate(pitches):
        at = index * BEAT
        inbox.post(at, KeyboardMessage(at, note_on(1, pitch, 80)))
        inbox.post(at + 0.45, KeyboardMessage(at + 0.45, note_off(1, pitch)))
    inbox.post(len(pitches) * BEAT, Stop())


@lru_cache
def aaba(genre: str) -> Tune:
    return Tune(genre, [*A, *A, *B, *A])


@pytest.mark.parametrize("genre", GENRES)
def test_in_the_last_a_the_riff_of_the_first_returns_in_the_rendered_bars(genre: str) -> None:
    tune = aaba(genre)
    first, last = tune.riff(2, 4), tune.riff(14, 16)
    assert first
    rhythm = {(part, step) for part, step, _ in first}
    again = {(part, step) for part, step, _ in last}
    assert len(rhythm & again) >= 0.85 * len(rhythm | again)
    same = tune.chords(2, 4) & tune.chords(14, 16)
    assert same, "some chords may have become others"
    one, other = ({note for note in notes if note[1] // 4 in {beat for beat, _ in same}} for notes in (first, last))
    assert len(one & other) >= 0.5 * len(one | other)
    bridge = {(part, step, pitch) for part, step, pitch in tune.riff(10, 12)}
    assert len(set(first) & set(last)) > len(set(first) & bridge)


@pytest.mark.parametrize("genre", GENRES)
def test_in_the_last_a_the_chords_ahead_are_shown_before_their_notes(genre: str) -> None:
    shown = [shot for shot in aaba(genre).shown if shot.bar in (14, 15)]
    assert all(shot.ahead for shot in shown if shot.beat > 1)
    came = {shot.bar: shot.chord for shot in aaba(genre).shown if shot.beat == 2}
    foretold = [shot.ahead[0] for shot in shown if shot.bar == 14 and shot.beat == 4]
    assert came[15] in (*foretold, came[14])


def requests(pitches: list[int]) -> tuple[list[Request], list[Snapshot]]:
    inbox, shown = VirtualInbox(), list[Snapshot]()
    play(inbox, pitches)
    composer = InstantComposer(inbox, echo_bass)
    Conductor(inbox, composer, Stage([ListeningSink()], duo()), EngineSettings(), Start(bpm=120.0), shown.append).run()
    return composer.requests, shown


def test_without_a_chart_the_form_is_shown_and_sections_fills_and_the_second_time_follow_it() -> None:
    section = [*A, *[pitch + 2 for pitch in reversed(A)]]
    asked, shown = requests([*section, *section, *B, *B, *section])
    assert {shot.place for shot in shown if shot.bar == 12} == {"chorus, second time, bar 4 of 8"}
    assert {shot.place for shot in shown if shot.bar == 28} == {"A, third time, bar 4 of 8"}
    second = next(one for one in asked if one.step == 16 * 12)
    assert {0, 128, 256} <= set(second.directions.sections)
    assert second.directions.again
    assert groove_style(second.directions).fuller > groove_style(asked[0].directions).fuller
    assert not asked[40].directions.again
    bridge = next(one for one in asked if one.step == 16 * 20)
    assert not bridge.directions.again


def test_a_new_tune_brings_no_riff_back() -> None:
    asked, _ = requests([*A, *B])
    assert all(not one.returning for one in asked)


def test_notes_that_return_are_moved_cut_and_tied() -> None:
    riffs = Riffs()
    for note in (PartNote(14, 1, 40, 90, 6), PartNote(20, 1, 43, 90, 2), PartNote(22, 1, 45, 90, 8)):
        riffs.played(note)
    assert riffs.over(16, 24, 64) == (
        PartNote(80, 1, 40, 90, 4, tied=True),
        PartNote(84, 1, 43, 90, 2),
        PartNote(86, 1, 45, 90, 2),
    )
    riffs.played(PartNote(20 + KEPT_STEPS + 3, 1, 50, 90, 2))
    assert riffs.over(16, 24, 0) == ()
