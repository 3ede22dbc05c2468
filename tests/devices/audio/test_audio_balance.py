"""Every genre is rendered: each part is audible, and its loudness fits the player's."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from bands import band_of, shipped
from composerd.app.demo_tunes import demo_melody
from composerd.app.render import render
from composerd.devices.audio.loudness import loudness
from composerd.devices.audio.render import blocks, played_of
from composerd.devices.audio.settings import AudioSettings
from composerd.engine.messages import Mode, Played
from composerd.engine.settings import EngineSettings
from composerd.music.genre import Genre
from sound import SOUNDFONT

SETTINGS = AudioSettings(rate=24000, reverb=0.3, soundfont=SOUNDFONT)
FIRST, UNTIL = 8.0, 14.0
"""seconds: the band is in, and plays"""
LOUDEST, SOFTEST = 4.0, -20.0
"""dB against the player of the demo: up to 6 are for those who play softer"""


def excerpt(genre: Genre) -> list[Played]:
    """What player and band play to the demo melody between FIRST and UNTIL."""
    song = demo_melody(genre)
    heard = tuple(one for one in song.messages if one.second < UNTIL)
    performance = render(
        replace(song, messages=heard, end_tick=heard[-1].tick), genre, Mode.JAM, band_of(genre.name), EngineSettings()
    )
    played = played_of(performance.axis, genre, performance.lines)
    return [Played(one.at - FIRST, one.part, one.message) for one in played if FIRST <= one.at < UNTIL]


def level(played: list[Played], genre: Genre) -> float:
    return loudness(np.concatenate(list(blocks(played, genre, SETTINGS)), axis=1), SETTINGS.rate)


@pytest.mark.parametrize("name", ["rock", "pop", "jazz", "symphony", "bach"])
def test_no_part_drowns_the_player_and_those_that_play_are_heard(name: str) -> None:
    genre = shipped(name)
    played = excerpt(genre)
    player = level([one for one in played if one.part is None], genre)
    against = {}
    for index, part in enumerate(genre.parts):
        own = [one for one in played if one.part == index]
        if sum(one.message.starts_note for one in own) >= 4:
            against[part.name] = level(own, genre) - player
    assert max(against.values()) <= LOUDEST, against
    assert min(against.values()) >= SOFTEST, against
    rhythm = {part.name for part in genre.parts if part.role in ("drums", "bass")} - {"timpani"}  # they may rest
    assert rhythm <= set(against)
