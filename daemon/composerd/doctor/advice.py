"""From figures to settings: what this machine should have set, and why."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from composerd.bench.figure import quantile
from composerd.config import Settings, shown
from composerd.doctor.finding import Patient
from composerd.doctor.timing import Measured, decision_seconds
from composerd.engine.settings import EngineSettings
from composerd.errors import ModelError
from composerd.genre_pages import load_genre
from composerd.model_files import find_model, in_precision
from composerd.music.genre import Genre

MOST_THREADS = 3
"""the fourth core of a Pi is for the sound and the keyboard"""
WORTH = 0.85
"""a change is advised where it takes less than this share of the time"""
HEARD_MS = 30.0
"""a chord this long after its step is heard as late; key grace and the decision share it"""
LEAST_GRACE_MS, MOST_GRACE_MS = 5, 20
BLOCKS = (128, 256, 512, 1024)
"""frames"""
MARGIN = 4.0
"""times the lateness of a wait that a block must last"""


@dataclass(frozen=True, slots=True)
class Advice:
    setting: str
    """`section.key`"""
    value: str
    why: str


def advise(patient: Patient, measured: Measured) -> Iterator[Advice]:
    """What differs from what is set now."""
    now = shown(patient.settings, ADVISERS)
    for setting, adviser in ADVISERS.items():
        found = adviser(patient, measured)
        if found is not None and found.value != now[setting]:
            yield found


def grace(_: Patient, measured: Measured) -> Advice | None:
    """The slowest model leaves the rest of what is not heard."""
    if not measured.decisions_ms:
        return None
    slowest = max(measured.decisions_ms.values())
    value = round(min(MOST_GRACE_MS, max(LEAST_GRACE_MS, HEARD_MS - slowest)))
    return Advice("engine.grace_ms", str(value), f"the slowest model takes {slowest:.0f} of the {HEARD_MS:g} ms")


def block(patient: Patient, measured: Measured) -> Advice | None:
    """The shortest that lasts through a late wait and the synth's own work."""
    if not measured.render_load:
        return None
    for frames in BLOCKS:
        lasts = 1000 * frames / patient.settings.audio.rate
        if lasts * (1 - measured.render_load) >= MARGIN * measured.lateness_ms:
            break
    why = f"{lasts:.1f} ms, waits are up to {measured.lateness_ms:.1f} ms late here"
    return Advice("audio.block", str(frames), why)


def threads(patient: Patient, measured: Measured) -> Advice | None:
    """Tried on the genre whose model is slowest."""
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


def precision(patient: Patient, measured: Measured) -> Advice | None:
    """Only where a quantised file of the slowest model is there."""
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


ADVISERS: dict[str, Callable[[Patient, Measured], Advice | None]] = {
    "engine.threads": threads,
    "engine.precision": precision,
    "engine.grace_ms": grace,
    "audio.block": block,
}


def _slowest(patient: Patient, measured: Measured) -> Genre | None:
    """The genre whose model takes longest; None where all play by rules."""
    genres = [load_genre(name, patient.environ) for name in measured.decisions_ms]
    learned = [genre for genre in genres if genre.model != "plain"]
    return max(learned, key=lambda genre: measured.decisions_ms[genre.name], default=None)


def _p50(engine: EngineSettings, genre: Genre) -> float:
    """Seconds."""
    try:
        return quantile(decision_seconds(engine, genre, 8.0), 0.5)
    except ModelError:
        return float("inf")


def with_advice(settings: Settings, advice: Advice) -> str:
    """`engine.threads: 1 → 2 (why)`."""
    return f"{advice.setting}: {shown(settings, (advice.setting,))[advice.setting]} → {advice.value} ({advice.why})"
