"""Lines, chords and harmony as the judge measures them, on music whose figures are known by hand."""

from __future__ import annotations

import numpy as np
import pytest

from composerd_export.evaluation.judge.features import features
from composerd_export.evaluation.judge.windows import BAR, SILENCE, Notes
from judged import chords, every_bar, in_turn, notes, window

C, F, G, A_MINOR, D_MINOR = (48, 52, 55), (53, 57, 60), (55, 59, 62), (57, 60, 64), (50, 53, 57)
B_DIMINISHED = (47, 50, 53)
QUIET = notes((0, 1, 72, 80))
"""a melody that is over before anything is measured"""


def bass_line(*keys: int) -> dict[str, float]:
    return features(window(5, bass=in_turn(keys)))


def test_a_walking_bass_moves_by_steps_thirds_tritones_and_leaps() -> None:
    found = bass_line(40, 41, 44, 48, 42, 42, 54, 70)
    shares = {"step": 1, "third": 2, "tritone": 1, "rep": 1, "octave": 1, "wide": 1, "fourthfifth": 0}
    assert {name: found[f"bass.iv_{name}"] for name in shares} == {
        name: pytest.approx(count / 7) for name, count in shares.items()
    }
    assert found["bass.mean"] == pytest.approx(np.mean([40, 41, 44, 48, 42, 42, 54, 70]))
    assert found["bass.range"] == 30.0


@pytest.mark.parametrize(("leap", "kind"), [(5, "fourthfifth"), (7, "fourthfifth"), (4, "third"), (2, "step")])
def test_falling_intervals_count_as_rising_ones_do(leap: int, kind: str) -> None:
    assert bass_line(50, 50 - leap)[f"bass.iv_{kind}"] == bass_line(50 - leap, 50)[f"bass.iv_{kind}"] == 1.0


SIZES = {
    "rep": [0], "step": [1, 2], "third": [3, 4], "fourthfifth": [5, 7], "tritone": [6], "octave": [12],
    "wide": list(range(13, 25)),
}  # fmt: skip


@pytest.mark.parametrize("size", range(25))
def test_an_interval_is_of_one_kind_and_sixths_and_sevenths_are_of_none(size: int) -> None:
    found = bass_line(40, 40 + size)
    kinds = {name.removeprefix("bass.iv_") for name, share in found.items() if "iv_" in name and share == 1.0}
    assert kinds == {kind for kind, sizes in SIZES.items() if size in sizes}


def test_a_bass_of_one_note_has_no_intervals_and_one_of_none_no_pitch() -> None:
    assert np.isnan(bass_line(40)["bass.iv_step"])
    assert bass_line(40)["bass.range"] == 0.0
    assert np.isnan(bass_line()["bass.mean"])
    assert np.isnan(bass_line()["bass.range"])


def test_notes_that_sound_at_once_are_counted_where_any_sounds() -> None:
    keys = notes((BAR, BAR + 8, 60, 80), (BAR, BAR + 4, 64, 80), (BAR + 4, BAR + 8, 40, 80))
    found = features(window(2, keys=keys))
    assert found["band.poly"] == 2.0, "two on each of eight steps"
    assert found["band.cover"] == 0.5
    assert found["band.polysd"] == pytest.approx(1.0)
    assert found["band.pitch"] == pytest.approx((60 + 64 + 40) / 3)
    assert found["band.low"] == pytest.approx(1 / 3), "the E below the C of the small octave"


def test_chords_have_sizes_gaps_and_seconds() -> None:
    struck = [(60, 64, 67), (60, 62), (60,), (60, 62, 64, 72)]
    found = features(window(3, keys=chords(struck, 4.0, BAR)))
    assert found["band.chordsize"] == 2.5
    assert found["band.chordsizesd"] == pytest.approx(float(np.std([3, 2, 1, 4])))
    assert found["band.spread"] == pytest.approx((4 + 3 + 2 + 2 + 8) / 5), "of the chords of three notes and more"
    assert found["band.second"] == pytest.approx(2 / 5)
    assert found["band.voicelead"] == pytest.approx((0 + 2 + 0 + 5) / 4), "each note to the nearest of the chord before"


