"""Golden performances: each genre's demo melody, played to the rules in both modes, is the same music as ever.

After a change that is meant: `COMPOSERD_GOLDEN=write pytest tests/app/test_golden.py`, then read the difference.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from composerd.app.render import Performance, render
from composerd.demo import demo_song
from composerd.engine.messages import Mode
from composerd.engine.settings import EngineSettings
from composerd.generators.plain import PlainGenerator
from composerd.genre_pages import load_genre
from composerd.music.midi import Midi

FOLDER = Path(__file__).parent.parent / "performances"
GENRES = ("bach", "jazz", "pop", "rock", "symphony")


def listing(performance: Performance) -> list[str]:
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
    played = listing(render(demo_song(genre), genre, mode, PlainGenerator(genre), EngineSettings()))
    golden = FOLDER / f"{name}_{mode.value}.txt"
    if os.environ.get("COMPOSERD_GOLDEN") == "write":
        golden.write_text("\n".join(played) + "\n", encoding="utf-8")
    assert played == golden.read_text(encoding="utf-8").splitlines()
