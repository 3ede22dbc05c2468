"""Converts the groove net to an ONNX graph with weights in 8 bits, small enough for a model file's metadata."""

from __future__ import annotations

import io
import json
import warnings
from pathlib import Path
from typing import Any, cast

import onnx
import torch
from torch import Tensor, nn

from composerd.contract.binary_text import packed
from composerd.contract.card import GROOVE_KEY, Card
from composerd.contract.groove import LINKS, QUESTIONS
from composerd.errors import ConfigError
from composerd_export.nets.groove import GrooveNet
from composerd_export.onnx.weights import in_8_bits
from composerd_export.training.groove_checkpoint import GrooveCheckpoint

OPSET = 20


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


def packed_groove(
    net: GrooveNet, absent: dict[str, float], textures: list[list[list[int]]] | None = None
) -> str:  # fmt: skip
    """The net as text for a model file's metadata.

    `absent`: per track how often it is left out; `textures` (pieces, tracks, TEXTURE): a performance plays in those of
    one of them.
    """
    data = in_8_bits(groove_graph(net)).SerializeToString()
    links = {
        name: [[round(float(value), 4) for value in row] for row in net.link(name).tolist()]
        for name in LINKS if name in net.links
    }  # fmt: skip
    told = {
        "genres": net.layout.genres, "absent": absent, "textures": textures or [], "links": links,
        "graph": packed(data),
    }  # fmt: skip
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
    textures = point.textures[genres.index(card.genre)] if card.genre in genres and point.textures else []
    return packed_groove(point.net(), absent, textures)


def entry_of(path: Path) -> str:
    """The groove net's metadata entry in a model file. Raises ConfigError if there is none."""
    found = {entry.key: entry.value for entry in onnx.load(str(path), load_external_data=False).metadata_props}
    if GROOVE_KEY not in found:
        raise ConfigError(f"{path}: expected a groove net ({GROOVE_KEY}), found none")
    return found[GROOVE_KEY]
