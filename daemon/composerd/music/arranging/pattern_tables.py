"""Rhythms of `plain` as tables: for each style a row per part name or role; `patterns` describes the notation.

Chosen and weighed (a rhythm may stand twice) after the corpora's commonest bars: onsets a bar, lengths, empty bars.
What a character begins depends on the row's texture:
- chords, pad: `x` all voices, `o` all but the lowest, `t` the top two, `b` the lowest two, `w` lowest and highest,
  `1` to `5` one voice counted from the lowest, `n` the scale step above the highest, `X` all voices with an accent,
  `m` the melody itself, doubled in the part's range with a chord tone below it, struck again with each of its notes
- bass: `x` root, `5` fifth, `8` octave, `3` third, `a` a step to the next root; walk: `x` the next note of a line
- low: `x` root and voices above it, `1` root alone
"""

from __future__ import annotations

from dataclasses import dataclass

BASS, WALK, LOW, CHORDS, PAD, STRIKES = "bass", "walk", "low", "chords", "pad", "strikes"
DOUBLE = "m"


@dataclass(frozen=True, slots=True)
class PartTable:
    """How one part of a style plays. Rhythms of sixteen steps, `three` of twelve."""

    texture: str
    a: tuple[str, ...]
    b: tuple[str, ...]
    three: tuple[str, ...]
    slow: tuple[str, ...] = ()
    """further rhythms for tempi below SLOW_BPM"""
    keep: float = 0.6
    """probability that a bar plays its section's main rhythm"""
    present: float = 1.0
    """probability that the part plays in a four-bar group of variation A; B halves the probability that it rests"""
    follow: float = 0.0
    """probability that a sounding chord is struck again together with a melody note"""
    voices: int = 3
    """upper limit of simultaneous notes, whatever the genre allows"""
    rootless: bool = False
    """rootless voicings: the bass has the root"""


SLOW_BPM, FAST_BPM = 92.0, 170.0
"""quarter notes a minute: below the first sixteenths are added, above the second rhythms are played half as fast"""

_POP_BASS = PartTable(
    BASS,
    a=(
        "x---...xx---....",
        "x---...xx.x---..",
        "x-----..x-----..",
        "x---..x-x---..a-",
        "x---..x-x-------",
        "x-..x.5.x-..x.a.",
        "x-....x-x---..5-",
        "x-..x-..x-..x-..",
        "x.x...x...x.x.a.",
        "x---....x---5-a-",
    ),
    b=("x-x-x-x-x-x-x-x-", "x---..x-x-x-8-a-", "x--xx--xx--xx--a", "x-..x-x-..x-8-5-", "x---x-8-x---5-a-"),
    three=("x-----------", "x-------5---", "x-------x-a-"),
    slow=("x--....xx--...x-", "x---.x5x.....x5x", "x--....xx--....."),
    keep=0.45,
)
_POP_KEYS = PartTable(
    CHORDS,
    a=(
        "w-2-3-2-t-2-3-2-",
        "1-3-t-3-1-3-t-3-",
        "1-3-5-3-t-3-5-3-",
        "w---t-3-w---t-3-",
        "1-2-3-4-5-4-3-2-",
        "w-----t-1---t-n-",
        "1-3-t-n-t-3-5-3-",
        "x-----t-w---t---",
        "1-t-3-t-1-t-3-t-",
        "w-....t-1-3-n-5-",
        "1-3-5---t---3-4-",
        "x---------------",
    ),
    b=("x-o-o-o-x-o-o-o-", "w-o-t-o-w-o-t-o-", "x-3-o-3-x-3-o-n-", "w3t3n3t3w3t3o3t3", "x-o-x-o-o-x-o-o-"),
    three=("w---o---o---", "1-3-t-3-t-3-", "x-------o---"),
    slow=("w-23t-23w-23t-23", "1-2-t-3-1-2-n-32", "w-3-t-32w-3-t-3-", "1-3-5-3tn-3-5-3-"),
    keep=0.25,
    follow=0.3,
    voices=5,
)
_PADS = ("x---------------", "x---------------", "x-------x-------", "----------------", "--------x-------")

