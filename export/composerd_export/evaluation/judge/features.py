"""Plain features of a window: rhythm and its repetition, notes' lengths, chords, lines, and how the parts fit together.

Everything is measured from bar 2 on, on the 16th grid, of three voices: `bass`, `band` (all other pitched parts but
timpani) and drums. Names and definitions are those of a table of 240 windows of real bands (`real_bands.npz`).
"""

from __future__ import annotations

import numpy as np

from composerd_export.evaluation.judge.pitches import chords_struck, fit, half_bar_triads, harmony_of, line, texture
from composerd_export.evaluation.judge.rhythm import KITS, drums, interplay, rhythm
from composerd_export.evaluation.judge.rolls import Features, onsets, roll
from composerd_export.evaluation.judge.windows import KEY, SILENCE, JudgedWindow

BASSES = ("bass", "strings_low")
TIMPANI = "timpani"
OF_MELODY = (
    "sync.band_melody", "sync.bass_melody", "band.overmelody",
    "score.pcs", "score.clash", "score.nic", "score.mtriad", "score.inkey",
)  # fmt: skip
"""Features that only bands with equal melodies can be compared by."""


def features(window: JudgedWindow) -> Features:
    """The features of a window: name -> value, nan if the window has no such thing."""
    steps = window.steps
    basses = [notes for name, notes in window.parts.items() if name in BASSES]
    others = [notes for name, notes in window.parts.items() if name not in BASSES and name != TIMPANI]
    bass, band = (np.concatenate([SILENCE, *found]) for found in (basses, others))
    begins = {name: onsets(notes, steps) for name, notes in (("bass", bass), ("band", band), ("melody", window.melody))}
    rolls = {name: roll(notes, steps) for name, notes in (("bass", bass), ("band", band), ("melody", window.melody))}
    kit = {name: onsets(window.drums[np.isin(window.drums[:, KEY], keys)], steps) for name, keys in KITS.items()}
    sounding = rolls["bass"] | rolls["band"]
    triads = half_bar_triads(sounding, rolls["bass"])
    return {
        **rhythm("bass", begins["bass"], bass),
        **rhythm("band", begins["band"], band),
        **drums(kit, onsets(window.drums, steps)),
        **interplay(begins, kit["kick"]),
        **line(bass),
        **texture(rolls["band"], band),
        **chords_struck(band),
        **harmony_of(triads, sounding, rolls["bass"]),
        **fit(window, rolls),
    }
