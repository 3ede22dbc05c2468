"""Collects the current choices as the values of a preset."""

from __future__ import annotations

from composerd.engine.choices import Choices
from composerd.engine.output.band_state import BandState
from composerd.engine.output.mixer import CENTRE, ORDINARY
from composerd.music.metre import Metre


def preset_values(choices: Choices, state: BandState, bpm: float, metre: Metre) -> dict[str, object]:
    """Word of a command -> value, or part -> value; the mixer's ordinary values are left out."""
    genre, mixer = state.genre, state.mixer
    directions, moved = choices.directions, choices.transposition
    names = list(dict.fromkeys(name for part in genre.parts for name in (part.name, part.role)))
    found: dict[str, object] = {
        "genre": genre.name,
        "song": choices.song_name or "none",
        "tempo": round(bpm, 2),
        "metre": str(metre),
        "swing": state.chosen_swing,
        "key": str(directions.key or "none"),
        "transpose_keys": moved.keys,
        "transpose_band": moved.band,
        "variation": directions.variation,
        "creativity": round(directions.creativity, 3),
        "left_hand": "on" if choices.left_hand else "off",
        "follow": "on" if choices.follow else "off",
        "mute": {name: "on" for name in names if name in mixer.muted},
        "volume": {name: mixer.level(name) for name in names if mixer.level(name) != ORDINARY},
        "pan": {name: mixer.place(name) for name in names if mixer.place(name) != CENTRE},
        "band_volume": mixer.level("band"),
    }
    programs = ((part, mixer.program(part.name, genre)) for part in genre.parts)
    found["instrument"] = {part.name: program for part, program in programs if program != part.program}
    return {word: value for word, value in found.items() if value not in ({}, None)}
