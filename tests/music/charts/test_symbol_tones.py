"""Chord symbols by their sound: tones worked out by hand, richer chords reduced, symbols transposed and spelt."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from composerd.music.charts.spelling import (
    chord_name,
    is_nashville,
    key_name,
    nashville_name,
    note_name,
    parse_key,
    parse_nashville,
)
from composerd.music.charts.symbols import KINDS, ChordSymbol, parse_pitch, parse_symbol, reduced, symbol_of
from composerd.music.chords import QUALITIES, Chord

SYMBOLS = st.builds(
    lambda root, kind, bass: ChordSymbol(root, kind, None if bass == root else bass),
    st.integers(0, 11), st.sampled_from(sorted(KINDS)), st.one_of(st.none(), st.integers(0, 11)),
)  # fmt: skip


@pytest.mark.parametrize(
    ("text", "tones"),
    [
        ("C", "C E G"),
        ("Am", "A C E"),
        ("G7", "G B D F"),
        ("F#m7b5", "F# A C E"),
        ("Bbmaj7", "Bb D F A"),
        ("Ebdim7", "Eb Gb A C"),
        ("E+", "E G# C"),
        ("D6", "D F# A B"),
        ("Dm6", "D F A B"),
        ("A7sus4", "A D E G"),
        ("Gsus2", "G A D"),
        ("C9", "C E G Bb D"),
        ("C11", "C E G Bb D F"),
        ("C13", "C E G Bb D A"),
        ("G7b9", "G B D F Ab"),
        ("G7#9", "G B D F Bb"),
        ("G7#11", "G B D F C#"),
        ("G7b13", "G B D F Eb"),
        ("G7alt", "G B D# F Ab Bb"),
        ("Cm(maj7)", "C Eb G B"),
        ("Cadd9", "C E G D"),
        ("C5", "C G"),
        ("C5add3", "C E G"),
        ("Abmaj9", "Ab C Eb G Bb"),
        ("C6/9", "C E G A D"),
        ("Fmaj7#11", "F A C E B"),
        ("Bm11", "B D F# A C# E"),
        ("Cbb", "Bb D F"),
        ("E##", "F# A# C#"),
        ("H7", "B D# F# A"),
    ],
)
def test_a_symbol_names_these_tones(text: str, tones: str) -> None:
    assert set(parse_symbol(text).tones) == {parse_pitch(name) for name in tones.split()}


@pytest.mark.parametrize(
    ("text", "as_written"),
    [
        ("C-", "Cm"),
        ("CΔ", "Cmaj7"),
        ("Cø7", "Cm7b5"),
        ("C°7", "Cdim7"),
        ("C7(b9,#11)", "C7b9#11"),
        ("C7 sus4", "C7sus4"),
        ("Cmi7", "Cm7"),
        ("CM9", "Cmaj9"),
        ("C−7", "Cm7"),
        ("C(add9)", "Cadd9"),
        ("C7no1", ""),
        ("c", ""),
        ("C/C#m", ""),
        ("C7/", ""),
        ("C 7", "C7"),
    ],
)
def test_a_spelling_is_read_or_refused(text: str, as_written: str) -> None:
    if as_written:
        assert chord_name(parse_symbol(text), 5) == as_written
    else:
        with pytest.raises(ValueError, match="expected a chord such as C, F#m7 or Bb7/D"):
            parse_symbol(text)


@given(st.one_of(st.text(max_size=30), st.text("CDEFGABHb#m7maj9susdim/0(", max_size=12).map("C".__add__)))
def test_any_text_is_a_chord_that_can_be_written_or_is_refused_in_words(text: str) -> None:
    with suppress(ValueError):
        symbol = parse_symbol(text)
        assert parse_symbol(chord_name(symbol)) == symbol
        return
    with pytest.raises(ValueError, match=r"found .*, expected a chord"):
        parse_symbol(text)


@given(SYMBOLS, st.integers(-11, 11))
def test_a_transposed_symbol_has_the_tones_transposed(symbol: ChordSymbol, semitones: int) -> None:
    moved = symbol.transposed(semitones)
    assert moved.tones == tuple((tone + semitones) % 12 for tone in symbol.tones)
    assert moved.transposed(-semitones) == symbol
    assert moved.chord() == symbol.chord().transposed(semitones)


@given(SYMBOLS, st.integers(0, 11), st.booleans())
def test_a_symbol_is_read_as_it_was_written_in_any_key(symbol: ChordSymbol, key: int, minor: bool) -> None:
    assert parse_symbol(chord_name(symbol, key, minor)) == symbol
    assert parse_nashville(nashville_name(symbol, key), key) == symbol


@given(SYMBOLS, st.integers(0, 11), st.integers(1, 11))
def test_a_number_is_the_same_in_every_key(symbol: ChordSymbol, key: int, semitones: int) -> None:
    moved = symbol.transposed(semitones)
    assert nashville_name(symbol, key) == nashville_name(moved, (key + semitones) % 12)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_the_band_keeps_the_third_and_the_seventh_of_a_kind(kind: str) -> None:
    """What tells major from minor, and a dominant from a major seventh, is heard in the reduced chord too."""
    tones, kept = {tone % 12 for tone in KINDS[kind]}, set(QUALITIES[reduced(kind)])
    if {3, 4} & tones and kind not in ("7#9", "7alt", "13#9", "7b9#9", "7#9b5", "7#9#5", "7#9#11"):
        assert tones & {3, 4} == kept & {3, 4}
    elif {3, 4} & tones:
        assert 4 in kept, "the sharp ninth is no minor third"
    if {10, 11} & tones and "sus" not in kind:
        assert tones & {10, 11} == kept & {10, 11} or kind in ("mmaj7", "mmaj9", "maj7#5")


@pytest.mark.parametrize(
    ("text", "played"),
    [
        ("Cmaj13", "Cmaj7"),
        ("C9#11", "C7"),
        ("Cm13", "Cm7"),
        ("Cm69", "Cm6"),
        ("Cadd9", "C"),
        ("Cmadd9", "Cm"),
        ("C5", "C"),
        ("Cm#5", "Cm"),
        ("C13sus4", "Csus4"),
        ("C7b5", "C7"),
        ("Cdim", "Cdim"),
        ("Cdim7/Eb", "Cdim7/E♭"),
        ("C/E", "C/E"),
    ],
)
def test_a_rich_chord_is_played_as_a_simpler_one(text: str, played: str) -> None:
    assert str(parse_symbol(text).chord()) == played


def test_a_stated_bass_that_is_the_root_is_not_written() -> None:
    assert symbol_of(Chord(0, "7", 0)) == ChordSymbol(0, "7")
    assert chord_name(symbol_of(Chord(0, "7", 10))) == "C7/Bb"


@pytest.mark.parametrize(
    ("key", "minor", "written"),
    [
        (0, False, "C Db D Eb E F Gb G Ab A Bb B"),
        (7, False, "C C# D D# E F F# G G# A A# B"),
        (5, False, "C Db D Eb E F Gb G Ab A Bb B"),
        (9, True, "C Db D Eb E F Gb G Ab A Bb B"),
        (4, True, "C C# D D# E F F# G G# A A# B"),
        (2, True, "C Db D Eb E F Gb G Ab A Bb B"),
        (6, True, "C C# D D# E F F# G G# A A# B"),
    ],
)
def test_black_keys_are_sharps_in_keys_with_sharps(key: int, minor: bool, written: str) -> None:
    assert " ".join(note_name(pitch, key, minor) for pitch in range(12)) == written


@pytest.mark.parametrize("text", ["", "X", "cm", "C dorian", "Eb flat", "C##", "1", "C minor major", "Am7"])
def test_what_is_no_key_is_named(text: str) -> None:
    with pytest.raises(ValueError, match="expected a key such as Eb or F#m") as error:
        parse_key(text)
    assert repr(text) in str(error.value)


@pytest.mark.parametrize(
    ("text", "key", "minor"),
    [(" G ", 7, False), ("B♭", 10, False), ("F♯ min", 6, True), ("CM", 0, False), ("Hm", 11, True), ("Cb", 11, False)],
)
def test_keys_are_read_in_the_spellings_of_many_hands(text: str, key: int, minor: bool) -> None:
    assert parse_key(text) == (key, minor)


@given(st.integers(0, 11), st.booleans())
def test_a_key_is_read_as_it_is_named(key: int, minor: bool) -> None:
    assert parse_key(key_name(key, minor)) == (key, minor)


@pytest.mark.parametrize("text", ["8", "0", "b", "1foo", "4/1/2", "6m/", "x4", ""])
def test_what_is_no_number_of_a_scale_is_named(text: str) -> None:
    with pytest.raises(ValueError, match="expected a Nashville number such as 1, 6m or 4/1"):
        parse_nashville(text, 0)


@pytest.mark.parametrize(
    ("text", "in_g"),
    [("1", "G"), ("2m", "Am"), ("3m7", "Bm7"), ("4maj7", "Cmaj7"), ("5(7)", "D7"), ("b3", "A#"), ("#4dim", "C#dim"),
     ("1/3", "G/B"), ("5(7)/7", "D7/F#"), ("16/9", "G69"), ("b7/b7", "F/F")],
)  # fmt: skip
def test_numbers_in_g_are_these_chords(text: str, in_g: str) -> None:
    assert is_nashville(text)
    assert chord_name(parse_nashville(text, 7), 7) == in_g


def test_no_chord_is_written_alike_by_name_and_by_number() -> None:
    assert chord_name(None) == nashville_name(None, 3) == "N.C."
