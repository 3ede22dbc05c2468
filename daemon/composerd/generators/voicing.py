"""Samples the pitches of a request with the model's voicing net, in the rhythm sampled by the groove net."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from composerd.contract.card import VOICING_KEY, Card
from composerd.contract.frames import Bytes, Floats, Ints, fold
from composerd.contract.groove import LAGS
from composerd.contract.layout import DRUMS, MONO, Track
from composerd.contract.voicing import NoteTape, Queries, context
from composerd.contract.voicing_decoding import DRAWS, NEVER, Bar, VoicingDecoder, VoicingStyle
from composerd.contract.voicing_layout import MANNER, VoicingLayout
from composerd.engine.messages import Request
from composerd.errors import Line, ModelError, first_line
from composerd.generators.chord_tones import BASS, planned_tones
from composerd.generators.groove import HOLD, PAST_UNITS, STRIKE, Rhythm
from composerd.generators.groove_units import unit_at
from composerd.generators.piece_classes import drawn_classes
from composerd.generators.seeds import VOICES, unit_chances
from composerd.generators.voice_leading import VOICE, parallels
from composerd.generators.voicing_session import VoicingSession
from composerd.generators.window import Frame, bar_phases
from composerd.music.chords import ChordPlan
from composerd.music.harmony.labelling import NO_CHORD, cell_starts, cell_weights, index_of, lead_sheet
from composerd.music.roll import HELD, ONSET, PITCHES, REST, BandRoll

Flags = npt.NDArray[np.bool_]

NO_NOTES = np.zeros(PITCHES, np.bool_)
_CLASSES = np.arange(PITCHES) % 12
FAR = 16
"""Limit of a chord's age, and of the distance to the next chord [steps]."""
BREATH = 4
"""Longest rest of the melody over which its notes count as neighbours [steps]."""
_NEVER = 1 << 40


@dataclass(frozen=True, slots=True, eq=False)
class Voicing:
    """A model's voicing net with its sessions and decoder."""

    layout: VoicingLayout
    genre: int
    decoder: VoicingDecoder
    pitch_weights: tuple[float, ...]
    """per pitched track: weight of the players' net's pitch logits"""
    manners: Ints
    """(pieces, parts, MANNER): a performance plays in those of one of them"""

    @classmethod
    def read(cls, text: str, card: Card, path: Path, threads: int = 1) -> Voicing:
        """Open the net from `text`, the entry of the model file. Raises ModelError if it is not usable."""
        try:
            entry = json.loads(text)
            layout = VoicingLayout(card.tracks, tuple(entry["genres"]))
            net = VoicingSession(entry["graphs"], layout.questions, threads)
            shape = (-1, len(layout.pitched), len(MANNER))
            manners = np.array(entry.get("manners", []), np.int64).reshape(shape)
            pitch_weights = tuple(float(entry["hearing"][track.name]) for track in layout.pitched)
        except Exception as error:  # onnxruntime raises many kinds, none of them ours
            raise ModelError(f"{VOICING_KEY}: not usable ({first_line(error)})", place=Line(str(path))) from None

        genre = layout.genres.index(card.genre) if card.genre in layout.genres else 0
        return cls(layout, genre, VoicingDecoder(layout, net), pitch_weights, manners)

    def notes(
        self, request: Request, parts: tuple[int, ...], tracks: tuple[Track, ...], band: BandRoll, plan: ChordPlan,
        rhythm: Rhythm, first: int, until: int, biases: dict[int, Floats], temperature: float, per_beat: bool,
    ) -> dict[int, Bytes]:  # fmt: skip
        """Sample cells (until - first, 128) per track; `tracks` have the polyphony of the genre's page."""
        sampling = _NoteSampling(self, request, parts, tracks, band, plan, first, until, per_beat)
        return sampling.decided(rhythm, biases, VoicingStyle(temperature))


