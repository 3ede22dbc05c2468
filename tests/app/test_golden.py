"""Golden performances: each genre's demo melody, played to the rules in both modes and with every control of the form,
is the same music as ever.

After a change that is meant: `COMPOSERD_GOLDEN=write pytest tests/app/test_golden.py`, then read the difference.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from composerd.app.demo_tunes import TUNES, demo_melody
from composerd.app.render import RenderedPerformance, render
from composerd.engine.commands.band import ToggleBand
from composerd.engine.commands.form import Break, Fill, SetVariation
from composerd.engine.commands.mixer import Mute, SetPan, SetVolume
from composerd.engine.commands.time import DoubleTime, SetFollow, SetSwing
from composerd.engine.conductor import Conductor, Start
from composerd.engine.messages import KeyboardMessage, Message, Mode, Stop
from composerd.engine.output.stage import Stage
from composerd.engine.settings import EngineSettings
from composerd.engine.virtual import VirtualInbox
from composerd.generators.plain import PlainGenerator
from composerd.generators.worker import Immediate
from composerd.library.genre_files import load_genre
from composerd.music.midi import Midi, note_off, note_on
from fakes import ListeningSink

FOLDER = Path(__file__).parent.parent / "performances"
GENRES = ("bach", "jazz", "pop", "rock", "symphony")


def listing(performance: RenderedPerformance) -> list[str]:
    """`beat  part  verb pitch velocity`, a line each, the player's own notes left out."""
    beat = performance.axis.ticks_per_beat
    return [
        f"{tick / beat:8.3f}  {part.name:<12} {_verb(message)} {message.data1:3} {message.data2:3}"
        for tick, part, message in performance.lines
        if part is not None and (message.starts_note or message.ends_note)
    ]


def _verb(message: Midi) -> str:
    return "on " if message.starts_note else "off"


@pytest.mark.parametrize("mode", list(Mode), ids=lambda mode: mode.value)
@pytest.mark.parametrize("name", GENRES)
def test_the_rules_play_the_golden_performance(name: str, mode: Mode) -> None:
    genre = load_genre(name)
    played = listing(render(demo_melody(genre), genre, mode, PlainGenerator(genre), EngineSettings()))
    compare(played, f"{name}_{mode.value}")


def compare(played: list[str], name: str) -> None:
    golden = FOLDER / f"{name}.txt"
    if os.environ.get("COMPOSERD_GOLDEN") == "write":
        golden.write_text("\n".join(played) + "\n", encoding="utf-8")
    assert played == golden.read_text(encoding="utf-8").splitlines()


BAR = 2.0
"""seconds, at 120 quarter notes a minute"""
CONTROLS: tuple[tuple[float, Message], ...] = (
    (0.0, ToggleBand()),
    (2.2, Fill()),
    (3.1, SetVariation("B")),
    (4.1, Break()),
    (5.1, SetSwing(0.5)),
    (6.1, SetVolume("bass", 63)),
    (6.2, SetPan("bass", 32)),
    (6.3, Mute("bass")),
    (7.1, Mute("bass")),
    (7.3, SetFollow(True)),
    (8.1, DoubleTime()),
    (9.6, ToggleBand()),
)
"""(bar counted from 0, command), the first bar being counted in"""


def performed(name: str) -> list[str]:
    """`second  channel  bytes`, a line for every message of the band."""
    genre, inbox, sink = load_genre(name), VirtualInbox(), ListeningSink()
    settings = EngineSettings(count_in_bars=1)
    composer = Immediate(PlainGenerator(genre), inbox.put)
    conductor = Conductor(inbox, composer, Stage([sink], genre), settings, Start(Mode.JAM, 120.0))
    for bar, command in CONTROLS:
        inbox.post(bar * BAR, command)
    for step, pitch, length in TUNES[name].notes():
        on, off = BAR + step / 8, BAR + (step + length) / 8 - 0.01
        if on < 10 * BAR:
            inbox.post(on, KeyboardMessage(on, note_on(1, pitch, 80)))
            inbox.post(off, KeyboardMessage(off, note_off(1, pitch)))
    inbox.post(14 * BAR, Stop())
    conductor.run()
    return [
        f"{played.at:8.3f}  {played.message.channel:2}  {played.message.kind:02X} {played.message.data1:3} "
        f"{played.message.data2:3}"
        for played in sink.heard
        if played.part is not None or played.is_click
    ]


@pytest.mark.parametrize("name", GENRES)
def test_the_rules_answer_the_same_controls_with_the_same_form(name: str) -> None:
    compare(performed(name), f"{name}_form")
