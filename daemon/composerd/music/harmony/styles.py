"""Parameters of the harmony, by a genre's style."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class HarmonyStyle:
    heard: str | None
    """style of the song in the net's input (`encoding.STYLES`); None: unknown"""
    colour: str
    """the style whose sevenths, sixths, suspensions and basses are used"""
    per_beat: bool = False
    """whether chords may change on every beat as easily as on the bar line, as in chorales"""
    plain: float = 0.0
    """log-likelihood ratio by which a colour must exceed the plain triad [nats]"""
    also: tuple[str | None, ...] = ()
    """styles of further readings; the last is also read in other keys"""
    tritone: bool = False
    """whether tritone substitution is allowed"""

    @property
    def staying(self) -> tuple[float, float, float]:
        """Bonus of keeping the chord on the bar line, the half bar and other beats [nats]."""
        return (0.0, 0.0, 0.0) if self.per_beat else (0.0, 0.15, 0.3)


HARMONY_STYLES = {
    "pop": HarmonyStyle(None, "pop"),
    "rock": HarmonyStyle("rock", "rock", also=(None,)),
    "jazz": HarmonyStyle("jazz", "jazz", tritone=True),
    "symphony": HarmonyStyle(None, "hymn"),
    "bach": HarmonyStyle("hymn", "hymn", per_beat=True),
}
"""by a genre's style; other styles have pop's"""


def of_song(style: str) -> HarmonyStyle:
    """The parameters for songs that are known to be of a style of `encoding.STYLES`."""
    return HarmonyStyle(style, style, per_beat=style == "hymn")


def style_of(name: str) -> HarmonyStyle:
    return HARMONY_STYLES.get(name, HARMONY_STYLES["pop"])
