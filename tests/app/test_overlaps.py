"""No file that is written holds two overlapping notes of one pitch on one channel, or a note without a length; none of
the band is cut short."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from composerd.app.demo_tunes import demo_melody
from composerd.app.render import RenderedPerformance, render
from composerd.devices.audio.render import played_of
from composerd.engine.messages import Composed, Mode, Request
from composerd.engine.settings import EngineSettings
from composerd.generators.plain import PlainGenerator
from composerd.library.genre_files import load_genre
from composerd.music.genre import Feel
from composerd.music.midi import Midi, note_off, note_on
from composerd.music.midi_tracks import Axis, MelodyTrack, TrackMessage, tracks
from composerd.music.notes import PartNote, Section
from fakes import duo, instants, overlaps

GENRES = ("bach", "jazz", "pop", "rock", "symphony")
LATE = duo(Feel(swing=1.0, push_ms={"bass": 9.0}, humanise_ms=12.0))
TPB = 480


Written = list[Sequence[tuple[float, Midi]]]
"""moment and message of all events, for each track of the MIDI file, and for the sound file"""


def written(performance: RenderedPerformance) -> Written:
    files = tracks(performance.genre, performance.lines, performance.end_tick)
    sound = sorted(
        played_of(performance.axis, performance.genre, performance.lines), key=lambda played: played.at
    )  # fmt: skip
    return [*(track.events for track in files), [(played.at, played.message) for played in sound]]


def faults(files: Written) -> list[tuple[int, int]]:
    """(channel, pitch) of the notes that overlap one of their pitch, or last no time."""
    return [
        note
        for events in files
        for note in (*overlaps(message for _, message in events), *instants(events))
    ]  # fmt: skip


@pytest.mark.parametrize("mode", list(Mode), ids=lambda mode: mode.value)
@pytest.mark.parametrize("name", GENRES)
def test_in_a_rendered_demo_no_note_overlaps_its_pitch_and_every_note_has_a_length(name: str, mode: Mode) -> None:
    genre = load_genre(name)
    done = render(demo_melody(genre), genre, mode, PlainGenerator(genre), EngineSettings())
    assert faults(written(done)) == []


strikes = st.lists(
    st.tuples(st.integers(0, 60 * 120), st.integers(0, 1500), st.integers(1, 2), st.integers(60, 62)),
    min_size=1,
    max_size=24,
)
"""(tick, ticks, channel, pitch)"""


def song(notes: list[tuple[int, int, int, int]]) -> MelodyTrack:
    axis = Axis(TPB)
    events = [(tick, 1, note_on(channel, pitch, 80)) for tick, _, channel, pitch in notes]
    events += [(tick + ticks, 0 if ticks else 2, note_off(channel, pitch)) for tick, ticks, channel, pitch in notes]
    events.sort(key=lambda event: event[:2])
    return MelodyTrack(axis, "", tuple(TrackMessage(t, axis.second_at(t), m) for t, _, m in events), events[-1][0])


class Restless:
    """A bass that strikes one pitch on many steps, with lengths that reach into the next strike or beyond."""

    def __init__(self, strikes: list[tuple[int, int]]) -> None:
        self.notes = [PartNote(step, 1, 40, 90, length) for step, length in strikes]

    def compose(self, request: Request) -> Composed:
        notes = tuple(sorted(note for note in self.notes if request.step <= note.step < request.until))
        return Composed(request.serial, (Section(frozenset({1}), request.step, request.until, notes),))


basses = st.lists(
    st.tuples(st.integers(0, 60), st.integers(1, 9)), max_size=40, unique_by=lambda strike: strike[0]
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(strikes, basses, st.sampled_from(Mode))
def test_no_note_overlaps_its_pitch_and_every_note_has_a_length_whatever_is_played_and_answered(
    notes: list[tuple[int, int, int, int]], bass: list[tuple[int, int]], mode: Mode
) -> None:
    done = render(song(notes), LATE, mode, Restless(bass), EngineSettings())
    assert faults(written(done)) == []


def _lengths(performance: RenderedPerformance) -> list[tuple[int, int]]:
    """(start, end) of the bass's notes, ticks."""
    found: list[tuple[int, int]] = []
    for tick, part, message in performance.lines:
        if part is not None and message.starts_note:
            found.append((tick, -1))
        elif part is not None:
            found[-1] = (found[-1][0], tick)
    return found


@given(basses.filter(len))
def test_in_phrase_a_note_is_only_ever_ended_by_its_own_end_or_the_next_strike(bass: list[tuple[int, int]]) -> None:
    melody = song([(0, 60 * 120, 1, 60)])
    sounds = _lengths(render(melody, LATE, Mode.PHRASE, Restless(bass), EngineSettings()))
    alone = {
        one: _lengths(render(melody, LATE, Mode.PHRASE, Restless([one]), EngineSettings()))[0]
        for one in bass
        if one[0] < 64
    }
    expected = sorted(alone.values())
    following = [start for start, _ in expected[1:]] + [inf]
    assert sounds == [(start, min(end, after)) for (start, end), after in zip(expected, following, strict=True)]
