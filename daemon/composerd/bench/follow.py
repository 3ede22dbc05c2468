"""Measures how closely the band's beat tracks the player's, on melodies with generated rubato."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from math import pi, sin
from statistics import median

from composerd.app.demo_tunes import TUNES, DemoTune
from composerd.bench.figure import Figure, quantile
from composerd.engine.conductor import Conductor, Start
from composerd.engine.messages import Composed, KeyboardMessage, Mode, Played, Request, Stop
from composerd.engine.output.stage import Stage
from composerd.engine.settings import EngineSettings
from composerd.engine.virtual import VirtualInbox
from composerd.generators.worker import Immediate
from composerd.music.genre import Feel, Genre, Part
from composerd.music.metre import STEPS_PER_BEAT
from composerd.music.midi import note_off, note_on
from composerd.music.notes import PartNote, Section

BPM = 100.0
NOISE = 0.02
"""standard deviation of an onset from its beat [s]"""
SIGHT = 0.3
"""distance from the player's beat beyond which the band is out of step [beats]"""
MEDIAN_MS = 25.0
HEARD_LATE, LISTENED = 0.015, 128
"""latency [s] and length [beats] for a player who follows the band"""
PULSE = Genre("pulse", "Pulse", "none", BPM, (Part("drums", "drums", 10),))
"""a genre that plays every beat"""

Curve = Callable[[float, float], float]
"""(beat of the performance, number of beats) -> tempo as a factor of the set one"""
CURVES: dict[str, Curve] = {
    "steady": lambda beat, beats: 1.0,  # noqa: ARG005  # a table of equals
    "steady, set 8 % too slow": lambda beat, beats: 1.08,  # noqa: ARG005
    "steady, set 8 % too fast": lambda beat, beats: 0.92,  # noqa: ARG005
    "rubato: ±10 % sine over 8 bars": lambda beat, beats: 1 + 0.1 * sin(2 * pi * beat / 32),  # noqa: ARG005
    "accelerando 100 to 120 (set 110)": lambda beat, beats: (100 + 20 * beat / beats) / 110,
    "ritardando 110 to 90 (set 100)": lambda beat, beats: 1.1 - 0.2 * beat / beats,
}


@dataclass(frozen=True, slots=True)
class Tracked:
    """The band's deviation from the player at each of the player's beats."""

    errors: tuple[float, ...]
    """delay of the band's beat after the player's [s]"""
    out_of_step: float
    """share of the beats that are out of step (SIGHT)"""


def moments(onsets: Sequence[float], curve: Curve, bpm: float) -> Callable[[float], float]:
    """The seconds of the player's beats (counted from the first onset) along a tempo curve."""
    fine = 48
    beats = onsets[-1] - onsets[0]
    times = [0.0]
    for i in range(int(beats + 2) * fine):
        times.append(times[-1] + 60 / (fine * bpm * curve((i + 0.5) / fine, beats)))

    def second(beat: float) -> float:
        low = int(beat * fine)
        return times[low] + (beat * fine - low) * (times[low + 1] - times[low])

    return second


def track(
    onsets: Sequence[float],
    name: str,
    settings: EngineSettings,
    seed: int = 0,
    noise: float = NOISE,
    swing: float = 0.0,
) -> Tracked:
    """Measure the band beside a player of `onsets` (in beats, the first on a beat) along the tempo curve called `name`.

    `swing` is the genre's; the player may swing differently.
    """
    second, dice = moments(onsets, CURVES[name], BPM), random.Random(seed)
    played = sorted(second(onset - onsets[0]) + dice.gauss(0, noise) for onset in onsets)
    band = band_beats([max(0.0, at + 1) for at in played], settings, swing)
    beats = range(1, int(onsets[-1] - onsets[0]) + 1)
    errors = tuple(band[beat] - second(beat) - 1 for beat in beats if beat < len(band))
    away = [abs(error) > SIGHT * (second(beat + 1) - second(beat)) for beat, error in zip(beats, errors, strict=False)]
    return Tracked(errors, (sum(away) + len(beats) - len(errors)) / len(beats))


def band_beats(presses: Sequence[float], settings: EngineSettings, swing: float = 0.0) -> list[float]:
    """The seconds of the beats of a band set to BPM that follows keys at seconds `presses`."""
    inbox, sink = VirtualInbox(), _Strokes()
    stage = Stage([sink], replace(PULSE, feel=Feel(swing=swing)))
    conductor = Conductor(inbox, Immediate(_Pulse(), inbox.put), stage, settings, Start(Mode.JAM, BPM))
    for i, at in enumerate(presses):
        until = min(at + 0.1, presses[i + 1]) if i + 1 < len(presses) else at + 0.1
        inbox.post(at, KeyboardMessage(at, note_on(1, 60 + i % 2, 80)))
        inbox.post(until, KeyboardMessage(until, note_off(1, 60 + i % 2)))
    inbox.post(presses[-1] + 2, Stop())
    conductor.run()
    return sink.at


