"""Makes the past that a net sees in training as irregular as the one of its own performances."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]


def disturb(cells: Floats, dropped: float, added: float, rng: np.random.Generator) -> None:
    """Clear and set flags of `cells` (N, columns) by chance, in place.

    `dropped` and `added` are the mean shares of ones cleared and zeros set; those of a row are 0 to twice as large. A
    net that has seen only people's past, which is regular, takes its own slips for a pattern that fades, and plays less
    and less (exposure bias; compare S. Bengio et al., Scheduled Sampling, 2015, which this replaces at a fraction of
    the cost).
    """
    level, chance = 2 * rng.random((len(cells), 1)), rng.random(cells.shape)
    cells[:] = np.where(cells > 0, chance >= dropped * level, chance < added * level)


def displace(cells: Floats, columns: int, lost: Floats, gained: Floats, rng: np.random.Generator) -> None:
    """Move onsets of `cells` (N, steps * columns) to other steps of their column by chance, in place.

    `lost` and `gained` (N, 1, columns) are the share of the ones that vanish, and how many appear for each one that
    there was. They are drawn apart, so that how dense a part has been says little about how dense it is: a net that
    trusts its past grows fuller or emptier from bar to bar, one that trusts the texture does not. Their means must be
    equal: were more lost than gained, a net would learn that people play more than it sees.
    """
    rows = cells.reshape(len(cells), cells.shape[1] // columns, columns)
    ones = rows.sum(1, keepdims=True)
    empty = rows.shape[1] - ones
    chance = rng.random(rows.shape)
    rows[:] = np.where(rows > 0, chance >= lost, chance * empty < gained * ones)
