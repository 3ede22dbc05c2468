"""Names in files that do not state their encoding."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from composerd.files.midi_text import decoded, shown


@pytest.mark.parametrize(
    ("name", "encoding"),
    [
        ("Flöte für Elise ♪", "utf-8"),
        ("メロディ", "utf-8"),
        ("メロディ", "cp932"),
        ("ピアノ Piano 1", "cp932"),
        ("主旋律", "cp932"),
        ("Flöte", "cp1252"),
        ("Mélodie, été", "cp1252"),
        ("Größe", "cp1252"),
        ("Don’t stop – the “Lead”", "cp1252"),
        ("Violão e violín", "cp1252"),
        ("Lead", "ascii"),
    ],
)
def test_a_name_is_read_as_it_was_written(name: str, encoding: str) -> None:
    assert decoded(name.encode(encoding)) == name


@given(st.binary(max_size=60))
def test_any_bytes_are_a_text_that_can_be_shown_on_one_line_and_written_as_utf_8(data: bytes) -> None:
    text = shown(decoded(data))
    assert text.isprintable()
    assert len(text) <= 40
    text.encode()


def test_a_long_name_is_cut_and_escapes_do_not_reach_the_terminal() -> None:
    assert shown("x" * 5000) == "x" * 39 + "…"
    assert shown("a\x1b[31m\n\t b\0") == "a [31m b"
