"""Chord symbols: the spellings of many hands, their tones, and what of them a band plays."""

from __future__ import annotations

import pytest
from pychord import Chord as PychordChord

from composerd.music.charts.spelling import (
    chord_name,
    key_name,
    nashville_name,
    note_name,
    parse_key,
    parse_nashville,
)
from composerd.music.charts.symbols import KINDS, ChordSymbol, parse_symbol, reduced, symbol_of
from composerd.music.chords import QUALITIES, Chord

SPELLINGS = {
    "maj7": ("^", "^7", "Δ", "Δ7", "M7", "Maj7", "ma7", "major7"),
    "m7": ("-7", "min7", "mi7"),
    "m7b5": ("h", "h7", "ø", "ø7", "-7b5", "min7b5", "m7-5"),
    "dim": ("o", "°"),
    "dim7": ("o7", "°7"),
    "aug": ("+",),
    "7#5": ("7+5", "7+", "aug7", "+7", "7aug"),
    "7b9": ("7(b9)", "7-9"),
    "7b9#11": ("7b9(#11)", "7#11b9"),
    "7#9#5": ("7#5#9", "7(#9,#5)"),
    "sus4": ("sus",),
    "7sus4": ("7sus", "sus7"),
    "sus2": ("2",),
    "69": ("6/9",),
    "mmaj7": ("m(maj7)", "-^7", "mM7", "minmaj7"),
    "": ("maj", "M", "major"),
    "m": ("min", "-", "minor"),
    "add9": ("(add9)", "add2"),
    "7alt": ("alt",),
}
UNKNOWN_TO_PYCHORD = ("mb6", "7alt", "7b9sus4", "13sus4", "m13", "m9b5", "mmaj9", "maj9#11", "m#5", "maj7#5")


@pytest.mark.parametrize(("kind", "spelling"), [(kind, other) for kind in SPELLINGS for other in SPELLINGS[kind]])
def test_a_kind_is_known_in_every_usual_spelling(kind: str, spelling: str) -> None:
    assert parse_symbol(f"E♭{spelling}/G") == ChordSymbol(3, kind, 7)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind_is_read_as_it_is_written(kind: str) -> None:
    symbol = ChordSymbol(6, kind, 1)
    for key in range(12):
        assert parse_symbol(chord_name(symbol, key)) == symbol
        assert parse_nashville(nashville_name(symbol, key), key) == symbol


@pytest.mark.parametrize("kind", sorted(set(KINDS) - {*UNKNOWN_TO_PYCHORD}))
def test_the_tones_are_those_of_another_library(kind: str) -> None:
    theirs = set(PychordChord(f"C{kind}").components(visible=False))
    own = {tone % 12 for tone in KINDS[kind]}
    eleventh = {5} if kind.startswith(("13", "maj13", "7b9b13")) else set()  # charts mean 13ths without their 11th
    assert {tone % 12 for tone in theirs} - eleventh == own


@pytest.mark.parametrize("text", ["", "X", "Cfoo", "C/", "C/x", "C7b", "C#b", "C" * 30, "C/E/G", "Cno7"])
def test_what_is_no_chord_is_named(text: str) -> None:
    with pytest.raises(ValueError, match="expected a chord"):
        parse_symbol(text)


def test_a_rich_chord_is_reduced_to_what_the_band_knows() -> None:
    kinds = ("13", "7alt", "7b9#11", "maj9", "m11", "m9b5", "69", "9sus4", "aug", "5")
    assert [reduced(kind) for kind in kinds] == ["7", "7", "7", "maj7", "m7", "m7b5", "6", "sus4", "aug", ""]


@pytest.mark.parametrize("quality", sorted(QUALITIES))
def test_what_the_band_plays_can_be_written_down(quality: str) -> None:
    chord = Chord(5, quality, 9)
    assert symbol_of(chord).chord() == chord


def test_keys_and_notes_are_spelt_as_the_key_has_them() -> None:
    assert [note_name(10, key) for key in (5, 2)] == ["Bb", "A#"]
    assert [parse_key(text) for text in ("Eb", "F#m", "A-", "C minor", "G major")] == [
        (3, False), (6, True), (9, True), (0, True), (7, False),
    ]  # fmt: skip
    assert all(parse_key(key_name(key, minor)) == (key, minor) for key in range(12) for minor in (False, True))


def test_nashville_numbers_count_from_the_tonic() -> None:
    assert [parse_nashville(text, 7) for text in ("1", "6m", "5(7)", "4/1", "b7", "2-7")] == [
        ChordSymbol(7), ChordSymbol(4, "m"), ChordSymbol(2, "7"),
        ChordSymbol(0, "", 7), ChordSymbol(5), ChordSymbol(9, "m7"),
    ]  # fmt: skip