class _NoteSampling:
    """Samples the notes of one request. The tape's parts are the pitched tracks, its steps [origin, until)."""

    def __init__(
        self, voicing: Voicing, request: Request, parts: tuple[int, ...], tracks: tuple[Track, ...], band: BandRoll,
        plan: ChordPlan, first: int, until: int, per_beat: bool,
    ) -> None:  # fmt: skip
        self.voicing, self.request, self.first, self.until = voicing, request, first, until
        self.pitched = [i for i, track in enumerate(tracks) if track.kind != DRUMS]
        self.tracks, self.parts = tracks, parts
        plays = np.array([parts[i] >= 0 for i in self.pitched])
        self.manner = drawn_classes(request, voicing.manners, plays)
        unit = unit_at(request.grid, first)
        self.origin = max(band.first, unit.start - PAST_UNITS * unit.steps)
        self.tape = self._tape(band, plan, per_beat)
        self.planned = planned_tones(plan, Frame(self.origin, until))

    def _tape(self, band: BandRoll, plan: ChordPlan, per_beat: bool) -> NoteTape:
        request, origin, first, until = self.request, self.origin, self.first, self.until
        past = band.window(origin, until).cells
        past[:, first - origin :] = 0
        silent = np.zeros(past.shape[1:], np.uint8)
        cells = np.stack([past[self.parts[i]] if self.parts[i] >= 0 else silent for i in self.pitched])
        strikes = tuple(np.append(np.flatnonzero((rows == ONSET).any(1)), [_NEVER] * (until - first)) for rows in cells)
        melody = request.melody.window(origin, until)
        pitch = np.where(melody.pitch == REST, REST, fold(melody.pitch.astype(np.int64))).astype(np.int16)
        free = all(track.role != BASS for track in self.tracks)
        chord, bass, begun, following, follows = chords_of(plan, origin, until, free)
        self._label_past(chord, cells, per_beat)
        around = Frame(origin, until)
        return NoteTape(
            (cells > 0).astype(np.uint8), strikes, chord, bass, begun, following, follows, pitch, melody.onset,
            bar_phases(request.grid, around).astype(np.int8),
        )  # fmt: skip

    def _label_past(self, chord: Ints, cells: Bytes, per_beat: bool) -> None:
        """Write into `chord` the chords of earlier bars, read off the notes played, for as far as bars are compared."""
        grid, origin, unit = self.request.grid, self.origin, unit_at(self.request.grid, self.first)
        low = max(origin, unit.start - LAGS[-1] * unit.steps)
        starts = tuple(start for start in cell_starts(grid, low, unit.start, per_beat) if start >= low)
        if not starts:
            return
        lines = tuple(grid.bar_line(start) == start for start in starts)
        shown = cells[:, starts[0] - origin : unit.start - origin]
        labels = _past_chords(
            shown.tobytes(), shown.shape, tuple(start - starts[0] for start in starts), lines, per_beat
        )
        chord[starts[0] - origin : unit.start - origin] = labels

    def decided(self, rhythm: Rhythm, biases: dict[int, Floats], style: VoicingStyle) -> dict[int, Bytes]:
        """Decide cells (until - first, 128) per track, step by step and part by part."""
        found = {i: np.zeros((self.until - self.first, 128), np.uint8) for i in self.pitched}
        shown = [self._shown(place, i, rhythm) for place, i in enumerate(self.pitched)]
        for row in range(self.until - self.first):
            uniform = self._uniform(self.first + row)
            for place, i in enumerate(self.pitched):
                now = int(rhythm.parts[i][row])
                if self.parts[i] < 0 or now not in (HOLD, STRIKE):
                    continue
                at = self.first + row - self.origin
                ending = self._ending(place, i, at)
                if now == HOLD and not ending.any():
                    cells = HELD * self.tape.sounding[place, at - 1]
                else:
                    bar, index = shown[place][row]
                    bias = biases[i][row]
                    if self.tracks[i].role == VOICE and at:
                        bias = bias + NEVER * self._parallels(place, at)
                    cells = self.voicing.decoder.decide(
                        self.tape, bar, index, bias, uniform[place], style, ending, keep=now == HOLD
                    )  # fmt: skip
                    self._strike(place, at)
                found[i][row] = cells
                self.tape.sounding[place, at] = cells > 0
        return found

    def _shown(self, place: int, i: int, rhythm: Rhythm) -> dict[int, tuple[Bar, int]]:
        """The rows on which a part may begin notes, each with the input of the net and its place in it."""
        states, changes = rhythm.parts[i], self.planned.begins[self.first - self.origin :]
        rows = np.flatnonzero((states == STRIKE) | ((states == HOLD) & changes))
        if self.parts[i] < 0 or not len(rows):
            return {}
        bar = self.voicing.decoder.bar(self.tape, self._queries(place, i, rows, rhythm.plans[i][rows]))
        return {row: (bar, at) for at, row in enumerate(rows.tolist())}

    def _ending(self, place: int, i: int, at: int) -> Flags:
        """(128,) the sounding notes that do not belong to a chord that begins; of a bass, all but the chord's bass."""
        track, planned = self.tracks[i], self.planned
        if not planned.begins[at] or (track.kind == MONO and track.role != BASS):
            return NO_NOTES
        wanted = planned.tones[at]
        if track.role == BASS:
            wanted = np.arange(12) == planned.bass[at]
        ending: Flags = (self.tape.sounding[place, at - 1] > 0) & ~wanted[_CLASSES]
        return ending

    def _parallels(self, place: int, at: int) -> Flags:
        """(128,) the notes in parallels with the melody or a voice that has been decided."""
        past = self.tape.melody[max(0, at - BREATH) : at]
        sung = past[past != REST]
        melody = (int(sung[-1]) if len(sung) else REST, int(self.tape.melody[at]))
        sounding = self.tape.sounding[:, at - 1 : at + 1]
        voices = [tuple(int(rows.argmax()) if rows.any() else REST for rows in voice) for voice in sounding]
        others = [(before, now) for other, (before, now) in enumerate(voices) if other != place]
        return parallels(voices[place][0], [melody, *others])

    def _uniform(self, step: int) -> Floats:
        """(parts, DRAWS) uniform random numbers of a step."""
        unit = unit_at(self.request.grid, step)
        shape = (unit.steps, len(self.pitched) * DRAWS)
        found: Floats = unit_chances(self.request, VOICES, unit.number, shape)[step - unit.start].reshape(-1, DRAWS)
        return found

    def _strike(self, place: int, at: int) -> None:
        steps = self.tape.strikes[place]
        steps[np.searchsorted(steps, _NEVER)] = at

    def _queries(self, place: int, i: int, rows: Ints, plans: Ints) -> Queries:
        """The queries of one part for some `rows` of the steps."""
        request, voicing = self.request, self.voicing
        steps = self.first + rows
        units = [unit_at(request.grid, step) for step in steps.tolist()]
        since = np.array([unit.since for unit in units])
        known = np.maximum(since, max(request.harmony_from, self.origin)) - self.origin
        count = len(steps)
        about = context(
            voicing.layout, np.full(count, voicing.genre), np.zeros(count, np.bool_),
            np.full(count, request.bpm, np.float32), np.repeat(self.manner[place : place + 1], count, 0),
        )  # fmt: skip
        bars = np.array([unit.steps for unit in units])
        return Queries(
            place, self.tracks[i], steps - self.origin, bars, known, plans, about, steps < request.melody.end
        )


