"""The genre's own generator: the harmonist plans chords, a players' net plays the parts, one forward run a decision."""

from __future__ import annotations

import zlib
from dataclasses import replace
from pathlib import Path

import numpy as np

from composerd.contract.card import Card
from composerd.contract.decoding import Decoder, Style, chance_width
from composerd.contract.frames import Bytes, Floats, Window, encode
from composerd.contract.layout import DRUMS, Layout, Track
from composerd.engine.messages import Composed, Directions, Mode, Request
from composerd.errors import ModelError
from composerd.generators.directing import CERTAIN, busier, directed, silence, with_ending
from composerd.generators.moment import Frame, frame, from_track, window
from composerd.generators.session import load_model
from composerd.generators.tables import harmony
from composerd.music.chords import ChordPlan
from composerd.music.genre import Genre
from composerd.music.guard import guarded
from composerd.music.harmonist import Harmonist
from composerd.music.metre import STEPS_PER_BEAT
from composerd.music.notes import PartNote, Section, cells_to_notes
from composerd.music.roll import ONSET, REST, BandRoll, Cells

AHEAD = 12
"""A live window shows at least this many steps from the beat that is decided."""
PHRASE_AHEAD = 32
"""With the melody known, this much of it beyond the bar that is decided."""
PHRASE_STEPS = 8
"""A phrase is decided this many steps at a time."""
EVEN = 0.3
"""The creativity at which density and noise are those of the card."""
BOLDEST = 0.5
"""At creativity 1 there is this much more noise than at EVEN."""
FULLER = 0.6
"""What variation B adds to rhythm, in logits."""
NOISE, CHANCE, ARRANGEMENT, BUSYNESS = range(4)
"""What random numbers are drawn for."""
SECTION_BARS = 4
MEASURED_STEPS, LEAST_MEASURED = 32, 12
"""A part's rate is read off this much of its past; with less than the second it is left to itself."""
FURTHEST = 2.0
"""No part is pushed harder than this, in logits."""
LEAST_RANGE = 12
LEAST_PARTS = 2
"""This many parts never sit out together."""


