"""Measures the speed of this machine: waits, models and sound, used as while playing."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from composerd.app.generator_bank import bank
from composerd.bench.decisions import timed_jam
from composerd.bench.figure import quantile
from composerd.bench.midi_thru import measure_lateness
from composerd.bench.players import beginning, long_melody
from composerd.devices.audio import portaudio
from composerd.devices.audio.c_output import quiet
from composerd.devices.audio.presets import presets_in, silent_parts
from composerd.devices.audio.soundfonts import find_soundfont
from composerd.devices.audio.synth import Synth
from composerd.doctor.finding import Finding, Level, Patient
from composerd.doctor.user_files import rules
from composerd.engine.settings import EngineSettings
from composerd.errors import ComposerdError, ConfigError, DeviceError
from composerd.library.genre_files import genre_pages, load_genre, read_genre
from composerd.music.genre import Genre
from composerd.music.midi import note_on

LATENESS_MS = 2.0, 10.0
"""p99 of a wait beyond which it is a warning, a problem"""
DECISION_MS = 20.0, 60.0
"""p99 of a decision beyond which it is a warning, a problem: a chord 20 ms after its key is heard as late; a 16th at
120 bpm is 125 ms"""
SONG_SECONDS = 20.0
"""seconds of melody for measuring a model: 60 to 100 decisions"""
LATENCY_MS = 30.0
"""output latency beyond which playing feels delayed"""
SYNTH_PERCENT = 30.0, 70.0
"""percent of a core beyond which the synth is a warning, a problem"""
VOICES = 48
LISTEN = 0.5
"""seconds for which the sound card is opened"""


@dataclass
class Measurements:
    """Measured figures for the advice; 0 for those that could not be measured."""

    lateness_ms: float = 0.0
    decisions_ms: dict[str, float] = field(default_factory=dict)
    """p99 by genre"""
    render_load: float = 0.0
    """load of the synth [seconds of a core per second of sound]"""


def waits(measured: Measurements) -> Iterator[Finding]:
    spread = measure_lateness(waits=200)
    measured.lateness_ms = spread.p99
    figures = {"p50_ms": round(spread.p50, 3), "p99_ms": round(spread.p99, 3)}
    says = f"a wait ends {spread.p50:.2f} ms late, one in a hundred ends {spread.p99:.2f} ms late"
    fix = "`top` shows which programs are busy: close them; see cpu governor, too"
    yield _judged("timer", says, spread.p99, LATENESS_MS, fix, figures)


def models(patient: Patient, measured: Measurements) -> Iterator[Finding]:
    """Measure every genre's generator along a melody."""
    for page in genre_pages(patient.environ).values():
        try:
            genre = read_genre(page)
        except ComposerdError:
            continue  # said by `genres`
        yield model(patient, genre, rules(page, patient), measured)


def model(patient: Patient, genre: Genre, without: str, measured: Measurements) -> Finding:
    """Measure one genre's model; `without`: how to do without it."""
    try:
        seconds = decision_seconds(patient.settings.engine, genre, SONG_SECONDS)
    except ComposerdError as error:
        return Finding(f"model {genre.model}", Level.PROBLEM, str(error), "install composerd again")
    p50, p99 = (1000 * quantile(seconds, share) for share in (0.5, 0.99))
    measured.decisions_ms[genre.name] = p99
    figures = {"p50_ms": round(p50, 2), "p99_ms": round(p99, 2), "decisions": len(seconds)}
    says = f"a decision for {genre.name} takes {p50:.1f} ms, one in a hundred {p99:.1f} ms"
    fix = f"composerd doctor --apply; where that is not enough, rules instead of a net: {without}"
    return _judged(f"model {genre.model}", says, p99, DECISION_MS, fix, figures)


def decision_seconds(engine: EngineSettings, genre: Genre, seconds: float) -> Sequence[float]:
    """Time of each decision [s] along `seconds` of melody. Raises ModelError."""
    generators = bank(engine)
    generators.open(genre)
    return timed_jam(generators, engine, genre, beginning(long_melody(genre, seconds), seconds)).seconds


