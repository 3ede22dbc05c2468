"""Random numbers belong to steps, bars and sections: asked again they are the same, elsewhere they differ."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from composerd.engine.messages import Mode, Request
from composerd.generators.seeds import ARRANGEMENT, chances, noise, normal, section_seed, uniform
from composerd.generators.window import Frame
from composerd.library.genre_files import load_genre
from composerd.music.metre import BarGrid
from composerd.music.roll import BandRoll, MelodyRoll
from scenes import held_melody

BAR = 16


def request(step: int = 0, melody: MelodyRoll | None = None, **changes: object) -> Request:
    genre = load_genre("pop")
    base = Request(
        serial=1,
        mode=Mode.JAM,
        genre=genre,
        grid=BarGrid(),
        bpm=110.0,
        step=step,
        until=step + BAR,
        drums_from=step,
        drums_until=step + BAR,
        harmony_from=0,
        melody=melody if melody is not None else held_melody([60, 64, 67, 72] * 16),
        band=BandRoll.silent(len(genre.parts)),
    )
    return replace(base, **changes)  # type: ignore[arg-type]


def frame(first: int, steps: int = 2 * BAR) -> Frame:
    return Frame(first, first + steps)


def test_a_step_has_the_same_numbers_whichever_window_asks() -> None:
    early = chances(request(), frame(0), 0, 3)
    late = chances(request(), frame(BAR), 0, 3)
    assert np.array_equal(early[BAR:], late[:BAR])


def test_steps_already_decided_need_no_numbers() -> None:
    assert not chances(request(), frame(0), BAR, 3)[:BAR].any()


@pytest.mark.parametrize("other", [request(seed=5), request(performance=2), request(opening=60)])
def test_another_seed_performance_or_first_key_has_other_numbers(other: Request) -> None:
    ours, theirs = chances(request(), frame(0), 0, 3), chances(other, frame(0), 0, 3)
    assert not np.array_equal(ours, theirs)


def test_noise_stays_within_a_bar_and_changes_with_it() -> None:
    drawn = noise(request(), frame(0), 4)[0]
    assert (drawn[:BAR] == drawn[0]).all()
    assert not np.array_equal(drawn[0], drawn[BAR])


def test_a_sections_seed_is_the_same_in_all_its_bars() -> None:
    seeds = {section_seed(request(step), ARRANGEMENT, step) for step in range(4 * BAR, 8 * BAR, 4)}
    assert len(seeds) == 1


def test_another_melody_before_a_section_gives_it_another_seed() -> None:
    other = held_melody([60, 62, 64, 65] * 16)
    ours = section_seed(request(4 * BAR), ARRANGEMENT, 4 * BAR)
    assert ours != section_seed(request(4 * BAR, other), ARRANGEMENT, 4 * BAR)


def test_uniform_numbers_lie_between_0_and_1_and_normal_ones_are_centred() -> None:
    assert all(0 <= one < 1 for one in uniform((1, 2), 1000))
    assert abs(sum(normal((1, 2), 1000)) / 1000) < 0.15