class OnnxGenerator:
    """Implements `ports.Generator` with a model file. ModelError where file and genre do not go together."""

    def __init__(self, path: Path, genre: Genre, guard: bool = True, threads: int = 1) -> None:
        self._guard = guard
        self._model = load_model(path, threads)
        self.card = self._model.card
        self._layout = self.card.layout
        self._parts = match(self.card, genre, str(path))
        self._decoder = Decoder(
            Layout(tuple(_voiced(t, genre, i) for t, i in zip(self._layout.tracks, self._parts, strict=True)))
        )
        self._in_range = ranges(self._layout, genre, self._parts, str(path))
        self._harmonist = Harmonist(self._model.tables or harmony(genre.style or genre.name))
        self._hushed = frozenset(
            i for i, part in enumerate(self._parts) if part < 0 and self._layout.tracks[i].kind != DRUMS
        )

    def compose(self, request: Request) -> Composed:
        """Pure: equal requests get equal answers."""
        whole = request.mode is Mode.PHRASE
        until = max(request.until, request.drums_until)
        plan = self._harmonist.plan(request.melody, request.grid, request.step, until, whole=whole)
        plan = with_ending(plan, request)
        steps = self._phrase(request, plan) if whole else self._moment(request, plan, request.band, request.until)
        sections = self._sections(request, steps)
        if self._guard:
            sections = tuple(guarded(section, request.genre, request.melody, plan) for section in sections)
        return Composed(request.serial, sections, plan)

    def _phrase(self, request: Request, plan: ChordPlan) -> BandRoll:
        """Bar by bar, each hearing what was played before."""
        roll, step = request.band, request.step
        while step < request.until:
            line = min(step + PHRASE_STEPS, request.grid.next_bar_line(step), request.until)
            part = replace(request, step=step, drums_from=step, drums_until=min(line, request.drums_until))
            roll = self._moment(part, plan, roll, line)
            step = line
        return roll

    def _moment(self, request: Request, plan: ChordPlan, band: BandRoll, until: int) -> BandRoll:
        """The band with steps [request.step, until) decided, and the drums' own range."""
        step, layout = request.step, self._layout
        far = max(until, request.drums_until)
        ahead = PHRASE_AHEAD if request.mode is Mode.PHRASE else 0
        around = frame(request.grid, step, max(step + AHEAD, far + ahead), self.card.grid.past)
        shown = plan if request.mode.value in self.card.plan else None
        seen = window(layout, self._parts, request, band, shown, around, step)
        chance = self._drawn(request, around, CHANCE, chance_width(layout))[None]
        logits = self._model.logits(encode(layout, seen), self._noise(request, around))
        logits = directed(layout, logits + self._in_range, request.directions, around)
        style = style_of(self.card, request.directions, request.mode)
        found: dict[int, tuple[int, Bytes]] = {}
        first = max(step, request.harmony_from)
        if request.drums_from < request.drums_until and any(track.kind == DRUMS for track in layout.tracks):
            low, high = request.drums_from - around.first, request.drums_until - around.first
            found[layout.index_of_kind(DRUMS)] = (
                request.drums_from, self._decoder.drums(logits, low, high, style, chance)[0],
            )  # fmt: skip
        if first < until:
            melody = np.where(seen.melody_known, seen.melody, REST)
            low, high = first - around.first, until - around.first
            self._lead(logits, request, seen, first, until, around)
            silence(layout, logits, self._resting(request, first, until), around)
            decided = self._decoder.harmony(logits, seen.cells, melody, low, high, style, chance, self._hushed)
            found |= {i: (first, rows[0]) for i, rows in decided.items()}
        return self._written(band, found, far)

    def _noise(self, request: Request, around: Frame) -> Floats:
        """Standard normal noise that stays the same within a bar (family musegan)."""
        width = self._layout.noise_width
        bars = [request.grid.place(step).bar for step in range(around.first, around.until, STEPS_PER_BEAT)]
        drawn = {bar: _rng(request, NOISE, bar).standard_normal(width, np.float32) for bar in set(bars)}
        return np.repeat(np.stack([drawn[bar] for bar in bars]), STEPS_PER_BEAT, 0)[None]

    def _drawn(self, request: Request, around: Frame, purpose: int, width: int) -> Floats:
        """(steps, width) random numbers from 0 to 1 that belong to their steps: asked again, a step decides alike."""
        found = np.zeros((around.steps, width), np.float32)
        step = around.first + self.card.grid.past  # the past is decided
        while step < around.until:
            place = request.grid.place(step)
            until = min(step - place.step + place.bar_steps, around.until)
            bar = _rng(request, purpose, place.bar).random((place.bar_steps, width), np.float32)
            found[step - around.first : until - around.first] = bar[place.step : place.step + until - step]
            step = until
        return found

    def _resting(self, request: Request, first: int, until: int) -> dict[int, list[tuple[int, int]]]:
        """Track -> the spans in [first, until) that it sits out: an arrangement by sections, two parts always play."""
        spans: dict[int, list[tuple[int, int]]] = {}
        step = first
        while step < until:
            line = min(request.grid.next_bar_line(step), until)
            for i in self._sitting_out(request, step):
                spans.setdefault(i, []).append((step, line))
            step = line
        return spans

    def _lead(self, logits: Floats, request: Request, seen: Window, first: int, until: int, around: Frame) -> None:
        """Leads each part towards the rate of onsets drawn for its section: none falls silent or runs away."""
        decoding, layout = self.card.decoding, self._layout
        if not decoding.steady:
            return
        dice = _section_rng(request, BUSYNESS, first).standard_normal(len(layout.tracks)).tolist()
        past = slice(max(0, first - around.first - MEASURED_STEPS), first - around.first)
        at = slice(first - around.first, until - around.first)
        wish = (request.directions.creativity - EVEN) * decoding.density
        wish += FULLER if request.directions.variation == "B" else 0.0
        for i, track in enumerate(layout.tracks):
            known = seen.known[0, past, i]
            if track.name not in decoding.rates or np.count_nonzero(known) < LEAST_MEASURED:
                continue
            mean, deviation = decoding.rates[track.name]
            struck = (seen.cells[i][0, past] == ONSET).any(1)[known]
            rate = np.log((np.count_nonzero(struck) + 0.5) / (len(struck) + 1.0))
            gap = mean + decoding.spread * deviation * dice[i] + wish - rate
            busier(layout, track, logits, at, float(np.clip(decoding.steady * gap, -FURTHEST, FURTHEST)))

    def _sitting_out(self, request: Request, step: int) -> list[int]:
        rests = self.card.decoding.rests
        rng = _section_rng(request, ARRANGEMENT, step)
        drawn = [(float(rng.random()), i) for i in range(len(self._layout.tracks))]
        tempted = [i for dice, i in drawn if dice < rests.get(self._layout.tracks[i].name, 0.0)]
        playing = len(self._layout.tracks) - len(self._hushed)
        return tempted[: max(0, playing - LEAST_PARTS)]

    def _written(self, band: BandRoll, found: dict[int, tuple[int, Bytes]], until: int) -> BandRoll:
        """`band` with what was decided laid over it."""
        wide = band.window(band.first if band.end > band.first else 0, max(band.end, until))
        cells = wide.cells
        for i, (first, rows) in found.items():
            if self._parts[i] < 0:
                continue
            span = slice(first - wide.first, first - wide.first + len(rows))
            cells[self._parts[i], span] = from_track(self._layout.tracks[i], rows)
        return BandRoll(wide.first, cells)

    def _sections(self, request: Request, roll: BandRoll) -> tuple[Section, ...]:
        sections = []
        for parts, first, until in (
            (request.genre.harmony_parts, request.step, request.until),
            (request.genre.drum_parts, request.drums_from, request.drums_until),
        ):
            if parts and first < until:
                cells = roll.window(first, until).cells
                sections.append(Section(parts, first, until, self._notes(request.genre, parts, cells, first)))
        return tuple(sections)

    def _notes(self, genre: Genre, parts: frozenset[int], cells: Cells, first: int) -> tuple[PartNote, ...]:
        order = tuple(sorted(parts))
        notes = cells_to_notes(cells[list(order)], first, order)
        return tuple(replace(note, velocity=genre.parts[note.part].loudness) for note in notes)