@lru_cache(maxsize=8)
def _past_chords(
    cells: bytes, shape: tuple[int, ...], starts: tuple[int, ...], lines: tuple[bool, ...], per_beat: bool
) -> Ints:  # fmt: skip
    """(steps,) the chords of a roll (parts, steps, 128); cached, since a bar is requested many times."""
    weights = cell_weights(np.frombuffer(cells, np.uint8).reshape(shape), np.array(starts))
    cell = np.searchsorted(starts, np.arange(shape[1]), "right") - 1
    found: Ints = lead_sheet(weights, np.array(lines), per_beat)[cell]
    found.setflags(write=False)
    return found


def chords_of(plan: ChordPlan, first: int, until: int, free: bool = False) -> tuple[Ints, Ints, Ints, Ints, Ints]:
    """Arrays over steps [first, until): chord index, its bass pitch class, its age, the next chord's index, steps until
    it.

    `free`: the bass is -1 where it is the root, so that a band without a bass part, such as a choir, chooses
    inversions.
    """
    count = until - first
    chord, bass = np.full(count, NO_CHORD), np.full(count, -1)
    begun, follows = np.full(count, FAR), np.full(count, FAR)
    following = np.full(count, NO_CHORD)
    begins: list[tuple[int, int, int]] = []
    for entry in plan.chords:
        if entry.end < first - FAR:
            continue
        index = index_of(entry.chord)
        span = slice(max(0, entry.step - first), max(0, min(entry.end, until) - first))
        bass[span] = -1 if free and entry.chord.bass_class == entry.chord.root else entry.chord.bass_class
        if begins and begins[-1][1] == index and begins[-1][2] == entry.step:
            begins[-1] = (*begins[-1][:2], entry.end)
        else:
            begins.append((entry.step, index, entry.end))
    for place, (start, index, end) in enumerate(begins):
        span = slice(max(0, start - first), max(0, min(end, until) - first))
        steps = np.arange(span.start, span.stop) + first
        chord[span] = index
        begun[span] = np.minimum(steps - start, FAR)
        if place + 1 < len(begins):
            away = begins[place + 1][0] - steps
            near = away <= FAR
            following[span] = np.where(near, begins[place + 1][1], NO_CHORD)
            follows[span] = np.minimum(away, FAR)
    return chord, bass, begun, following, follows