def test_two_parts_that_strike_the_same_key_strike_one_note() -> None:
    both = {"keys": chords([C], 4.0, BAR), "guitar": chords([C[:2]], 4.0, BAR)}
    assert features(window(2, **both))["band.chordsize"] == 3.0


def test_chords_are_the_same_where_all_their_notes_are() -> None:
    same = features(window(3, keys=chords([C, C, (48, 52, 57), (48, 52, 57)], 4.0, BAR)))
    assert same["band.samechord"] == pytest.approx(2 / 3)
    more = features(window(3, keys=chords([C, (*C, 60)], 4.0, BAR)))
    assert more["band.samechord"] == 0.0


def harmony(*halves: tuple[int, ...], bass: Notes | None = None) -> dict[str, float]:
    """Half-bar chords from bar 2 on over their roots, or another bass."""
    low = in_turn([chord[0] - 12 for chord in halves], 8.0) if bass is None else bass
    bars = 1 + len(halves) // 2
    return features(window(bars, keys=chords(halves, 8.0, BAR), bass=low, melody=QUIET))


def test_harmony_moves_by_the_roots_that_change() -> None:
    found = harmony(C, C, F, F, G, G, C, C)
    assert found["harm.move5"] == pytest.approx(2 / 3), "C to F and G to C"
    assert found["harm.move2"] == pytest.approx(1 / 3)
    assert (found["harm.change_line"], found["harm.change_half"]) == (1.0, 0.0)
    assert found["harm.top"] == 0.5
    assert found["harm.distinct"] == pytest.approx(3 / 8)


def test_harmony_that_changes_in_the_middle_of_bars_does_so_inside_them() -> None:
    found = harmony(C, F, F, G, G, C, C, F)
    assert (found["harm.change_line"], found["harm.change_half"]) == (0.0, 1.0)


def test_minor_and_diminished_chords_are_shares_of_the_half_bars() -> None:
    found = harmony(C, A_MINOR, D_MINOR, B_DIMINISHED)
    assert (found["harm.minor"], found["harm.dim"]) == (0.5, 0.25)


def test_a_loop_of_two_bars_comes_again_after_four_half_bars() -> None:
    found = harmony(C, F, G, A_MINOR, C, F, G, A_MINOR, C, F, G, A_MINOR)
    assert [found[f"harm.period{lag}"] for lag in (2, 4, 8)] == [0.0, 1.0, 1.0]
    assert np.isnan(found["harm.period16"])


def test_a_bass_on_the_third_is_not_on_the_root() -> None:
    thirds = in_turn([40, 40, 36, 36], 8.0)
    found = harmony(C, C, C, C, bass=thirds)
    assert found["bass.root"] == 0.5


def test_the_first_quarter_of_a_half_bar_decides_where_the_bass_stands() -> None:
    walks = in_turn([36, 38, 40, 41], 2.0)
    assert harmony(C, C, bass=walks)["bass.root"] == 1.0


def test_tones_outside_the_triad_are_no_chord_tones() -> None:
    inside = harmony(C, C, C, C)
    assert inside["harm.chordtones"] == 1.0
    found = harmony(*[(48, 52, 55, 57)] * 4, bass=in_turn([36] * 4, 8.0))
    assert found["harm.chordtones"] == pytest.approx(4 / 5), "the sixth is one of the five pitches"


def test_silent_half_bars_have_no_triad() -> None:
    found = features(window(3, keys=chords([C], 8.0, BAR), melody=QUIET))
    assert found["harm.top"] == 1.0, "the one half bar that sounds"
    assert found["harm.distinct"] == 1.0
    assert np.isnan(features(window(3, melody=QUIET))["harm.minor"])


SCALE = in_turn([72, 74, 76, 77, 79, 81, 83, 84], 2.0, 0.0)


