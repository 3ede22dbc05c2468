"""The voicing net's updates: notes of random bars, chosen one by one as in a performance."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional

from composerd.contract.layout import MONO
from composerd.contract.voicing import NOWHERE, Queries, anchors, context, frames, in_range, rows_of, set_query
from composerd.contract.voicing_layout import (
    CHORDS,
    LASTING,
    LINE,
    NOTE,
    PLANES,
    QUESTIONS,
    ROWS,
    bass_columns,
    following_columns,
)
from composerd_export.data.notes import NoteSet
from composerd_export.nets.voicing import VoicingNet, VoicingSize
from composerd_export.training.disturbance import disturb
from composerd_export.training.groove_trainer import Drawn, draw
from composerd_export.training.small_trainer import SmallTrainer

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float32]
Bits = npt.NDArray[np.uint8]
HEARD = 0.5
"""Share of steps whose melody is known when their notes are chosen."""
UNFORESEEN = 0.25
"""share of steps on which the next chord is unknown"""
GENUINE = 0.65
"""share of genuine bars if there are bars made by rules as well"""
NEVER = -1e9


@dataclass(frozen=True, slots=True)
class VoicingHyper:
    """Hyperparameters of a voicing training."""

    epochs: int = 16
    epoch_updates: int = 100
    bars: int = 192
    """bars an update"""
    rows: int = 1280
    """notes an update, of lines and of chords each"""
    learning_rate: float = 2e-3
    weight_decay: float = 0.05
    forget: float = 0.25
    """probability that a plane of pitches in the input is zeroed"""
    dropped: float = 0.2
    """mean share of the notes in the planes that are missing in the input"""
    added: float = 0.004
    """mean share of the empty rows of planes with notes that have one in the input"""
    free_bass: float = 0.0
    """share of notes whose input lacks the chord's bass, so that a band without a bass part learns to choose it"""
    seed: int = 1
    size: VoicingSize = field(default_factory=VoicingSize)


@dataclass(frozen=True, slots=True, eq=False)
class Notes:
    """Queries to the voicing net for notes, with the true rows."""

    frames: Floats
    target: Ints
    """(N,) true row, ROWS for no further note"""
    possible: npt.NDArray[np.bool_]
    """(N, ROWS + 1)"""


@dataclass(frozen=True, slots=True, eq=False)
class Lasting:
    """Queries to the voicing net for which sounding notes last, with the true rows."""

    frames: Floats
    target: Bits
    """(N, ROWS)"""
    sounding: Bits
    """(N, ROWS)"""


def queries_of(notes: NoteSet, drawn: Drawn, rows: Ints, at: Ints, genre: int, part: int, heard: float,
             rng: np.random.Generator) -> Queries:  # fmt: skip
    """Questions at steps `at` of the drawn bars `rows`, all of one genre and one pitched part."""
    bars, layout = notes.bars, notes.layout
    which = drawn.rows[rows]
    about = context(layout, bars.genre[which], bars.generated[which], bars.bpm[which])
    offset = len(layout.tracks) - len(layout.pitched)
    return Queries(
        part, notes.tracks[genre][offset + part], at, drawn.bars.steps[rows], drawn.bars.known_from[rows],
        drawn.plans[rows, offset + part], about, rng.random(len(at)) < heard,
    )  # fmt: skip


def _steps(starts: Ints, lengths: Ints) -> tuple[Ints, Ints]:
    """(index of the bar, step) of all steps of bars."""
    rows = np.repeat(np.arange(len(starts)), lengths)
    first = np.cumsum(lengths) - lengths
    return rows, np.repeat(starts, lengths) + np.arange(len(rows)) - np.repeat(first, lengths)


