"""Adjusts the scores of chords by a whole tune's form: bars with equal melody, and the end."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from composerd.music.harmony.path import TONES
from composerd.music.harmony.readings import Reading
from composerd.music.harmony.tune import Tune

Floats = npt.NDArray[np.float32]

SHARED = 0.5
"""weight of the mean over bars with equal melody, 0 to 1"""
HOME = 2.0
"""added to the score of the tonic chord under the last note if it is one of its tones [nats]"""
_MAJOR_TONIC, _MINOR_TONIC = 0, 3 * 9 + 1


def with_repeats(worth: Floats, readings: Sequence[Reading], tune: Tune) -> Floats:
    """Mix scores (readings, slots, CHORDS) with their mean over bars with equal melody, which people harmonise alike.

    The reading as rock stays as it is: in a blues a line returns over another chord.
    """
    slots, first = tune.view.slots, tune.view.slots[0].start
    bars: dict[int, list[int]] = {}
    for index, slot in enumerate(slots):
        bars.setdefault(slot.bar, []).append(index)
    alike: dict[tuple[bytes, bytes], list[list[int]]] = {}
    for members in bars.values():
        steps = slice(slots[members[0]].start - first, slots[members[-1]].end - first)
        pitch, onset = tune.melody.pitch[steps], tune.melody.onset[steps]
        if onset.any():
            alike.setdefault((pitch.tobytes(), onset.tobytes()), []).append(members)
    shared = worth.copy()
    for index, reading in enumerate(readings):
        if reading.heard == "rock":
            continue
        for group in alike.values():
            if len(group) > 1 and len({len(members) for members in group}) == 1:
                mean = worth[index, np.array(group)].mean(0)
                for members in group:
                    shared[index, members] += SHARED * (mean - worth[index, members])
    return shared


def home(tune: Tune, readings: Sequence[Reading], count: int) -> Floats:
    """(readings, slots, CHORDS): bonus of the tonic's chord, major and minor, from the tune's last note on [nats].

    It is 0 for a chord that the note does not belong to.
    """
    found = np.zeros((len(readings), count, len(TONES)), np.float32)
    onsets = np.flatnonzero(tune.melody.onset)
    if not len(onsets):
        return found
    step = int(onsets[-1])
    begins = int(np.searchsorted(tune.view.starts, step + tune.view.slots[0].start, "right")) - 1
    for index, reading in enumerate(readings):
        sung = (int(tune.melody.pitch[step]) - reading.tonic) % 12
        for chord in (_MAJOR_TONIC, _MINOR_TONIC):
            if TONES[chord, sung]:
                found[index, begins:, chord] = HOME
    return found
