"""Each part alone: what hands and lungs can do, and figures known by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from composerd.library.genre_files import load_genre
from composerd.music.genre import Part
from composerd_export.evaluation.judge.solo import Figures, guitar_can, hands_can, longest_stretch, solo, solos
from composerd_export.evaluation.judge.windows import BAR, Notes
from judged import chords, every_bar, in_turn, notes, window

BASS = Part("bass", "bass", 2, 33, 30, 50)


def alone(played: Notes, part: Part = BASS, bars: int = 3) -> Figures:
    return solo([window(bars, **{part.name: played})], part)


def test_notes_are_counted_by_bar_from_the_second_bar_on() -> None:
    found = alone(np.concatenate([every_bar(1, 0, 1, 2), in_turn([40] * 6)]))
    assert found["notes"] == 3.0


def test_a_part_that_hardly_plays_has_no_figures_and_counts_in_no_mean() -> None:
    once = window(3, bass=in_turn([40]))
    assert solo([once], BASS) == {}
    both = solo([once, window(3, bass=in_turn([40] * 4))], BASS)
    assert both["notes"] == 2.0


def test_figures_are_means_over_the_windows_that_have_them() -> None:
    steps, leaps = window(3, bass=in_turn([40, 41, 42])), window(3, bass=in_turn([40, 45, 50]))
    assert solo([steps, leaps], BASS)["leaps"] == 3.0
    even = window(3, bass=in_turn([40, 40], velocity=64))
    assert np.isnan(solo([even], BASS)["velocity"]), "a part of one velocity has none to deviate from"
    louder = in_turn([40, 40])
    louder[0, 3] = 60
    assert solo([even, window(3, bass=louder)], BASS)["velocity"] == 10.0


def test_the_line_of_a_part_is_its_highest_notes() -> None:
    found = alone(chords([(36, 43), (38, 43), (40, 45)], 4.0, BAR))
    assert found["leaps"] == 1.0
    assert found["repeated"] == 0.5


def test_ranges_leave_out_a_twentieth_at_each_end() -> None:
    line = [40] * 19 + [60]
    found = alone(in_turn(line, 1.0))
    assert found["low"] == 40.0
    assert found["high"] == pytest.approx(np.percentile(line, 95))
    assert found["outside"] == pytest.approx(1 / 20)


@pytest.mark.parametrize(("pitch", "outside"), [(29, 1.0), (30, 0.0), (50, 0.0), (51, 1.0)])
def test_the_ends_of_a_range_belong_to_it(pitch: int, outside: float) -> None:
    assert alone(in_turn([pitch, pitch]))["outside"] == outside


def test_an_octave_is_not_wide() -> None:
    assert alone(in_turn([30, 42, 30, 43]))["wide"] == pytest.approx(1 / 3)


def test_lengths_have_a_median_and_a_share_of_16ths() -> None:
    rows = notes((16, 17, 40, 80), (20, 21.4, 40, 80), (24, 26, 40, 80), (28, 36, 40, 80))
    found = alone(rows)
    assert found["short"] == 0.5
    assert found["length"] == pytest.approx(1.7)


def test_breath_is_in_seconds_of_the_windows_tempo() -> None:
    held = in_turn([40] * 4, 4.0)
    assert alone(held)["breath"] == pytest.approx(16 * 60.0 / 100.0 / 4)


def test_a_stretch_goes_on_under_a_held_note() -> None:
    assert longest_stretch(notes((0, 20, 40, 80), (4, 6, 50, 80), (18, 24, 52, 80))) == 24.0
    assert longest_stretch(notes((0, 4, 40, 80), (5.5, 8, 50, 80))) == 8.0, "less than an eighth is no rest"
    assert longest_stretch(notes((8, 12, 50, 80), (0, 3, 40, 80))) == 4.0, "in whatever order notes are given"


GUITAR, KEYS = Part("guitar", "comp", 3, 27, 40, 88), Part("keys", "comp", 4, 0, 21, 108)


def test_chords_that_no_hand_takes_are_a_share_of_the_chords() -> None:
    struck = [(40, 41), (45, 52), (40, 47, 52)]
    assert alone(chords(struck, 4.0, BAR), GUITAR)["hands"] == pytest.approx(1 / 3)
    assert alone(chords([(24, 48, 72), (48, 52, 55)], 4.0, BAR), KEYS)["hands"] == 0.5
    assert np.isnan(alone(in_turn([40, 41, 42]), GUITAR)["hands"]), "single notes are no chords"


def test_drums_have_no_pitches_to_measure() -> None:
    drums = Part("drums", "drums", 10)
    found = solo([window(3, drums=every_bar(3, 0, 4))], drums)
    assert found["notes"] == 2.0
    assert np.isnan(found["low"])
    assert np.isnan(found["leaps"])


def test_a_part_is_found_under_the_name_of_its_track() -> None:
    part = Part("organ", "comp", 4, 0, 21, 108, track="keys")
    assert solo([window(3, keys=in_turn([60, 62]))], part)["leaps"] == 2.0


def test_every_part_of_a_genre_has_an_entry_the_silent_ones_an_empty_one() -> None:
    genre = load_genre("rock")
    found = solos([window(3, bass=in_turn([40, 42]), drums=every_bar(3, 0, 4))], genre)
    assert set(found) == {part.name for part in genre.parts}
    assert found["bass"]["leaps"] == 2.0
    assert found["drums"]["notes"] == 2.0
    assert found["guitar"] == {}


CHORD = st.lists(st.integers(36, 90), min_size=1, max_size=7, unique=True)


@given(CHORD)
def test_what_a_guitarist_holds_needs_no_more_strings_without_one_note(chord: list[int]) -> None:
    if guitar_can(chord):
        assert all(guitar_can([*chord[:at], *chord[at + 1 :]]) for at in range(len(chord)))


@given(CHORD, st.integers(-12, 12))
def test_two_hands_hold_a_chord_in_every_key_or_in_none(chord: list[int], by: int) -> None:
    assert hands_can(chord) == hands_can([pitch + by for pitch in chord]) == hands_can(chord[::-1])


@pytest.mark.parametrize(
    ("chord", "held"),
    [
        ((41, 48, 53, 57, 60, 65), True),  # F, barred at the first fret
        ((62, 67, 71, 76), True),  # open strings beside fretted ones
        ((40, 45, 50, 55, 59, 64, 69), False),  # seven notes
        ((86,), True),
        ((87,), False),  # beyond the last fret
        ((40, 50, 60), True),
        ((44, 46, 48), False),  # three notes within a third, all low
        ((40, 69), True),  # an open string under a note far up the neck
        ((41, 50, 51), False),  # the first fret and the fifth
        ((41, 49, 51), True),  # the first fret and the fourth
    ],
)
def test_some_grips_of_a_guitar(chord: tuple[int, ...], held: bool) -> None:
    assert guitar_can(chord) == held


def test_hands_reach_a_tenth_each() -> None:
    assert hands_can([40, 56, 60, 76])
    assert not hands_can([40, 57, 75, 92]), "a semitone more"
    assert hands_can([48, 49, 50, 51, 52, 70, 71, 72, 73, 74]), "ten fingers"
    assert not hands_can([48, 49, 50, 51, 52, 53, 70, 71, 72, 73, 74])
    assert hands_can([]), "a rest is easy"


def test_parallels_are_counted_by_the_moves_of_a_voice_and_only_of_voices() -> None:
    alto = Part("alto", "voice", 2, 33, 40, 70)
    sung, doubled = [60, 62, 64, 64, 62], [48, 50, 52, 52, 50]
    along = window(3, alto=in_turn(doubled))
    assert np.isnan(solo([along], Part("alto", "keys", 2, 33, 40, 70))["parallels"])
    assert solo([along], alto)["parallels"] == 0.0, "it sings alone"
    with_melody = replace(along, melody=in_turn(sung))
    assert solo([with_melody], alto)["parallels"] == 1.0
    against = replace(along, melody=in_turn(sung[::-1]))
    assert solo([against], alto)["parallels"] == 0.0
