"""The voicing net as ONNX graphs with their weights in 8 bits, as the text that a model file carries."""

from __future__ import annotations

import io
import json
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import onnx
import torch

from composerd.contract.binary_text import packed
from composerd.contract.card import Card
from composerd.contract.voicing_layout import VoicingLayout
from composerd.errors import ConfigError
from composerd_export.nets.voicing import VoicingNet
from composerd_export.onnx.groove import OPSET
from composerd_export.onnx.weights import in_8_bits
from composerd_export.training.voicing_checkpoint import VoicingCheckpoint

HEARING = 0.1
"""Weight of the players' net's pitch logits where the voicing net chooses notes."""


def voicing_graph(net: VoicingNet, question: str) -> onnx.ModelProto:
    """One of the net's questions: input `frames` (N, inputs), output `logits` (N, outputs)."""
    stream = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            net.nets[question].eval(), (torch.zeros(1, net.layout.inputs),), cast(Any, stream),
            input_names=["frames"], output_names=["logits"],
            dynamic_axes={"frames": {0: "rows"}, "logits": {0: "rows"}},
            opset_version=OPSET, dynamo=False,
        )  # fmt: skip
    return onnx.load_model_from_string(stream.getvalue())


def packed_voicing(net: VoicingNet, pitch_weights: Mapping[str, float]) -> str:
    """The net as text; `pitch_weights`: per pitched track the weight of the players' net's logits of each pitch."""
    graphs = {
        name: packed(in_8_bits(voicing_graph(net, name)).SerializeToString())
        for name in net.layout.questions
    }  # fmt: skip
    entry = {"genres": net.layout.genres, "hearing": pitch_weights, "graphs": graphs}
    return json.dumps(entry)


def voicing_entry(point: VoicingCheckpoint, card: Card, path: Path) -> str:
    """The entry for a model of `card`. ConfigError where its parts are others."""
    kinds, found = ([track.kind for track in tracks] for tracks in (point.tracks, card.tracks))
    if kinds != found:
        raise ConfigError(
            f"{path}: expected the parts of the voicing net ({', '.join(kinds)}), found {', '.join(found)}"
        )
    return packed_voicing(point.net(), {track.name: HEARING for track in VoicingLayout(card.tracks, ()).pitched})
