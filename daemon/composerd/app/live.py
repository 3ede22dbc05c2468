"""The daemon: everything that plays, put together in order and taken apart in the opposite one."""

from __future__ import annotations

import gc
import logging
import sys
from collections.abc import Callable
from contextlib import ExitStack

from composerd.app.bands import bank
from composerd.app.genres import GenreChanger
from composerd.app.outputs import midi_settings, open_outputs
from composerd.config import Settings
from composerd.devices.inbox import RealInbox
from composerd.devices.notify import Supervisor
from composerd.devices.signals import catch_signals
from composerd.devices.watcher import PortStatus, PortWatcher
from composerd.engine.conductor import Conductor, Start
from composerd.engine.messages import Mode, Snapshot
from composerd.engine.stage import Stage
from composerd.generators.worker import Worker
from composerd.music.genre import Genre
from composerd.music.metre import BarGrid

log = logging.getLogger(__name__)

SWITCH_INTERVAL = 0.0005
"""seconds a busy thread keeps the interpreter: ten times less than Python's default, measured in DESIGN"""

Player = Callable[[RealInbox], None]
"""starts something that plays into the inbox: the demo"""


def play(
    settings: Settings, genre: Genre, show: Callable[[Snapshot], None] = lambda _: None, player: Player | None = None
) -> None:
    """Play until a signal says stop. Raises ModelError or DeviceError where it cannot begin."""
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
        changer = GenreChanger(generators, inbox.put, genre.name)
        stack.callback(changer.close)
        conductor = Conductor(
            inbox,
            Worker(generators, inbox.put),
            Stage(outputs.sinks, genre),
            settings.engine,
            Start(Mode(settings.band.mode), settings.band.bpm or genre.bpm, BarGrid.of(genre.metre)),
            _both(show, supervisor.show),
        )
        watcher = PortWatcher(midi_settings(settings, outputs.audio), inbox, outputs.midi, _tell)
        watcher.start()
        stack.callback(watcher.close)
        if player is not None:
            player(inbox)
        gc.collect()
        gc.freeze()  # what is there now stays: later collections look at what is new only
        supervisor.ready()
        stack.callback(supervisor.stopping)
        conductor.run(supervisor.beat)


def _both(show: Callable[[Snapshot], None], too: Callable[[Snapshot], None]) -> Callable[[Snapshot], None]:
    def both(snapshot: Snapshot) -> None:
        show(snapshot)
        too(snapshot)

    return both


def _tell(status: PortStatus) -> None:
    log.info("%s", status.line())
