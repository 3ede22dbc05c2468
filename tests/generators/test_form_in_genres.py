"""Fills, breaks, endings and the left hand as every genre's own generator plays them, through the conductor."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import pytest

from bands import GENRES, band_of, shipped
from composerd.engine.commands.band import StopBand, ToggleBand
from composerd.engine.commands.form import Break, Fill
from composerd.engine.commands.harmony import SetLeftHand
from composerd.engine.conductor import Conductor, Start
from composerd.engine.messages import Composed, KeyboardMessage, Message, Mode, Stop
from composerd.engine.output.stage import Stage
from composerd.engine.settings import EngineSettings
from composerd.engine.virtual import VirtualInbox
from composerd.generators.plain import PlainGenerator
from composerd.generators.worker import Immediate
from composerd.music.midi import note_off, note_on
from fakes import ListeningSink

BPM, BEAT = 120.0, 0.5
MELODY = (60, 64, 67, 65, 62, 65, 69, 67, 64, 67, 72, 71, 69, 67, 65, 62)
Controls = tuple[tuple[float, Message], ...]
"""(second, what is asked for)"""


@dataclass(frozen=True)
class Performance:
    """What was heard, and the band's answers."""

    sink: ListeningSink
    answers: list[Composed]


@cache
def perform(name: str, controls: Controls = (), beats: int = 20, lower: int = 0, rules: bool = False) -> Performance:
    """A melody in quarter notes, `lower` by so many semitones, played for `beats`. `rules`: `plain` answers.

    Tests that ask for the same performance share it.
    """
    inbox, sink, answers = VirtualInbox(), ListeningSink(), list[Composed]()

    def put(answer: Composed) -> None:
        answers.append(answer)
        inbox.put(answer)

    composer = Immediate(PlainGenerator(shipped(name)) if rules else band_of(name), put)
    conductor = Conductor(inbox, composer, Stage([sink], shipped(name)), EngineSettings(), Start(Mode.JAM, BPM))
    for at, control in controls:
        inbox.post(at, control)
    for i in range(beats):
        pitch = MELODY[i % len(MELODY)] - lower
        inbox.post(i * BEAT, KeyboardMessage(i * BEAT, note_on(1, pitch, 80)))
        inbox.post((i + 0.9) * BEAT, KeyboardMessage((i + 0.9) * BEAT, note_off(1, pitch)))
    inbox.post(beats * BEAT + 15.0, Stop())  # silence ends a performance long before
    conductor.run()
    return Performance(sink, answers)


def onsets(sink: ListeningSink, name: str) -> list[float]:
    return sorted(at for part in range(len(shipped(name).parts)) for at, _ in sink.onsets(part))


@pytest.mark.parametrize("genre", GENRES)
@pytest.mark.parametrize(("control", "end"), [(ToggleBand(), 8.0), (StopBand(), 7.5)])
def test_the_end_is_a_chord_on_its_beat_and_nothing_begins_after_it(genre: str, control: Message, end: float) -> None:
    sink = perform(genre, ((7.2, control),), 14).sink
    late = 0.35 if shipped(genre).broadening else 0.05  # the last bar has become slower
    begun = onsets(sink, genre)
    assert end - 0.06 <= begun[-1] <= end + late
    last = [at for at in begun if at > begun[-1] - 0.06]
    assert len(last) >= 2, "a chord, not a note"
    assert sink.sounding == set()


@pytest.mark.parametrize("rules", [False, True], ids=["net", "rules"])
@pytest.mark.parametrize("genre", GENRES)
@pytest.mark.parametrize("lower", [0, 4])
@pytest.mark.parametrize(
    ("controls", "beats"),
    [(((7.2, ToggleBand()),), 14), (((6.2, StopBand()),), 12), (((1.2, StopBand()),), 2), ((), 12)],
    ids=["play", "stop", "stop at once", "pause"],
)
def test_the_last_chord_is_the_tonics_over_its_root_and_nothing_comes_after(
    genre: str, lower: int, controls: Controls, beats: int, rules: bool
) -> None:
    performance = perform(genre, controls, beats, lower, rules)
    sink, plan = performance.sink, performance.answers[-1].plan
    last = plan.chords[-1].chord
    assert (last.root, last.quality) == (plan.key, "m" if plan.minor else "")
    parts = shipped(genre).parts
    end = onsets(sink, genre)[-1]
    struck = [
        (pitch, parts[i]) for i in shipped(genre).harmony_parts for at, pitch in sink.onsets(i) if at > end - 0.06
    ]
    assert len(struck) >= 2
    assert {pitch % 12 for pitch, _ in struck} <= set(last.pitch_classes)
    basses = [pitch for pitch, part in struck if part.role == "bass"] or [pitch for pitch, _ in struck]
    assert min(basses) % 12 == last.root
    for i in shipped(genre).drum_parts:
        assert {36, 49} <= {key for at, key in sink.onsets(i) if at > end - 0.06}


