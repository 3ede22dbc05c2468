"""Samples the rhythm of a request with the model's groove net, from the band's past."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from composerd.contract.binary_text import unpacked
from composerd.contract.card import GROOVE_KEY, Card
from composerd.contract.frames import Bytes, Floats, Ints
from composerd.contract.groove import (
    GROUP,
    LAGS,
    QUESTIONS,
    TEXTURE,
    Bars,
    GrooveLayout,
    Tape,
    context,
    rhythm_of,
)  # fmt: skip
from composerd.contract.groove_decoding import HOLD, REST, STRIKE, GrooveDecoder, GrooveStyle
from composerd.contract.layout import DRUM_CLASSES, DRUMS
from composerd.engine.messages import Request
from composerd.errors import Line, ModelError, first_line
from composerd.generators.groove_units import Unit, unit_at, units
from composerd.generators.inference import inference_session
from composerd.generators.logit_edits import ARRIVAL_BIAS, FILL_BIAS, FILL_STEPS
from composerd.generators.piece_classes import drawn_classes
from composerd.generators.seeds import (
    ARRANGEMENT,
    CELLS,
    PLANS,
    section_seed,
    uniform,
    unit_chances,
)
from composerd.generators.window import to_track
from composerd.music.chords import ChordPlan
from composerd.music.roll import REST as NO_PITCH
from composerd.music.roll import BandRoll

PAST_UNITS = 18
"""Length of the past in the net's input [units]."""
SECTION_BARS = 16
"""Length of the sections in which a part plays or is left out [bars]."""
LEFT_OUT = 0.5
"""Probability that a part is left out, as a share of its absence in the corpus: the net samples empty bars as well."""
KEPT = 16
_CLASSES = [name for name, _, _ in DRUM_CLASSES]


@dataclass(frozen=True, slots=True, eq=False)
class Rhythm:
    """The sampled rhythm of a request."""

    drums: Bytes | None
    """(steps, classes) from `drums_from` on"""
    parts: dict[int, Bytes]
    """per pitched track (steps,) of REST, HOLD, STRIKE from the first step of harmony on"""
    sources: dict[int, np.ndarray]
    """per pitched track (steps,) distance in steps to the passage that a step repeats or varies, 0 for none"""
    plans: dict[int, np.ndarray]
    """per pitched track (steps,) the plan of the step's bar"""


class _Kept:
    """Cache of sampled plans, since a bar is requested many times; results do not depend on it."""

    def __init__(self) -> None:
        self._plans: dict[Any, list[int]] = {}

    def __call__(self, key: Any, draw: Callable[[], list[int]]) -> list[int]:
        if key not in self._plans:
            if len(self._plans) >= KEPT:
                self._plans.clear()
            self._plans[key] = draw()
        return self._plans[key]


class Groove:
    """A model's groove net with its session and decoder."""

    def __init__(self, text: str, card: Card, path: Path, threads: int = 1) -> None:
        """Open the net from `text`, the entry of the model file. Raises ModelError if it is not usable."""
        try:
            entry = json.loads(text)
            data = unpacked(entry["graph"])
            links = {name: np.array(rows, np.float32) for name, rows in entry["links"].items()}
            self.layout = GrooveLayout(card.tracks, tuple(entry["genres"]))
            self._absent = {str(name): float(share) for name, share in entry["absent"].items()}
            shape = (-1, len(card.tracks), len(TEXTURE))
            self._textures: Ints = np.array(entry.get("textures", []), np.int64).reshape(shape)
            self._session = inference_session(data, threads)
        except Exception as error:  # onnxruntime raises many kinds, none of them ours
            raise ModelError(f"{GROOVE_KEY}: not usable ({first_line(error)})", place=Line(str(path))) from None
        self._genre = self.layout.genres.index(card.genre) if card.genre in self.layout.genres else 0
        self._silent = {
            name: np.zeros((0, self.layout.inputs(name)), np.float32)
            for name in QUESTIONS if self.layout.has_drums or not name.startswith("drum")
        }  # fmt: skip
        self._decoder = GrooveDecoder(self.layout, self._ask, links)
        self._kept = _Kept()

    def _ask(self, question: str, frames: Floats) -> Floats:
        found: Floats = self._session.run([f"{question}.logits"], {**self._silent, question: frames})[0]
        return found

    @staticmethod
    def oldest(request: Request) -> int:
        """The first step in the input of a decision."""
        unit = unit_at(request.grid, min(request.step, request.drums_from))
        return unit.start - PAST_UNITS * unit.steps

    def rhythm(
        self, request: Request, parts: tuple[int, ...], band: BandRoll, plan: ChordPlan, until: int, style: GrooveStyle
    ) -> Rhythm:
        """Sample drums over the request's own range, and pitched parts over [max(step, harmony_from), until)."""
        return _RhythmSampling(
            self.layout,
            self._decoder,
            self._genre,
            self._absent,
            self._textures,
            request,
            parts,
            band,
            plan,
            style,
            self._kept,
        ).drawn(until)


