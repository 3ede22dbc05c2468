"""How each style of band has its harmony."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class HarmonyStyle:
    heard: str | None
    """the style of song the net is told it hears (`encoding.STYLES`); None: it hears that by itself"""
    colour: str
    """the style whose sevenths, sixths, suspensions and basses are used"""
    per_beat: bool = False
    """whether chords change on every beat as readily as on the bar line, as in chorales"""
    plain: float = 0.0
    """how much likelier, in nats, a colour must be than the plain triad before it is used"""
    also: tuple[str | None, ...] = ()
    """what else the tune may be, read beside `heard`: with it, the tune is not read in other keys"""
    tritone: bool = False
    """whether a dominant may give way to the one a tritone away"""

    @property
    def staying(self) -> tuple[float, float, float]:
        """What staying on a chord is worth on the bar line, the half bar and other beats, in nats."""
        return (0.0, 0.0, 0.0) if self.per_beat else (0.0, 0.15, 0.3)


HARMONY_STYLES = {
    "pop": HarmonyStyle(None, "pop"),
    "rock": HarmonyStyle("rock", "rock", also=(None,)),
    "jazz": HarmonyStyle("jazz", "jazz", tritone=True),
    "symphony": HarmonyStyle(None, "hymn"),
    "bach": HarmonyStyle("hymn", "hymn", per_beat=True),
}
"""By a genre's style; others have pop's."""


def of_song(style: str) -> HarmonyStyle:
    """For songs of a style of `encoding.STYLES`, which is then known."""
    return HarmonyStyle(style, style, per_beat=style == "hymn")


def style_of(name: str) -> HarmonyStyle:
    return HARMONY_STYLES.get(name, HARMONY_STYLES["pop"])
