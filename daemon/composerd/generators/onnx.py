"""Generator by nets: the harmonist plans chords, a players' net gives pitch logits, groove and voicing nets decide."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from composerd.contract.decoding import Decoder, Style, chance_width
from composerd.contract.frames import Bytes, Floats, Ints, encode
from composerd.contract.layout import DRUMS, Layout
from composerd.engine.messages import Composed, Mode, Request
from composerd.generators.chord_tones import keep_inside
from composerd.generators.decoding_style import groove_style, pitch_temperature
from composerd.generators.endings import closed
from composerd.generators.groove import Rhythm
from composerd.generators.logit_edits import ringing, with_ending
from composerd.generators.plan import harmonist_plan
from composerd.generators.riff_pitches import RiffPitches
from composerd.generators.seeds import chances, noise
from composerd.generators.session import load_model
from composerd.generators.tables import harmonist
from composerd.generators.track_match import match, ranges, voiced
from composerd.generators.window import frame, from_track, to_track, window
from composerd.music.chords import ChordPlan
from composerd.music.genre import Genre
from composerd.music.harmony.guard import guarded
from composerd.music.notes import PartNote, Section, cells_to_notes
from composerd.music.roll import ONSET, PITCHES, REST, SILENT, BandRoll, Cells

AHEAD = 12
"""Least length of a live window from the beat that is decided on [steps]."""
PHRASE_AHEAD = 32
"""Melody beyond the bar that is decided, in phrase mode [steps]."""
PHRASE_STEPS = 8
"""Longest part of a phrase that is decided at once [steps]."""


class OnnxGenerator:
    """Implements `ports.Generator` with a model file. Raises ModelError if the model does not fit the genre."""

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
        self._harmonist = harmonist(genre.style or genre.name, self._model.harmony)
        self._hushed = frozenset(
            i for i, part in enumerate(self._parts) if part < 0 and self._layout.tracks[i].kind != DRUMS
        )

    def compose(self, request: Request) -> Composed:
        """Compose the answer to a request; equal requests get equal answers.

        Where it repeats a passage, the pitched parts are left empty (see `returned`).
        """
        whole = request.mode is Mode.PHRASE
        plan = with_ending(harmonist_plan(self._harmonist, request), request, self._harmonist.style.per_beat)
        told = request.sounded.then(plan, request.step) if request.sounded.chords else plan
        until = request.step if request.repeats else request.until
        steps = self._phrase(request, plan) if whole else self._moment(request, told, request.band, until)
        sections = self._sections(request, steps)
        if self._guard:
            sections = tuple(guarded(section, request.genre, request.melody, plan) for section in sections)
        sections = tuple(closed(section, request, plan, steps) for section in sections)
        return Composed(request.serial, sections, plan)

    def _phrase(self, request: Request, plan: ChordPlan) -> BandRoll:
        """The band over the whole phrase, decided bar by bar, each bar given the bars before it."""
        roll, step = request.band, request.step
        while step < request.until:
            line = min(step + PHRASE_STEPS, request.grid.next_bar_line(step), request.until)
            part = replace(request, step=step, drums_from=step, drums_until=min(line, request.drums_until))
            roll = self._moment(part, plan, roll, line)
            step = line
        return roll

    def _moment(self, request: Request, plan: ChordPlan, band: BandRoll, until: int) -> BandRoll:
        """The band with steps [request.step, until) decided, and the drums over their own range."""
        if request.mode is not Mode.PHRASE:  # older steps are no input of the nets, so they are left out
            band = band.window(max(band.first, self._model.groove.oldest(request)), band.end)
        drawn = self._model.groove.rhythm(request, self._parts, band, plan, until, groove_style(request.directions))
        found: dict[int, tuple[int, Bytes]] = {}
        if drawn.drums is not None:
            drums = np.where(drawn.drums, ONSET, SILENT).astype(np.uint8)
            found[self._layout.index_of_kind(DRUMS)] = (request.drums_from, drums)
        first = max(request.step, request.harmony_from)
        if first < until:
            notes = self._notes_of(request, plan, band, drawn, first, until)
            found |= {i: (first, rows) for i, rows in notes.items()}
        return self._written(band, found, max(until, request.drums_until))

    def _notes_of(
        self, request: Request, plan: ChordPlan, band: BandRoll, drawn: Rhythm, first: int, until: int
    ) -> dict[int, Bytes]:  # fmt: skip
        """Cells (until - first, rows) of the pitched tracks in the rhythm `drawn` by the groove net.

        Their pitches are the voicing net's, if there is one, else the players' net's.
        """
        layout, step, model = self._layout, request.step, self._model
        ahead = PHRASE_AHEAD if request.mode is Mode.PHRASE else 0
        around = frame(request.grid, step, max(step + AHEAD, until + ahead), self.card.grid.past)
        shown = plan if request.mode.value in self.card.plan else None
        seen = window(layout, self._parts, request, band, shown, around, step)
        logits = model.logits(encode(layout, seen), noise(request, around, layout.noise_width)) + self._in_range
        melody = np.where(seen.melody_known, seen.melody, REST)
        low, high = first - around.first, until - around.first
        if model.voicing is not None:
            notes = model.voicing.notes(
                request, self._parts, self._decoder.layout.tracks, band, plan, drawn, first, until,
                self._pitch_bias(logits, melody, low, high), pitch_temperature(1.0, request.directions),
                self._harmonist.style.per_beat,
            )  # fmt: skip
            return {i: to_track(layout.tracks[i], rows) for i, rows in notes.items()}
        keep_inside(layout, logits, plan, around)
        logits = ringing(layout, logits, request.directions, around)
        chance = chances(request, around, self.card.grid.past, chance_width(layout))[None]
        style = Style(temperature=pitch_temperature(self.card.temperature, request.directions))
        rhythm = {i: rows[None] for i, rows in drawn.parts.items()}
        riff = RiffPitches(layout, self._parts, band, plan).pitch_bias(first, drawn.parts, drawn.sources)
        decided = self._decoder.harmony(
            logits, seen.cells, melody, low, high, style, chance, self._hushed, rhythm, riff
        )
        return {i: rows[0] for i, rows in decided.items()}

    def _pitch_bias(self, logits: Floats, melody: Ints, low: int, high: int) -> dict[int, Floats]:
        """Per pitched track (steps, 128): weighted pitch logits of the players' net, plus the range of the genre's
        page."""
        assert self._model.voicing is not None
        said = self._decoder.pitch_logits(logits, melody, low, high)
        found = {}
        for (i, rows), weight in zip(said.items(), self._model.voicing.pitch_weights, strict=True):
            track = self._layout.tracks[i]
            found[i] = np.zeros((high - low, PITCHES), np.float32)
            page = self._in_range[self._layout.output_columns[f"{track.name}.onset"]]
            found[i][:, track.low : track.high + 1] = weight * rows[0] + page
        return found

    def _written(self, band: BandRoll, found: dict[int, tuple[int, Bytes]], until: int) -> BandRoll:
        """`band` overwritten with the decided cells."""
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
