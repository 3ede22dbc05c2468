"""Repeats, endings and jumps are played as musicians play them."""

from __future__ import annotations

import pytest

from composerd.files.charts.text import read_text


def played(text: str) -> str:
    """The chart's bars by their first chord, sections apart."""
    sections = read_text(text).sections
    return " / ".join(
        "".join(str("CdDeEFgGaAbB"[b.changes[0].chord.root]) for b in s.bars if b.changes[0].chord) for s in sections
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("| C | D | E |", "CDE"),
        ("|: C | D :|", "CD / CD"),
        ("|: C | D :| x3", "CD / CD / CD"),
        ("| C |: D :| E |", "CDDE"),
        ("|: C | D |1. E :|2. F |", "CDE / CDF"),
        ("|: C |1,2. D :|3. E || G |", "CD / CD / CEG"),
        ("|: C |1. D :|2. E || F |: G :| A |", "CD / CEFGGA"),
        ("|: C :||: D :|", "C / CDD"),
        ("[A] x2\n| C | D |\n[B]\n| E |", "CD / CD / E"),
        ("[A]\n|: C | D :|\n[B]\n| E |", "CD / CD / E"),
        ("| C | D (fine) | E (D.C.) |", "CDE / CD"),
        ("| C | (segno) D | E (to coda) | F (D.S. al Coda) | (coda) G |", "CDEFDEG"),
        ("|: C | D :| E (fine) | F (D.C. al fine) |", "CD / CDEF / CDE"),
        ("| C | % | D | E | %% |", "CCDEDE"),
    ],
)
def test_a_written_chart_unfolds(text: str, expected: str) -> None:
    assert played(text) == expected


def test_a_chart_that_never_ends_is_refused() -> None:
    bars = "|: C :| x16 " * 200
    with pytest.raises(ValueError, match="more than 2000 bars"):
        read_text("\n".join("|: C | D | E | F | G | A | B | C | D | E | F | G :| x16" for _ in range(200)) + bars[:0])
