"""What a generator is asked while the band plays along."""

from __future__ import annotations

from composerd.engine.jam_run import JamRun
from composerd.engine.messages import Directions, Mode, Request
from composerd.music.metre import STEPS_PER_BEAT

MELODY_STEPS = 256
"""how much of the melody a generator is shown: 16 bars of 4/4"""


def jam_request(run: JamRun, serial: int, step: int, keyed: bool, directions: Directions) -> Request:
    """For the harmony from `step` on, with the key of the step where it was heard (`keyed`); drums a bar ahead."""
    until = (step // STEPS_PER_BEAT + 1) * STEPS_PER_BEAT + run.settings.plan_ahead_steps
    drums = _drums(run, step)
    if run.end_step is not None:
        until = min(until, run.ring_until)
    ending = run.end_step if run.settings.final_chord else None
    return Request(
        serial=serial,
        mode=Mode.JAM,
        genre=run.genre,
        grid=run.grid,
        bpm=run.tempo.bpm,
        step=step,
        until=max(until, step + 1),
        drums_from=min(drums.start, drums.stop),
        drums_until=drums.stop,
        harmony_from=run.harmony_from if ending is None else min(run.harmony_from, ending),
        melody=run.recorder.roll(step + 1 if keyed else step, MELODY_STEPS),
        band=run.past(step, max(step, drums.start)),
        performance=run.number,
        directions=run.form.directions(directions, range(min(drums.start, drums.stop), drums.stop), ending),
        seed=run.settings.seed,
        plan=run.left_hand.plan if run.left_hand.plan.chords else None,
    )


def _drums(run: JamRun, step: int) -> range:
    """Steps to decide the drums over: to the end of this bar, from its middle on of the next; it may be empty."""
    bar_end, place = run.grid.next_bar_line(step), run.grid.place(step)
    until = run.grid.next_bar_line(bar_end) if 2 * place.step >= place.bar_steps else bar_end
    if run.end_step is not None:
        until = min(until, run.ring_until)
    return range(max(run.drums_until, step) if run.genre.drum_parts else until, until)
