"""The voicing net's inputs on tapes made by hand, and the notes that are chosen from its answers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from composerd.contract.frames import Floats
from composerd.contract.groove import LAGS, UNKNOWN
from composerd.contract.layout import POLY, Track
from composerd.contract.voicing import (
    NOWHERE,
    NoteTape,
    Queries,
    anchors,
    context,
    early_frames,
    frames,
    in_range,
    latest_columns,
    latest_strikes,
    rows_of,
    set_latest,
)
from composerd.contract.voicing_decoding import DRAWS, MOST, VoicingDecoder, VoicingStyle
from composerd.contract.voicing_layout import (
    CHORDS,
    LASTS,
    LINE,
    ROWS,
    SPAN,
    TOP,
    VoicingLayout,
    bass_columns,
    following_columns,
    plane,
)
from composerd.music.harmony.labelling import NO_CHORD
from composerd.music.roll import HELD, ONSET, PITCHES, REST
from layouts import BAND
from voicing_answers import Answering

LAYOUT = VoicingLayout(BAND, ("rock", "pop"))
BASS, KEYS = LAYOUT.pitched
BAR, STEPS, AT = 16, 192, 160
C_MAJOR = 0
Bits = np.ndarray[tuple[int, ...], np.dtype[np.uint8]]


def tape(*notes: tuple[int, int, int, int], chord: int = C_MAJOR) -> NoteTape:
    """Notes as (part, step, pitch, length) over one chord."""
    sounding, strikes = np.zeros((2, STEPS, PITCHES), np.uint8), (set[int](), set[int]())
    for part, step, pitch, length in notes:
        sounding[part, step : step + length, pitch] = 1
        strikes[part].add(step)
    count = np.arange(STEPS)
    return NoteTape(
        sounding, tuple(np.array(sorted(one), np.int64) for one in strikes), np.full(STEPS, chord),
        np.full(STEPS, chord % 12), count % 8, np.full(STEPS, NO_CHORD), np.full(STEPS, 16),
        np.full(STEPS, REST, np.int16), np.zeros(STEPS, np.bool_), (count % BAR).astype(np.int8),
    )  # fmt: skip


def query(part: int, at: int = AT, known_from: int = 0, plan: int = 0, heard: bool = True) -> Queries:
    about = context(LAYOUT, np.array([0]), np.array([False]), np.array([100.0], np.float32), np.full((1, 3), UNKNOWN))
    return Queries(
        part, LAYOUT.pitched[part], np.array([at]), np.array([BAR]), np.array([known_from]), np.array([plan]), about,
        np.array([heard]),
    )  # fmt: skip


def shown(found: Floats, name: str, anchor: int) -> list[int]:
    """The pitches in a plane."""
    return [int(row) - SPAN + anchor for row in np.flatnonzero(found[0, plane(name)])]


KEYS_ANCHOR, BASS_ANCHOR = int(anchors(KEYS, np.array([0]))[0]), int(anchors(BASS, np.array([0]))[0])


# -- what is shown


@pytest.mark.parametrize("chord", [0, 5, 11, 12 + 7, NO_CHORD])
@pytest.mark.parametrize("track", [BASS, KEYS])
def test_an_anchor_is_the_root_nearest_to_the_middle_of_the_range(track: Track, chord: int) -> None:
    anchor = int(anchors(track, np.array([chord]))[0])
    assert anchor % 12 == (0 if chord == NO_CHORD else chord % 12)
    assert -6 <= anchor - (track.low + track.high) // 2 < 6


@pytest.mark.parametrize("anchor", [0, 60, 127])
def test_rows_are_counted_from_the_anchor_and_pitches_beyond_them_are_left_out(anchor: int) -> None:
    notes = np.zeros((1, PITCHES), np.uint8)
    notes[0, [0, 60, 127]] = 1
    found = np.flatnonzero(rows_of(notes, np.array([anchor]))[0]) - SPAN + anchor
    assert found.tolist() == [pitch for pitch in (0, 60, 127) if abs(pitch - anchor) <= SPAN]


def test_both_ends_of_a_range_are_in_it() -> None:
    rows = np.flatnonzero(in_range(KEYS, np.array([KEYS_ANCHOR]))[0]) - SPAN + KEYS_ANCHOR
    assert (rows[0], rows[-1], len(rows)) == (KEYS.low, KEYS.high, KEYS.rows)


def test_the_latest_strikes_come_latest_first_and_are_nowhere_before_the_performance() -> None:
    at = tape(*[(0, step, 40, 1) for step in (100, 120, 150, 160, 170)])
    assert latest_strikes(at, query(0)).tolist() == [[150, 120, 100]], "the step itself is not over"
    assert latest_strikes(at, query(0, known_from=130)).tolist() == [[150, NOWHERE, NOWHERE]]
    assert latest_strikes(at, query(1)).tolist() == [[NOWHERE] * LASTS]
    assert latest_strikes(at, query(0, at=50)).tolist() == [[NOWHERE] * LASTS]


def test_a_part_is_shown_its_last_chords_and_its_bars_ago() -> None:
    at = tape((1, 140, 60, 2), (1, 140, 64, 2), (1, 150, 67, 1), (1, AT - BAR, 72, 1), (1, AT - 8 * BAR, 55, 1))
    found = frames(LAYOUT, at, query(1))
    assert [shown(found, f"last {place}", KEYS_ANCHOR) for place in (1, 2, 3)] == [[67], [72], [60, 64]]
    assert shown(found, "1 bars ago", KEYS_ANCHOR) == [72] == shown(found, "1 moved", KEYS_ANCHOR)
    assert shown(found, "8 bars ago", KEYS_ANCHOR) == [55]
    assert shown(found, "4 bars ago", KEYS_ANCHOR) == []


def test_a_bar_ago_over_another_chord_is_shown_as_it_was_and_moved_to_this_one() -> None:
    at = tape((1, AT - BAR, 60, 4), (1, AT - BAR, 64, 4))
    chord = at.chord.copy()
    chord[AT:] = 5  # F
    found = frames(LAYOUT, replace(at, chord=chord), query(1))
    anchor = int(anchors(KEYS, np.array([5]))[0])
    assert shown(found, "1 bars ago", anchor) == [60, 64]
    assert shown(found, "1 moved", anchor) == [60 + anchor - KEYS_ANCHOR, 64 + anchor - KEYS_ANCHOR]


def test_a_part_hears_the_parts_before_it_now_and_a_step_ago_and_no_later_ones() -> None:
    at = tape((0, AT, 36, 1), (0, AT - 1, 43, 1), (1, AT, 60, 1), (1, AT - 1, 62, 1))
    found = frames(LAYOUT, at, query(1))
    assert (shown(found, "others", KEYS_ANCHOR), shown(found, "others before", KEYS_ANCHOR)) == ([36], [43])
    alone = frames(LAYOUT, at, query(0))
    assert (shown(alone, "others", BASS_ANCHOR), shown(alone, "others before", BASS_ANCHOR)) == ([], [])


def test_basses_and_the_next_chord_are_counted_from_the_root() -> None:
    plain = tape(chord=7)
    assert np.flatnonzero(frames(LAYOUT, plain, query(0))[0, bass_columns()]).tolist() == [0]
    inverted = replace(plain, bass=np.full(STEPS, 11))
    assert np.flatnonzero(frames(LAYOUT, inverted, query(0))[0, bass_columns()]).tolist() == [4]
    free = replace(plain, bass=np.full(STEPS, -1))
    assert not frames(LAYOUT, free, query(0))[0, bass_columns()].any()
    assert not frames(LAYOUT, plain, query(0))[0, following_columns()].any(), "no chord near"
    follows = replace(plain, following=np.full(STEPS, 0), follows=np.full(STEPS, 4))  # C, a fourth above G
    told = frames(LAYOUT, follows, query(0))[0, following_columns()]
    assert np.flatnonzero(told[:12]).tolist() == [0, 5, 9], "its tones above G: C, E and G"
    assert np.flatnonzero(told[12:24]).tolist() == [5]
    assert told[24:].sum() == 1


def test_an_unheard_melody_is_not_shown() -> None:
    sung = replace(tape(), melody=np.full(STEPS, 67, np.int16), onset=np.ones(STEPS, np.bool_))
    heard, unheard, resting = (
        frames(LAYOUT, at, query(1, heard=there)) for at, there in ((sung, True), (sung, False), (tape(), False))
    )
    assert (heard != unheard).any()
    assert np.array_equal(unheard, resting)


@settings(max_examples=8)
@given(st.integers(0, 10**6), st.integers(0, 1), st.integers(1, STEPS - 1))
def test_notes_packed_in_bits_are_shown_as_unpacked_ones(seed: int, part: int, step: int) -> None:
    dice = np.random.default_rng(seed)
    notes = [(int(dice.integers(2)), int(dice.integers(STEPS)), int(dice.integers(30, 90)), 3) for _ in range(40)]
    at = tape(*notes)
    packed = replace(at, sounding=np.packbits(at.sounding, axis=-1))
    assert np.array_equal(frames(LAYOUT, at, query(part, step)), frames(LAYOUT, packed, query(part, step)))


@settings(max_examples=8)
@given(st.integers(0, 10**6), st.integers(0, 1), st.integers(1, STEPS - 1), st.integers(0, 60))
def test_frames_that_are_brought_up_to_date_are_those_built_anew(seed: int, part: int, step: int, first: int) -> None:
    """A bar's frames are built before its first notes are decided; only the latest decisions are written later."""
    dice, first = np.random.default_rng(seed), min(first, step)
    early = [(int(dice.integers(2)), int(dice.integers(max(1, step - BAR))), int(dice.integers(30, 90)), 2)
             for _ in range(30)]  # fmt: skip
    late = [(int(dice.integers(2)), int(dice.integers(max(0, step - BAR + 1), step + 1)), int(dice.integers(30, 90)), 1)
            for _ in range(4)]  # fmt: skip
    rows = frames(LAYOUT, tape(*early), query(part, step, first))
    whole = tape(*early, *late)
    set_latest(rows, whole, query(part, step, first))
    assert np.array_equal(rows, frames(LAYOUT, whole, query(part, step, first)))
    asked = query(part, step, first)
    one = early_frames(LAYOUT, whole, asked)[0]
    anchor = int(anchors(asked.track, whole.chord[asked.at])[0])
    one[latest_columns(whole, part, step, first, anchor)] = 1.0
    assert np.array_equal(one, rows[0])
    assert min(LAGS) * BAR >= BAR, "no bar ago lies within the bar"


