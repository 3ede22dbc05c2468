"""News for watchers of the control socket: as a list on the virtual clock, and over the real socket."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator
from itertools import pairwise
from math import inf
from pathlib import Path
from typing import Any

import pytest

from composerd.control import watch
from composerd.control.server import BURST
from composerd.control.watch import Broadcast, NoteNews, Watcher
from composerd.engine.conductor import Conductor, Start
from composerd.engine.messages import Composed, KeyboardMessage, Mode, Played, Request, Snapshot, Stop
from composerd.engine.outlook import Outlook
from composerd.engine.output.stage import Stage
from composerd.engine.settings import EngineSettings
from composerd.engine.virtual import VirtualInbox
from composerd.music.chords import Chord, ChordPlan, PlannedChord
from composerd.music.midi import note_off, note_on
from composerd.music.notes import Section
from fakes import InstantComposer, ListeningSink, duo, echo_bass
from socket_daemon import SocketDaemon

BEAT = 0.5


def composed_with_a_plan(request: Request) -> Composed:
    plan = ChordPlan((PlannedChord(0, 16, Chord(9, "m")), PlannedChord(16, 16, Chord(2, "7"))), key=9, minor=True)
    answer = echo_bass(request)
    return Composed(answer.serial, answer.sections, plan)


def watched(
    until: float,
    presses: int = 8,
    mode: Mode = Mode.JAM,
    rule: Callable[[Request], Composed] = composed_with_a_plan,
    settings: EngineSettings | None = None,
) -> tuple[list[Any], ListeningSink]:
    """All news of a performance of quarter notes at 120 bpm, and the sink that listened to it."""
    inbox, broadcast, sink = VirtualInbox(), Broadcast(), ListeningSink()
    broadcast.watch(True)
    stage = Stage([sink, broadcast], duo())
    conductor = Conductor(
        inbox,
        InstantComposer(inbox, rule),
        stage,
        settings or EngineSettings(),
        Start(mode, 120.0),
        broadcast.show,
        view=broadcast.view,
    )
    for i in range(presses):
        inbox.post(i * BEAT, KeyboardMessage(i * BEAT, note_on(1, 60 + i, 80)))
        inbox.post(i * BEAT + 0.2, KeyboardMessage(i * BEAT + 0.2, note_off(1, 60 + i)))
    inbox.post(until, Stop())
    conductor.run()
    return broadcast.take(), sink


def test_every_note_of_player_and_band_is_told_with_its_beat() -> None:
    news, sink = watched(until=3.9)
    told = [(one.at, one.part, one.pitch) for one in news if isinstance(one, NoteNews) and one.velocity]
    heard = [(p.at, p.part, p.message.data1) for p in sink.heard if p.message.starts_note]
    assert told == heard
    beats = [one.beat for one in news if isinstance(one, NoteNews) and one.velocity and one.part is None]
    assert beats[0] is None, "the first key goes out before it starts the clock"
    assert beats[1:] == pytest.approx([i * 1.0 for i in range(1, 8)])


def test_what_the_band_plays_next_was_in_an_outlook_before_its_beat() -> None:
    news, _ = watched(until=3.9)
    outlooks: list[Outlook] = []
    unannounced = []
    for one in news:
        if isinstance(one, Outlook):
            outlooks.append(one)
        elif isinstance(one, NoteNews) and one.part == 0 and one.velocity and one.beat:
            ahead = [(note.part, note.pitch, note.on) for earlier in outlooks for note in earlier.notes]
            unannounced += [] if (0, one.pitch, one.beat) in ahead else [one]
    assert len(outlooks) > 8
    assert unannounced == [], "drums are planned a bar ahead"


def test_an_outlook_has_the_clocks_line_the_bar_the_chords_to_come_and_the_key() -> None:
    news, _ = watched(until=1.1)
    last = [one for one in news if isinstance(one, Outlook) and one.beat is not None][-1]
    assert last.beat == pytest.approx((last.at - 0.0) * 2)
    assert (last.bpm, last.bar, last.bar_at, last.bar_beats) == (120.0, 1, 0.0, 4.0)
    assert [(chord.beat, chord.beats, chord.name) for chord in last.chords] == [(0.0, 4.0, "Am"), (4.0, 4.0, "D7")]
    assert last.key == "A minor"


def test_without_a_performance_there_is_no_beat_and_nothing_planned() -> None:
    news, _ = watched(until=1.0, presses=0)
    assert [(one.beat, one.notes) for one in news if isinstance(one, Outlook)] == [(None, ())]


def test_a_phrase_that_comes_back_is_in_the_outlook_with_the_players_own_notes() -> None:
    settings = EngineSettings(phrase_bars=1)
    news, _ = watched(until=5.2, presses=4, mode=Mode.PHRASE, settings=settings)
    notes = next(one.notes for one in news if isinstance(one, Outlook) and one.notes)
    mine = [(note.pitch, round(note.on, 6)) for note in notes if note.part is None]
    assert mine == [(61, 9.0), (62, 10.0), (63, 11.0)]


def test_nothing_is_kept_or_made_while_nobody_watches() -> None:
    broadcast = Broadcast()
    broadcast.play(Played(0.0, None, note_on(1, 60, 80)))
    broadcast.view(lambda: pytest.fail("an outlook was made for nobody"))
    broadcast.show(Snapshot("ready", "duo", 120.0))
    assert broadcast.take() == []
    assert broadcast.state() == (Snapshot("ready", "duo", 120.0),)


def test_a_watcher_that_fetches_nothing_gets_the_last_notes_and_the_number_of_the_lost() -> None:
    watcher = Watcher()
    for i in range(watch.PENDING + 3):
        watcher.receive(NoteNews(float(i), 0, 60, 90, None))
        watcher.receive(Snapshot("playing", "duo", 100.0 + i))
    told = json.loads(watcher.line(0.0))
    assert len(told["notes"]) == watch.PENDING
    assert (told["lost"], told["notes"][0][0]) == (3, 3.0)
    assert told["snapshot"]["bpm"] == 100.0 + watch.PENDING + 2, "of snapshots the newest"
    assert "notes" not in json.loads(watcher.line(0.0)), "what was told is not told again"


def test_the_sockets_thread_is_woken_once_all_notes_of_a_turn_are_sent_and_only_then() -> None:
    broadcast, woken = Broadcast(), list[int]()
    broadcast.watch(True)
    broadcast.on_news(lambda: woken.append(1))
    for pitch in (36, 42, 60):
        broadcast.play(Played(0.0, 1, note_on(2, pitch, 80)))
    assert woken == []
    broadcast.flush(0.0, inf)
    assert woken == [1]
    broadcast.take()
    broadcast.flush(0.1, inf)
    assert woken == [1], "nothing is new"


def test_the_sockets_thread_is_not_woken_shortly_before_a_note_but_news_do_not_wait_for_long() -> None:
    broadcast, woken = Broadcast(), list[float]()
    broadcast.watch(True)
    moments = [n * 0.004 for n in range(20)]  # a note each
    for moment in moments:
        broadcast.on_news(lambda moment=moment: woken.append(moment))  # type: ignore[misc]
        broadcast.play(Played(moment, 1, note_on(2, 60, 80)))
        broadcast.flush(moment, moment + 0.004)
    assert min(woken) >= watch.PATIENCE
    assert all(after - before >= watch.PATIENCE for before, after in pairwise(woken))


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[SocketDaemon]:
    broadcast = Broadcast()
    broadcast.set_genre(duo())
    broadcast.show(Snapshot("ready", "duo", 120.0))
    with SocketDaemon(tmp_path / "control.sock", broadcast=broadcast) as daemon:
        yield daemon


def test_a_watcher_hears_how_things_stand_and_then_every_note(daemon: SocketDaemon) -> None:
    with daemon.connect() as line, line.makefile("rb") as lines:
        line.sendall(b'{"v":1,"id":1,"do":"watch"}\n')
        assert json.loads(lines.readline()) == {"v": 1, "id": 1, "ok": True}
        first = json.loads(lines.readline())
        assert [part["name"] for part in first["genre"]["parts"]] == ["drums", "bass"]
        assert (first["snapshot"]["state"], first["now"]) == ("ready", 12.5)
        daemon.broadcast.play(Played(12.4, 1, note_on(2, 40, 90), 3.0))
        daemon.broadcast.flush()
        assert json.loads(lines.readline())["notes"] == [[12.4, 1, 40, 90, 3.0]]


def test_who_never_reads_is_hung_up_on_and_the_others_hear_everything(
    daemon: SocketDaemon, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("composerd.control.server.SLOW", 0.2)
    with daemon.connect() as deaf, daemon.connect() as line, line.makefile("rb") as lines:
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        for one in (deaf, line):
            one.sendall(b'{"v":1,"do":"watch"}\n')
        assert json.loads(lines.readline())["ok"]
        lines.readline()
        heard: list[float] = []
        for i in range(6000):
            daemon.broadcast.play(Played(float(i), 1, note_on(2, 40, 90), 3.0))
            daemon.broadcast.flush()
            if i % 200 == 199:
                while len(heard) <= i:
                    heard += [note[0] for note in json.loads(lines.readline())["notes"]]
        assert heard == [float(i) for i in range(6000)]


def test_more_watchers_than_there_is_room_for_are_refused(daemon: SocketDaemon) -> None:
    watching = [daemon.connect() for _ in range(watch.MOST_WATCHERS)]
    for line in watching:
        line.sendall(b'{"v":1,"do":"watch"}\n')
        assert b'"ok":true' in line.makefile("rb").readline()
    with daemon.connect() as line:
        line.sendall(b'{"v":1,"do":"watch"}\n')
        assert b"watchers already" in line.makefile("rb").readline()
    for line in watching:
        line.close()


def heard(daemon: SocketDaemon, count: int) -> list[tuple[int, int]]:
    found = []
    for _ in range(count):
        message = daemon.inbox.get(timeout=20)
        assert isinstance(message, KeyboardMessage)
        assert not message.mapped, "keys on a screen play, they command nothing"
        found.append((message.message.data1, message.message.data2 if message.message.starts_note else 0))
    return found


def test_keys_of_a_screen_are_heard_as_a_keyboards_and_released_when_their_client_dies(daemon: SocketDaemon) -> None:
    with daemon.connect() as line:
        for pitch in (60, 64):
            ask_on(line, {"do": "note", "pitch": pitch, "velocity": 90})
        ask_on(line, {"do": "note", "pitch": 64, "velocity": 0})
        ask_on(line, {"do": "note", "pitch": 70, "velocity": 0})
        assert heard(daemon, 3) == [(60, 90), (64, 90), (64, 0)]
    assert heard(daemon, 1) == [(60, 0)]


def test_a_pedal_that_is_down_is_let_up_when_its_client_dies(daemon: SocketDaemon) -> None:
    with daemon.connect() as line:
        ask_on(line, {"do": "pedal", "down": True})
    assert heard(daemon, 2) == [(64, 0), (64, 0)]


def test_the_keys_of_a_chord_come_at_once(daemon: SocketDaemon) -> None:
    with daemon.connect() as line, line.makefile("rb") as lines:
        keys = [b'{"v":1,"do":"note","pitch":%d,"velocity":90}\n' % (40 + i) for i in range(BURST)]
        line.sendall(b"".join(keys))
        assert all(json.loads(lines.readline())["ok"] for _ in keys)
    assert [pitch for pitch, _ in heard(daemon, BURST)] == [40 + i for i in range(BURST)]


@pytest.mark.parametrize("fields", [{"pitch": 128, "velocity": 1}, {"pitch": 60}, {"pitch": 60, "velocity": -1}])
def test_a_key_out_of_bounds_is_refused(daemon: SocketDaemon, fields: dict[str, int]) -> None:
    with daemon.connect() as line:
        assert not ask_on(line, {"do": "note", **fields})["ok"]


def ask_on(line: socket.socket, request: dict[str, Any]) -> dict[str, Any]:
    line.sendall(json.dumps({"v": 1, **request}).encode() + b"\n")
    answer = b""
    while not answer.endswith(b"\n"):
        answer += line.recv(4096)
    found = json.loads(answer)
    assert isinstance(found, dict)
    return found


def test_keys_of_a_screen_are_no_key_switches() -> None:
    """A key that the page of the keyboard takes for a command plays a note when it comes from a screen."""
    inbox, sink = VirtualInbox(), ListeningSink()
    stage = Stage([sink], duo())
    conductor = Conductor(inbox, InstantComposer(inbox, silent), stage, EngineSettings(), Start(Mode.JAM, 120.0))
    for pitch in range(128):
        inbox.post(0.1, KeyboardMessage(0.1, note_on(1, pitch, 80), mapped=False))
    inbox.post(0.2, Stop())
    conductor.run()
    assert [pitch for _, pitch in sink.onsets(None)] == list(range(128))


def silent(request: Request) -> Composed:
    return Composed(request.serial, (Section(frozenset({1}), request.step, request.until, ()),))