def test_notes_outside_the_melodys_key_are_a_share_of_what_sounds() -> None:
    def inside(*chord: int) -> float:
        return features(window(2, keys=chords([chord], 32.0), melody=SCALE))["score.inkey"]

    assert inside(*C) == 1.0
    assert inside(48, 54) == 0.5
    assert inside(49, 54) == 0.0


def test_what_sounds_in_bar_1_says_nothing_of_the_key() -> None:
    found = features(window(3, keys=chords([(49, 54), C, C]), melody=SCALE))
    assert found["score.inkey"] == 1.0


def test_in_a_minor_key_both_sixths_and_sevenths_belong_to_it() -> None:
    a_minor = in_turn([69, 71, 72, 74, 76, 72, 71, 69, 68, 69, 64, 69, 69, 69, 69, 69], 2.0, 0.0)
    found = features(window(2, keys=chords([(53, 54, 55, 56)], 32.0), melody=a_minor))
    assert found["score.inkey"] == 1.0


def test_a_bar_that_comes_again_is_like_its_nearest_bar() -> None:
    again = features(window(5, keys=chords([C, C, G, C, G]), melody=QUIET))
    assert again["score.rep"] == pytest.approx(1.0)
    assert again["score.simmean"] < 1.0
    assert features(window(3, keys=chords([C, C, (54, 58, 61)]), melody=QUIET))["score.rep"] < 0.5


def test_pitch_classes_are_counted_by_bar_and_by_step() -> None:
    keys = np.concatenate([chords([(48, 60), (52,)], 8.0, BAR), chords([C], 16.0, 2 * BAR)])
    found = features(window(3, keys=keys, melody=QUIET))
    assert found["score.upc"] == 2.5, "C and E, then C, E and G"
    assert found["score.npc"] == pytest.approx((1 + 1 + 3 + 3) / 4)


def test_semitones_inside_the_band_are_a_share_of_the_steps_with_two_tones() -> None:
    keys = np.concatenate([chords([(60, 71), (60, 67)], 4.0, BAR), chords([(48,)], 8.0, BAR + 8)])
    assert features(window(2, keys=keys, melody=QUIET))["score.intclash"] == 0.5


def test_each_beat_that_sounds_like_another_triad_is_a_change() -> None:
    keys = chords([C, F, F, G, C, C, C, C], 4.0, BAR)
    assert features(window(3, keys=keys, melody=QUIET))["score.chg"] == 1.5


def test_the_band_is_over_the_melody_where_its_highest_note_is() -> None:
    melody = in_turn([72] * 4, 8.0, BAR)
    keys = in_turn([74, 60, 72, 60], 8.0, BAR)
    assert features(window(3, keys=keys, melody=melody))["band.overmelody"] == 0.25, "the same note is not above"
    bass_too = features(window(3, bass=in_turn([80], 8.0, BAR + 8), keys=keys, melody=melody))
    assert bass_too["band.overmelody"] == 0.5


def test_pitches_come_again_a_bar_and_four_bars_later() -> None:
    bars = [(60, 64), (60, 65), (60, 65), (60, 65), (60, 64)]
    found = features(window(6, keys=chords(bars, 16.0, BAR), melody=QUIET))
    assert found["band.pitchlag1"] == pytest.approx((1 / 3 + 1 + 1 + 1 / 3) / 4)
    assert found["band.pitchlag4"] == 1.0
    assert np.isnan(features(window(3, keys=every_bar(3, 0, key=60)))["band.pitchlag4"])


def test_timpani_count_as_a_part_against_the_melody() -> None:
    without, with_it = (
        features(window(3, keys=chords([C] * 3), melody=in_turn([72] * 12, 4.0, 0.0), timpani=drum))
        for drum in (SILENCE, chords([(49,)] * 3))
    )
    assert (without["score.clash"], with_it["score.clash"]) == (0.0, 1.0)
    assert with_it["score.nic"] == without["score.nic"] == 1.0
    assert with_it["harm.chordtones"] == without["harm.chordtones"] == 1.0
