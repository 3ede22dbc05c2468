"""Decodes texts of MIDI files of unknown encoding (UTF-8 if valid, else heuristics); prepares them for terminals."""

from __future__ import annotations

import re

LONGEST_SHOWN = 40
"""letters of a name that is printed"""
_KANA = re.compile("[ぁ-んァ-ヶ]")
_CJK = re.compile("[\u3000-\u9fff]")
_LATIN = re.compile("[A-Za-z]")


def decoded(data: bytes) -> str:
    """Decode `data`: as UTF-8, Shift-JIS if it holds kana or only Chinese characters, Windows-1252, else replaced."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return _japanese(data) or _western(data)


def shown(name: str, longest: int = LONGEST_SHOWN) -> str:
    """`name` on one line, without control characters, at most `longest` letters."""
    text = " ".join("".join(letter if letter.isprintable() else " " for letter in name).split())
    return text if len(text) <= longest else f"{text[: longest - 1].rstrip()}…"


def _japanese(data: bytes) -> str:
    """Decode as Shift-JIS, or "" if that is unlikely: accented Latin letters may be valid Shift-JIS by chance."""
    try:
        text = data.decode("cp932")
    except UnicodeDecodeError:
        return ""
    only_chinese = len(_CJK.findall(text)) >= 2 and not _LATIN.search(text)
    return text if _KANA.search(text) or only_chinese else ""


def _western(data: bytes) -> str:
    try:
        return data.decode("cp1252")
    except UnicodeDecodeError:
        return data.decode("utf-8", "replace")
