"""The voicing net as ONNX graphs with their weights in 8 bits, as the text that a model file carries."""

from __future__ import annotations

import io
import json
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, cast

import onnx
import torch
from torch import Tensor, nn

from composerd.contract.binary_text import packed
from composerd.contract.card import Card
from composerd.contract.voicing_layout import PLANES, VoicingLayout
from composerd.errors import ConfigError
from composerd.generators.voicing_session import ANSWERS, BEGUN, COLUMNS, FRAMES, SUMS
from composerd_export.nets.voicing import VoicingNet, VoicingPart
from composerd_export.onnx.groove import OPSET
from composerd_export.onnx.weights import in_8_bits
from composerd_export.training.voicing_checkpoint import VoicingCheckpoint

HEARING = 0.1
"""Weight of the players' net's pitch logits where the voicing net chooses notes."""


class _Stepwise(nn.Module):
    """A part of the net whose first layer is computed apart, in a sum to which columns can be added."""

    def __init__(self, part: VoicingPart) -> None:
        super().__init__()
        self.part = part

    def forward(self, frames: Tensor, begun: Tensor, columns: Tensor) -> tuple[Tensor, Tensor]:
        part, planes = self.part, len(PLANES) * self.part.size.plane
        weight = part.enter.weight
        pitches = weight[:, :planes].reshape(-1, len(PLANES), part.size.plane) @ part.planes.weight
        first = torch.cat([pitches.flatten(1), weight[:, planes:]], 1).transpose(0, 1)
        sums = begun + first.index_select(0, columns).sum(0)
        return frames @ first + part.enter.bias, part.answers(sums[None])[0]


def voicing_graph(net: VoicingNet, question: str) -> onnx.ModelProto:
    """One of the net's questions as the graph that `composerd.generators.voicing_session` runs."""
    stream = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            _Stepwise(cast(VoicingPart, net.nets[question]).eval()),
            (torch.zeros(1, net.layout.inputs), torch.zeros(net.size.hidden), torch.zeros(1, dtype=torch.int64)),
            cast(Any, stream), input_names=[FRAMES, BEGUN, COLUMNS], output_names=[SUMS, ANSWERS],
            dynamic_axes={FRAMES: {0: "rows"}, COLUMNS: {0: "chosen"}, SUMS: {0: "rows"}},
            opset_version=OPSET, do_constant_folding=False, dynamo=False,
        )  # fmt: skip
    return onnx.load_model_from_string(stream.getvalue())


def packed_voicing(
    net: VoicingNet, pitch_weights: Mapping[str, float], manners: Sequence[Sequence[Sequence[int]]] = ()
) -> str:  # fmt: skip
    """The net as text.

    `pitch_weights`: per pitched track the weight of the players' net's logits of each pitch; `manners` (pieces, parts,
    MANNER): a performance plays in those of one of them.
    """
    graphs = {
        name: packed(in_8_bits(voicing_graph(net, name)).SerializeToString())
        for name in net.layout.questions
    }  # fmt: skip
    entry = {"genres": net.layout.genres, "hearing": pitch_weights, "manners": manners, "graphs": graphs}
    return json.dumps(entry)


def voicing_entry(point: VoicingCheckpoint, card: Card, path: Path) -> str:
    """The entry for a model of `card`. ConfigError where its parts are others."""
    kinds, found = ([track.kind for track in tracks] for tracks in (point.tracks, card.tracks))
    if kinds != found:
        raise ConfigError(
            f"{path}: expected the parts of the voicing net ({', '.join(kinds)}), found {', '.join(found)}"
        )
    pitched = VoicingLayout(card.tracks, ()).pitched
    manners = point.manners[point.genres.index(card.genre)] if card.genre in point.genres and point.manners else []
    return packed_voicing(point.net(), {track.name: HEARING for track in pitched}, manners)
