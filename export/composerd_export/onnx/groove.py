"""Converts the groove net to an ONNX graph with weights in 8 bits, small enough for a model file's metadata."""

from __future__ import annotations

import io
import json
import warnings
from pathlib import Path
from typing import Any, cast

import numpy as np
import numpy.typing as npt
import onnx
import torch
from onnx import numpy_helper
from torch import Tensor, nn

from composerd.contract.binary_text import packed
from composerd.contract.card import GROOVE_KEY, Card
from composerd.contract.groove import LINKS, QUESTIONS
from composerd.contract.groove_decoding import OPENING
from composerd.errors import ConfigError
from composerd_export.nets.groove import GrooveNet
from composerd_export.training.groove_checkpoint import GrooveCheckpoint

OPSET = 20
OPENINGS = {"rock": 1.0, "pop": 1.0}
"""Temperature of a performance's first bars by genre, if not the usual one: where a drummer has closed hi-hat, open
hi-hat or ride, a low temperature leaves out all three."""
LEAST = 1024
"""Number of values from which on a weight is stored in 8 bits."""


class _Graph(nn.Module):
    """Computes the answers to all questions, for tracing."""

    def __init__(self, net: GrooveNet) -> None:
        super().__init__()
        self.net = net
        self.questions = [name for name in QUESTIONS if name in net.nets]

    def forward(self, *frames: Tensor) -> tuple[Tensor, ...]:
        return tuple(self.net.nets[name](rows) for name, rows in zip(self.questions, frames, strict=True))


def groove_graph(net: GrooveNet) -> onnx.ModelProto:
    """Inputs QUESTIONS (N, inputs), outputs `QUESTION.logits` (N, outputs); a question with no rows costs nothing."""
    graph = _Graph(net).eval()  # the exporter leaves it as it finds it: in training, dropout would come back
    inputs = tuple(torch.zeros(1, net.layout.inputs(name)) for name in graph.questions)
    outputs = [f"{name}.logits" for name in graph.questions]
    stream = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            graph, inputs, cast(Any, stream), input_names=graph.questions, output_names=outputs,
            dynamic_axes={name: {0: name.split(".")[0] + ".rows"} for name in (*graph.questions, *outputs)},
            opset_version=OPSET, dynamo=False,
        )  # fmt: skip
    return onnx.load_model_from_string(stream.getvalue())


def in_8_bits(model: onnx.ModelProto) -> onnx.ModelProto:
    """Large weights stored as 8-bit integers with a scale per row, turned back (folded) when the file is opened."""
    graph, nodes = model.graph, list[onnx.NodeProto]()
    for tensor in list(graph.initializer):
        values = numpy_helper.to_array(tensor)
        if values.dtype != np.float32 or values.size < LEAST or values.ndim != 2:
            continue
        stored, scale = rounded(values)
        graph.initializer.remove(tensor)
        graph.initializer.extend([
            numpy_helper.from_array(stored, f"{tensor.name}.int8"),
            numpy_helper.from_array(scale, f"{tensor.name}.scale"),
        ])  # fmt: skip
        whole = f"{tensor.name}.whole"
        nodes += [
            onnx.helper.make_node("Cast", [f"{tensor.name}.int8"], [whole], to=onnx.TensorProto.FLOAT),
            onnx.helper.make_node("Mul", [whole, f"{tensor.name}.scale"], [tensor.name]),
        ]
    for node in reversed(nodes):
        graph.node.insert(0, node)
    return model


def rounded(values: npt.NDArray[np.float32]) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.float32]]:
    """8-bit integers (rows, columns) and the scale (rows, 1) of each row."""
    scale = np.maximum(np.abs(values).max(1, keepdims=True), 1e-8).astype(np.float32) / np.float32(127)
    return np.clip(np.round(values / scale), -127, 127).astype(np.int8), scale


def packed_groove(net: GrooveNet, absent: dict[str, float], opening: float) -> str:
    """The net as text for a model file's metadata.

    `absent`: per track how often it is left out; `opening`: temperature of a performance's first bars.
    """
    data = in_8_bits(groove_graph(net)).SerializeToString()
    links = {
        name: [[round(float(value), 4) for value in row] for row in net.link(name).tolist()]
        for name in LINKS if name in net.links
    }  # fmt: skip
    told = {"genres": net.layout.genres, "absent": absent, "opening": opening, "links": links, "graph": packed(data)}
    return json.dumps(told)


def groove_entry(point: GrooveCheckpoint, card: Card, path: Path) -> str:
    """The metadata entry for a model of `card`. Raises ConfigError if its parts are others."""
    kinds, found = ([track.kind for track in tracks] for tracks in (point.layout.tracks, card.tracks))
    if kinds != found:
        raise ConfigError(
            f"{path}: expected the parts of the groove net ({', '.join(kinds)}), found {', '.join(found)}"
        )
    genres = point.layout.genres
    shares = point.absent[genres.index(card.genre)] if card.genre in genres and point.absent else [0.0] * len(found)
    absent = {track.name: share for track, share in zip(card.tracks, shares, strict=True)}
    return packed_groove(point.net(), absent, OPENINGS.get(card.genre, OPENING))


def entry_of(path: Path) -> str:
    """The groove net's metadata entry in a model file. Raises ConfigError if there is none."""
    found = {entry.key: entry.value for entry in onnx.load(str(path), load_external_data=False).metadata_props}
    if GROOVE_KEY not in found:
        raise ConfigError(f"{path}: expected a groove net ({GROOVE_KEY}), found none")
    return found[GROOVE_KEY]
