"""`composerd-export export`: a checkpoint as one ONNX file with its card and the harmonist's tables inside."""

from __future__ import annotations

import argparse
import base64
import io
import os
import warnings
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import numpy as np
import onnx
import torch
from onnx import numpy_helper

from composerd.contract.card import HARMONY_KEY, KEY, Card, Decoding, encode_card, seal
from composerd.contract.frames import Floats, Window, encode
from composerd.errors import ConfigError
from composerd.model_files import INT8
from composerd.music.harmonist import HarmonyTables
from composerd_export.calibrate import calibrated, song_rates
from composerd_export.checkpoint import Checkpoint, load_checkpoint
from composerd_export.curves import columns
from composerd_export.data.batches import Windows
from composerd_export.data.folder import data_folder
from composerd_export.data.rolls import load
from composerd_export.examples import Feeds, examples_of
from composerd_export.grooves import song_grooves
from composerd_export.nets.datasets import dataset_named, decoding_of, plan_of
from composerd_export.nets.players import Players, draw_noise
from composerd_export.quantising import quantised

LIVE_STEPS = 44
"""Length of a live window: 32 steps of past, the beat, and what is foretold."""
OPSET = 20


def to_half(net: Players) -> Players:
    """Weights rounded to 16 bits: that is how they are stored, and what torch is compared with."""
    with torch.no_grad():
        for value in net.state_dict().values():
            value.copy_(value.half().float())
    return net.eval()


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


def halved(model: onnx.ModelProto) -> onnx.ModelProto:
    """Weights stored as 16-bit floats, cast back where they are used (folded when the file is opened)."""
    graph, casts = model.graph, []
    for tensor in list(graph.initializer):
        values = numpy_helper.to_array(tensor)
        if values.dtype != np.float32 or values.size < 64:
            continue
        stored = numpy_helper.from_array(values.astype(np.float16), f"{tensor.name}.half")
        graph.initializer.remove(tensor)
        graph.initializer.append(stored)
        casts.append(onnx.helper.make_node("Cast", [stored.name], [tensor.name], to=onnx.TensorProto.FLOAT))
    for node in reversed(casts):
        graph.node.insert(0, node)
    return model


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
    """The curves of the training up to the epoch that is exported, a list a name; None where one had not begun."""
    return {"curves": {name: [_short(row.get(name)) for row in point.curves] for name in columns(point.curves)}}


