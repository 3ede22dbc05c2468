"""In a jam the band foresees how a tune goes on that was played before, and forgets it where the player leaves it."""

from __future__ import annotations

from composerd.engine.conductor import Conductor, Start
from composerd.engine.messages import KeyboardMessage, Request, Stop
from composerd.engine.output.stage import Stage
from composerd.engine.settings import EngineSettings
from composerd.engine.virtual import VirtualInbox
from composerd.music.midi import note_off, note_on
from fakes import InstantComposer, ListeningSink, duo, echo_bass

BEAT = 0.5  # seconds, at 120 bpm

A = [60, 62, 64, 65, 67, 65, 64, 62, 60, 64, 67, 72, 71, 67, 65, 62]
B = [69, 67, 65, 64, 62, 60, 59, 62, 69, 71, 72, 69, 65, 62, 59, 67]


def requests(last: list[int], memory: str = "song") -> list[Request]:
    """What the generator was asked while A, A, B and `last` were played, a note a beat."""
    inbox = VirtualInbox()
    for index, pitch in enumerate([*A, *A, *B, *last]):
        at = index * BEAT
        inbox.post(at, KeyboardMessage(at, note_on(1, pitch, 80)))
        inbox.post(at + 0.4, KeyboardMessage(at + 0.4, note_off(1, pitch)))
    inbox.post(64 * BEAT, Stop())
    composer = InstantComposer(inbox, echo_bass)
    settings = EngineSettings(memory="off" if memory == "off" else "song")
    Conductor(inbox, composer, Stage([ListeningSink()], duo()), settings, Start(bpm=120.0)).run()
    return composer.requests


def test_the_last_a_is_foreseen_from_its_second_bar_on() -> None:
    asked = [request for request in requests(A) if 208 <= request.step < 240 and request.melody.end > request.step]
    assert asked
    for request in asked:
        assert request.ahead is not None
        known = request.ahead.window(request.step + 4, request.step + 8).pitch
        assert set(known) == {A[(request.step // 4 + 1) % 16]}


def test_a_player_who_leaves_the_tune_is_not_led_back() -> None:
    asked = requests([*A[:6], 70, 68, 66, 63, 61, 58, 56, 54, 56, 58])
    left = [request for request in asked if request.step >= 4 * 55]
    assert left
    assert all(request.ahead is None for request in left)


def test_nothing_is_foreseen_where_memory_is_off() -> None:
    assert all(request.ahead is None for request in requests(A, "off"))


def test_a_key_that_was_foreseen_asks_for_the_plan_that_its_beat_was_asked_for() -> None:
    asked = [request for request in requests(A) if 208 <= request.step < 236 and request.ahead is not None]
    by_step: dict[int, list[Request]] = {}
    for request in asked:
        by_step.setdefault(request.step, []).append(request)
    pairs = [
        found for found in by_step.values() if {one.melody.end for one in found} == {found[0].step, found[0].step + 1}
    ]
    assert len(pairs) >= 5
    for beat, key in pairs:
        assert beat.foreseen.pitch.tobytes() == key.foreseen.pitch.tobytes()
        assert beat.foreseen.onset.tobytes() == key.foreseen.onset.tobytes()
        assert beat.foreseen_until == key.foreseen_until


def test_the_generator_plans_with_what_is_foreseen_and_hears_what_was_heard() -> None:
    request = next(request for request in requests(A) if request.ahead is not None and request.step > 210)
    assert request.foreseen.end == request.foreseen_until == request.ahead.end if request.ahead else False
    assert request.foreseen.window(0, request.melody.end).end == request.melody.end
