"""The five training datasets: files, and which corpus track becomes which part of the net."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from composerd.contract.layout import DRUMS, MONO, POLY, Track
from composerd.errors import ConfigError

TEMPERATURE = 0.5


@dataclass(frozen=True, slots=True)
class Dataset:
    """A corpus and the parts learned from it. `sets` are (file prefix, weight): train.npz, quartet_train.npz, ..."""

    name: str
    family: str
    """the family it is meant for: musegan or unet"""
    folder: str
    melody: str
    tracks: tuple[Track, ...]
    sets: tuple[tuple[str, float], ...] = (("", 1.0),)
    stand_ins: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """per track: corpus tracks that are read as it, the first that a piece has, where a piece lacks its own"""
    plan_steps: int = 8
    """a planned chord lasts this many steps of a 16-step bar"""
    genuine_weight: float = 1.0
    """how much more often windows of pieces without derived parts are drawn"""
    plan: tuple[str, ...] = ("jam", "phrase")
    """the modes in which the net is shown the chord plan"""
    temperature: float = TEMPERATURE
    """of pitches at ordinary creativity"""


_DRUMS = Track("drums", "drums", DRUMS, 0, 127)
_BASS = Track("bass", "bass", MONO, 24, 59, program=33)

DATASETS: dict[str, Dataset] = {
    dataset.name: dataset
    for dataset in (
        Dataset(
            "bach", "unet", "bach", "soprano",
            (
                Track("bass", "voice", MONO, 36, 64, program=19, min_steps=2),
                Track("tenor", "voice", MONO, 45, 69, program=19, sources=("bass",), min_steps=2),
                Track("alto", "voice", MONO, 52, 76, program=19, sources=("bass", "tenor"), min_steps=2),
            ),
            plan_steps=4,
            plan=("jam",),
            temperature=1.05,
        ),
        Dataset(
            "rock", "musegan", "rock", "melody",
            (
                _DRUMS,
                _BASS,
                Track("guitar", "comp", POLY, 36, 81, program=29, polyphony=6, sources=("bass",)),
                Track("keys", "pad", POLY, 36, 88, program=17, polyphony=5, sources=("bass",)),
            ),
            genuine_weight=4.0,
            stand_ins=(("guitar", ("keys", "other")), ("keys", ("strings", "other"))),
            sets=(("", 1.0), ("genuine_", 1.0)),
            temperature=0.6,
        ),
        Dataset(
            "pop", "musegan", "pop", "melody",
            (
                _DRUMS,
                _BASS,
                Track("keys", "comp", POLY, 36, 91, program=0, polyphony=6, sources=("bass",)),
                Track("strings", "pad", POLY, 43, 91, program=48, polyphony=4, sources=("bass",), min_steps=2),
            ),
            genuine_weight=3.0,
            stand_ins=(("keys", ("guitar", "other")), ("strings", ("winds", "other"))),
            sets=(("", 1.0), ("genuine_", 1.0)),
            temperature=0.7,
        ),
        Dataset(
            "jazz", "musegan", "jazz", "melody",
            (
                _DRUMS,
                _BASS,
                Track("keys", "comp", POLY, 40, 88, program=0, polyphony=5, sources=("bass",)),
                Track("winds", "pad", POLY, 46, 86, program=66, polyphony=3, sources=("bass",)),
            ),
            genuine_weight=3.0,
            stand_ins=(("keys", ("guitar", "other")), ("winds", ("strings", "other"))),
            sets=(("", 1.0), ("genuine_", 1.0)),
            temperature=0.4,
        ),
        Dataset(
            "symphony", "musegan", "symphony", "melody",
            (
                Track("strings_low", "pad", POLY, 28, 72, program=48, polyphony=4),
                Track("strings_high", "pad", POLY, 55, 93, program=48, polyphony=3, sources=("strings_low",)),
                Track("woodwinds", "pad", POLY, 40, 93, program=73, polyphony=4, sources=("strings_low",)),
                Track("brass", "pad", POLY, 36, 82, program=60, polyphony=4, sources=("strings_low",)),
                Track("timpani", "bass", MONO, 36, 59, program=47, sources=("strings_low",)),
            ),
            sets=(("", 1.0), ("quartet_", 0.35)),
            temperature=0.6,
        ),
    )
}  # fmt: skip


def temperature_of(name: str) -> float:
    """Sampling temperature of a dataset's pitches; TEMPERATURE for a corpus of the user."""
    return DATASETS[name].temperature if name in DATASETS else TEMPERATURE


def plan_of(name: str) -> tuple[str, ...]:
    """The modes in which a dataset's net is shown the chord plan; both for a corpus of the user."""
    return DATASETS[name].plan if name in DATASETS else ("jam", "phrase")


def dataset_named(name: str, data: Path, parts: str = "pop") -> Dataset:
    """One of DATASETS, or the user's corpus in `data`, with the parts of `parts`. Raises ConfigError for neither."""
    if name in DATASETS:
        return DATASETS[name]
    if (data / name / "train.npz").is_file():
        return replace(DATASETS[parts], name=name, folder=name, sets=(("", 1.0),), genuine_weight=1.0)
    raise ConfigError(f"--dataset: found {name!r}, expected one of {', '.join(DATASETS)} or a folder in {data}")
