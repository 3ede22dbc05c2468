"""The daemon: everything that plays, put together in order and taken apart in the opposite one."""

from __future__ import annotations

import gc
import logging
import signal
import sys
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial

from composerd.app.bands import bank
from composerd.app.genres import GenreChanger
from composerd.app.keyboards import control_page
from composerd.app.memory import give_back, keep_little
from composerd.app.outputs import Outputs, midi_settings, open_outputs
from composerd.app.reload import Reloader, on_hangup
from composerd.app.remote import Latest, open_remote
from composerd.config import Config, Settings
from composerd.devices.inbox import RealInbox
from composerd.devices.notify import Supervisor
from composerd.devices.priority import raise_priority
from composerd.devices.signals import catch_signals
from composerd.devices.watcher import PortStatus, PortWatcher
from composerd.engine.conductor import Conductor, Start
from composerd.engine.messages import Delegated, Finish, GenreLoaded, Mode, SaveTake, Snapshot
from composerd.engine.stage import Stage
from composerd.generators.worker import Worker
from composerd.music.genre import Genre
from composerd.music.metre import BarGrid

log = logging.getLogger(__name__)

SWITCH_INTERVAL = 0.0005
"""seconds a busy thread keeps the interpreter: ten times less than Python's default, measured in DESIGN"""

Player = Callable[[RealInbox], None]
"""starts something that plays into the inbox: the demo"""
Show = Callable[[Snapshot], None]


def play(
    settings: Settings,
    genre: Genre,
    show: Show = lambda _: None,
    player: Player | None = None,
    load: Callable[[], Config] | None = None,
) -> None:
    """Play until a signal says stop. Raises ModelError or DeviceError where it cannot begin.

    `load` reads the settings again when SIGHUP asks for that; without it, that is the end.
    """
    keep_little()
    sys.setswitchinterval(SWITCH_INTERVAL)
    with ExitStack() as stack:
        inbox = RealInbox()
        stack.enter_context(catch_signals(inbox))
        outputs = open_outputs(settings, lambda status: log.info("%s", status))
        stack.callback(outputs.close)
        generators = bank(settings.engine)
        generators.open(genre)
        supervisor = Supervisor()
        stack.callback(supervisor.close)
        changer = GenreChanger(generators, _announced(inbox, outputs), genre.name)
        stack.callback(changer.close)
        stage, latest = Stage(outputs.sinks, genre), Latest()
        conductor = Conductor(
            inbox,
            Worker(generators, inbox.put),
            stage,
            settings.engine,
            Start(Mode(settings.band.mode), settings.band.bpm or genre.bpm, BarGrid.of(genre.metre)),
            outputs.on_line(_all(show, supervisor.show, latest.show)),
            control_page,
            _delegate(changer, outputs),
            clock=lambda _, data: outputs.midi.send_bytes(data),
        )
        remote = open_remote(settings.remote, inbox.put, inbox.now, latest, lambda: stage.genre)
        if remote is not None:
            stack.callback(remote.close)
        finish: Callable[[], None] = partial(inbox.put, Finish(signal.SIGHUP.name))
        reload = finish
        if load is not None:
            reloader = Reloader(load, settings, inbox.put, lambda: stage.genre.name, supervisor)
            stack.callback(reloader.close)
            reload = reloader.ask
        stack.enter_context(on_hangup(reload, finish))
        follows_clock = settings.engine.sync == "midi"
        watcher = PortWatcher(midi_settings(settings, outputs.audio), inbox, outputs.midi, _tell, clock=follows_clock)
        watcher.start()
        stack.callback(watcher.close)
        if player is not None:
            player(inbox)
        gc.collect()
        give_back()
        gc.freeze()  # what is there now stays: later collections look at what is new only
        supervisor.ready()
        stack.callback(supervisor.stopping)
        log.debug("priority of the playing thread: %s", raise_priority())
        conductor.run(supervisor.beat)


def _all(*shows: Show) -> Show:
    def show(snapshot: Snapshot) -> None:
        for one in shows:
            one(snapshot)

    return show


def _announced(inbox: RealInbox, outputs: Outputs) -> Callable[[GenreLoaded], None]:
    """A genre is heard of by the sound before the engine, which waits for the bar line."""

    def put(loaded: GenreLoaded) -> None:
        outputs.prepare(loaded.genre)
        inbox.put(loaded)

    return put


def _delegate(changer: GenreChanger, outputs: Outputs) -> Callable[[Delegated], None]:
    def delegate(message: Delegated) -> None:
        if not isinstance(message, SaveTake):
            changer.ask(message)
        elif outputs.take is not None:
            outputs.take.keep()

    return delegate


def _tell(status: PortStatus) -> None:
    log.info("%s", status.line())
