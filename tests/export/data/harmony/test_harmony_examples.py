"""Examples of the harmonist: targets, tonics, what is hidden, chords below the melody, and songs read off bands."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from composerd.music.harmony.encoding import (
    ENDING,
    FIRST,
    FUTURE_STYLE,
    FUTURE_WIDTH,
    PAST_STYLE,
    PAST_WIDTH,
    STYLES,
    WHOLE,
    WHOLE_TUNE,
)
from composerd.music.harmony.slots import slots_between
from composerd.music.metre import BarGrid, Metre
from composerd_export.data.corpus import Corpus, Piece
from composerd_export.data.harmony.corpora import song_of, songs_of
from composerd_export.data.harmony.examples import (
    INTERVALS,
    KIND,
    ROOT_ONLY,
    STRETCH,
    UNKNOWN,
    Example,
    drawn_examples,
    example,
    piece_of,
    pieces_of,
    weights,
)
from composerd_export.data.harmony.songs import NO_CHORD, QUALITIES, TuneWithChords
from composerd_export.data.harmony.written import BLUES, DEGREES, MINOR_BLUES, ROCK, written_songs
from composerd_export.onnx.harmonist import TRUST, followers

BAR = 16
Chord = tuple[int, str] | None


def song(*bars: Chord, pitch: int = 60, style: str = "folk", metre: Metre | None = None) -> TuneWithChords:
    """A chord a bar, the same note on each beat."""
    grid = BarGrid.of(metre or Metre())
    length = (metre or Metre()).bar_steps
    rows = [(NO_CHORD,) * 3 if one is None else (one[0], QUALITIES.index(one[1]), one[0]) for one in bars]
    steps = length * len(bars)
    return TuneWithChords(
        "a song", style, np.full(steps, pitch, np.int16), np.arange(steps) % 4 == 0,
        np.repeat(rows, length, 0).astype(np.int64), slots_between(grid, 0, steps), "a song",
    )  # fmt: skip


def examples(one: TuneWithChords, count: int = 40) -> list[Example]:
    piece = piece_of(one)
    return [example(piece, np.random.default_rng(seed)) for seed in range(count)]


# -- targets


@pytest.mark.parametrize(
    ("quality", "target"),
    [("", 0), ("7", 0), ("maj7", 0), ("6", 0), ("aug", 0), ("m", 1), ("m7", 1), ("m6", 1), ("dim", 2), ("m7b5", 2),
     ("dim7", 2), ("sus4", ROOT_ONLY), ("sus2", ROOT_ONLY)],
)  # fmt: skip
def test_a_chord_is_its_root_and_kind_and_of_a_suspended_one_the_root_alone(quality: str, target: int) -> None:
    assert piece_of(song((0, quality))).target.tolist() == [target] * 4
    moved = 5 if target >= ROOT_ONLY else 15
    assert piece_of(song((5, quality))).target.tolist() == [target + moved] * 4


def test_the_tones_of_each_quality_agree_with_its_kind() -> None:
    assert len(INTERVALS) == len(KIND) == len(QUALITIES)
    for tones, kind, name in zip(INTERVALS, KIND, QUALITIES, strict=True):
        thirds = {0: 4, 1: 3, 2: 3}
        assert tones[0] == 0
        assert (kind == -1) == name.startswith("sus")
        assert kind == -1 or thirds[kind] in tones
        assert kind != 2 or 6 in tones


def test_a_slot_without_a_chord_is_unknown_and_so_is_a_bar_without_a_melody() -> None:
    assert piece_of(song((0, ""), None)).target.tolist() == [0] * 4 + [UNKNOWN] * 4
    one = song((0, ""), (5, ""), (7, ""))
    resting = replace(one, pitch=np.where(np.arange(48) // BAR == 1, -1, one.pitch).astype(np.int16))
    assert piece_of(resting).melody.tolist() == [True] * 4 + [False] * 4 + [True] * 4
    for found in examples(resting, 5):
        assert (found.target[4:8] == UNKNOWN).all()
        assert (found.target[:4] != UNKNOWN).all()


def test_songs_of_nothing_are_no_examples() -> None:
    silent = replace(song((0, "")), pitch=np.full(BAR, -1, np.int16))
    assert pieces_of([song(None), silent]) == []
    assert len(pieces_of([song((0, "")), song(None, (0, ""))])) == 2


# -- examples


def test_a_short_song_is_padded_and_nothing_is_learned_of_the_padding() -> None:
    (found,) = examples(song((0, ""), (5, "m")), 1)
    assert found.past.shape == (STRETCH, PAST_WIDTH)
    assert found.future.shape == (STRETCH, FUTURE_WIDTH)
    for rows in (found.target, found.quality, found.bass):
        assert (rows[8:] == UNKNOWN).all()
        assert (rows[:8] != UNKNOWN).all()
    assert not found.past[8:].any()
    assert not found.future[8:].any()


def test_of_a_long_song_a_stretch_is_drawn_and_its_end_is_reached() -> None:
    long = song(*[(index % 12, "") for index in range(60)])
    first = [int(found.quality[0]) for found in examples(long, 3)]
    assert first == [0, 0, 0]
    starts = {tuple(np.diff(found.target[found.target >= 0])[:24].tolist()) for found in examples(long)}
    assert len(starts) > 1
    last = [bool(found.future[-1, -ENDING:].any()) for found in examples(long)]
    assert any(last)
    assert not all(last), "the end is not always told"


@pytest.mark.parametrize("semitones", [1, 6, 11])
def test_an_example_in_another_key_is_the_same_as_its_tonic_is(semitones: int) -> None:
    """Seeds whose key is drawn at random differ, for a random key is the same number in both."""
    one = song((0, ""), (5, ""), (7, "7"), (9, "m"))
    one = replace(one, pitch=np.resize(np.repeat(np.array([60, 64, 65, 69, 67, 71, 72, 76], np.int16), 4), one.steps))
    chords = (one.chords + np.array([semitones, 0, semitones])) % np.array([12, 99, 12])
    moved = replace(one, pitch=(one.pitch + semitones).astype(np.int16), chords=chords)
    same = 0
    for here, there in zip(examples(one), examples(moved), strict=True):
        assert np.array_equal(here.quality, there.quality)
        assert np.array_equal(here.bass, there.bass)
        if np.array_equal(here.past, there.past):
            assert np.array_equal(here.target, there.target)
            assert np.array_equal(here.future, there.future)
            same += 1
    assert same >= 30


def test_the_pasts_rows_are_hidden_in_spans_and_shown_whole_beside() -> None:
    long = song(*[(0, "")] * 32)
    found = examples(long, 30)
    known = np.array([one.past[1:, WHOLE - 1] for one in found])  # a row has the slot before it whole
    assert 0.5 < known.mean() < 0.9, "some spans are hidden"
    assert all((one.past_shown[1:, WHOLE - 1] == 1).all() for one in found)
    assert all((one.future[:, WHOLE - 1] == 1).all() for one in found)
    begins = np.array([one.past[:-1, WHOLE + FIRST - 1] for one in found])
    assert (begins[known == 0].mean(), begins[known == 1].mean()) == (
        pytest.approx(0.15, abs=0.12), pytest.approx(0.92, abs=0.04)
    )  # fmt: skip


def test_the_style_is_shown_in_most_examples_and_is_otherwise_empty() -> None:
    found = examples(song(*[(0, "")] * 4, style="jazz"), 120)
    shown = np.array([one.past[0, PAST_STYLE] for one in found])
    jazz = np.eye(len(STYLES))[STYLES.index("jazz")]
    assert all(np.array_equal(row, jazz) or not row.any() for row in shown)
    assert shown.any(1).mean() == pytest.approx(0.7, abs=0.1)
    assert all(np.array_equal(one.past[0, PAST_STYLE], one.future[0, FUTURE_STYLE]) for one in found)
    assert np.mean([one.style.any() for one in found]) == pytest.approx(0.85, abs=0.08)


@pytest.mark.parametrize(("style", "sometimes"), [("pop", True), ("folk", True), ("jazz", False), ("hymn", False)])
def test_some_pop_and_folk_songs_are_learned_as_rock_too(style: str, sometimes: bool) -> None:
    found = examples(song((0, ""), style=style), 150)
    rock = [bool(one.past[0, PAST_STYLE][STYLES.index("rock")]) for one in found]
    assert any(rock) == sometimes
    assert np.mean(rock) < 0.08


def test_chords_or_basses_sound_below_the_melody_in_some_examples() -> None:
    found = examples(song(*[(0, "")] * 8), 120)
    below = np.array([one.past_shown[:32, WHOLE_TUNE : WHOLE_TUNE + 12].any() for one in found])
    chords = np.array([one.past_shown[:32, WHOLE_TUNE + 24].any() for one in found])
    assert below.mean() == pytest.approx(0.38, abs=0.09)
    assert chords.mean() == pytest.approx(0.28, abs=0.09)
    assert (below | ~chords).all()


def test_equal_dice_draw_equal_examples() -> None:
    one, again = (examples(song((0, ""), (5, "m7")), 6) for _ in range(2))
    for first, second in zip(one, again, strict=True):
        for name in Example.__dataclass_fields__:
            assert np.array_equal(getattr(first, name), getattr(second, name))


def test_styles_with_many_songs_are_drawn_less_than_in_proportion() -> None:
    many = [piece_of(song(*[(0, "")] * 8)) for _ in range(9)]
    (few,) = [piece_of(song(*[(0, "")] * 8, style="jazz"))]
    share = weights([*many, few])
    assert share.sum() == pytest.approx(1.0)
    assert share[-1] == pytest.approx(share[0] * 9**0.4)
    assert weights([*many, few], share=0.0).tolist() == pytest.approx([0.1] * 10)


def test_very_long_songs_count_as_songs_of_400_slots() -> None:
    share = weights([piece_of(song(*[(0, "")] * bars)) for bars in (50, 100, 200)])
    assert share[1] == pytest.approx(2 * share[0])
    assert share[2] == pytest.approx(share[1])


# -- transitions


def test_transitions_count_by_level_kinds_and_the_roots_step() -> None:
    """C to F and back on bar lines: a fourth up half of the time."""
    counted = followers([piece_of(song(*[(0, ""), (5, "")] * 40))])
    line = np.exp(counted[0])
    assert line[0, 0, 5] == pytest.approx(40 / (79 + TRUST), abs=0.08)
    assert line[0, 0, 7] == pytest.approx(39 / (79 + TRUST), abs=0.08)
    assert np.exp(counted[2])[0, 0, 0] > 0.8, "within a bar the chord stays"
    assert line[1].sum() == pytest.approx(1.0)
    assert line[1].max() < 0.2, "of a chord never seen nothing is known"


def test_transitions_are_the_same_in_every_key() -> None:
    one, other = (
        piece_of(song((by % 12, ""), ((by + 9) % 12, "m"), ((by + 2) % 12, "m"), ((by + 7) % 12, "7"))) for by in (0, 7)
    )
    assert np.allclose(followers([one]), followers([other]))


def test_slots_without_a_known_chord_are_no_transitions() -> None:
    gaps = piece_of(song((0, ""), None, (5, "sus4"), (7, "")))
    assert np.exp(followers([gaps]))[0].max() < 0.2
    assert np.allclose(followers([]), np.log(1 / 36))


# -- songs read off bands


def band(
    *rows: tuple[int, int, int, int], bars: tuple[tuple[int, int, int], ...] = ((4, 4, 96),) * 2, **meta: object
) -> Piece:
    """Notes as (tick, ticks, pitch, track) on the tracks melody, drums, bass, keys."""
    starts = np.cumsum([0, *(length for _, _, length in bars)])[:-1]
    grid = [(int(start), *one) for start, one in zip(starts, bars, strict=True)]
    notes = [(start, length, pitch, 80, track) for start, length, pitch, track in sorted(rows)]
    return Piece(np.array(notes, np.int32).reshape(-1, 5), np.array(grid, np.int32), {"id": "a", **meta})


MELODY, DRUMS, BASS, KEYS = range(4)
TUNE = [(24 * beat, 24, 72, MELODY) for beat in range(8)]
C_THEN_F = [(0, 96, pitch, KEYS) for pitch in (60, 64, 67)] + [(96, 96, pitch, KEYS) for pitch in (60, 65, 69)]
TRACKS = ("melody", "drums", "bass", "keys")


def test_the_chords_of_a_bands_song_are_those_that_its_parts_play() -> None:
    found = song_of(band(*TUNE, *C_THEN_F, (0, 96, 36, BASS), (96, 96, 41, BASS)), MELODY, [BASS, KEYS], "pop")
    assert found is not None
    assert found.chords[[0, 15, 16, 31]].tolist() == [[0, 0, 0]] * 2 + [[5, 0, 5]] * 2
    assert (found.style, found.steps, found.pitch[0]) == ("pop", 32, 72)
    assert [slot.start for slot in found.slots] == list(range(0, 32, 4))


def test_drums_and_the_melody_itself_are_no_harmony() -> None:
    hits = [(24 * beat, 6, 61, DRUMS) for beat in range(8)]
    (plain,), (loud,) = (list(songs_of(Corpus(TRACKS, (band(*TUNE, *C_THEN_F, *more),)), "pop")) for more in ([], hits))
    assert np.array_equal(plain.chords, loud.chords)
    assert list(songs_of(Corpus(TRACKS, (band(*TUNE, *hits),)), "pop")) == []


@pytest.mark.parametrize("piece", [band(*C_THEN_F), band(*TUNE), band(*TUNE, *C_THEN_F, bars=())])
def test_a_piece_without_melody_parts_or_bars_is_no_song(piece: Piece) -> None:
    assert song_of(piece, MELODY, [BASS, KEYS], "pop") is None


def test_silent_half_bars_have_no_chord() -> None:
    found = song_of(band(*TUNE, *C_THEN_F[:3]), MELODY, [BASS, KEYS], "pop")
    assert found is not None
    assert (found.chords[16:] == NO_CHORD).all()


def test_chords_may_be_read_a_beat_at_a_time() -> None:
    each = [(24 * beat, 24, pitch + by, KEYS) for beat, by in enumerate((0, 5, 7, 0)) for pitch in (60, 64, 67)]
    piece = band(*TUNE, *each)
    slow, quick = (song_of(piece, MELODY, [KEYS], "hymn", per_beat) for per_beat in (False, True))
    assert slow is not None
    assert quick is not None
    assert quick.chords[:16:4, 0].tolist() == [0, 5, 7, 0]
    assert len(np.unique(slow.chords[:8, 0])) == 1


def test_bars_of_other_metres_and_lengths_have_their_slots() -> None:
    tune = [(24 * beat, 24, 72, MELODY) for beat in range(9)]
    keys = [(0, 216, pitch, KEYS) for pitch in (60, 64, 67)]
    found = song_of(band(*tune, *keys, bars=((3, 4, 72), (6, 8, 72), (4, 4, 72))), MELODY, [KEYS], "folk")
    assert found is not None
    lengths = [[slot.length for slot in found.slots if slot.bar == bar] for bar in range(3)]
    assert lengths == [[4, 4, 4], [6, 6], [4, 4, 4]], "the last is a 4/4 bar that was cut short"
    assert (found.chords[:, 0] == 0).all()


def test_a_song_is_named_by_its_piece_else_by_its_number() -> None:
    one, other = band(*TUNE, *C_THEN_F), band(*TUNE, *C_THEN_F)
    other.meta.pop("id")
    assert [found.name for found in songs_of(Corpus(TRACKS, (one, other)), "pop")] == ["a", "1"]


# -- songs by a formula


def test_written_songs_are_progressions_that_were_written_down() -> None:
    known = {*BLUES, *MINOR_BLUES, *ROCK}
    for one in written_songs(40):
        assert one.title in known
        degrees = one.title.split()
        tonic = (int(one.chords[0, 0]) - DEGREES[degrees[0].rstrip("m")]) % 12
        bars = one.chords[::BAR]
        for bar, row in enumerate(bars):
            degree = degrees[bar % len(degrees)]
            assert (int(row[0]) - tonic) % 12 == DEGREES[degree.rstrip("m")]
            assert QUALITIES[int(row[1])].startswith("m") == degree.endswith("m")
        assert one.style == "rock"


def test_a_written_melody_sounds_in_its_register_and_begins_where_it_sounds() -> None:
    for one in written_songs(40, seed=3):
        sounding = one.pitch[one.pitch >= 0]
        assert len(sounding)
        assert sounding.min() >= 40
        assert sounding.max() <= 100
        assert not one.onset[one.pitch < 0].any()
        changes = np.flatnonzero((np.diff(one.pitch, prepend=-1) != 0) & (one.pitch >= 0))
        assert one.onset[changes].all(), "another note is another onset"


def test_each_written_song_depends_on_its_number_alone() -> None:
    few, many = written_songs(3, seed=9), written_songs(5, seed=9)
    for one, other in zip(few, many[:3], strict=True):
        assert np.array_equal(one.pitch, other.pitch)
    assert not np.array_equal(many[0].pitch, many[1].pitch)


def test_equal_seeds_draw_equal_examples() -> None:
    pieces = [piece_of(song) for song in written_songs(4)]
    one, again, other = (next(drawn_examples(pieces, 2, seed)) for seed in (1, 1, 2))
    assert len(one) == 2
    assert all((a.past == b.past).all() and (a.target == b.target).all() for a, b in zip(one, again, strict=True))
    assert any((a.past != b.past).any() for a, b in zip(one, other, strict=True))
