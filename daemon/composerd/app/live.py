"""Runs the daemon: opens its parts one after the other, and closes them in reverse order."""

from __future__ import annotations

import gc
import logging
import signal
import sys
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial

from composerd.app.control import Latest, open_remote
from composerd.app.generator_bank import bank
from composerd.app.genre_loader import GenreChanger
from composerd.app.keyboards import Keyboards
from composerd.app.outputs import Outputs, midi_settings, open_outputs
from composerd.app.reload import Reloader, on_hangup
from composerd.app.song_loader import SongLoader, SongRequest
from composerd.config.layers import Config, Settings
from composerd.control.watch import Broadcast
from composerd.devices.midi.watcher import PortStatus, PortWatcher
from composerd.devices.system.inbox import RealInbox
from composerd.devices.system.memory import give_back, keep_little
from composerd.devices.system.notify import Supervisor
from composerd.devices.system.priority import raise_priority
from composerd.devices.system.signals import catch_signals
from composerd.engine.commands.band import SaveTake
from composerd.engine.commands.genre import ChooseGenre, StepGenre
from composerd.engine.commands.song import ChooseSetList
from composerd.engine.conductor import Conductor, Start
from composerd.engine.messages import (
    Delegated,
    Finish,
    GenreLoaded,
    Message,
    Mode,
    SetEngine,
    Snapshot,
    SongLoaded,
)
from composerd.engine.output.stage import Stage
from composerd.generators.bank import Bank
from composerd.generators.worker import Worker
from composerd.music.charts.chart import Chart
from composerd.music.genre import Genre
from composerd.music.metre import BarGrid

log = logging.getLogger(__name__)

SWITCH_INTERVAL = 0.0005
"""seconds a busy thread keeps the interpreter: a tenth of Python's default, so that no key waits for a model"""

Player = Callable[[RealInbox], None]
"""starts a thread that plays into the inbox, such as the demo"""
Show = Callable[[Snapshot], None]
Load = Callable[[], Config]


@dataclass(frozen=True, slots=True)
class RunningDaemon:
    """The parts of a running daemon; `undo` takes them apart, the last one first."""

    settings: Settings
    genre: Genre
    undo: ExitStack
    inbox: RealInbox
    outputs: Outputs
    generators: Bank
    supervisor: Supervisor
    keyboards: Keyboards
    latest: Latest = field(default_factory=Latest)
    broadcast: Broadcast = field(default_factory=Broadcast)

    def turn(self, now: float, due: float) -> None:
        """Called when the conductor is about to wait, until moment `due` if nothing happens before."""
        self.supervisor.beat(now)
        self.broadcast.flush(now, due)


def play(
    settings: Settings,
    genre: Genre,
    show: Show = lambda _: None,
    player: Player | None = None,
    load: Load | None = None,
    chart: Chart | None = None,
) -> None:
    """Play until a signal ends it. Raises ModelError or DeviceError if it cannot begin. `chart`: the first song.

    `load` reads the settings again when SIGHUP asks for that; without it, that is the end.
    """
    keep_little()
    sys.setswitchinterval(SWITCH_INTERVAL)
    with ExitStack() as undo:
        program = start_parts(settings, genre, undo)
        changer = start_genres(program)
        songs = start_songs(program, changer)
        stage, conductor = make_conductor(program, _delegate(changer, songs, program.outputs), show)
        start_control_socket(program, stage)
        songs.recognise_learned(settings.engine.memory == "book")
        if settings.band.set_list:
            songs.ask(ChooseSetList(settings.band.set_list))
        listen_for_hangup(program, stage, load, songs)
        start_ports(program)
        if chart is not None:
            program.inbox.put(SongLoaded(chart))
        if player is not None:
            player(program.inbox)
        settle_memory()
        say_ready(program)
        conductor.run(program.turn)


def start_parts(settings: Settings, genre: Genre, undo: ExitStack) -> RunningDaemon:
    """Catch signals; open outputs, the genre's model and the supervisor."""
    inbox = RealInbox()
    undo.enter_context(catch_signals(inbox))
    outputs = open_outputs(settings, lambda status: log.info("%s", status))
    undo.callback(outputs.close)
    generators = bank(settings.engine)
    generators.open(genre)
    outputs.warn_of_silent_parts(genre)
    supervisor = Supervisor()
    undo.callback(supervisor.close)
    return RunningDaemon(settings, genre, undo, inbox, outputs, generators, supervisor, Keyboards(inbox.put))