# -- what is chosen


class Wishes:
    """A net with one answer for notes, and one for notes that last."""

    def __init__(self, **pitches: float) -> None:
        """Logits of pitches (`p60=3.0`), of the `end` of a chord, and of all notes that `last`."""
        self.pitches, self.asked = pitches, list[tuple[str, list[int]]]()

    def __call__(self, question: str, rows: Floats) -> Floats:
        anchor = BASS_ANCHOR if question == LINE else KEYS_ANCHOR
        found = np.full((len(rows), LAYOUT.outputs(question)), -8.0, np.float32)
        for name, logit in self.pitches.items():
            if name.startswith("p"):
                found[:, int(name[1:]) - anchor + SPAN] = logit
        if question == CHORDS:
            found[:, ROWS] = self.pitches.get("end", -30.0)
            found[:, ROWS + 1 :] = self.pitches.get("last", 0.0)
        self.asked.append((question, shown(rows, TOP, anchor)))
        return found


QUIET, EVEN = np.zeros(PITCHES, np.float32), np.full(DRAWS, 0.5, np.float32)
COLD, WARM = VoicingStyle(0.0), VoicingStyle()


def decided(net: Wishes, at: NoteTape, asked: Queries, style: VoicingStyle = COLD, uniform: Floats = EVEN,
            bias: Floats = QUIET, ending: Bits | None = None) -> tuple[list[int], list[int]]:  # fmt: skip
    """The pitches that begin and that are held."""
    end = None if ending is None else ending.astype(np.bool_)
    decoder = VoicingDecoder(LAYOUT, Answering(net))
    cells = decoder.decide(at, decoder.bar(at, asked), 0, bias, uniform, style, ending=end)
    return np.flatnonzero(cells == ONSET).tolist(), np.flatnonzero(cells == HELD).tolist()


