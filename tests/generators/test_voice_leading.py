"""Voices of a choir do not move in parallel fifths or octaves."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from bands import band_of, shipped
from composerd.app.demo_tunes import demo_melody
from composerd.app.render import RenderedPerformance, render
from composerd.engine.messages import Mode
from composerd.engine.settings import EngineSettings
from composerd.generators.voice_leading import parallels
from composerd.music.roll import PITCHES, REST

PITCH = st.integers(24, 103)


@given(PITCH, PITCH, PITCH)
def test_a_voice_does_not_keep_a_fifth_or_an_octave_with_one_that_moves_its_way(
    before: int, other: int, moved: int
) -> None:
    found = parallels(before, [(other, moved)])
    for pitch in range(PITCHES):
        one_way = (pitch - before) * (moved - other) > 0
        kept = abs(before - other) % 12 == abs(pitch - moved) % 12
        assert found[pitch] == (one_way and kept and abs(before - other) % 12 in (0, 7))


@given(PITCH, PITCH, PITCH)
def test_rests_and_voices_that_stay_make_no_parallels(before: int, other: int, moved: int) -> None:
    assert not parallels(REST, [(other, moved)]).any()
    assert not parallels(before, [(REST, moved), (other, REST), (other, other)]).any()


@given(PITCH, st.lists(st.tuples(PITCH, PITCH), max_size=4))
def test_several_voices_exclude_what_each_excludes(before: int, others: list[tuple[int, int]]) -> None:
    each = [parallels(before, [other]) for other in others]
    assert (parallels(before, others) == np.any(each, axis=0)).all()


def test_a_band_of_voices_moves_without_parallels() -> None:
    genre, moves = shipped("bach"), list[bool]()
    for seed in range(4):
        done = render(demo_melody(genre), genre, Mode.PHRASE, band_of("bach"), EngineSettings(seed=seed))
        voices = sounding(done)
        moves += [wrong for i, one in enumerate(voices) for other in voices[i + 1 :] for wrong in moving(one, other)]
    assert len(moves) > 80
    assert sum(moves) <= len(moves) / 100


def moving(one: list[int], other: list[int]) -> list[bool]:
    """For each step on which both voices move: whether in parallel."""
    found = []
    for a, b, c, d in zip(one, one[1:], other, other[1:], strict=False):
        if REST not in (a, b, c, d) and a != b and c != d:
            kept = abs(a - c) % 12 == abs(b - d) % 12 and abs(a - c) % 12 in (0, 7)
            found.append(kept and (b > a) == (d > c))
    return found


def sounding(done: RenderedPerformance) -> list[list[int]]:
    """The melody and each voice: the pitch on every 16th."""
    step = done.axis.ticks_per_beat // 4
    voices: dict[str, list[int]] = {}
    for tick, part, message in done.lines:
        name = part.name if part is not None else "melody"
        if message.starts_note or message.ends_note:
            row = voices.setdefault(name, [REST] * (done.end_tick // step + 2))
            at = round(tick / step)
            row[at:] = [message.data1 if message.starts_note else REST] * (len(row) - at)
    return list(voices.values())