STYLES: dict[str, dict[str, PartTable]] = {
    "pop": {
        "bass": _POP_BASS,
        "comp": _POP_KEYS,
        "pad": PartTable(
            PAD,
            a=(*_PADS, "----x-------x---"),
            b=("x-------x-------", "x-----------x---", "x---x---x-------", "x-------....x-x-"),
            three=("x-----------", "------------"),
            keep=0.4,
            present=0.4,
        ),
    },
    "rock": {
        "bass": PartTable(
            BASS,
            a=(
                "x---....x---....",
                "x-x-x-x-x-x-x-a-",
                "x-..x.x-..x.x-a.",
                "x---x---x---x---",
                "x---x---x---5-a-",
                "x---..x-x---..5-",
                "x-....x.x-..5.a.",
            ),
            b=("x-x-x-x-x-x-x-x-", "xxxxxxxxxxxxxxxx", "x-x-x-8-x-x-5-a-", "x-xxx-x-x-xxx-a-"),
            three=("x-------x-a-", "x-x-x-x-x-x-", "x-----------"),
            slow=("x--.....x-x-..a.", "x-.xx-.xx-.x5-.a", "x--...x-x--.5-a-"),
            keep=0.4,
        ),
        "comp": PartTable(
            CHORDS,
            a=(
                "x-x-x---x-x-x-x-",
                "x-x-x-x-x-x-x-x-",
                "x.x.x.x.x.x.x.x.",
                "x---x-o---o-x-o-",
                "x-o-x-o-x-o-x-o-",
                "x-----o-x-o-x---",
            ),
            b=("X-x-x-x-X-x-x-x-", "Xxx-xxx-Xxx-xxxx", "x.x.x.x-x.x.x.xx", "X--x--x-X--x--x-"),
            three=("x---o---o---", "x-o-x-o-x-o-", "x-----------"),
            slow=("xxxxxxxxxxxxxxxx", "x.xxx.xxx.xxx.xx", "x.x.x.x-x.x.x.xx", "x.xxo.xxx.xxo.xx", "x...x.x...x.x.xx"),
            keep=0.35,
            present=0.95,
            voices=4,
        ),
        "pad": PartTable(
            PAD,
            a=("x---------------", "x---x---x---x---", "x---....x---....", "x---..x-x---....", "x-------x-------"),
            b=("x-x-x-x-x-x-x-x-", "x---x---x---x---", "x---..x-x---..x-"),
            three=("x-----------", "x---x---x---"),
            keep=0.4,
            present=0.45,
        ),
    },
    "jazz": {
        "bass": PartTable(
            WALK,
            a=(
                "x---x---x---x---",
                "x---x---x---x---",
                "x---x---x---x-x-",
                "x-------x-------",
                "x-----x-x---x---",
                "x-------x---x---",
            ),
            b=("x---x---x---x---", "x---x-x-x---x---", "x---x---x-x-x---", "x---x---x---x-x-"),
            three=("x---x---x---", "x-------x---", "x---x---x-x-"),
            keep=0.55,
        ),
        "comp": PartTable(
            CHORDS,
            a=(
                "x-....x---......",
                "x---..x-........",
                "..x.......x.....",
                "......x---....x.",
                "x-----....x.....",
                "x-..x-..x-..x-..",
                "..x.....x-------",
                "x---------....x.",
                "x---....x---..x-",
                "x-..x-..x-..x-..",
                "x---..x---x.....",
                "x-......x-....n.",
                "..x-......x-....",
                "......x-....x---",
                "..x...x-......x.",
            ),
            b=("x-....x.....x.o.", "..x...x...x...x.", "x---..x.....x.x.", "x.x...x-....x.x.", "x.o.x.o.x.o.x.n-"),
            three=("x---o...o...", "x-----o.....", "....x...x..."),
            keep=0.25,
            follow=0.15,
            voices=4,
            rootless=True,
        ),
        "pad": PartTable(
            PAD,
            a=(
                "x---------------",
                "x-----..........",
                "x---....x.......",
                "......x---------",
                "x-------x-....x.",
                "x.....x.........",
            ),
            b=("x---..x.....x...", "..x.x---....x.x-", "x.....x-x-------", "x---------------"),
            three=("x-----------", "x-----..x..."),
            keep=0.4,
            present=0.45,
            rootless=True,
        ),
    },
    "symphony": {
        "low strings": PartTable(
            LOW,
            a=(
                "x-------x-------",
                "x---1---x---1---",
                "x---x---x---1---",
                "x-----------1---",
                "x---........x---",
                "x---x-1-x---x-1-",
                "x---............",
                "x---------------",
            ),
            b=("x-x-x-x-x-x-x-x-", "x---x---x---x---", "xxxxxxxxxxxxxxxx", "x-----x-x-----x-"),
            three=("x-----------", "x---x---x---", "x-------x---"),
            present=0.96,
        ),
        "strings": PartTable(
            PAD,
            a=(
                "x-------x-------",
                "t---n---t---n---",
                "x---............",
                "x---------------",
                "t-n-t-n-o---t---",
                "t-----n-t-----n-",
                "m---------------",
                "m-------x-------",
                "x-------t---n---",
            ),
            b=("x-x-x-x-x-x-x-x-", "ttttttttoooooooo", "x---x---x---x---"),
            three=("x-----------", "....o---o---", "x---o---n---"),
            keep=0.4,
            present=0.65,
            follow=0.35,
        ),
        "woodwinds": PartTable(
            PAD,
            a=(
                "x---------------",
                "x---x---x---x---",
                "x-------x-----n-",
                "m-------m-------",
                "....o---....o---",
                "x-----------n---",
                "----------------",
                "t---n---x-------",
            ),
            b=("x---x---x---x---", "x---x-x-x---x-x-", "x-----x-x-----x-"),
            three=("x-----------", "....x---x---", "x-------x---"),
            present=0.8,
            follow=0.3,
        ),
        "brass": PartTable(
            PAD,
            a=("x---------------", "x---............", "x-------x-------", "x---....x---....", "----------------"),
            b=("x---x---x---x---", "x---x-x-x---x-x-", "x-------x---x---", "x---------------"),
            three=("x-----------", "x---........"),
            keep=0.4,
            present=0.5,
        ),
        "timpani": PartTable(
            STRIKES,
            a=("x---............", "x---............", "x---....x---....", "x---........5---", "x---............"),
            b=("x---....x---....", "x---x---x---x---", "x-xxx---....5---"),
            three=("x---........", "x-------5---"),
            keep=0.4,
            present=0.3,
        ),
    },
}
STYLES["symphony"] |= {"bass": STYLES["symphony"]["low strings"], "pad": STYLES["symphony"]["woodwinds"]}
STYLES["symphony"]["comp"] = STYLES["symphony"]["strings"]
STYLES["bach"] = {"bass": _POP_BASS, "comp": _POP_KEYS, "pad": STYLES["pop"]["pad"]}
DEFAULT_STYLE = "pop"


def table_of(style: str, name: str, role: str) -> PartTable:
    """The table row of a part: by its name, else by its role; leads and other voices hold chords."""
    rows = STYLES.get(style, STYLES[DEFAULT_STYLE])
    return rows.get(name) or rows.get(role) or rows["pad"]
