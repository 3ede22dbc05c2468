"""Derives recommended settings, with reasons, from measured figures."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from composerd.bench.figure import quantile
from composerd.config.layers import Settings, shown
from composerd.doctor.finding import Patient
from composerd.doctor.timing import Measurements, decision_seconds
from composerd.engine.settings import EngineSettings
from composerd.errors import ModelError
from composerd.library.genre_files import load_genre
from composerd.library.model_files import find_model, in_precision
from composerd.music.genre import Genre

MOST_THREADS = 3
"""threads to try at most: the fourth core of a Pi is left to sound and keyboard"""
WORTH = 0.85
"""least gain: a change is recommended if the new time is less than this share of the old"""
HEARD_MS = 30.0
"""longest delay of a chord that is not heard as late [ms]; key grace and decision time share it"""
LEAST_GRACE_MS, MOST_GRACE_MS = 5, 20
BLOCKS = (128, 256, 512, 1024)
"""frames"""
MARGIN = 4.0
"""length of an audio block as a multiple of the lateness of a wait"""


@dataclass(frozen=True, slots=True)
class Advice:
    """A recommended value of a setting, with the reason."""

    setting: str
    """`section.key`"""
    value: str
    why: str


def advise(patient: Patient, measured: Measurements) -> Iterator[Advice]:
    """The recommended settings that differ from the current ones."""
    now = shown(patient.settings, ADVISERS)
    for setting, adviser in ADVISERS.items():
        found = adviser(patient, measured)
        if found is not None and found.value != now[setting]:
            yield found


def grace(_: Patient, measured: Measurements) -> Advice | None:
    """Recommend a key grace: what the slowest model leaves of HEARD_MS."""
    if not measured.decisions_ms:
        return None
    slowest = max(measured.decisions_ms.values())
    value = round(min(MOST_GRACE_MS, max(LEAST_GRACE_MS, HEARD_MS - slowest)))
    return Advice(
        "engine.grace_ms",
        str(value),
        f"the slowest model takes {slowest:.0f} ms; with the grace it should be at most {HEARD_MS:g} ms",
    )


def block(patient: Patient, measured: Measurements) -> Advice | None:
    """Recommend the shortest audio block that covers a late wait and the synth's own time."""
    if not measured.render_load:
        return None
    for frames in BLOCKS:
        lasts = 1000 * frames / patient.settings.audio.rate
        if lasts * (1 - measured.render_load) >= MARGIN * measured.lateness_ms:
            break
    why = f"{lasts:.1f} ms, waits are up to {measured.lateness_ms:.1f} ms late here"
    return Advice("audio.block", str(frames), why)


def threads(patient: Patient, measured: Measurements) -> Advice | None:
    """Recommend a number of threads, measured on the genre with the slowest model."""
    genre = _slowest(patient, measured)
    if genre is None:
        return None
    cores = os.cpu_count() or 1
    times = {
        n: _p50(replace(patient.settings.engine, threads=n), genre) for n in range(1, min(MOST_THREADS, cores) + 1)
    }
    best = min(times, key=times.__getitem__)
    if times[best] > WORTH * times[1]:
        best = 1
    why = ", ".join(f"{n}: {seconds * 1000:.1f} ms" for n, seconds in times.items())
    return Advice("engine.threads", str(best), f"{genre.model} with threads {why}")


def precision(patient: Patient, measured: Measurements) -> Advice | None:
    """Recommend the 8-bit model, if there is a quantised file of the slowest one."""
    genre = _slowest(patient, measured)
    if genre is None or (file := find_model(genre.model, patient.environ)) is None:
        return None
    if in_precision(file, "int8") == file:
        return None
    engine = patient.settings.engine
    full, small = (_p50(replace(engine, precision=name), genre) for name in ("fp32", "int8"))
    value = "int8" if small < WORTH * full else "fp32"
    if in_precision(file, "auto") == in_precision(file, value):
        value = "auto"
    return Advice("engine.precision", value, f"{genre.model}: fp32 {full * 1000:.1f} ms, int8 {small * 1000:.1f} ms")


ADVISERS: dict[str, Callable[[Patient, Measurements], Advice | None]] = {
    "engine.threads": threads,
    "engine.precision": precision,
    "engine.grace_ms": grace,
    "audio.block": block,
}


def _slowest(patient: Patient, measured: Measurements) -> Genre | None:
    """The genre with the slowest model; None if all genres play by rules."""
    genres = [load_genre(name, patient.environ) for name in measured.decisions_ms]
    learned = [genre for genre in genres if genre.model != "plain"]
    return max(learned, key=lambda genre: measured.decisions_ms[genre.name], default=None)


def _p50(engine: EngineSettings, genre: Genre) -> float:
    """Median time of a decision [s]."""
    try:
        return quantile(decision_seconds(engine, genre, 8.0), 0.5)
    except ModelError:
        return float("inf")


def with_advice(settings: Settings, advice: Advice) -> str:
    """Lines such as `engine.threads: 1 → 2 (why)`."""
    return f"{advice.setting}: {shown(settings, (advice.setting,))[advice.setting]} → {advice.value} ({advice.why})"