class NoteDraw:
    """Draws the questions of an update."""

    def __init__(self, notes: NoteSet, hyper: VoicingHyper, chance: npt.NDArray[np.float64]) -> None:
        self.notes, self.bars, self.rows, self.chance = notes, hyper.bars, hyper.rows, chance
        self._hyper = hyper

    def __call__(self, rng: np.random.Generator) -> tuple[dict[str, Notes], Lasting | None]:
        """Notes of lines and of chords, and which notes of chords last."""
        drawn = draw(self.notes.bars, self.bars, rng, self.chance)
        lines, chords, lasting = list[Notes](), list[Notes](), list[Lasting]()
        pitched, bars = self.notes.layout.pitched, self.notes.bars
        share = {kind: self.rows / max(1, sum(t.kind == kind for t in pitched)) for kind in QUESTIONS}
        steps, at = _steps(drawn.bars.start, drawn.bars.steps)
        genre = bars.genre[drawn.rows][steps]
        for part, track in enumerate(pitched):
            begins = self.notes.begins[part][at]
            for one in np.unique(genre).tolist():
                mine = genre == one
                count = max(4, round(share[track.kind] * mine.mean()))
                found = self._picked(np.flatnonzero(mine & begins), count, rng)
                if len(found):
                    question = queries_of(self.notes, drawn, steps[found], at[found], one, part, HEARD, rng)
                    (lines if track.kind == MONO else chords).append(self._next(question, rng))
                if track.kind != MONO:
                    lasting += self._lasting(drawn, steps, at, mine, one, part, count // 2, rng)
        return (
            {name: _joined(some) for name, some in ((LINE, lines), (CHORDS, chords)) if some},
            _joined_lasting(lasting) if lasting else None,
        )

    def _picked(self, among: Ints, count: int, rng: np.random.Generator) -> Ints:
        return among[rng.permutation(len(among))[:count]]

    def _shown(self, queries: Queries, rng: np.random.Generator) -> Floats:
        rows, hyper = frames(self.notes.layout, self.notes.tape, queries), self._hyper
        if hyper.forget:
            planes = rows[:, : (len(PLANES) - 2) * ROWS].reshape(-1, ROWS)
            planes[rng.random(len(planes)) < hyper.forget] = 0
            heard = np.flatnonzero(planes.any(1))
            some = planes[heard]
            disturb(some, hyper.dropped, hyper.added, rng)
            planes[heard] = some
            rows[:, : (len(PLANES) - 2) * ROWS] = planes.reshape(len(rows), -1)
            rows[rng.random(len(rows)) < UNFORESEEN, following_columns()] = 0
        if hyper.free_bass:
            rows[rng.random(len(rows)) < hyper.free_bass, bass_columns()] = 0
        return rows

    def _next(self, queries: Queries, rng: np.random.Generator) -> Notes:
        """Draw one note of each chord, or its end, as targets."""
        tape, at = self.notes.tape, queries.at
        anchor = anchors(queries.track, tape.chord[at])
        everywhere = np.ones(len(at), np.bool_)
        new = rows_of(self.notes.struck(queries.part, at), anchor)
        possible = np.zeros((len(at), ROWS + 1), np.bool_)
        possible[:, :ROWS] = in_range(queries.track, anchor)
        if queries.track.kind == MONO:
            chosen, top, target = np.zeros_like(new), np.full(len(at), NOWHERE), new.argmax(1).astype(np.int64)
        else:
            held = rows_of(tape.notes(queries.part, at, everywhere), anchor) & ~new
            count = new.sum(1).astype(np.int64)
            place = np.minimum((rng.random(len(at)) * (count + 1)).astype(np.int64), count)
            number = np.cumsum(new, 1) * new  # 1 for the lowest
            before = new & (number <= place[:, None])
            chosen = held | before
            top = np.where(place > 0, ROWS - 1 - before[:, ::-1].argmax(1), NOWHERE)
            wanted = number == (place + 1)[:, None]
            target = np.where(place < count, wanted.argmax(1), ROWS).astype(np.int64)
            possible[:, :ROWS] &= (np.arange(ROWS) > top[:, None]) & ~held.astype(np.bool_)
            possible[:, ROWS] = place > 0
        shown = set_query(self.notes.layout, self._shown(queries, rng), np.full(len(at), NOTE), chosen, top)
        return Notes(shown, target, possible)

    def _lasting(self, drawn: Drawn, steps: Ints, at: Ints, mine: npt.NDArray[np.bool_], genre: int, part: int,
                 count: int, rng: np.random.Generator) -> list[Lasting]:  # fmt: skip
        tape = self.notes.tape
        sounds = self.notes.voices[part][np.maximum(at - 1, 0)] > 0
        inside = mine & (at > drawn.bars.known_from[steps]) & self.notes.begins[part][at] & sounds
        rows = self._picked(np.flatnonzero(inside), count, rng)
        if not len(rows):
            return []
        queries = queries_of(self.notes, drawn, steps[rows], at[rows], genre, part, HEARD, rng)
        everywhere = np.ones(len(rows), np.bool_)
        anchor = anchors(queries.track, tape.chord[queries.at])
        before = rows_of(tape.notes(part, queries.at - 1, everywhere), anchor)
        now = rows_of(tape.notes(part, queries.at, everywhere), anchor)
        now &= ~rows_of(self.notes.struck(part, queries.at), anchor)
        shown = self._shown(queries, rng)
        set_query(self.notes.layout, shown, np.full(len(rows), LASTING), before, np.full(len(rows), NOWHERE))
        return [Lasting(shown, now & before, before)]


def _joined(some: list[Notes]) -> Notes:
    return Notes(*(np.concatenate([getattr(one, name) for one in some]) for name in ("frames", "target", "possible")))


def _joined_lasting(some: list[Lasting]) -> Lasting:
    return Lasting(*(np.concatenate([getattr(one, name) for one in some]) for name in ("frames", "target", "sounding")))


def voicing_losses(net: VoicingNet, drawn: tuple[dict[str, Notes], Lasting | None]) -> dict[str, Tensor]:
    """Mean losses [nats a note]: of lines, and of chords with their sounding notes that last or not."""
    notes, lasting = drawn
    found = {}
    for question, some in notes.items():
        logits = net.nets[question](torch.from_numpy(some.frames))
        width = ROWS if question == LINE else ROWS + 1
        possible = torch.from_numpy(some.possible[:, :width])
        loss = functional.cross_entropy(logits[:, :width].masked_fill(~possible, NEVER), torch.from_numpy(some.target))
        found[question] = loss
    if lasting is not None:
        logits = net.nets[CHORDS](torch.from_numpy(lasting.frames))[:, ROWS + 1 :]
        truth, weight = torch.from_numpy(lasting.target).float(), torch.from_numpy(lasting.sounding).float()
        loss = functional.binary_cross_entropy_with_logits(logits, truth, reduction="none")
        found[CHORDS] = found.get(CHORDS, torch.zeros(())) + (loss * weight).sum() / (weight.sum() + 1e-3)
    return found


def shares(notes: NoteSet, genuine: float) -> npt.NDArray[np.float64]:
    """The running sum of the bars' weights, in each genre this share of it on genuine ones where there are both."""
    bars = notes.bars
    weight = bars.weight.copy()
    for genre in range(len(notes.layout.genres)):
        kinds = [(bars.genre == genre) & (bars.generated == made) for made in (True, False)]
        sums = [weight[rows].sum() for rows in kinds]
        if all(sums):
            for rows, total, share in zip(kinds, sums, (1 - genuine, genuine), strict=True):
                weight[rows] *= share * sum(sums) / total
    return np.cumsum(weight)


class VoicingTrainer(SmallTrainer[VoicingNet]):
    """Trains a voicing net on the notes of a split."""

    def __init__(self, notes: NoteSet, hyper: VoicingHyper) -> None:
        torch.manual_seed(hyper.seed)
        super().__init__(VoicingNet(notes.layout, hyper.size), hyper)
        self._draw = NoteDraw(notes, hyper, shares(notes, GENUINE))

    def losses(self) -> dict[str, Tensor]:
        """Loss terms of lines and of chords [nats]."""
        return voicing_losses(self.net, self._draw(self.rng))


def validation(notes: NoteSet, hyper: VoicingHyper, rounds: int = 6) -> Callable[[VoicingNet], dict[str, float]]:
    """Gives the mean nats of a net on a split's genuine bars, the same ones every time, their basses hidden as in
    training."""
    rng = np.random.default_rng(7)
    draws = NoteDraw(notes, replace(hyper, forget=0.0), shares(notes, 1.0))
    some = [draws(rng) for _ in range(rounds)]

    def measured(net: VoicingNet) -> dict[str, float]:
        found: dict[str, float] = {}
        with torch.no_grad():
            for drawn in some:
                for name, value in voicing_losses(net.eval(), drawn).items():
                    found[name] = found.get(name, 0.0) + float(value) / rounds
        return found

    return measured
