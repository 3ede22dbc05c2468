"""Masked reconstruction: negative log-likelihood of the truth, part by part, each given the parts before it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional

from composerd.contract.frames import Window
from composerd.contract.layout import DRUMS, LEAP, MONO, Layout, Track
from composerd.music.roll import HELD, ONSET, REST

NEVER = -1e4


@dataclass(frozen=True, slots=True, eq=False)
class Teacher:
    """One track's truth, and its state before each step (teacher forcing)."""

    target: npt.NDArray[np.uint8]
    """(B, T, rows) cells"""
    before: npt.NDArray[np.bool_]
    """(B, T, rows) what sounded a step earlier"""
    last: npt.NDArray[np.int64]
    """(B, T) last pitch played before the step, REST if unknown"""
    lowest: npt.NDArray[np.int64]
    """(B, T) lowest sounding pitch, REST if none"""


def teach(track: Track, target: npt.NDArray[np.uint8], heard: npt.NDArray[np.uint8]) -> Teacher:
    """The truth of a track and its state before each step; `heard` is what sounded then: the truth, or the net's own
    playing up to some moment."""
    sounds = heard > 0
    before = np.zeros_like(sounds)
    before[:, 1:] = sounds[:, :-1]
    some = sounds.any(2)
    lowest = np.where(some, np.argmax(sounds, 2) + track.low, REST)
    steps = np.arange(some.shape[1])[None]
    latest = np.maximum.accumulate(np.where(some, steps, -1), 1)
    filled = np.where(latest >= 0, np.take_along_axis(lowest, np.maximum(latest, 0), 1), REST)
    last = np.full_like(filled, REST)
    last[:, 1:] = filled[:, :-1]
    return Teacher(target, before, last, lowest)


def kernel(layout: Layout, track: Track, logits: Tensor, heard: dict[str, Tensor], what: str) -> Tensor:
    """(B, T, rows): logits added to each pitch by the melody and the earlier parts that sound."""
    pitches = torch.arange(track.low, track.high + 1)
    total = torch.zeros(*logits.shape[:2], track.rows)
    for source in ("melody", *track.sources):
        other = heard[source]
        index = (pitches - other[..., None]) % 12
        values = logits[..., layout.output_columns[f"{track.name}.{what}~{source}"]].gather(2, index)
        total = total + values * (other != REST)[..., None]
    return total


def mono_scores(layout: Layout, track: Track, logits: Tensor, teacher: Teacher, heard: dict[str, Tensor]) -> Tensor:
    """(B, T, rows + 2): onset of each pitch, hold, rest."""
    columns = layout.output_columns
    onset = logits[..., columns[f"{track.name}.onset"]] + kernel(layout, track, logits, heard, "onset")
    last = torch.from_numpy(teacher.last)
    leap = (torch.arange(track.low, track.high + 1) - last[..., None]).clamp(-LEAP, LEAP) + LEAP
    onset = onset + logits[..., columns[f"{track.name}.leap"]].gather(2, leap) * (last != REST)[..., None]
    hold = logits[..., columns[f"{track.name}.hold"]] + kernel(layout, track, logits, heard, "hold")
    before = torch.from_numpy(teacher.before)
    hold = hold.masked_fill(~before, NEVER).amax(2, keepdim=True)
    return torch.cat([onset, hold, logits[..., columns[f"{track.name}.rest"]]], 2)


def mono_target(teacher: Teacher) -> npt.NDArray[np.int64]:
    """(B, T) class of each step. A note held in truth that does not sound here begins anew."""
    sounds = teacher.target > 0
    pitch = np.argmax(sounds, 2)
    goes_on = np.take_along_axis(teacher.before, pitch[..., None], 2)[..., 0]
    held = np.take_along_axis(teacher.target, pitch[..., None], 2)[..., 0] == HELD
    rows = teacher.target.shape[2]
    classes: npt.NDArray[np.int64] = np.where(~sounds.any(2), rows + 1, np.where(held & goes_on, rows, pitch))
    return classes


def mono_loss(layout: Layout, track: Track, logits: Tensor, teacher: Teacher, heard: dict[str, Tensor]) -> Tensor:
    """Loss (B, T) of single voices [nats]."""
    scores = mono_scores(layout, track, logits, teacher, heard)
    target = torch.from_numpy(mono_target(teacher))
    return functional.cross_entropy(scores.flatten(0, 1), target.flatten(), reduction="none").view(target.shape)


def poly_targets(teacher: Teacher) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Whether a chord begins (B, T), and its notes (B, T, rows)."""
    struck = teacher.target == ONSET
    held = teacher.target == HELD
    lost = held.any(2) & ~(held & teacher.before).any(2)
    struck = struck | (held & lost[..., None])
    return struck.any(2), struck


def poly_loss(layout: Layout, track: Track, logits: Tensor, teacher: Teacher, heard: dict[str, Tensor]) -> Tensor:
    """Loss (B, T) of chords [nats]: when one begins, which notes it has, which old ones go on."""
    columns = layout.output_columns
    begins, struck = poly_targets(teacher)
    fires, notes = torch.from_numpy(begins).float(), torch.from_numpy(struck).float()
    gate = logits[..., columns[f"{track.name}.gate"]][..., 0]
    onset = logits[..., columns[f"{track.name}.onset"]] + kernel(layout, track, logits, heard, "onset")
    hold = logits[..., columns[f"{track.name}.hold"]] + kernel(layout, track, logits, heard, "hold")
    goes_on = torch.from_numpy(teacher.target == HELD).float()
    asked = torch.from_numpy(teacher.before & ~struck).float()
    bce = functional.binary_cross_entropy_with_logits
    loss = bce(gate, fires, reduction="none")
    loss = loss + fires * bce(onset, notes, reduction="none").sum(2)
    return loss + (bce(hold, goes_on, reduction="none") * asked).sum(2)


def drum_loss(layout: Layout, track: Track, logits: Tensor, teacher: Teacher) -> Tensor:
    """Loss (B, T) of drums [nats]."""
    target = torch.from_numpy(teacher.target == ONSET).float()
    scores = logits[..., layout.output_columns[f"{track.name}.onset"]]
    return functional.binary_cross_entropy_with_logits(scores, target, reduction="none").sum(2)


def reconstruction(
    layout: Layout, logits: Tensor, window: Window, truth: tuple[npt.NDArray[np.uint8], ...], weight: Tensor
) -> dict[str, Tensor]:
    """Mean nats per undecided step of each track. `window.cells` is what sounded, `truth` what should."""
    melody = np.where(window.melody_known, window.melody, REST)
    heard = {"melody": torch.from_numpy(melody)}
    losses = {}
    for i, track in enumerate(layout.tracks):
        teacher = teach(track, truth[i], window.cells[i])
        if track.kind == DRUMS:
            loss = drum_loss(layout, track, logits, teacher)
        else:
            loss = (mono_loss if track.kind == MONO else poly_loss)(layout, track, logits, teacher, heard)
            heard[track.name] = torch.from_numpy(teacher.lowest)
        share = weight[..., i]
        losses[track.name] = (loss * share).sum() / (share.sum() + 1e-3)
    return losses
