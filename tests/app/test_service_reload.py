"""Settings and genre pages read again while the music plays."""

from __future__ import annotations

import logging
import os
import signal
import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from queue import SimpleQueue

import pytest

from composerd.app.control import Latest, open_remote, refusal
from composerd.app.reload import Reloader, at_the_next_start, changes, on_hangup
from composerd.config.layers import Config, load
from composerd.control.client import ask
from composerd.control.settings import RemoteSettings
from composerd.devices.system.notify import Supervisor
from composerd.engine.commands.band import SaveTake, SetMode
from composerd.engine.commands.genre import ChooseGenre
from composerd.engine.commands.mixer import Mute, SetVolume
from composerd.engine.commands.time import SetTempo
from composerd.engine.conductor import Conductor, Start
from composerd.engine.messages import GenreLoaded, Message, Mode, SetEngine, Snapshot, TimedCommand
from composerd.engine.output.mixer import Mixer
from composerd.engine.output.stage import Stage
from composerd.engine.settings import EngineSettings
from composerd.engine.virtual import VirtualInbox
from composerd.errors import ComposerdError
from composerd.library.genre_files import load_genre
from composerd.music.metre import BarGrid
from fakes import InstantComposer, ListeningSink, echo_bass

FIRST = "band:\n  genre: pop\n"


class Daemon:
    """What a reload touches of a daemon: settings on a page, an engine that listens, a service manager."""

    def __init__(self, folder: Path) -> None:
        self.page = folder / "config.yaml"
        self.page.write_text(FIRST)
        self.messages: list[Message] = []
        self.manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.manager.bind(str(folder / "notify"))
        self.manager.settimeout(20)
        self.supervisor = Supervisor({"NOTIFY_SOCKET": str(folder / "notify")})
        first = self.load().settings
        self.reloader = Reloader(self.load, first, self.messages.append, lambda: "rock", self.supervisor)

    def load(self) -> Config:
        return load(page=self.page, environ={})

    def close(self) -> None:
        self.reloader.close()
        self.supervisor.close()
        self.manager.close()


@pytest.fixture
def daemon(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Daemon]:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(logging.getLogger("composerd"), "propagate", True)
    daemon = Daemon(tmp_path)
    yield daemon
    daemon.close()


def test_the_genre_that_plays_is_read_again_even_if_nothing_else_changed(daemon: Daemon) -> None:
    daemon.reloader.reload()
    assert daemon.messages == [ChooseGenre("rock")]  # chosen over the control socket, say; the page says pop


def test_what_changed_is_told_to_the_engine_and_nothing_else(daemon: Daemon) -> None:
    daemon.page.write_text("band:\n  genre: jazz\n  mode: phrase\n  bpm: 90\nengine:\n  grace_ms: 5\n")
    before = daemon.load().settings.engine
    daemon.reloader.reload()
    wanted = [ChooseGenre("jazz"), SetEngine(before), SetMode("phrase"), SetTempo(90.0)]
    assert daemon.messages == wanted
    daemon.reloader.reload()
    assert daemon.messages[len(wanted) :] == [ChooseGenre("rock")]


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("band:\n  gener: rock\n", "config.yaml:2: unknown band.gener"),
        ("band:\n  genre: polka\n", "unknown genre 'polka'"),
        ("band: [\n", "broken YAML"),
    ],
)
def test_broken_settings_are_named_and_the_old_ones_stay(
    daemon: Daemon, caplog: pytest.LogCaptureFixture, text: str, named: str
) -> None:
    daemon.page.write_text(text)
    with caplog.at_level(logging.INFO, "composerd"):
        daemon.reloader.reload()
    assert daemon.messages == []
    assert "the old ones stay" in caplog.text
    assert named in caplog.text


def test_a_setting_that_needs_a_new_start_is_named(daemon: Daemon, caplog: pytest.LogCaptureFixture) -> None:
    daemon.page.write_text(FIRST + "midi:\n  poll_ms: 50\n")
    with caplog.at_level(logging.INFO, "composerd"):
        daemon.reloader.reload()
    assert "at the next start: midi.poll_ms" in caplog.text


def test_settings_that_models_and_ports_are_opened_with_need_a_new_start() -> None:
    names = ["band.genre", "engine.grace_ms", "engine.guard", "engine.sync", "engine.threads", "log.level", "midi.api"]
    assert at_the_next_start(names) == ["engine.guard", "engine.sync", "engine.threads", "midi.api"]


def test_a_terminal_that_is_closed_ends_what_was_started_in_it() -> None:
    window, stream = os.openpty()
    heard: list[str] = []
    with on_hangup(lambda: heard.append("reload"), lambda: heard.append("finish"), (stream,)):
        os.kill(os.getpid(), signal.SIGHUP)
        os.close(window)
        os.kill(os.getpid(), signal.SIGHUP)
    os.close(stream)
    assert heard == ["reload", "finish"]


