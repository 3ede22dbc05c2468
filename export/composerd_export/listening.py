"""What a likelihood does not tell of a training: the net plays along with validation melodies and is listened to."""

from __future__ import annotations

import numpy as np

from composerd.contract.card import Decoding
from composerd.contract.decoding import Style
from composerd.contract.frames import Window
from composerd.contract.layout import DRUMS, Layout
from composerd.music.roll import ONSET
from composerd_export.calibrate import SETTLED, live
from composerd_export.data.batches import Batch, Windows
from composerd_export.evaluation.harmony import clashes, consonance
from composerd_export.preview import as_rolls
from composerd_export.rollout import Forward


def heard(layout: Layout, forward: Forward, windows: Windows, count: int = 24, seed: int = 5) -> dict[str, float]:
    """Consonance (pcs, -1 to 1), clash (0 to 1) and density (of onsets, 1 is the corpus's) of live playing."""
    rng = np.random.default_rng(seed)
    batch, usual = windows.draw(count, rng), Decoding()
    played = live(layout, forward, batch, Style(usual.temperature, usual.rhythm), rng)
    harmony = [_harmony(layout, played, index) for index in range(count)]
    return {
        "music consonance": float(np.mean([one[0] for one in harmony])),
        "music clash": float(np.mean([one[1] for one in harmony])),
        "music density": _onsets(layout, played, batch) / max(1, _onsets(layout, batch.window, batch)),
    }


def _harmony(layout: Layout, played: Window, index: int) -> tuple[float, float]:
    pitched = [1 + i for i, track in enumerate(layout.tracks) if track.kind != DRUMS]
    sounding, melody = (
        as_rolls(layout, played, index)[pitched, SETTLED:],
        played.melody[index, SETTLED:].astype(np.int16),
    )
    return consonance(melody, sounding), clashes(melody, sounding)


def _onsets(layout: Layout, window: Window, batch: Batch) -> int:
    """Onsets of the pitched parts that the pieces have, within them."""
    count = 0
    for i, track in enumerate(layout.tracks):
        if track.kind != DRUMS:
            counted = batch.valid & batch.present[:, i, None]
            count += int((window.cells[i] == ONSET).any(2)[:, SETTLED:][counted[:, SETTLED:]].sum())
    return count
