"""Chord kinds in MusicXML's terms: every kind of ours survives, and others' spellings are understood."""

from __future__ import annotations

import pytest

from composerd.files.charts.musicxml_kinds import BASES, Degree, kind_from, kind_to
from composerd.music.charts.symbols import KINDS


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind_survives(kind: str) -> None:
    base, degrees = kind_to(kind)
    assert base in BASES
    assert kind_from(base, list(degrees)) == kind


@pytest.mark.parametrize(
    ("name", "degrees", "kind"),
    [
        ("major", [], ""),
        ("minor", [], "m"),
        ("dominant", [], "7"),
        ("major-seventh", [], "maj7"),
        ("half-diminished", [], "m7b5"),
        ("diminished-seventh", [], "dim7"),
        ("Neapolitan", [], ""),
        ("German", [], "7"),
        ("minor-seventh", [(5, -1, "alter")], "m7b5"),
        ("major", [(5, 1, "alter")], "aug"),
    ],
)
def test_known_spellings_have_our_names(name: str, degrees: list[Degree], kind: str) -> None:
    assert kind_from(name, degrees) == kind


def test_a_subtracted_degree_is_left_out() -> None:
    assert kind_from("dominant", [(7, 0, "subtract")]) == kind_from("major", [])
    assert kind_from("dominant-ninth", [(9, 0, "subtract")]) == "7"


def test_an_unknown_kind_is_refused_with_what_was_found() -> None:
    with pytest.raises(ValueError, match="found kind 'wobbly', expected one of MusicXML's"):
        kind_from("wobbly", [])


@pytest.mark.parametrize("degree", [(14, 0, "add"), (0, 0, "alter"), (5, 3, "alter")])
def test_a_degree_that_music_does_not_have_is_refused(degree: Degree) -> None:
    with pytest.raises(ValueError, match="expected 1 to 13 by at most 2"):
        kind_from("major", [degree])
