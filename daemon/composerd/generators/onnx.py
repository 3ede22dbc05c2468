"""The genre's own generator: the harmonist plans chords, a players' net plays the parts, one forward run a decision."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from composerd.contract.decoding import Decoder, chance_width
from composerd.contract.frames import Bytes, encode
from composerd.contract.layout import DRUMS, Layout
from composerd.engine.messages import Composed, Mode, Request
from composerd.generators.arranging import double, drum_style, lead, resting, style_of
from composerd.generators.closing import closed
from composerd.generators.dice import chances, noise
from composerd.generators.directing import directed, silence, with_ending
from composerd.generators.matching import match, ranges, voiced
from composerd.generators.moment import frame, from_track, window
from composerd.generators.session import load_model
from composerd.generators.tables import harmony
from composerd.music.chords import ChordPlan
from composerd.music.genre import Genre
from composerd.music.guard import guarded
from composerd.music.harmonist import Harmonist
from composerd.music.notes import PartNote, Section, cells_to_notes
from composerd.music.roll import REST, BandRoll, Cells

AHEAD = 12
"""A live window shows at least this many steps from the beat that is decided."""
PHRASE_AHEAD = 32
"""With the melody known, this much of it beyond the bar that is decided."""
PHRASE_STEPS = 8
"""A phrase is decided this many steps at a time."""


class OnnxGenerator:
    """Implements `ports.Generator` with a model file. ModelError where file and genre do not go together."""

    def __init__(self, path: Path, genre: Genre, guard: bool = True, threads: int = 1) -> None:
        self._guard = guard
        self._model = load_model(path, threads)
        self.card = self._model.card
        self._layout = self.card.layout
        self._parts = match(self.card, genre, str(path))
        self._decoder = Decoder(
            Layout(tuple(voiced(t, genre, i) for t, i in zip(self._layout.tracks, self._parts, strict=True)))
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
        plan = with_ending(plan, request, self._harmonist.tables.per_beat)
        steps = self._phrase(request, plan) if whole else self._moment(request, plan, request.band, request.until)
        sections = self._sections(request, steps)
        if self._guard:
            sections = tuple(guarded(section, request.genre, request.melody, plan) for section in sections)
        sections = tuple(closed(section, request, plan, steps) for section in sections)
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
        if request.mode is not Mode.PHRASE:
            band = band.window(max(band.first, around.first), band.end)  # what lies before is of no use
        shown = plan if request.mode.value in self.card.plan else None
        seen = window(layout, self._parts, request, band, shown, around, step)
        chance = chances(request, around, self.card.grid.past, chance_width(layout))[None]
        logits = self._model.logits(encode(layout, seen), noise(request, around, layout.noise_width))
        logits = directed(layout, logits + self._in_range, request.directions, around)
        style = style_of(self.card, request.directions, request.mode)
        beat = drum_style(self.card, request.directions)
        found: dict[int, tuple[int, Bytes]] = {}
        first = max(step, request.harmony_from)
        if request.drums_from < request.drums_until and any(track.kind == DRUMS for track in layout.tracks):
            low, high = request.drums_from - around.first, request.drums_until - around.first
            found[layout.index_of_kind(DRUMS)] = (
                request.drums_from, self._decoder.drums(logits, low, high, beat, chance)[0],
            )  # fmt: skip
        if first < until:
            melody = np.where(seen.melody_known, seen.melody, REST)
            low, high = first - around.first, until - around.first
            double(self.card, logits)
            lead(self.card, logits, request, seen, first, until, around)
            silence(
                layout,
                logits,
                resting(self.card, len(self._layout.tracks) - len(self._hushed), request, first, until),
                around,
            )
            decided = self._decoder.harmony(logits, seen.cells, melody, low, high, style, chance, self._hushed)
            found |= {i: (first, rows[0]) for i, rows in decided.items()}
        return self._written(band, found, far)

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
        return cells_to_notes(cells[list(order)], first, order, tuple(genre.parts[part].loudness for part in order))