def output(patient: Patient) -> Iterator[Finding]:
    """Open the sound card that would be used for a moment, and report its latency."""
    audio = patient.settings.audio
    if audio.enabled == "never":
        yield Finding("audio output", Level.OK, "not wanted (audio.enabled: never)")
        return
    try:
        device = portaudio.choose(portaudio.list_audio_devices(), audio.device)
        granted = _granted(patient, device)
    except DeviceError as error:
        level = Level.PROBLEM if audio.enabled == "always" else Level.WARNING
        yield Finding(
            "audio output",
            level,
            str(error),
            "`composerd ports` lists them (audio.device); without one, a MIDI synth makes the sound",
        )
        return
    says = f"{device} grants {granted:.1f} ms at blocks of {audio.block}"
    level = Level.OK if granted <= LATENCY_MS else Level.WARNING
    fix = "" if level is Level.OK else "a smaller audio.block, or a sound card of its own (audio.device)"
    yield Finding("audio output", level, says, fix, {"latency_ms": round(granted, 2)})


def _granted(patient: Patient, device: portaudio.AudioDevice) -> float:
    """Latency of the opened sound card [ms]. Raises DeviceError."""
    audio = patient.settings.audio
    problem: DeviceError | None = None
    for rate in portaudio.rates(device, audio):
        try:
            stream = portaudio.open_output(device, audio, audio.latency_ms, rate, _silence)
        except DeviceError as error:
            problem = error
            continue
        with quiet(), stream:
            time.sleep(LISTEN)
            return 1000 * float(stream.latency)
    raise problem or DeviceError(f"{device} cannot be opened", about="audio")


def _silence(out: object, _frames: int, _when: object, _status: object) -> None:
    out[:] = 0  # type: ignore[index]  # a numpy array without type stubs


def synth(patient: Patient, measured: Measurements) -> Iterator[Finding]:
    """Measure the synth with many voices, faster than real time."""
    audio = patient.settings.audio
    if audio.enabled == "never":
        return
    try:
        font = find_soundfont(audio.soundfont)
        measured.render_load = synth_load(font, audio.rate, audio.block, audio.polyphony)
    except ComposerdError as error:
        level = Level.PROBLEM if audio.enabled == "always" else Level.WARNING
        yield Finding("synth", level, str(error), "sudo apt install libfluidsynth3 timgm6mb-soundfont")
        return
    yield from _instruments(patient, font)
    share = 100 * measured.render_load
    says = f"{font.name} takes {share:.0f} % of a core for 48 voices"
    fix = "a smaller SoundFont, or a lower audio.polyphony"
    yield _judged("synth", says, share, SYNTH_PERCENT, fix, {"core_percent": round(share, 1)})


def _instruments(patient: Patient, font: Path) -> Iterator[Finding]:
    """Report parts of the set genre for which the SoundFont has no instrument."""
    name = patient.settings.band.genre
    try:
        silent = silent_parts(load_genre(name), presets_in(font))
    except ConfigError:  # reported by the check of the settings
        return
    if silent:
        says = f"{font} has no instrument for {', '.join(silent)} of {name}, which would be silent"
        yield Finding("instruments", Level.PROBLEM, says, "another audio.soundfont; `composerd ports` lists them")


def synth_load(font: Path, rate: int, block: int, polyphony: int) -> float:
    """Load of the synth with 48 voices [seconds of a core per second of sound]. Raises DeviceError."""
    player = Synth(font, rate, polyphony)
    try:
        chord = [(0, note_on(1 + i % 8, 36 + i, 90)) for i in range(VOICES)]
        player.render(block, chord)
        began = time.process_time()
        blocks = rate // block
        for _ in range(blocks):
            player.render(block)
        return (time.process_time() - began) * rate / (blocks * block)
    finally:
        player.close()


def _judged(
    name: str, says: str, value: float, limits: tuple[float, float], fix: str, figures: dict[str, float]
) -> Finding:
    level = Level.OK if value <= limits[0] else Level.WARNING if value <= limits[1] else Level.PROBLEM
    return Finding(name, level, says, "" if level is Level.OK else fix, figures)