@dataclass
class _Strokes:
    at: list[float] = field(default_factory=list)

    def play(self, played: Played) -> None:
        if played.part == 0 and played.message.starts_note:
            self.at.append(played.at)

    def set_genre(self, genre: Genre) -> None:
        """Ignored: there is only one generator."""

    def close(self) -> None:
        """Does nothing."""


@dataclass
class _Listening(_Strokes):
    """A player of quarter notes who corrects the tempo by the band's beats."""

    inbox: VirtualInbox = field(default_factory=VirtualInbox)
    late: float = 0.0
    dice: random.Random = field(default_factory=random.Random)
    period: float = 60 / BPM
    pressed: list[float] = field(default_factory=list)

    def press(self, at: float) -> None:
        self.pressed.append(at)
        self.inbox.post(at, KeyboardMessage(at, note_on(1, 60, 80)))
        self.inbox.post(at + 0.2, KeyboardMessage(at + 0.2, note_off(1, 60)))
        if len(self.pressed) == 1:
            self.press(at + self.period)

    def play(self, played: Played) -> None:
        before = len(self.at)
        super().play(played)
        beat = len(self.at) - 1
        if beat == LISTENED:
            self.inbox.put(Stop())
        elif len(self.at) > before and 0 < beat < len(self.pressed):
            ahead = self.pressed[beat] - (self.at[beat] + self.late)
            self.period -= ahead / 12
            following = self.pressed[beat] + self.period - ahead / 4 + self.dice.gauss(0, NOISE)
            self.press(max(following, self.inbox.now()))


class _Pulse:
    def compose(self, request: Request) -> Composed:
        beats = [step for step in range(request.drums_from, request.drums_until) if step % STEPS_PER_BEAT == 0]
        notes = tuple(PartNote(step, 0, 36, 100, 1) for step in beats)
        sections = (Section(frozenset({0}), request.drums_from, request.drums_until, notes),) if notes else ()
        return Composed(request.serial, sections)


def onsets_of(tune: DemoTune, times: int = 2) -> list[float]:
    """Onsets in beats of a demo melody played `times` times, from its first onset on a beat."""
    length = sum(int(word.partition(":")[2]) for word in tune.bars.replace("|", " ").split())
    steps = [step + i * length for i in range(times) for step, _, _ in tune.notes()]
    first = next(i for i, step in enumerate(steps) if step % STEPS_PER_BEAT == 0)
    return [step / STEPS_PER_BEAT for step in steps[first:]]


def follow_figures(settings: EngineSettings) -> Iterator[Figure]:
    """Figures for every tempo curve over the demo melodies, and the drift of a band and a player who follow each
    other."""
    following = replace(settings, follow=True)
    for name in CURVES:
        found = [track(onsets_of(tune), name, following, seed) for seed, tune in enumerate(TUNES.values())]
        yield figure(name, found, MEDIAN_MS)
    for told in (0.0, HEARD_LATE):
        drift = median(drifted(replace(following, follow_latency_ms=1000 * told), seed) for seed in range(9))
        name = f"follow, tempo lost to a listener {1000 * HEARD_LATE:.0f} ms late"
        detail = f"over {LISTENED} beats, follow_latency_ms {1000 * told:.0f}"
        yield Figure(name, drift, "%", detail=detail)


def figure(name: str, found: Sequence[Tracked], limit: float | None = None) -> Figure:
    errors = [1000 * abs(error) for one in found for error in one.errors]
    away = 100 * sum(one.out_of_step for one in found) / len(found)
    detail = f"p90 {quantile(errors, 0.9):.0f} ms, out of step {away:.1f} % of {len(errors)} beats"
    return Figure(f"follow, {name}", median(errors), "ms", limit, detail=detail)


def drifted(settings: EngineSettings, seed: int, late: float = HEARD_LATE) -> float:
    """Percent of the tempo lost if the player follows the band, too, which is heard `late` seconds late.

    The player corrects a quarter of the phase error and a twelfth of the period error, as people do who tap to a beat
    (Repp 2005).
    """
    inbox = VirtualInbox()
    listener = _Listening(inbox=inbox, late=late, dice=random.Random(seed))
    stage = Stage([listener], PULSE)
    conductor = Conductor(inbox, Immediate(_Pulse(), inbox.put), stage, settings, Start(Mode.JAM, BPM))
    listener.press(1.0)
    conductor.run()
    last = listener.at[-17:]
    return 100 * (1 - 16 * 60 / (last[-1] - last[0]) / BPM)
