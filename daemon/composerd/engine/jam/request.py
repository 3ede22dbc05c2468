"""Builds the request for the next steps of a performance in jam mode."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from composerd.engine.messages import Directions, Mode, Request
from composerd.music.metre import STEPS_PER_BEAT
from composerd.music.notes import PartNote
from composerd.music.recall import Recalled, recall, to_bar_line
from composerd.music.roll import MelodyRoll

if TYPE_CHECKING:
    from composerd.engine.jam.performance import JamPerformance

MEMORY_STEPS = 8192
"""steps of the melody that are searched for a repeated passage: an hour at a moderate tempo"""
RIFF_BARS = 2
"""number of repeated bars of the melody after which the band repeats its own notes, too"""
MELODY_STEPS = 304
"""Steps of the melody in a request, from a bar line on: at least 18 bars of 4/4 before its own, as many as the groove
net is shown."""


def jam_request(run: JamPerformance, serial: int, step: int, keyed: bool, directions: Directions) -> Request:
    """The request for the harmony from `step` on and the drums a bar ahead; `keyed`: a key on `step` is included."""
    until = (step // STEPS_PER_BEAT + 1) * STEPS_PER_BEAT + run.settings.plan_ahead_steps
    drums = _drums(run, step)
    if run.ending.step is not None:
        until = min(until, run.ending.ring_until)
    until = max(until, step + 1)
    ending = run.ending.step if run.settings.final_chord else None
    if run.song.form is not None:
        directions = run.song.form.directed(directions, step)
    heard = step + 1 if keyed else step
    melody = run.keys.recorder.roll(heard, MEMORY_STEPS)
    bar = run.grid.place(step).bar_steps
    run.song.learned.follow(melody, bar, keyed, searched=run.song.form is None)
    if run.song.form is None and (sections := run.song.learned.sections(step, bar) or run.song.heard.sections(step)):
        directions = replace(directions, sections=sections)
    if run.song.is_again(step):
        directions = replace(directions, again=True)
    found = _recognised(run, melody)
    return Request(
        serial=serial,
        mode=Mode.JAM,
        genre=run.genre,
        grid=run.grid,
        bpm=run.tempo.bpm,
        step=step,
        until=until,
        drums_from=min(drums.start, drums.stop),
        drums_until=drums.stop,
        harmony_from=_harmony_from(run, until, ending),
        melody=melody.window(max(melody.first, run.grid.bar_line(melody.end - MELODY_STEPS)), melody.end),
        ahead=run.song.learned.melody(heard, bar) or (None if found is None else _ahead(run, found, melody, bar)),
        returning=() if found is None else _returning(run, found, step, until),
        band=run.sound.past(step, max(step, drums.start)),
        performance=run.number,
        opening=run.keys.opening,
        directions=run.form.directions(directions, range(min(drums.start, drums.stop), drums.stop), ending),
        seed=run.settings.seed,
        plan=run.song.given_plan,
        below=run.keys.recorder.below(heard, MELODY_STEPS),
        sounded=run.sound.answers.plan.between(0, step),
    )


def _recognised(run: JamPerformance, melody: MelodyRoll) -> Recalled | None:
    """The earlier passage that the melody repeats; None if it is new since the last change of metre, or memory is
    off."""
    if run.settings.memory == "off" or run.song.form is not None:
        return None
    since, _, metre = run.grid.changes[-1]
    return recall(melody.window(max(since, melody.first), melody.end), metre.bar_steps)


def _ahead(run: JamPerformance, found: Recalled, melody: MelodyRoll, bar_steps: int) -> MelodyRoll:
    """The expected continuation of the melody up to a bar line, so that an expected key finds its plan made."""
    return to_bar_line(found.ahead(melody, bar_steps), run.grid)


def _returning(run: JamPerformance, found: Recalled, step: int, until: int) -> tuple[PartNote, ...]:
    """The pitched parts' notes of the repeated passage, if they had entered and RIFF_BARS are repeated."""
    first = step - found.distance
    if found.bars < RIFF_BARS or first < run.harmony_from:
        return ()
    return run.sound.riffs.over(first, until - found.distance, found.distance)


def _harmony_from(run: JamPerformance, until: int, ending: int | None) -> int:
    """The step at which the harmony enters; `until` before the player's first key."""
    if run.waiting:
        return until
    return run.harmony_from if ending is None else min(run.harmony_from, ending)


def _drums(run: JamPerformance, step: int) -> range:
    """Steps to decide the drums over: to the end of this bar, from its middle on to that of the next; may be empty."""
    bar_end, place = run.grid.next_bar_line(step), run.grid.place(step)
    until = run.grid.next_bar_line(bar_end) if 2 * place.step >= place.bar_steps else bar_end
    if run.ending.step is not None:
        until = min(until, run.ending.ring_until)
    return range(max(run.sound.answers.drums_until, step) if run.genre.drum_parts else until, until)