class _RhythmSampling:
    """Samples the rhythm of one request."""

    def __init__(
        self, layout: GrooveLayout, decoder: GrooveDecoder, genre: int, absent: dict[str, float], textures: Ints,
        request: Request, parts: tuple[int, ...], band: BandRoll, plan: ChordPlan, style: GrooveStyle, kept: _Kept,
    ) -> None:  # fmt: skip
        self.layout, self.decoder, self.genre, self.absent = layout, decoder, genre, absent
        self.request, self.parts, self.band, self.plan, self.style = request, parts, band, plan, style
        self.origin = max(Groove.oldest(request), min(band.first, unit_at(request.grid, request.step).start))
        self.kept = kept
        self.texture = drawn_classes(request, textures, np.array(parts) >= 0)

    def drawn(self, until: int) -> Rhythm:
        request, layout = self.request, self.layout
        first = max(request.step, request.harmony_from)
        far = max(until, request.drums_until)
        self.tape = self._tape(far)
        fill_bias = self._fill_bias()
        if layout.has_drums:
            for unit, low, high in units(request.grid, request.drums_from, request.drums_until):
                self._drums(unit, low, high, fill_bias)
        plans: dict[int, list[int]] = {i: [] for i in layout.pitched}
        sources: dict[int, list[int]] = {i: [] for i in layout.pitched}
        for unit, low, high in units(request.grid, first, until):
            self._band(unit, low, high, plans, sources)
        drums = None
        if layout.has_drums and request.drums_from < request.drums_until:
            drums = self.tape.cells[
                request.drums_from - self.origin : request.drums_until - self.origin, : layout.drums
            ]
        span = self.tape.cells[max(0, first - self.origin) : max(0, until - self.origin)]
        found = {i: (STRIKE * span[:, at.start] + HOLD * span[:, at.start + 1]) for i, at in self._columns()}
        back, chosen = ({i: np.array(rows[i], np.int64) for i in layout.pitched} for rows in (sources, plans))
        return Rhythm(drums, found, back, chosen)

    def _columns(self) -> list[tuple[int, slice]]:
        return [(i, self.layout.columns[i]) for i in self.layout.pitched]

    def _tape(self, far: int) -> Tape:
        """The tape of the past, with empty steps up to `far`."""
        request, origin = self.request, self.origin
        melody = request.melody.window(origin, far)
        rows = self.band.window(origin, far).cells
        silent = np.zeros(rows.shape[1:], np.uint8)
        cells = tuple(
            to_track(track, rows[part] if part >= 0 else silent)
            for track, part in zip(self.layout.tracks, self.parts, strict=True)
        )
        rhythm = rhythm_of(self.layout, cells)
        for track, columns in zip(self.layout.tracks, self.layout.columns, strict=True):
            decided = request.drums_from if track.kind == DRUMS else request.step
            rhythm[max(0, decided - origin) :, columns] = 0
        changes = np.zeros(far - origin, np.uint8)
        before = None
        for entry in self.plan.chords:
            if before is not None and entry.chord != before and origin <= entry.step < far:
                changes[entry.step - origin] = 1
            before = entry.chord
        return Tape(rhythm, np.stack([melody.onset, melody.pitch != NO_PITCH], 1).astype(np.uint8), changes)

    def _bars(self, unit: Unit, first: int) -> Bars:
        """`unit` as input of the net, for a part that plays since step `first`."""
        present = self._present(unit.start)
        known = max(unit.since, first, self.band.first, self.origin)
        about = context(
            self.layout, np.array([self.genre]), np.zeros(1, np.bool_), np.array([self.request.bpm], np.float32),
            present[None], np.array([unit.number % GROUP]), self.texture[None],
        )  # fmt: skip
        return Bars(
            np.array([unit.start - self.origin]), np.array([unit.steps]), np.array([known - self.origin]), about
        )

    def _present(self, step: int) -> np.ndarray:
        """(tracks,) whether each part plays around `step`: the bass always, in variation B all of them."""
        uniforms = uniform(section_seed(self.request, ARRANGEMENT, step, SECTION_BARS), len(self.parts))
        full = self.request.directions.variation == "B"
        wanted = [
            part >= 0 and (full or uniforms[i] >= LEFT_OUT * self.absent.get(self.layout.tracks[i].name, 0.0))
            for i, part in enumerate(self.parts)
        ]
        found = np.array(wanted)
        chordal = [i for i in self.layout.pitched if self.parts[i] >= 0]
        found[chordal[:1]] = True
        if not found[chordal[1:]].any() and len(chordal) > 1:
            found[chordal[1]] = True  # a band never loses all who have the chords
        return found

    def _drums(self, unit: Unit, low: int, high: int, fill_bias: dict[int, Floats]) -> None:
        bars = self._bars(unit, 0)
        if not bars.context[0, len(self.layout.genres) + 2]:
            return
        style = GrooveStyle(self.style.fuller, self.style.fresher, fill_bias)
        plan = self._drum_plan(unit, bars)
        chance = unit_chances(self.request, CELLS, unit.number, (unit.steps, self.layout.width))
        heard = self.request.melody.end - self.origin
        span = range(low - self.origin, high - self.origin)
        rows = chance[low - unit.start : high - unit.start, : self.layout.drums]
        self.decoder.draw_drums(self.tape, bars, span, heard, plan, rows, style)
        self._end_drums(low, high)

    def _drum_plan(self, unit: Unit, bars: Bars) -> int:
        chance = unit_chances(self.request, PLANS, unit.number, (1, len(self.parts)))
        seen = self.tape.cells[max(0, int(bars.known_from[0])) : int(bars.start[0]), : self.layout.drums].tobytes()
        key = (unit, seen, bars.context.tobytes(), float(chance[0, 0]), self.style.fresher)
        found = self.kept(key, lambda: [self.decoder.drum_plan(self.tape, bars, float(chance[0, 0]), self.style)])
        return found[0]

    def _band(
        self, unit: Unit, low: int, high: int, plans: dict[int, list[int]], sources: dict[int, list[int]]
    ) -> None:  # fmt: skip
        request, origin = self.request, self.origin
        bars = self._bars(unit, request.harmony_from)
        present = self._present(unit.start)
        drums = self._drum_plan(unit, self._bars(unit, 0)) if self.layout.has_drums else None
        uniforms = unit_chances(request, PLANS, unit.number, (1, len(self.parts)))[0]
        before = slice(max(0, int(bars.known_from[0])), int(bars.start[0]))
        seen = self.tape.cells[before].tobytes() + self.tape.melody[before].tobytes()
        key = (unit, seen, bars.context.tobytes(), uniforms.tobytes(), drums, self.style.fresher)
        chosen = self.kept(key, lambda: self.decoder.band_plans(self.tape, bars, drums, uniforms, self.style))
        chance = unit_chances(request, CELLS, unit.number, (unit.steps, self.layout.width))[:, self.layout.drums :]
        heard = request.melody.end - origin
        span = range(low - origin, high - origin)
        rows = chance[low - unit.start : high - unit.start]
        self.decoder.draw_band(self.tape, bars, span, heard, chosen, present, rows, self.style)
        self._end_band(low, high)
        for i in self.layout.pitched:
            back = LAGS[(chosen[i] - 1) % len(LAGS)] * unit.steps if chosen[i] else 0
            plans[i] += [chosen[i]] * (high - low)
            sources[i] += [back] * (high - low)

    def _fill_bias(self) -> dict[int, Floats]:
        """Step of the tape -> (drums,) added to the logits by a requested fill."""
        line = self.request.directions.fill_until
        if line is None or not self.layout.has_drums:
            return {}
        fill = np.array([FILL_BIAS.get(name, 0.0) for name in _CLASSES], np.float32)
        arrival = np.array([ARRIVAL_BIAS * (name in ("crash", "kick")) for name in _CLASSES], np.float32)
        steps = {at - self.origin: fill for at in range(line - FILL_STEPS, line)}
        return steps | {line - self.origin: arrival}

    def _end_drums(self, low: int, high: int) -> None:
        """Write kick and crash on the final chord, and silence after it."""
        at = self.request.directions.ending_at
        if at is None or at >= high:
            return
        cells = self.tape.cells[max(low, at) - self.origin : high - self.origin, : self.layout.drums]
        cells[:] = 0
        if at >= low:
            cells[0] = [name in ("crash", "kick") for name in _CLASSES]

    def _end_band(self, low: int, high: int) -> None:
        """Write an onset of every part on the final chord, held from there on."""
        at = self.request.directions.ending_at
        if at is None or at >= high:
            return
        for _, columns in self._columns():
            cells = self.tape.cells[max(low, at) - self.origin : high - self.origin, columns]
            cells[:] = (0, 1)
            if at >= low:
                cells[0] = (1, 0)


__all__ = ["HOLD", "REST", "STRIKE", "Groove", "GrooveStyle", "Rhythm", "Unit", "unit_at", "units"]
