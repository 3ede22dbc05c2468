"""Repeats and jumps of a MusicXML measure, as they are marked in words, sounds and bar lines."""

from __future__ import annotations

from collections.abc import Mapping

from composerd.music.charts.played_order import WrittenBar

_JUMPS = (("dacapo", "dc"), ("dalsegno", "ds"))


def read_words(written: WrittenBar, words: str) -> None:
    """Mark the bar as a direction in words says: D.C., D.S., To Coda or Fine."""
    text = words.lower()
    if text.startswith(("d.c.", "d.s.")):
        written.jump = "dc" if text.startswith("d.c.") else "ds"
    elif text.startswith("to coda"):
        written.to_coda, written.coda = True, False
    elif text == "fine":
        written.fine = True


def read_jumps(written: WrittenBar, sound: Mapping[str, str]) -> None:
    """Mark the bar as the attributes of a `<sound>` say."""
    for name, jump in _JUMPS:
        if name in sound:
            written.jump = jump
    written.fine |= "fine" in sound
    written.segno |= "segno" in sound
    written.coda |= "coda" in sound
    if "tocoda" in sound:
        written.to_coda, written.coda = True, False


def read_repeat(written: WrittenBar, repeat: Mapping[str, str]) -> None:
    """Mark the bar as the attributes of a `<repeat>` say: it begins a repeat, or is its end, played so many times."""
    if repeat.get("direction") == "forward":
        written.repeat_start = True
    else:
        times = repeat.get("times", "2")
        written.repeat_end = min(16, int(times)) if times.isdecimal() and len(times) < 3 and int(times) > 1 else 2
