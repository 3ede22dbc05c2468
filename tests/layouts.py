"""Layouts of tracks for tests that need no net."""

from __future__ import annotations

from composerd.contract.layout import DRUMS, MONO, POLY, Track

BAND = (
    Track("drums", "drums", DRUMS, 0, 127),
    Track("bass", "bass", MONO, 28, 55, program=33),
    Track("keys", "comp", POLY, 43, 84, polyphony=4, sources=("bass",)),
)
CHORALE = (
    Track("bass", "voice", MONO, 36, 64),
    Track("tenor", "voice", MONO, 45, 69, sources=("bass",)),
    Track("alto", "voice", MONO, 52, 76, sources=("bass", "tenor")),
)
