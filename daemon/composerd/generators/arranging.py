"""Who plays in a section, and how busily: the band is arranged as the corpus's songs are."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from composerd.contract.card import GROOVE_STEPS, Card, Groove
from composerd.contract.decoding import Style
from composerd.contract.frames import Floats, Window
from composerd.contract.layout import DRUMS
from composerd.engine.messages import Directions, Mode, Request
from composerd.generators.dice import ARRANGEMENT, BUSYNESS, GROOVE, normal, section_seed, uniform
from composerd.generators.directing import busier
from composerd.generators.moment import Frame
from composerd.music.roll import ONSET

EVEN = 0.3
"""The creativity at which density and noise are those of the card."""
BOLDEST = 0.7
"""At creativity 1 there is this much more noise than at EVEN."""
FULLER = 0.6
"""What variation B adds to rhythm, in logits."""
MEASURED_STEPS, LEAST_MEASURED = 32, 12
"""A part's rate is read off this much of its past; with less than the second it is left to itself."""
FURTHEST = 2.0
"""No part is pushed harder than this, in logits."""
GROOVE_BARS = 16
"""A groove is kept for this long."""
LEAST_PARTS = 2
"""In a band of so many nobody sits out."""


def style_of(card: Card, directions: Directions, mode: Mode = Mode.JAM) -> Style:
    """Creativity and variation as decoding."""
    decoding, whole = card.decoding, mode is Mode.PHRASE
    kept = decoding.phrase_noise if whole else 1.0
    return Style(
        temperature=kept * _noise_of(card, directions, "temperature"),
        rhythm=kept * _noise_of(card, directions, "rhythm"),
        thresholds=decoding.thresholds,
        drum_thresholds=decoding.drum_thresholds,
        density=wish(card, directions) + (decoding.phrase if whole else 0.0),
    )


def _bold(directions: Directions) -> float:
    return min(1.0, max(0.0, directions.creativity))


def _noise_of(card: Card, directions: Directions, what: str) -> float:
    """One of the card's noises, none at creativity 0, as it stands at EVEN."""
    bold = _bold(directions)
    amount = bold / EVEN if bold <= EVEN else 1.0 + BOLDEST * (bold - EVEN) / (1.0 - EVEN)
    return amount * float(getattr(card.decoding, what))


def drum_style(card: Card, directions: Directions) -> Style:
    """The drums have a noise of their own, and never fall silent because the net cannot make up its mind."""
    return replace(style_of(card, directions), rhythm=_noise_of(card, directions, "drums"), expected=True)


def wish(card: Card, directions: Directions) -> float:
    """How much busier than usual the band is asked to be, in logits."""
    return (_bold(directions) - EVEN) * card.decoding.density + (FULLER if directions.variation == "B" else 0.0)


def resting(card: Card, playing: int, request: Request, first: int, until: int) -> dict[int, list[tuple[int, int]]]:
    """Track -> the spans in [first, until) that it sits out: by sections, one of the `playing` at a time."""
    spans: dict[int, list[tuple[int, int]]] = {}
    step = first
    while step < until:
        line = min(request.grid.next_bar_line(step), until)
        for i in _sitting_out(card, playing, request, step):
            spans.setdefault(i, []).append((step, line))
        step = line
    return spans


def _sitting_out(card: Card, playing: int, request: Request, step: int) -> list[int]:
    rests = card.decoding.rests
    if not rests:
        return []
    dice = uniform(section_seed(request, ARRANGEMENT, step), len(card.tracks))
    tempted = [i for i, track in enumerate(card.tracks) if dice[i] < rests.get(track.name, 0.0)]
    return tempted[:1] if playing > LEAST_PARTS else []


def groove_of(card: Card, request: Request, step: int) -> Groove | None:
    """The groove that rules at `step`, drawn by its share of the corpus; none in bars of another length."""
    grooves = card.decoding.grooves
    if not grooves or not card.decoding.groove or request.grid.place(step).bar_steps != GROOVE_STEPS:
        return None
    (dice,) = uniform(section_seed(request, GROOVE, step, GROOVE_BARS), 1)
    shares = np.cumsum([groove.weight for groove in grooves])
    return grooves[min(int(np.searchsorted(shares, dice * shares[-1])), len(grooves) - 1)]


def sway(card: Card, logits: Floats, request: Request, groove: Groove, first: int, until: int, around: Frame) -> None:
    """Each part strikes where it does in `groove` rather than where it does on average."""
    places = np.arange(first, until) - request.grid.bar_line(first)
    at = slice(first - around.first, until - around.first)
    for track in card.tracks:
        if track.name in groove.steps:
            shift = card.decoding.groove * np.array(groove.steps[track.name])[places % GROOVE_STEPS]
            busier(card.layout, track, logits, at, shift.astype(np.float32))


def double(card: Card, logits: Floats) -> None:
    """Parts take the melody's pitch class rather than the net would by itself."""
    columns = card.layout.output_columns
    for track in card.tracks if card.decoding.doubling else ():
        if track.kind != DRUMS:
            logits[..., columns[f"{track.name}.onset~melody"].start] += np.float32(card.decoding.doubling)


def lead(card: Card, logits: Floats, request: Request, seen: Window, first: int, until: int, around: Frame) -> None:
    """Leads each part to its groove and to the rate of onsets drawn for its section: none falls silent or runs away."""
    decoding, layout = card.decoding, card.layout
    groove = groove_of(card, request, first)
    if groove is not None:
        sway(card, logits, request, groove, first, until, around)
    if not decoding.steady:
        return
    dice = normal(section_seed(request, BUSYNESS, first), len(layout.tracks))
    past = slice(max(0, first - around.first - MEASURED_STEPS), first - around.first)
    at = slice(first - around.first, until - around.first)
    more = wish(card, request.directions)
    for i, track in enumerate(layout.tracks):
        known = seen.known[0, past, i]
        if track.name not in decoding.rates or np.count_nonzero(known) < LEAST_MEASURED:
            continue
        mean, deviation = decoding.rates[track.name]
        wanted = mean + decoding.spread * deviation * dice[i]
        if groove is not None:
            wanted = groove.rates.get(track.name, wanted)
        struck = (seen.cells[i][0, past] == ONSET).any(1)[known]
        rate = np.log((np.count_nonzero(struck) + 0.5) / (len(struck) + 1.0))
        gap = wanted + more - rate
        busier(layout, track, logits, at, float(np.clip(decoding.steady * gap, -FURTHEST, FURTHEST)))
