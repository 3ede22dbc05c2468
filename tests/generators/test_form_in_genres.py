"""Fills, breaks, endings and the left hand as every genre's own generator plays them, through the conductor."""

from __future__ import annotations

from functools import cache

import pytest

from composerd.app.generator_bank import bank
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
from composerd.library.genre_files import genre_pages, load_genre
from composerd.music.genre import Genre
from composerd.music.midi import note_off, note_on
from fakes import ListeningSink

GENRES = list(genre_pages({"HOME": "/nowhere"}))
BPM, BEAT = 120.0, 0.5
MELODY = (60, 64, 67, 65, 62, 65, 69, 67, 64, 67, 72, 71, 69, 67, 65, 62)


@cache
def page(name: str) -> Genre:
    return load_genre(name, {"HOME": "/nowhere"})


def perform(
    name: str,
    *controls: tuple[float, Message],
    beats: int = 40,
    lower: int = 0,
    answers: list[Composed] | None = None,
    rules: bool = False,
) -> ListeningSink:
    """A melody in quarter notes, `lower` by so many semitones, played for `beats`, with controls at their seconds.

    What is answered is put into `answers`. `rules`: `plain` answers.
    """
    inbox, sink, given = VirtualInbox(), ListeningSink(), list[Composed]() if answers is None else answers
    stage = Stage([sink], page(name))

    def put(answer: Composed) -> None:
        given.append(answer)
        inbox.put(answer)

    composer = Immediate(PlainGenerator(page(name)) if rules else bank(EngineSettings()), put)
    conductor = Conductor(inbox, composer, stage, EngineSettings(), Start(Mode.JAM, BPM))
    for at, control in controls:
        inbox.post(at, control)
    for i in range(beats):
        pitch = MELODY[i % len(MELODY)] - lower
        inbox.post(i * BEAT, KeyboardMessage(i * BEAT, note_on(1, pitch, 80)))
        inbox.post((i + 0.9) * BEAT, KeyboardMessage((i + 0.9) * BEAT, note_off(1, pitch)))
    inbox.post(max(30.0, beats * BEAT + 1.0), Stop())
    conductor.run()
    return sink


def onsets(sink: ListeningSink, name: str) -> list[float]:
    return sorted(at for part in range(len(page(name).parts)) for at, _ in sink.onsets(part))


@pytest.mark.parametrize("genre", GENRES)
@pytest.mark.parametrize(("control", "end"), [(ToggleBand(), 14.0), (StopBand(), 13.5)])
def test_the_end_is_a_chord_on_its_beat_and_nothing_begins_after_it(genre: str, control: Message, end: float) -> None:
    sink = perform(genre, (13.2, control), beats=26)
    late = 0.35 if page(genre).broadening else 0.05  # the last bar has become slower
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
    [([(13.2, ToggleBand())], 26), ([(6.2, StopBand())], 12), ([(1.2, StopBand())], 2), ([], 12)],
    ids=["play", "stop", "stop at once", "pause"],
)
def test_the_last_chord_is_the_tonics_over_its_root_and_nothing_comes_after(
    genre: str, lower: int, controls: list[tuple[float, Message]], beats: int, rules: bool
) -> None:
    answers: list[Composed] = []
    sink = perform(genre, *controls, beats=beats, lower=lower, answers=answers, rules=rules)
    plan = answers[-1].plan
    last = plan.chords[-1].chord
    assert (last.root, last.quality) == (plan.key, "m" if plan.minor else "")
    parts = page(genre).parts
    end = onsets(sink, genre)[-1]
    struck = [(pitch, parts[i]) for i in page(genre).harmony_parts for at, pitch in sink.onsets(i) if at > end - 0.06]
    assert len(struck) >= 2
    assert {pitch % 12 for pitch, _ in struck} <= set(last.pitch_classes)
    basses = [pitch for pitch, part in struck if part.role == "bass"] or [pitch for pitch, _ in struck]
    assert min(basses) % 12 == last.root
    for i in page(genre).drum_parts:
        assert {36, 49} <= {key for at, key in sink.onsets(i) if at > end - 0.06}


@pytest.mark.parametrize("lower", [0, 3, 5, 8])
def test_voices_close_with_a_cadence(lower: int) -> None:
    answers: list[Composed] = []
    sink = perform("bach", (13.2, ToggleBand()), beats=26, lower=lower, answers=answers)
    plan, end = answers[-1].plan, onsets(sink, "bach")[-1]
    assert plan.key is not None
    bass = [pitch % 12 for at, pitch in sink.onsets(2) if at > end - 0.9]
    assert (bass[0] - plan.key) % 12 in (7, 11, 2, 5), "a tone of the dominant's seventh chord"
    before = {pitch % 12 for i in range(3) for at, pitch in sink.onsets(i) if end - 0.9 < at < end - 0.1}
    assert (plan.key + 11) % 12 in before or (plan.key + 7) % 12 in before
    assert bass[-1] == plan.key


@pytest.mark.parametrize("genre", GENRES)
def test_a_break_is_a_bar_of_silence(genre: str) -> None:
    sink = perform(genre, (9.2, Break()))
    begun = onsets(sink, genre)
    assert not [at for at in begun if 10.0 <= at < 11.85]
    assert [at for at in begun if 11.9 <= at < 14.0]
    assert [at for at in begun if 8.0 <= at < 9.9]


@pytest.mark.parametrize("genre", [name for name in GENRES if page(name).drum_parts])
def test_a_fill_changes_what_the_drums_play_up_to_the_bar_line_and_nothing_before(genre: str) -> None:
    drums = list(page(genre).drum_parts)
    plain, filled = (
        sorted(one for part in drums for one in perform(genre, *controls).onsets(part))
        for controls in ((), ((9.1, Fill()),))
    )
    assert [one for one in plain if one[0] < 9.4] == [one for one in filled if one[0] < 9.4]
    assert [one for one in plain if 9.4 < one[0] < 9.99] != [one for one in filled if 9.4 < one[0] < 9.99]


@pytest.mark.parametrize("genre", [name for name in GENRES if page(name).drum_parts])
def test_every_sixteenth_bar_ends_with_a_fill_and_the_next_begins_with_a_crash_where_that_is_the_style(
    genre: str,
) -> None:
    sink = perform(genre, beats=70)
    strokes = [(round(at / 0.125), key) for part in page(genre).drum_parts for at, key in sink.onsets(part)]
    last = [key for step, key in strokes if 16 * 15 + 8 <= step < 16 * 16]
    assert {41, 43, 45, 47, 48, 50} & set(last) or last.count(38) >= 2, "a backbeat has one"
    if genre != "jazz":
        assert (256, 49) in strokes


@pytest.mark.parametrize("genre", GENRES)
def test_the_left_hands_chord_is_what_the_band_plays(genre: str) -> None:
    lines: list[tuple[float, Message]] = [(0.0, SetLeftHand(True))]
    lines += [(8.0, KeyboardMessage(8.0, note_on(1, 44, 80))), (19.0, KeyboardMessage(19.0, note_off(1, 44)))]
    sink = perform(genre, *lines)
    chord = {8, 0, 3}  # A flat major, under a melody in C
    harmony = sorted(page(genre).harmony_parts)
    played = [pitch % 12 for part in harmony for at, pitch in sink.onsets(part) if 8.5 <= at < 18]
    assert sum(one in chord for one in played) > 0.5 * len(played)
    without = perform(genre)
    before = [pitch % 12 for part in harmony for at, pitch in without.onsets(part) if 8.5 <= at < 18]
    assert sum(one in chord for one in before) / len(before) < sum(one in chord for one in played) / len(played) - 0.15
