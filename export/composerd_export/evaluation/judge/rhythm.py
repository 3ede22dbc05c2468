"""Features of rhythm: where notes begin, how bars repeat, how long notes are, how parts coincide."""

from __future__ import annotations

import numpy as np

from composerd_export.evaluation.judge.rolls import NAN, Bars, Features, mean
from composerd_export.evaluation.judge.windows import BAR, OFF, ON, Notes

KITS = {
    "kick": (35, 36), "snare": (37, 38, 39, 40), "hat": (42, 44, 46), "ride": (51, 53, 59),
    "tom": (41, 43, 45, 47, 48, 50), "crash": (49, 52, 55, 57),
}  # fmt: skip
"""General MIDI keys of each drum."""


def repeated(bars: Bars, lag: int) -> float:
    """0 to 1: mean likeness (Jaccard) of bars `lag` apart, over pairs in which anything begins; nan without one."""
    if len(bars) <= lag:
        return NAN
    later, earlier = bars[lag:], bars[:-lag]
    either = (later | earlier).sum(1)
    both = (later & earlier).sum(1)
    return mean(both[either > 0] / either[either > 0])


def patterns(bars: Bars) -> float:
    """Distinct bars over bars."""
    return len({row.tobytes() for row in bars}) / len(bars)


def rhythm(name: str, bars: Bars, notes: Notes) -> Features:
    counts = bars.sum(1)
    found = {
        "onsets": float(counts.mean()), "onsets_sd": float(counts.std()), "empty": float((counts == 0).mean()),
        **{f"pos{step}": float(share) for step, share in enumerate(bars.mean(0))},
        **{f"lag{lag}": repeated(bars, lag) for lag in (1, 2, 4, 8)},
        "patterns": patterns(bars),
    }  # fmt: skip
    later = notes[notes[:, ON] >= BAR]
    lengths = later[:, OFF] - later[:, ON]
    for share in (10, 50, 90):
        found[f"dur{share}"] = float(np.percentile(lengths, share)) if len(lengths) else NAN
    found["dursd"] = float(lengths.std()) if len(lengths) else NAN
    return {f"{name}.{feature}": value for feature, value in found.items()}


def drums(kit: dict[str, Bars], every: Bars) -> Features:
    found: Features = {"drums.patterns": patterns(every)}
    for name, bars in kit.items():
        found[f"drums.{name}"] = float(bars.sum() / len(bars))
        found |= {f"drums.{name}.lag{lag}": repeated(bars, lag) for lag in (1, 4)}
    return found | {f"drums.pos{step}": float(share) for step, share in enumerate(every.mean(0))}


def interplay(begins: dict[str, Bars], kick: Bars) -> Features:
    """Share of one voice's onsets on which another begins, too."""
    bass, band, melody = begins["bass"], begins["band"], begins["melody"]
    pairs = {
        "bass_kick": (bass, kick), "band_bass": (bass, band), "band_melody": (melody, band),
        "bass_melody": (melody, bass),
    }  # fmt: skip
    return {f"sync.{name}": int((of & on).sum()) / max(1, int(of.sum())) for name, (of, on) in pairs.items()}
