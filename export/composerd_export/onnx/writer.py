"""Writes a checkpoint as one ONNX file with its card, its groove net and, optionally, voicing net and harmonist."""

from __future__ import annotations

import base64
import io
import warnings
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import numpy as np
import onnx
import torch

from composerd.contract.card import GROOVE_KEY, HARMONY_KEY, KEY, VOICING_KEY, Card, Grid, encode_card, seal
from composerd.errors import ConfigError, ModelError
from composerd.files.atomic import write_bytes
from composerd.generators.tables import net_of
from composerd_export.datasets import plan_of, temperature_of
from composerd_export.nets.players import Players
from composerd_export.onnx.examples import Feeds
from composerd_export.onnx.groove import groove_entry
from composerd_export.onnx.quantise import quantised
from composerd_export.onnx.voicing import voicing_entry
from composerd_export.onnx.weights import as_stored, in_8_bits
from composerd_export.training.checkpoint import Checkpoint
from composerd_export.training.curves import columns
from composerd_export.training.groove_checkpoint import GrooveCheckpoint
from composerd_export.training.voicing_checkpoint import VoicingCheckpoint

LIVE_STEPS = 44
"""Length of a live window [steps]: 32 of the past, the beat, and the predicted ones."""
OPSET = 20


def traced(net: Players) -> onnx.ModelProto:
    """The net as ONNX with free batch and time."""
    frames = torch.zeros(1, LIVE_STEPS, net.layout.width)
    noise = torch.zeros(1, LIVE_STEPS, net.layout.noise_width)
    inputs = {"frames": frames} | ({"noise": noise} if net.family == "musegan" else {})
    axes = {name: {0: "batch", 1: "time"} for name in (*inputs, "logits")}
    stream = io.BytesIO()
    net.eval()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter that needs no further package is called deprecated
        torch.onnx.export(
            net, tuple(inputs.values()), cast(Any, stream), input_names=list(inputs), output_names=["logits"],
            dynamic_axes=axes, opset_version=OPSET, dynamo=False,
        )  # fmt: skip
    net.eval()  # the exporter restores what it found, dropout included
    return onnx.load_model_from_string(stream.getvalue())


def multiply_accumulates(net: Players, steps: int) -> int:
    """Multiply-accumulates of one run over `steps` steps, counted on the convolutions."""
    count = 0

    def note(module: torch.nn.Conv1d, _: Any, output: torch.Tensor) -> None:
        nonlocal count
        count += output.shape[2] * module.weight.numel()

    hooks = [module.register_forward_hook(note) for module in net.modules() if isinstance(module, torch.nn.Conv1d)]
    with torch.no_grad():
        net.eval()(torch.zeros(1, steps, net.layout.width), torch.zeros(1, steps, net.layout.noise_width))
    for hook in hooks:
        hook.remove()
    return count


def measured(point: Checkpoint) -> dict[str, Any]:
    """The curves of the training up to the epoch that is exported, a list a name; None for epochs without it."""
    return {"curves": {name: [_short(row.get(name)) for row in point.curves] for name in columns(point.curves)}}


def _short(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def card_of(point: Checkpoint, net: Players, name: str) -> Card:
    """The card of a checkpoint's net; the checksum is written when the file is sealed."""
    layout = net.layout
    return Card(
        name=name, family=net.family, genre=point.dataset, tracks=layout.tracks, inputs=layout.inputs,
        outputs=layout.outputs, grid=Grid(),
        noise=layout.noise_width if net.family == "musegan" else 0, plan=plan_of(point.dataset),
        temperature=temperature_of(point.dataset), data=tuple(point.data),
        hyperparameters=point.hyper.to_json(),
        metrics=measured(point), parameters=sum(value.numel() for value in net.parameters()),
        multiply_accumulates=multiply_accumulates(net, LIVE_STEPS),
    )  # fmt: skip


def packed_harmonist(path: Path) -> str:
    """A harmonist (what `fit-harmonist` wrote) as base64. Raises ConfigError if it is not usable."""
    try:
        data = path.read_bytes()
        with np.load(io.BytesIO(data), allow_pickle=False) as stored:
            net_of({key: stored[key] for key in stored.files}, str(path))
    except FileNotFoundError:
        raise ConfigError(f"--harmony: {path}: no such file") from None
    except (OSError, KeyError, TypeError, ValueError, EOFError, ModelError, zipfile.BadZipFile) as error:
        raise ConfigError(f"--harmony: {path}: not a harmonist ({error})") from None
    return base64.b64encode(data).decode()


def write_model(
    point: Checkpoint,
    path: Path,
    groove: GrooveCheckpoint | str,
    harmonist: Path | None = None,
    examples: Sequence[Feeds] | None = None,
    voicing: VoicingCheckpoint | None = None,
) -> Card:
    """Writes the file whole or not at all, with the net that draws its rhythm (or its entry); `harmonist` is one
    of the genre's own.

    `examples` are inputs of the net from performances: with them it computes in 8 bits.
    """
    net = as_stored(point.net())
    model = in_8_bits(traced(net)) if examples is None else quantised(traced(net), examples)
    card = card_of(point, net, path.stem)
    entries = {
        KEY: encode_card(card),
        GROOVE_KEY: groove if isinstance(groove, str) else groove_entry(groove, card, path),
    }
    entries |= {HARMONY_KEY: packed_harmonist(harmonist)} if harmonist else {}
    entries |= {VOICING_KEY: voicing_entry(voicing, card, path)} if voicing else {}
    for key, value in entries.items():
        entry = model.metadata_props.add()
        entry.key, entry.value = key, value
    model.producer_name, model.doc_string = "composerd-export", f"{card.name}: {card.family} for {card.genre}"
    onnx.checker.check_model(model)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_bytes(path, seal(model.SerializeToString()))
    return card