def start_genres(program: RunningDaemon) -> GenreChanger:
    """Start the thread that opens genres; it prepares the sound before the engine, which waits for the bar line."""

    def announce(loaded: Message) -> None:
        if isinstance(loaded, GenreLoaded):
            program.outputs.prepare(loaded.genre)
        program.inbox.put(loaded)

    changer = GenreChanger(program.generators, announce, program.genre.name)
    program.undo.callback(changer.close)
    return changer


def start_songs(program: RunningDaemon, changer: GenreChanger) -> SongLoader:
    """Start the thread that reads charts and has their genre opened."""
    songs = SongLoader(program.inbox.put, changer.ask, changer.then)
    program.undo.callback(songs.close)
    return songs


def make_conductor(
    program: RunningDaemon, delegate: Callable[[Delegated], None], show: Show
) -> tuple[Stage, Conductor]:
    """`delegate` gets the commands that reach beyond the performance."""
    settings, genre, outputs = program.settings, program.genre, program.outputs
    stage = Stage([*outputs.sinks, program.broadcast], genre)
    shows = (show, program.supervisor.show, program.latest.show, program.broadcast.show)
    conductor = Conductor(
        program.inbox,
        Worker(program.generators, program.inbox.put),
        stage,
        settings.engine,
        Start(Mode(settings.band.mode), settings.band.bpm or genre.bpm, BarGrid.of(genre.metre)),
        outputs.on_line(_all(*shows)),
        delegate,
        clock=lambda _, data: outputs.midi.send_bytes(data),
        view=program.broadcast.view,
    )
    return stage, conductor


def start_control_socket(program: RunningDaemon, stage: Stage) -> None:
    """Open the control socket if the settings want it and the system allows it."""
    inbox = program.inbox
    remote = open_remote(
        program.settings.remote,
        inbox.put,
        inbox.now,
        program.latest,
        lambda: stage.genre,
        program.broadcast,
        program.keyboards.reread,
        program.outputs.unwritable,
    )
    if remote is not None:
        program.undo.callback(remote.close)


def listen_for_hangup(program: RunningDaemon, stage: Stage, load: Load | None, songs: SongLoader) -> None:
    """SIGHUP reads the settings again by `load`; without it, and where the terminal is gone, it means the end."""
    finish: Callable[[], None] = partial(program.inbox.put, Finish(signal.SIGHUP.name))
    reload = finish
    if load is not None:

        def put(message: Message) -> None:
            program.inbox.put(message)
            if isinstance(message, SetEngine):
                songs.recognise_learned(message.settings.memory == "book")

        reloader = Reloader(load, program.settings, put, lambda: stage.genre.name, program.supervisor)
        program.undo.callback(reloader.close)
        reload = reloader.ask
    program.undo.enter_context(on_hangup(reload, finish))


def start_ports(program: RunningDaemon) -> None:
    """Start the thread that finds keyboard, synth and clock."""
    settings, outputs = program.settings, program.outputs
    follows_clock = settings.engine.sync == "midi"
    ports = midi_settings(settings, outputs.audio)
    watcher = PortWatcher(ports, program.inbox, outputs.midi, _log_status, follows_clock, program.keyboards.controls)
    watcher.start()
    program.undo.callback(watcher.close)


def settle_memory() -> None:
    """Return free memory to the system, and exempt the objects made at the start from later garbage collections."""
    gc.collect()
    give_back()
    gc.freeze()


def say_ready(program: RunningDaemon) -> None:
    """Notify the supervisor, and play with the priority of sound."""
    program.supervisor.ready()
    program.undo.callback(program.supervisor.stopping)
    log.debug("priority of the playing thread: %s", raise_priority())


def _all(*shows: Show) -> Show:
    def show(snapshot: Snapshot) -> None:
        for one in shows:
            one(snapshot)

    return show


def _delegate(changer: GenreChanger, songs: SongLoader, outputs: Outputs) -> Callable[[Delegated], None]:
    def delegate(command: Delegated) -> None:
        if isinstance(command, ChooseGenre | StepGenre):
            changer.ask(command)
        elif isinstance(command, SongRequest):
            songs.ask(command)
        elif isinstance(command, SaveTake) and outputs.take is not None:
            outputs.take.keep()

    return delegate


def _log_status(status: PortStatus) -> None:
    log.info("%s", status.line())
