"""Trains the voicing net: hyperparameters, losses of notes chosen and of notes that last, validation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from composerd.contract.voicing_layout import CHORDS, LINE, ROWS
from composerd_export.data.notes import NoteSet
from composerd_export.data.voicing_examples import GENUINE, NoteDraw, NoteNoise, VoicingExamples, running_weights
from composerd_export.nets.voicing import VoicingNet, VoicingSize
from composerd_export.training.small_trainer import SmallTrainer

NEVER = -1e9
"""logit of rows that are not possible"""


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


def voicing_losses(net: VoicingNet, examples: VoicingExamples) -> dict[str, Tensor]:
    """Mean losses [nats a note]: of lines, and of chords with their sounding notes that last or not."""
    found, lasting = dict[str, Tensor](), examples.lasting
    for question, some in examples.notes.items():
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


class VoicingTrainer(SmallTrainer[VoicingNet]):
    """Trains a voicing net on the notes of a split."""

    def __init__(self, notes: NoteSet, hyper: VoicingHyper) -> None:
        torch.manual_seed(hyper.seed)
        super().__init__(VoicingNet(notes.layout, hyper.size), hyper)
        noise = NoteNoise(hyper.forget, hyper.dropped, hyper.added) if hyper.forget else None
        self._draw = NoteDraw(notes, hyper.bars, hyper.rows, running_weights(notes, GENUINE), noise, hyper.free_bass)

    def losses(self) -> dict[str, Tensor]:
        """Loss terms of lines and of chords [nats]."""
        return voicing_losses(self.net, self._draw(self.rng))


def validation(notes: NoteSet, hyper: VoicingHyper, rounds: int = 6) -> Callable[[VoicingNet], dict[str, float]]:
    """Gives the mean losses [nats] of a net on a split's genuine bars, the same ones every time, without noise, their
    basses hidden as in training."""
    rng = np.random.default_rng(7)
    draw = NoteDraw(notes, hyper.bars, hyper.rows, running_weights(notes, 1.0), None, hyper.free_bass)
    some = [draw(rng) for _ in range(rounds)]

    def measured(net: VoicingNet) -> dict[str, float]:
        found: dict[str, float] = {}
        with torch.no_grad():
            for examples in some:
                for name, value in voicing_losses(net.eval(), examples).items():
                    found[name] = found.get(name, 0.0) + float(value) / rounds
        return found

    return measured
