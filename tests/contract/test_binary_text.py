"""Binary data as the text of a model file's entry."""

from __future__ import annotations

from lzma import LZMAError

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from composerd.contract.binary_text import packed, unpacked


@settings(max_examples=30)  # LZMA's largest dictionary takes its time
@given(st.binary(max_size=2000))
def test_what_was_packed_comes_back(data: bytes) -> None:
    text = packed(data)
    assert text.isascii()
    assert unpacked(text) == data


def test_repetitive_data_becomes_short() -> None:
    assert len(packed(bytes(100_000))) < 1000


@pytest.mark.parametrize("text", ["", "abcde", "é", '"', packed(b"whole")[:-8]])
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises((ValueError, LZMAError)):
        unpacked(text)
