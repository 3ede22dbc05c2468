"""What the measurement of the live engine makes of moments: late notes, and keys with their answers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from composerd.bench.decisions import timed_jam
from composerd.bench.live import ANSWER_MS, KNOWN_MS, _answers, _Composer, _Inbox, _Sink
from composerd.bench.players import beginning, long_melody
from composerd.engine.messages import Composed, KeyboardMessage, Played, Request
from composerd.engine.settings import EngineSettings
from composerd.engine.virtual import VirtualInbox
from composerd.errors import DeviceError
from composerd.generators.plain import PlainGenerator
from composerd.generators.worker import Worker
from composerd.library.genre_files import load_genre
from composerd.music.midi import note_off, note_on

ROCK, BACH = load_genre("rock"), load_genre("bach")
KEY = note_on(1, 60, 80)


@pytest.fixture
def composer() -> Iterator[_Composer]:
    inbox = _Inbox()
    worker = Worker(PlainGenerator(ROCK), inbox.put)
    yield _Composer(worker, inbox)
    worker.close()


def test_late_is_how_much_later_than_its_moment_a_note_of_the_drums_is_sent() -> None:
    inbox = VirtualInbox()
    sink, drums = _Sink(ROCK, inbox), min(ROCK.drum_parts)
    inbox.receive(10.0)
    for part, at, message in (
        (drums, 9.75, KEY), (drums, 10.0, KEY), (drums, 9.0, note_off(1, 60)), (drums + 1, 9.0, KEY), (None, 9.0, KEY),
    ):  # fmt: skip
        sink.play(Played(at, part, message))
    assert sink.late == [0.25, 0.0], "a key's own answer and the ends of notes are not scheduled"


def test_in_a_band_without_drums_the_other_parts_are_listened_to() -> None:
    inbox = VirtualInbox()
    sink = _Sink(BACH, inbox)
    inbox.receive(5.0)
    for part in range(len(BACH.parts)):
        sink.play(Played(4.5, part, KEY))
    assert sink.late == [0.5] * len(BACH.harmony_parts)
    assert sink.late


def test_an_answer_is_sent_when_the_next_message_is_waited_for() -> None:
    inbox = _Inbox()
    inbox.put(Composed(7, (), seconds=0.003))
    inbox.receive(inbox.now())
    assert inbox.answered == {}, "its notes are still to be sent"
    before = inbox.now()
    inbox.receive(inbox.now())
    sent, model = inbox.answered[7]
    assert before <= sent <= inbox.now()
    assert model == 0.003


def test_a_key_and_its_answer_are_paired_and_the_models_time_is_taken_off(composer: _Composer) -> None:
    inbox = _Inbox()
    composer.pressed = {1: 10.0, 2: 11.0, 3: 12.0}
    composer.expected = {2, 3}
    inbox.answered = {1: (10.005, 0.003), 2: (11.010, 0.004), 9: (50.0, 0.0)}
    beyond, whole, known = _answers(ROCK, composer, inbox)
    assert [one.value for one in (beyond, whole, known)] == pytest.approx([6.0, 10.0, 10.0])
    assert [one.limit for one in (beyond, whole, known)] == [ANSWER_MS, None, KNOWN_MS]
    assert beyond.detail == "2 of 3 keys answered; model p50 4.00 ms"
    assert known.detail == "1 keys"


def test_where_no_melody_is_recognised_there_is_no_figure_of_it(composer: _Composer) -> None:
    inbox = _Inbox()
    composer.pressed, inbox.answered = {1: 10.0}, {1: (10.001, 0.0)}
    assert len(list(_answers(ROCK, composer, inbox))) == 2


def test_without_an_answered_key_there_is_no_figure_but_one_line_that_says_so(composer: _Composer) -> None:
    composer.pressed = {1: 10.0}
    with pytest.raises(DeviceError, match="bench: nothing was measured"):
        next(_answers(ROCK, composer, _Inbox()))


def test_a_request_belongs_to_the_key_that_is_processed_and_one_of_the_beat_to_none(composer: _Composer) -> None:
    requests = list[Request]()

    class Kept(PlainGenerator):
        def compose(self, request: Request) -> Composed:
            requests.append(request)
            return super().compose(request)

    timed_jam(Kept(ROCK), EngineSettings(), ROCK, beginning(long_melody(ROCK, 0.0), 3.0))
    of_key, of_beat = (replace(requests[0], serial=serial, ahead=None) for serial in (101, 102))
    composer._inbox.current = KeyboardMessage(1.25, KEY)
    composer.ask(of_key)
    composer._inbox.current = None
    composer.ask(of_beat)
    assert (composer.pressed, composer.expected) == ({101: 1.25}, set())
    composer.ask(replace(of_beat, serial=103, ahead=of_beat.melody))
    assert composer.expected == {103}