def test_a_line_has_its_likeliest_note_and_nothing_is_held() -> None:
    at = tape((0, AT - 1, 43, 1))
    assert decided(Wishes(p40=2.0, p43=3.0, p20=90.0), at, query(0)) == ([43], []), "20 lies below its range"


def test_a_chord_is_chosen_from_below_until_its_end() -> None:
    net = Wishes(p60=9.0, p64=8.0, p67=7.0, end=6.0)
    assert decided(net, tape(), query(1)) == ([60, 64, 67], [])
    assert net.asked == [(CHORDS, []), (CHORDS, [60]), (CHORDS, [64]), (CHORDS, [67])]


def test_a_chord_has_a_note_at_least_and_no_more_than_the_part_has_voices() -> None:
    assert decided(Wishes(p60=1.0, end=50.0), tape(), query(1))[0] == [60]
    many = Wishes(**{f"p{pitch}": 90.0 - pitch for pitch in range(50, 80)})
    assert decided(many, tape(), query(1))[0] == [50, 51, 52, 53]
    assert KEYS.polyphony == 4
    wide = replace(query(1), track=structs.replace(KEYS, polyphony=30))
    assert len(decided(many, tape(), wide)[0]) == MOST


def test_the_highest_pitch_of_the_range_ends_a_chord() -> None:
    net = Wishes(p84=9.0, p60=1.0)
    assert decided(net, tape(), query(1))[0] == [84]
    assert len(net.asked) == 1, "nothing lies above it"


