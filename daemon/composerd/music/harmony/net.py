"""The harmonist's net in numpy, trained by `composerd-export fit-harmonist` and read from an .npz file.

Two towers of dilated convolutions over slots (Bai, Kolter & Koltun 2018). In jam only the past's tower is used; the
future's is added for as much of the tune as is known.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from composerd.music.harmony.encoding import FUTURE_WIDTH, PAST_WIDTH

Floats = npt.NDArray[np.float32]

KINDS = ("", "m", "dim")
CHORDS = 36
"""chord index: 3 * root + kind (KINDS), root in semitones above the tonic"""
QUALITY_NAMES = ("", "m", "7", "maj7", "m7", "dim", "m7b5", "dim7", "aug", "sus4", "sus2", "6", "m6")
QUALITY_COUNT = len(QUALITY_NAMES)
BASSES = 12
"""the bass, in semitones above the root"""
COLOUR_WIDTH = 48
PAST_DILATIONS = (1, 2, 4, 8, 16, 32, 1)
FUTURE_DILATIONS = (1, 2, 4, 8, 16)
JOINT_DILATIONS = (1, 2)
_EPSILON = np.float32(1e-5)

Arrays = Mapping[str, npt.NDArray[Any]]


@dataclass(frozen=True, slots=True, eq=False)
class Dense:
    weight: Floats
    """(inputs, outputs)"""
    bias: Floats

    def __call__(self, x: Floats) -> Floats:
        flat = x.reshape(-1, x.shape[-1]) @ self.weight
        flat += self.bias
        return flat.reshape(*x.shape[:-1], -1)


@dataclass(frozen=True, slots=True, eq=False)
class Norm:
    """Layer normalisation (Ba, Kiros & Hinton 2016), then rectification."""

    scale: Floats
    shift: Floats

    def __call__(self, x: Floats) -> Floats:
        width = np.float32(x.shape[-1])
        found = x - np.add.reduce(x, -1, keepdims=True) / width
        variance = np.einsum("...j,...j->...", found, found)[..., None] / width
        found *= self.scale / np.sqrt(variance + _EPSILON)
        found += self.shift
        return np.maximum(found, 0, out=found)


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """Residual block: adds a convolution over three slots, `dilation` apart, to its input."""

    norm: Norm
    conv: Dense
    mix: Dense
    dilation: int

    def around(self, x: Floats, before: int) -> Floats:
        """The output for x (readings, slots, width); the earliest of the three slots is `before` slots back."""
        count = x.shape[1]
        wide = np.zeros((len(x), count + 2 * self.dilation, x.shape[2]), np.float32)
        wide[:, before : before + count] = self.norm(x)
        return x + self.joined(wide, 0, count)

    def joined(self, normed: Floats, first: int, count: int) -> Floats:
        """What is added to `count` slots; the earliest input of the first of them is slot `first` of `normed`."""
        taps = [normed[:, at : at + count] for at in range(first, first + 3 * self.dilation, self.dilation)]
        convolved = self.conv(np.concatenate(taps, 2))
        return self.mix(np.maximum(convolved, 0, out=convolved))


class PastStates:
    """The past's tower's states, layer by layer, for up to `room` slots in a number of readings."""

    def __init__(self, readings: int, room: int, width: int) -> None:
        self.normed = [np.zeros((readings, 2 * dilation + room, width), np.float32) for dilation in PAST_DILATIONS]
        self.last = np.zeros((readings, room, width), np.float32)


class HarmonyNet:
    """Rates chords and colours on slots: rows (readings, slots, …) of `encoding`, states (readings, slots, width)."""

    def __init__(self, arrays: Arrays) -> None:
        """`arrays` as stored. Raises ValueError or KeyError if they are not those of such a net."""
        self._past_in, self._future_in = _dense(arrays, "past_in"), _dense(arrays, "future_in")
        self._past = _blocks(arrays, "past", PAST_DILATIONS)
        self._future = _blocks(arrays, "future", FUTURE_DILATIONS)
        self._joint = _blocks(arrays, "joint", JOINT_DILATIONS)
        self._fuse_past, self._fuse_future = _dense(arrays, "fuse_past"), _dense(arrays, "fuse_future")
        self._fuse, self._out_norm, self._out = _dense(arrays, "fuse"), _norm(arrays, "out_norm"), _dense(arrays, "out")
        self._colour_in, self._colour_out = _dense(arrays, "colour_in"), _dense(arrays, "colour_out")
        self.follow = np.asarray(arrays["follow"], np.float64)
        """(3, 3, 3, 12) log probability of the next chord by slot level, kind, next kind, semitones between"""
        self.width = self._past_in.bias.shape[0]
        for what, dense, shape in (
            ("past_in", self._past_in, (PAST_WIDTH, self.width)),
            ("future_in", self._future_in, (FUTURE_WIDTH, self.width)),
            ("out", self._out, (self.width, CHORDS)),
            ("colour_out", self._colour_out, (COLOUR_WIDTH, QUALITY_COUNT + BASSES)),
        ):
            if dense.weight.shape != shape:
                raise ValueError(f"{what}: found shape {dense.weight.shape}, expected {shape}")

    def past(self, rows: Floats, states: PastStates, first: int = 0) -> Floats:
        """States of all slots up to the last of `rows`, which are those from slot `first` on.

        `states` hold those of the slots before; those of `rows` are added.
        """
        x, count = self._past_in(rows), rows.shape[1]
        for block, normed in zip(self._past, states.normed, strict=True):
            reach = 2 * block.dilation + first
            normed[:, reach : reach + count] = block.norm(x)
            x = x + block.joined(normed, first, count)
        states.last[:, first : first + count] = x
        return states.last[:, : first + count]

    def whole_past(self, rows: Floats) -> Floats:
        """States (readings, slots, width) of slots without a cache."""
        return self.past(rows, PastStates(rows.shape[0], rows.shape[1], self.width))

    def future(self, rows: Floats) -> Floats:
        x = self._future_in(rows)
        for block in self._future:
            x = block.around(x, 0)
        return x

    def fused(self, past: Floats, future: Floats | None = None, whole: bool = False) -> Floats:
        """States of both towers together; `whole`: all of the tune is known, and joint blocks are applied."""
        both = self._fuse_past(past)
        if future is not None:
            both += self._fuse_future(future)
        state = past + self._fuse(np.maximum(both, 0, out=both))
        for block in self._joint if whole else ():
            state = block.around(state, block.dilation)
        return state

    def chords(self, state: Floats) -> Floats:
        """Log probabilities (readings, slots, CHORDS)."""
        return log_softmax(self._out(self._out_norm(state)))

    def colour(self, state: Floats, chord: npt.NDArray[np.int64], style: Floats) -> tuple[Floats, Floats]:
        """Log probabilities of qualities (slots, QUALITY_COUNT) and basses (slots, BASSES) of chords (slots,) for
        states (slots, width)."""
        one_hot = np.eye(CHORDS, dtype=np.float32)[chord]
        shown = np.concatenate([self._out_norm(state), one_hot, np.tile(style, (len(state), 1))], 1)
        hidden = self._colour_in(shown)
        found = self._colour_out(np.maximum(hidden, 0, out=hidden))
        return log_softmax(found[:, :QUALITY_COUNT]), log_softmax(found[:, QUALITY_COUNT:])


def log_softmax(logits: Floats) -> Floats:
    shifted: Floats = logits - np.maximum.reduce(logits, -1, keepdims=True)
    shifted -= np.log(np.add.reduce(np.exp(shifted), -1, keepdims=True))
    return shifted


def _dense(arrays: Arrays, name: str) -> Dense:
    weight = np.asarray(arrays[f"{name}.weight"], np.float32)
    return Dense(np.ascontiguousarray(weight.T), np.asarray(arrays[f"{name}.bias"], np.float32))


def _norm(arrays: Arrays, name: str) -> Norm:
    return Norm(np.asarray(arrays[f"{name}.weight"], np.float32), np.asarray(arrays[f"{name}.bias"], np.float32))


def _blocks(arrays: Arrays, tower: str, dilations: tuple[int, ...]) -> list[Block]:
    def block(index: int, dilation: int) -> Block:
        name = f"{tower}.{index}"
        return Block(
            _norm(arrays, f"{name}.norm"), _dense(arrays, f"{name}.conv"), _dense(arrays, f"{name}.mix"), dilation
        )

    return [block(index, dilation) for index, dilation in enumerate(dilations)]
