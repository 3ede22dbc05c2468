"""Whatever page of a genre is accepted can be played: parts of any ranges, also too narrow ones."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from composerd.engine.messages import Directions, Mode, Request
from composerd.generators.plain import PlainGenerator
from composerd.library.genre_files import genre_pages, load_genre
from composerd.music.genre import Genre, Part
from composerd.music.metre import BarGrid, Metre
from composerd.music.notes import PartNote
from composerd.music.roll import REST, BandRoll, MelodyRoll

GENRES = sorted(genre_pages())
METRES = [Metre(4, 4), Metre(3, 4), Metre(6, 8), Metre(7, 8)]


@cache
def shipped(name: str) -> Genre:
    return load_genre(name)


RANGES = st.tuples(st.integers(0, 127), st.integers(0, 24)).map(lambda at: (at[0], min(127, at[0] + at[1])))


@st.composite
def bands(draw: st.DrawFn) -> Genre:
    """A shipped page whose parts have other ranges."""
    genre = shipped(draw(st.sampled_from(GENRES)))
    ranges = [draw(RANGES) for _ in genre.parts]
    parts = (replace(part, low=low, high=high) for part, (low, high) in zip(genre.parts, ranges, strict=True))
    return replace(genre, parts=tuple(parts))


def tune(seed: int, steps: int) -> MelodyRoll:
    rng = np.random.default_rng(seed)
    pitch = np.repeat(rng.choice([60, 62, 64, 65, 67, 69, 71, 72, 76, REST], steps // 4), 4).astype(np.int16)
    return MelodyRoll(0, pitch, (np.arange(steps) % 4 == 0) & (pitch != REST))


def composed(genre: Genre, seed: int, metre: Metre, ends: bool) -> list[PartNote]:
    """Four bars in phrase mode, which may end with a final chord."""
    steps = 4 * metre.bar_steps
    directions = Directions(ending_at=steps - metre.bar_steps) if ends else Directions()
    asked = Request(
        1, Mode.PHRASE, genre, BarGrid.of(metre), 110.0, 0, steps, 0, steps, 0, tune(seed, steps),
        BandRoll.silent(len(genre.parts)), seed=seed, directions=directions,
    )  # fmt: skip
    return [note for section in PlainGenerator(genre).compose(asked).sections for note in section.notes]


def narrowed(name: str, role: str, low: int, high: int) -> Genre:
    """A shipped page, the parts of a role moved into one narrow range."""
    genre = shipped(name)
    parts = (replace(part, low=low, high=high) if part.role == role else part for part in genre.parts)
    return replace(genre, parts=tuple(parts))


@pytest.mark.parametrize(
    ("name", "role"), [("bach", "voice"), ("jazz", "bass"), ("symphony", "bass"), ("symphony", "pad"), ("jazz", "comp")]
)
@pytest.mark.parametrize(("low", "high"), [(61, 61), (49, 50), (40, 44)])
def test_a_part_with_hardly_a_key_plays_those_that_it_has(name: str, role: str, low: int, high: int) -> None:
    """Chords without a tone in the range must not silence the band."""
    genre = narrowed(name, role, low, high)
    for seed in range(3):
        notes = composed(genre, seed, METRES[0], ends=bool(seed))
        own = [note for note in notes if genre.parts[note.part].role == role]
        assert own or role in ("pad", "comp"), "chords without a tone in the range rest"
        assert all(low <= note.pitch <= high for note in own)
        assert max(Counter((note.part, note.step, note.pitch) for note in notes).values()) == 1


@settings(max_examples=25)
@given(bands(), st.integers(0, 9), st.sampled_from(METRES), st.booleans())
def test_a_band_of_any_ranges_plays_within_them(genre: Genre, seed: int, metre: Metre, ends: bool) -> None:
    assert genre.problems() == []
    for note in composed(genre, seed, metre, ends):
        part: Part = genre.parts[note.part]
        if part.role != "drums":
            assert part.low <= note.pitch <= part.high
        assert note.length >= 1
        assert 1 <= note.velocity <= 127


@settings(max_examples=10)
@given(bands(), st.integers(0, 9), st.booleans())
def test_no_note_of_a_part_begins_twice(genre: Genre, seed: int, ends: bool) -> None:
    begun = Counter((note.part, note.step, note.pitch) for note in composed(genre, seed, METRES[0], ends))
    assert max(begun.values(), default=1) == 1