def _short(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def card_of(point: Checkpoint, net: Players, name: str) -> Card:
    """The card of a checkpoint's net; the checksum is written when the file is sealed."""
    layout = net.layout
    return Card(
        name=name, family=net.family, genre=point.dataset, tracks=layout.tracks, inputs=layout.inputs,
        outputs=layout.outputs, noise=layout.noise_width if net.family == "musegan" else 0, plan=plan_of(point.dataset),
        decoding=point.decoding or decoding_of(point.dataset), data=tuple(point.data),
        hyperparameters=point.hyper.to_json(),
        metrics=measured(point), parameters=sum(value.numel() for value in net.parameters()),
        multiply_accumulates=multiply_accumulates(net, LIVE_STEPS),
    )  # fmt: skip


def packed_tables(path: Path) -> str:
    """The harmonist's tables (what `fit-harmonist` wrote) as base64. ConfigError where they are not usable."""
    try:
        data = path.read_bytes()
        with np.load(io.BytesIO(data), allow_pickle=False) as stored:
            HarmonyTables.from_arrays({key: stored[key] for key in stored.files})
    except FileNotFoundError:
        raise ConfigError(f"--harmony: {path}: no such file") from None
    except (OSError, KeyError, TypeError, ValueError, EOFError, zipfile.BadZipFile) as error:
        raise ConfigError(f"--harmony: {path}: not harmony tables ({error})") from None
    return base64.b64encode(data).decode()


def write_model(
    point: Checkpoint, path: Path, tables: Path | None = None, examples: Sequence[Feeds] | None = None
) -> Card:
    """Writes the file whole or not at all; `tables` are those of a genre that the daemon has none of.

    `examples` are what the net hears while it plays: with them it is written in 8 bits.
    """
    net = to_half(point.net())
    model = halved(traced(net)) if examples is None else quantised(traced(net), examples)
    card = card_of(point, net, path.stem)
    entries = {KEY: encode_card(card)} | ({HARMONY_KEY: packed_tables(tables)} if tables else {})
    for key, value in entries.items():
        entry = model.metadata_props.add()
        entry.key, entry.value = key, value
    model.producer_name, model.doc_string = "composerd-export", f"{card.name}: {card.family} for {card.genre}"
    onnx.checker.check_model(model)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    part.write_bytes(seal(model.SerializeToString()))
    os.replace(part, path)
    return card


def _calibrated(point: Checkpoint, data: Path) -> Decoding:
    """Densities brought to the corpus's on the validation split. ConfigError where that is missing."""
    dataset = replace(dataset_named(point.dataset, data), tracks=point.tracks)
    net = to_half(point.net())

    def forward(window: Window) -> Floats:
        with torch.no_grad():
            logits = net(torch.from_numpy(encode(point.layout, window)), draw_noise(point.layout, *window.shape))
        return np.asarray(logits.numpy(), np.float32)

    torch.manual_seed(0)
    rolls = load(dataset, data, "valid")
    windows = Windows(replace(rolls, weights=np.ones_like(rolls.weights)), point.tracks)
    return calibrated(point.layout, forward, windows, point.decoding or dataset.decoding)


def arranged(point: Checkpoint, data: Path) -> Checkpoint:
    """With the dataset's decoding, how busy its parts are and its grooves. ConfigError where the corpus is missing."""
    dataset = replace(dataset_named(point.dataset, data), tracks=point.tracks)
    rolls = load(dataset, data, "train")
    grooves = song_grooves(rolls, point.layout) if dataset.decoding.groove else ()
    rates = song_rates(rolls, point.layout)
    return replace(point, decoding=replace(dataset.decoding, rates=rates, grooves=grooves))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("checkpoint", type=Path, help="what `train` wrote: best.pt or last.pt")
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="FILE", help="models/NAME.onnx")
    parser.add_argument("--data", type=Path, metavar="DIR", help="folder of the corpora, for the validation split")
    parser.add_argument("--harmony", type=Path, metavar="FILE", help="harmony tables of a genre of your own (.npz)")
    parser.add_argument("--calibrate", action="store_true", help="set densities by playing on the validation split")
    parser.add_argument(
        "--int8", action="store_true", help="in 8 bits: quicker on many processors; name it NAME-int8.onnx"
    )
    parser.add_argument("--no-verify", action="store_true", help="write without comparing and playing it")


def run(args: argparse.Namespace) -> int:
    if args.output.suffix != ".onnx":
        raise ConfigError(f"--output: found {args.output.name}, expected a name that ends in .onnx")
    if args.int8 != args.output.stem.endswith(INT8):
        raise ConfigError(
            f"--output: found {args.output.name}, expected {INT8} before .onnx with --int8, and only then"
        )
    point = arranged(load_checkpoint(args.checkpoint), data_folder(args.data))
    if args.calibrate:
        point = replace(point, decoding=_calibrated(point, data_folder(args.data)))
    examples = examples_of(point, data_folder(args.data)) if args.int8 else None
    card = write_model(point, args.output, args.harmony, examples)
    size = args.output.stat().st_size / 1e6
    print(
        f"{args.output}: {card.family} for {card.genre}, {card.parameters / 1e6:.2f} M parameters, "
        f"{card.multiply_accumulates / 1e6:.0f} M multiply-accumulates a decision, {size:.1f} MB"
    )
    if args.no_verify:
        return 0
    from composerd_export.verify import verify

    print(verify(args.output, point, examples or examples_of(point, data_folder(args.data))))
    return 0