@pytest.mark.parametrize("lower", [0, 3, 5, 8])
def test_voices_close_with_a_cadence(lower: int) -> None:
    performance = perform("bach", ((7.2, ToggleBand()),), 14, lower)
    sink, plan = performance.sink, performance.answers[-1].plan
    end = onsets(sink, "bach")[-1]
    assert plan.key is not None
    bass = [pitch % 12 for at, pitch in sink.onsets(2) if at > end - 0.9]
    assert (bass[0] - plan.key) % 12 in (7, 11, 2, 5), "a tone of the dominant's seventh chord"
    before = {pitch % 12 for i in range(3) for at, pitch in sink.onsets(i) if end - 0.9 < at < end - 0.1}
    assert (plan.key + 11) % 12 in before or (plan.key + 7) % 12 in before
    assert bass[-1] == plan.key


@pytest.mark.parametrize("genre", GENRES)
def test_a_break_is_a_bar_of_silence(genre: str) -> None:
    sink = perform(genre, ((5.2, Break()),)).sink
    begun = onsets(sink, genre)
    assert not [at for at in begun if 6.0 <= at < 7.85]
    assert [at for at in begun if 7.9 <= at < 10.0]
    assert [at for at in begun if 4.0 <= at < 5.9]


@pytest.mark.parametrize("genre", [name for name in GENRES if shipped(name).drum_parts])
def test_a_fill_changes_what_the_drums_play_up_to_the_bar_line_and_nothing_before(genre: str) -> None:
    drums = list(shipped(genre).drum_parts)
    plain, filled = (
        sorted(one for part in drums for one in perform(genre, controls).sink.onsets(part))
        for controls in ((), ((5.1, Fill()),))
    )
    assert [one for one in plain if one[0] < 5.4] == [one for one in filled if one[0] < 5.4]
    assert [one for one in plain if 5.4 < one[0] < 5.99] != [one for one in filled if 5.4 < one[0] < 5.99]


@pytest.mark.parametrize("genre", [name for name in GENRES if shipped(name).drum_parts])
def test_every_sixteenth_bar_ends_with_a_fill_and_the_next_begins_with_a_crash_where_that_is_the_style(
    genre: str,
) -> None:
    sink = perform(genre, beats=66).sink
    strokes = [(round(at / 0.125), key) for part in shipped(genre).drum_parts for at, key in sink.onsets(part)]
    last = [key for step, key in strokes if 16 * 15 + 8 <= step < 16 * 16]
    assert {41, 43, 45, 47, 48, 50} & set(last) or last.count(38) >= 2, "a backbeat has one"
    if genre != "jazz":
        assert (256, 49) in strokes


@pytest.mark.parametrize("genre", GENRES)
def test_the_left_hands_chord_is_what_the_band_plays(genre: str) -> None:
    key = [(4.0, KeyboardMessage(4.0, note_on(1, 44, 80))), (9.5, KeyboardMessage(9.5, note_off(1, 44)))]
    sink = perform(genre, ((0.0, SetLeftHand(True)), *key)).sink
    chord = {8, 0, 3}  # A flat major, under a melody in C
    harmony = sorted(shipped(genre).harmony_parts)
    played = [pitch % 12 for part in harmony for at, pitch in sink.onsets(part) if 4.5 <= at < 9.5]
    assert sum(one in chord for one in played) > 0.5 * len(played)
    without = perform(genre).sink
    before = [pitch % 12 for part in harmony for at, pitch in without.onsets(part) if 4.5 <= at < 9.5]
    assert sum(one in chord for one in before) / len(before) < sum(one in chord for one in played) / len(played) - 0.15
