"""Keys of a chord that come one after the other within some milliseconds are answered together."""

from __future__ import annotations

import pytest

from composerd.engine.conductor import Conductor, Start
from composerd.engine.messages import KeyboardMessage, Request, Stop
from composerd.engine.output.stage import Stage
from composerd.engine.settings import EngineSettings
from composerd.engine.virtual import VirtualInbox
from composerd.music.midi import note_off, note_on
from composerd.music.voice import Voice
from fakes import InstantComposer, ListeningSink, duo, echo_bass

BEAT = 0.5  # seconds, at 120 bpm
MELODY = [(BEAT * index, 76) for index in range(8)]
AT = 8 * BEAT


def perform(*last: tuple[float, int], voice: Voice = "top") -> tuple[list[Request], list[tuple[float, int]]]:
    """What was asked of the generator, and the onsets (second, pitch) of the band's bass, from AT on: the melody with
    the keys `last` (second, pitch) after it."""
    inbox = VirtualInbox()
    for at, pitch in (*MELODY, *last):
        inbox.post(at, KeyboardMessage(at, note_on(1, pitch, 80)))
        inbox.post(at + 0.2, KeyboardMessage(at + 0.2, note_off(1, pitch)))
    inbox.post(AT + BEAT, Stop())
    sink, composer = ListeningSink(), InstantComposer(inbox, echo_bass)
    Conductor(inbox, composer, Stage([sink], duo()), EngineSettings(melody=voice), Start(bpm=120.0)).run()
    onsets = [(at, pitch) for at, pitch in sink.onsets(1) if at > AT - 0.001]
    return [request for request in composer.requests if request.step == 32], onsets


@pytest.mark.parametrize("spread", [0.0, 0.003])
def test_a_chord_below_a_melody_is_asked_for_once_and_whole(spread: float) -> None:
    asked, _ = perform(*((AT + spread * index, pitch) for index, pitch in enumerate((48, 53, 57, 77))))
    stated = [[str(one.chord) for one in request.plan.chords] for request in asked if request.plan is not None]
    assert stated == [["F/C"]]


def test_a_melody_note_is_answered_at_once() -> None:
    _, onsets = perform((AT, 77))
    assert onsets[0] == (AT, 28 + (77 - 28) % 12)


def test_a_single_low_key_is_answered_some_milliseconds_later_all_the_same() -> None:
    _, onsets = perform((AT, 45))
    at, pitch = onsets[0]
    assert at == pytest.approx(AT + 0.012)
    assert pitch == 28 + (45 - 28) % 12


def test_where_the_lowest_voice_is_the_melody_no_chord_is_gathered() -> None:
    _, onsets = perform((AT, 45), voice="bottom")
    assert onsets[0] == (AT, 28 + (45 - 28) % 12)
