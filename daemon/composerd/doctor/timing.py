"""How fast this machine is: waits, models and sound, measured as they will be used."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from composerd.app.bands import bank
from composerd.app.render import render
from composerd.bench.figure import quantile
from composerd.bench.playing import long_song
from composerd.devices.audio import portaudio
from composerd.devices.audio.quiet import quiet
from composerd.devices.audio.synth import Synth
from composerd.devices.bench_midi import measure_lateness
from composerd.devices.soundfonts import find_soundfont
from composerd.doctor.finding import Finding, Level, Patient
from composerd.doctor.pages import rules
from composerd.engine.messages import Composed, Mode, Request
from composerd.engine.ports import Generator
from composerd.engine.settings import EngineSettings
from composerd.errors import ComposerdError, DeviceError, ModelError
from composerd.genre_pages import genre_pages, read_genre
from composerd.music.genre import Genre
from composerd.music.midi import note_on

LATENESS_MS = 2.0, 10.0
"""p99 of a wait beyond which it is a warning, a problem"""
DECISION_MS = 20.0, 60.0
"""p99 of a decision: a chord a 50th of a second after its key is heard as late; a 16th at 120 bpm is 125 ms"""
SONG_SECONDS = 20.0
"""of melody, by which each model is measured: some 150 decisions"""
LATENCY_MS = 30.0
"""of an output, beyond which playing feels heavy"""
SYNTH_PERCENT = 30.0, 70.0
"""of a core"""
VOICES = 48
LISTEN = 0.5
"""seconds for which the sound card is tried"""


@dataclass
class Measured:
    """What advice is drawn from; 0 where it could not be measured."""

    lateness_ms: float = 0.0
    decisions_ms: dict[str, float] = field(default_factory=dict)
    """p99 by genre"""
    render_load: float = 0.0
    """of the synth: seconds of a core per second of sound"""


def waits(measured: Measured) -> Iterator[Finding]:
    spread = measure_lateness(waits=200)
    measured.lateness_ms = spread.p99
    figures = {"p50_ms": round(spread.p50, 3), "p99_ms": round(spread.p99, 3)}
    says = f"a wait ends {spread.p50:.2f} ms late, one in a hundred {spread.p99:.2f} ms"
    fix = "`top` shows which programs are busy: close them; see cpu governor, too"
    yield _judged("timer", says, spread.p99, LATENESS_MS, fix, figures)


def models(patient: Patient, measured: Measured) -> Iterator[Finding]:
    """Every genre's generator, playing along with a melody."""
    for page in genre_pages(patient.environ).values():
        try:
            genre = read_genre(page)
        except ComposerdError:
            continue  # said by `genres`
        yield model(patient, genre, rules(page, patient), measured)


def model(patient: Patient, genre: Genre, without: str, measured: Measured) -> Finding:
    """`without`: how to do without the model."""
    try:
        seconds = decision_seconds(patient.settings.engine, genre)
    except ComposerdError as error:
        return Finding(f"model {genre.model}", Level.PROBLEM, str(error), "install composerd again")
    p50, p99 = (1000 * quantile(seconds, share) for share in (0.5, 0.99))
    measured.decisions_ms[genre.name] = p99
    figures = {"p50_ms": round(p50, 2), "p99_ms": round(p99, 2), "decisions": len(seconds)}
    says = f"decides for {genre.name} in {p50:.1f} ms, one in a hundred takes {p99:.1f} ms"
    fix = f"composerd doctor --apply; where that is not enough, rules instead of a net: {without}"
    return _judged(f"model {genre.model}", says, p99, DECISION_MS, fix, figures)


class _Timed:
    def __init__(self, generator: Generator) -> None:
        self._generator = generator
        self.seconds: list[float] = []
        self.problem = ""

    def compose(self, request: Request) -> Composed:
        began = time.perf_counter()
        answer = self._generator.compose(request)
        self.seconds.append(time.perf_counter() - began)
        self.problem = self.problem or answer.problem
        return answer


def decision_seconds(engine: EngineSettings, genre: Genre, seconds: float = SONG_SECONDS) -> Sequence[float]:
    """The time of each decision along `seconds` of melody. Raises ModelError."""
    generators = bank(engine)
    generators.open(genre)
    timed = _Timed(generators)
    render(long_song(genre, seconds), genre, Mode.JAM, timed, engine)
    if timed.problem:  # `plain` took over, and its times say nothing
        raise ModelError(timed.problem)
    return timed.seconds


def output(patient: Patient) -> Iterator[Finding]:
    """The sound card that would be taken, opened for a moment: the latency it grants."""
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
    """Milliseconds. Raises DeviceError."""
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
    raise problem or DeviceError(f"audio: {device} cannot be opened")


def _silence(out: object, _frames: int, _when: object, _status: object) -> None:
    out[:] = 0  # type: ignore[index]  # a numpy array, typed by nobody


def synth(patient: Patient, measured: Measured) -> Iterator[Finding]:
    """The synth with many voices, faster than real time."""
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
    share = 100 * measured.render_load
    says = f"{font.name} takes {share:.0f} % of a core for 48 voices"
    fix = "a smaller SoundFont, or a lower audio.polyphony"
    yield _judged("synth", says, share, SYNTH_PERCENT, fix, {"core_percent": round(share, 1)})


def synth_load(font: Path, rate: int, block: int, polyphony: int) -> float:
    """Seconds of a core per second of sound with 48 voices. Raises DeviceError."""
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
