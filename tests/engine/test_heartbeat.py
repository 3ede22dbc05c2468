"""The heartbeat of the conductor's loop: busy and idle loops show it, a hung one does not."""

from __future__ import annotations

from itertools import pairwise

from composerd.engine.commands.time import SetTempo
from composerd.engine.conductor import HEARTBEAT, Conductor, Start
from composerd.engine.messages import Stop
from composerd.engine.output.stage import Stage
from composerd.engine.settings import EngineSettings
from composerd.engine.virtual import VirtualInbox
from composerd.library.genre_files import load_genre
from fakes import InstantComposer, ListeningSink, echo_bass


def beats_of(inbox: VirtualInbox) -> list[float]:
    """The moments of the conductor's heartbeat until it is stopped."""
    stage, beats = Stage([ListeningSink()], load_genre("pop", {"HOME": "/nowhere"})), list[float]()
    conductor = Conductor(inbox, InstantComposer(inbox, echo_bass), stage, EngineSettings(), Start())
    conductor.run(lambda now, _: beats.append(now))
    return beats


def test_an_idle_conductor_shows_itself_every_second() -> None:
    inbox = VirtualInbox()
    inbox.post(60.0, Stop("over"))
    beats = beats_of(inbox)
    assert beats[-1] == 60.0
    assert max(after - before for before, after in pairwise(beats)) <= HEARTBEAT


def test_a_conductor_that_is_flooded_shows_itself_after_every_message() -> None:
    inbox = VirtualInbox()
    for number in range(1000):
        inbox.post(1.0, SetTempo(60.0 + number % 60))
    inbox.post(1.0, Stop("over"))
    beats = beats_of(inbox)
    assert len([moment for moment in beats if moment == 1.0]) >= 1000