def _rng(request: Request, purpose: int, bar: int) -> np.random.Generator:
    return np.random.default_rng([request.seed & 0xFFFFFFFF, request.performance, purpose, bar & 0xFFFFFFFF])


def _section_rng(request: Request, purpose: int, step: int) -> np.random.Generator:
    """Random numbers of the section that holds `step`: another song is arranged otherwise, the same one alike.

    They hang on the bar before the section (its first bar, at the start), which has been heard when it begins.
    """
    bar = request.grid.place(step).bar
    section = bar // SECTION_BARS
    begins = request.grid.bar_line(step)
    for _ in range(bar % SECTION_BARS):
        begins = request.grid.bar_line(begins - 1)
    heard_to = begins if section else min(request.grid.next_bar_line(0), request.harmony_from or request.until)
    bar_steps = request.grid.place(begins).bar_steps
    heard = request.melody.window(heard_to - bar_steps, heard_to)
    known = heard_to <= request.melody.end
    tune = zlib.crc32(heard.pitch.astype("<i2").tobytes()) if known else 0
    return np.random.default_rng([request.seed & 0xFFFFFFFF, request.performance, purpose, section, tune])


def _voiced(track: Track, genre: Genre, part: int) -> Track:
    """The track with no more voices than the genre's page allows."""
    return track if part < 0 else replace(track, polyphony=max(1, min(track.polyphony, genre.parts[part].voices)))


def ranges(layout: Layout, genre: Genre, parts: tuple[int, ...], file: str) -> Floats:
    """(out_width,) added to the logits: no note outside the range of the genre's page. ModelError if none is left."""
    bias = np.zeros(layout.out_width, np.float32)
    for track, part in zip(layout.tracks, parts, strict=True):
        if part < 0 or track.kind == DRUMS:
            continue
        page = genre.parts[part]
        pitches = np.arange(track.low, track.high + 1)
        outside = (pitches < page.low) | (pitches > page.high)
        if np.count_nonzero(~outside) < LEAST_RANGE:
            raise ModelError(
                f"{file}: tracks.{track.name}: expected {LEAST_RANGE} semitones in common with part {page.name} of "
                f"genre {genre.name} ({page.low} to {page.high}), found {track.low} to {track.high}"
            )
        bias[layout.output_columns[f"{track.name}.onset"]][outside] = -CERTAIN
    return bias


def match(card: Card, genre: Genre, file: str) -> tuple[int, ...]:
    """The genre's part for each track, -1 where it has none. ModelError where a part finds no track."""
    names = {part.track or part.name: i for i, part in enumerate(genre.parts)}
    tracks = {track.name: track for track in card.tracks}
    if missing := [name for name in names if name not in tracks]:
        raise ModelError(
            f"{file}: tracks: expected {missing[0]!r} for genre {genre.name}, found {', '.join(tracks) or 'none'}"
        )
    for name, i in names.items():
        if (tracks[name].kind == DRUMS) == genre.parts[i].reacts:
            raise ModelError(
                f"{file}: tracks.{name}.kind: expected what part {genre.parts[i].name} of genre {genre.name} is "
                f"({genre.parts[i].role}), found {tracks[name].kind}"
            )
    return tuple(names.get(track.name, -1) for track in card.tracks)


def style_of(card: Card, directions: Directions, mode: Mode = Mode.JAM) -> Style:
    """Creativity and variation as decoding."""
    bold, decoding = min(1.0, max(0.0, directions.creativity)), card.decoding
    amount = bold / EVEN if bold <= EVEN else 1.0 + BOLDEST * (bold - EVEN) / (1.0 - EVEN)
    return Style(
        temperature=amount * decoding.temperature,
        rhythm=amount * decoding.rhythm,
        thresholds=decoding.thresholds,
        drum_thresholds=decoding.drum_thresholds,
        density=(bold - EVEN) * decoding.density
        + (FULLER if directions.variation == "B" else 0.0)
        + (decoding.phrase if mode is Mode.PHRASE else 0.0),
    )