def test_a_hangup_signal_reloads_and_systemd_is_told_when_that_begins_and_ends(daemon: Daemon) -> None:
    with on_hangup(daemon.reloader.ask, finish=lambda: pytest.fail("our terminal, if any, is there")):
        os.kill(os.getpid(), signal.SIGHUP)
        said = [daemon.manager.recv(200).decode().splitlines()[0] for _ in range(2)]
    assert said == ["RELOADING=1", "READY=1"]
    assert daemon.messages == [ChooseGenre("rock")]


def test_a_tempo_taken_back_from_the_page_leaves_the_one_that_plays(daemon: Daemon) -> None:
    old = daemon.load().settings
    faster = replace(old, band=replace(old.band, bpm=120.0))
    assert changes(old, faster) == [SetTempo(120.0)]
    assert changes(faster, old) == []


def test_the_socket_knows_which_genres_and_parts_there_are() -> None:
    pop = load_genre("pop", {"HOME": "/nowhere"})
    part = pop.parts[0]
    assert refusal(ChooseGenre("pop"), pop) == ""
    assert "no such" not in refusal(Mute(part.name), pop)
    assert refusal(Mute(part.role), pop) == refusal(SetVolume("band", 127), pop) == ""
    assert "did you mean jazz" in refusal(ChooseGenre("jaz"), pop)
    assert "'kazoo'" in refusal(Mute("kazoo"), pop)
    assert "'band'" in refusal(Mute("band"), pop)


def test_a_live_performance_answers_on_its_socket(tmp_path: Path) -> None:
    pop, latest, inbox = load_genre("pop", {"HOME": "/nowhere"}), Latest(), SimpleQueue[Message]()
    path = tmp_path / "control.sock"
    remote = open_remote(RemoteSettings(socket=str(path)), inbox.put, lambda: 0.0, latest, lambda: pop)
    assert remote is not None
    latest.show(Snapshot("ready", "pop", 100.0))
    assert ask([path], {"do": "status"})["status"]["state"] == "ready"
    ask([path], {"do": "tempo", "bpm": 77})
    remote.close()
    assert inbox.get() == TimedCommand(0.0, SetTempo(77.0))


def test_a_take_that_cannot_be_written_is_refused_with_the_reason(tmp_path: Path) -> None:
    pop, inbox = load_genre("pop", {"HOME": "/nowhere"}), SimpleQueue[Message]()
    path, reasons = tmp_path / "control.sock", ["the disk is full", ""]
    remote = open_remote(
        RemoteSettings(socket=str(path)),
        inbox.put,
        lambda: 0.0,
        Latest(),
        lambda: pop,
        unwritable=lambda: reasons.pop(0),
    )
    assert remote is not None
    with pytest.raises(ComposerdError, match="refused: the disk is full"):
        ask([path], {"do": "save"})
    ask([path], {"do": "save"})
    remote.close()
    assert inbox.get() == TimedCommand(0.0, SaveTake())
    assert inbox.empty()


def test_a_socket_that_cannot_be_made_is_no_reason_not_to_play(tmp_path: Path) -> None:
    pop = load_genre("pop", {"HOME": "/nowhere"})
    (tmp_path / "file").write_text("")
    settings = RemoteSettings(socket=str(tmp_path / "file" / "control.sock"))
    assert open_remote(settings, lambda _: None, lambda: 0.0, Latest(), lambda: pop) is None
    assert open_remote(RemoteSettings(enabled=False), lambda _: None, lambda: 0.0, Latest(), lambda: pop) is None


def test_a_parts_volume_is_its_own_and_the_bands_and_masters_multiply() -> None:
    mixer, pop = Mixer(), load_genre("pop", {"HOME": "/nowhere"})
    part = pop.parts[0]

    def heard() -> dict[int | None, int]:
        return {who: message.data2 for who, message in mixer.due_volumes(pop)}

    mixer.set_volume(part.name, 50)
    assert heard() == {0: 50}
    mixer.set_volume("master", 50)
    levels = heard()
    assert levels[None] == 50
    assert levels[0] == 25
    mixer.set_volume("master", 100)
    mixer.set_volume(part.name, 100)
    assert set(heard().values()) == {100}


def test_what_changes_while_nothing_plays_shows_in_the_status_at_once() -> None:
    pop, jazz = (load_genre(name, {"HOME": "/nowhere"}) for name in ("pop", "jazz"))
    inbox, shown = VirtualInbox(), list[Snapshot]()
    composer = InstantComposer(inbox, echo_bass)
    start = Start(Mode.JAM, pop.bpm, BarGrid.of(pop.metre))
    conductor = Conductor(inbox, composer, Stage([ListeningSink()], pop), EngineSettings(), start, shown.append)
    conductor.handle(GenreLoaded(jazz))
    conductor.handle(SetTempo(77.0))
    assert [(one.genre, one.bpm) for one in shown] == [("jazz", shown[0].bpm), ("jazz", 77.0)]
