"""The band's past in requests: all that was played in the last 18 bars, however dense it was."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from composerd.contract.groove import HISTORY, LAGS
from composerd.engine.jam.past import DRAWN_STEPS, STEPS, BandPast
from composerd.engine.output.timeline import Placed, Timeline
from composerd.music.notes import PartNote, Section, notes_to_cells
from scenes import BAR

PARTS, BARS = 2, 40


def place(note: PartNote) -> Placed:
    return Placed(note.step / 4, note.end / 4, note.velocity)


def dense(bar: int) -> tuple[PartNote, ...]:
    """A hundred notes in a bar."""
    chords = [PartNote(bar * BAR + step, 0, 60 + 3 * voice, 90, 1) for step in range(BAR) for voice in range(6)]
    return tuple(sorted([*chords, *(PartNote(bar * BAR + step, 1, 36 + bar % 12, 90, 4) for step in range(0, BAR, 4))]))


def played(bars: list[tuple[PartNote, ...]], every: int) -> list[tuple[int, BandPast, Timeline]]:
    """Ask for the past on every `every`-th step of a performance whose bars are laid at their lines."""
    timeline, past, asked = Timeline(place), BandPast(PARTS, 0), []
    for bar, notes in enumerate(bars):
        timeline.lay(Section(frozenset({0, 1}), bar * BAR, (bar + 1) * BAR, notes), now=bar * 4.0)
        for step in range(bar * BAR, (bar + 1) * BAR, every):
            timeline.due(step / 4 - 1e-9, lambda _: 0.0)
            whole = tuple(note for one in bars[: bar + 1] for note in one)
            cut = tuple(note.lasting(min(note.end, step) - note.step) for note in whole if note.step < step)
            roll = past.roll(timeline, step, [step] * PARTS, step)
            low = max(0, step - STEPS + DRAWN_STEPS)
            assert (roll.window(low, step).cells == notes_to_cells(cut, low, step, PARTS)).all()
            assert roll.end == step
            asked.append((step, past, timeline))
    return asked


def test_forty_dense_bars_are_remembered_as_far_as_the_nets_look_back() -> None:
    assert max(LAGS) + HISTORY <= (STEPS - DRAWN_STEPS) // BAR
    assert len(played([dense(bar) for bar in range(BARS)], 4)) == 4 * BARS


@settings(max_examples=15, deadline=None)
@given(
    st.lists(st.lists(st.tuples(st.integers(0, 15), st.integers(0, 1), st.integers(40, 50), st.integers(1, 9)),
                      max_size=8), min_size=1, max_size=24),
    st.sampled_from([1, 3, 4]),
)  # fmt: skip
def test_the_past_is_what_was_played_whenever_it_is_asked_for(
    drawn: list[list[tuple[int, int, int, int]]], every: int
) -> None:
    bars = []
    for bar, notes in enumerate(drawn):
        own = {(part, pitch): PartNote(bar * BAR + step, part, pitch, 90, min(length, BAR - step))
               for step, part, pitch, length in sorted(notes)}  # fmt: skip
        bars.append(tuple(sorted(own.values())))
    played(bars, every)
