"""Measures loudness by ITU-R BS.1770-4 (K-weighting, 400 ms blocks, gated), in LUFS."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from composerd.devices.audio.synth import Samples

_BLOCK, _HOP = 0.4, 0.1
"""seconds"""
_OFFSET = -0.691
_ABSOLUTE_GATE, _RELATIVE_GATE = -70.0, -10.0
SILENT = -np.inf
_SHELF = ((1.53512485958697, -2.69169618940638, 1.19839281085285), (1.0, -1.69065929318241, 0.73248077421585))
_HIGH_PASS = ((1.0, -2.0, 1.0), (1.0, -1.99004745483398, 0.99007225036621))
"""the standard's two biquads (numerator, denominator) at 48 kHz"""


def _weights(size: int, rate: float) -> npt.NDArray[np.float64]:
    """|H|^2 of the K-weighting filter at the bins of an rfft over `size` frames; above 24 kHz as at 24 kHz."""
    frequency = np.minimum(np.fft.rfftfreq(size, 1 / rate), 24000.0)
    z = np.exp(-2j * np.pi * frequency / 48000.0)
    response = np.ones(len(z), np.complex128)
    for numerator, denominator in (_SHELF, _HIGH_PASS):
        response *= np.polyval(numerator[::-1], z) / np.polyval(denominator[::-1], z)
    return np.abs(response) ** 2


def powers(samples: Samples, rate: float) -> npt.NDArray[np.float64]:
    """K-weighted power of each 400 ms block, one every 100 ms; `samples` (channels, frames)."""
    size, hop = round(_BLOCK * rate), round(_HOP * rate)
    if samples.shape[1] < size:
        samples = np.pad(samples, ((0, 0), (0, size - samples.shape[1])))
    weights = _weights(size, rate)
    weights[1 : -1 if size % 2 == 0 else None] *= 2  # Parseval: an rfft holds half of the spectrum
    found = [
        float((np.abs(np.fft.rfft(samples[:, at : at + size])) ** 2 @ weights).sum()) / size**2
        for at in range(0, samples.shape[1] - size + 1, hop)
    ]
    return np.array(found)


def loudness(samples: Samples, rate: float) -> float:
    """Integrated loudness [LUFS], gated; SILENT if all blocks are below the gate."""
    return gated(powers(samples, rate))


def momentary(samples: Samples, rate: float) -> float:
    """Loudness [LUFS] of the loudest 400 ms block."""
    loudest = float(powers(samples, rate).max())
    return _OFFSET + 10 * float(np.log10(loudest)) if loudest > 0 else float(SILENT)


def gated(blocks: npt.NDArray[np.float64]) -> float:
    """Integrated loudness [LUFS] of block powers, with the standard's two gates."""
    heard = blocks[blocks > _power(_ABSOLUTE_GATE)]
    if not len(heard):
        return SILENT
    heard = heard[heard > heard.mean() * 10 ** (_RELATIVE_GATE / 10)]
    return float(_OFFSET + 10 * np.log10(heard.mean()))


def _power(lufs: float) -> float:
    return float(10 ** ((lufs - _OFFSET) / 10))