@pytest.mark.parametrize(("last", "held"), [(5.0, [60, 64]), (-5.0, [])])
def test_sounding_notes_last_where_the_net_says_so(last: float, held: list[int]) -> None:
    at = tape((1, AT - 2, 60, 2), (1, AT - 2, 64, 2))
    begins, lasting = decided(Wishes(p67=3.0, end=2.0, last=last), at, query(1))
    assert (begins, lasting) == ([67], held)


def test_a_held_note_does_not_begin_and_leaves_a_voice_for_a_new_one() -> None:
    """All four voices would last: the one that the chances are worst for is let go."""
    at, uniform = tape(*[(1, AT - 1, pitch, 1) for pitch in (60, 62, 64, 65)]), EVEN.copy()
    uniform[62 - KEYS_ANCHOR + SPAN] = 0.1
    begins, held = decided(Wishes(p60=9.0, p72=1.0, last=5.0), at, query(1), uniform=uniform)
    assert (begins, held) == ([72], [60, 64, 65])


def test_notes_that_end_here_are_not_held() -> None:
    at, ending = tape((1, AT - 1, 60, 1), (1, AT - 1, 64, 1)), np.zeros(PITCHES, np.uint8)
    ending[60] = 1
    assert decided(Wishes(p67=3.0, end=2.0, last=5.0), at, query(1), ending=ending)[1] == [64]


def test_what_sounded_before_the_performance_is_not_held() -> None:
    at = tape((1, AT - 1, 60, 1))
    assert decided(Wishes(p67=3.0, end=2.0, last=5.0), at, query(1, known_from=AT))[1] == []


def test_a_bias_moves_the_choice_of_a_note_but_not_the_size_of_a_chord() -> None:
    """Even odds of a further note: the end is drawn at chances above a half, however much is added to the notes."""
    bias = QUIET.copy()
    bias[64] = 3.0
    net = Wishes(p60=1.0, p64=0.0, p67=-30.0, end=0.0)
    for added, first in ((QUIET, 60), (bias, 64)):
        assert decided(net, tape(), query(1), COLD, bias=added)[0][0] == first
    sizes = []
    for added in (QUIET, np.full(PITCHES, 9.0, np.float32)):
        chance = EVEN.copy()
        chance[ROWS:] = (0.0001, 0.45, 0.9, *[0.9] * (MOST - 2))
        sizes.append(len(decided(Wishes(p60=5.0, p64=0.0, end=0.0), tape(), query(1), WARM, chance, added)[0]))
    assert sizes[0] == sizes[1]


@pytest.mark.parametrize("chance", [0.1, 0.45, 0.55, 0.9])
def test_notes_are_drawn_as_often_as_their_odds(chance: float) -> None:
    """Two notes at even odds: the lower one at chances below a half."""
    uniform = EVEN.copy()
    uniform[ROWS] = chance
    begins, _ = decided(Wishes(p40=20.0, p45=20.0), tape(), query(0), WARM, uniform)
    assert begins == [40 if chance < 0.5 else 45]


def test_a_bar_read_before_the_latest_decisions_gives_the_same_notes() -> None:
    net = Wishes(p60=9.0, p64=8.0, end=6.0)
    at, asked = tape((1, AT - 3, 62, 3), (0, AT, 36, 1)), query(1)
    decoder = VoicingDecoder(LAYOUT, Answering(net))
    early, late = decoder.bar(tape(), asked), decoder.bar(at, asked)
    assert np.array_equal(decoder.decide(at, early, 0, QUIET, EVEN, COLD),
                          decoder.decide(at, late, 0, QUIET, EVEN, COLD))  # fmt: skip
    assert KEYS.kind == POLY
