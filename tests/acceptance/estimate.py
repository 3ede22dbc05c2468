"""How long the shipped models would take on a Raspberry Pi: an estimate from multiply-accumulates, no measurement.

Peak: one 128-bit fused multiply-add a cycle and core on the Cortex-A72 (Pi 4, 1.8 GHz: 7.2 GMAC/s), two on the A76
(Pi 5, 2.4 GHz: 19.2). Small convolutions and matrix products reach 15 to 35 % of that; the rest waits for memory.
"""

from __future__ import annotations

import sys
import time
from importlib import resources
from pathlib import Path

import numpy as np
import onnx

from composerd.config import paths
from composerd.generators import tables
from composerd.generators.session import load_model
from composerd.music.harmony.readings import SHIFTS
from composerd.music.metre import BarGrid
from composerd.music.roll import MelodyRoll

PEAK = {"Pi 4": 7.2e9, "Pi 5": 19.2e9}
"""multiply-accumulates a second, one core"""
SHARE = 0.15, 0.35
BEATS = 9
"""slots that the harmonist works out for a decision on a beat: this one and those up to a bar line ahead"""
PYTHON = 4.0
"""how much slower Python and small numpy calls are there, at most"""
COUNTED = ("Conv", "ConvTranspose", "MatMul", "Gemm", "LSTM", "GRU")


def shapes(path: Path, steps: int) -> tuple[onnx.ModelProto, dict[str, tuple[int, ...]]]:
    """The model with one window of `steps`, and every tensor's shape."""
    model = onnx.load(path)
    for tensor in model.graph.input:
        for i, dimension in enumerate(tensor.type.tensor_type.shape.dim):
            if not dimension.dim_value:
                dimension.dim_value = 1 if i == 0 else steps
    for tensor in model.graph.output:
        tensor.type.tensor_type.ClearField("shape")
    del model.graph.value_info[:]
    known = onnx.shape_inference.infer_shapes(model, data_prop=True)
    found = {one.name: tuple(one.dims) for one in known.graph.initializer}
    for tensor in (*known.graph.input, *known.graph.value_info, *known.graph.output):
        found[tensor.name] = tuple(dimension.dim_value for dimension in tensor.type.tensor_type.shape.dim)
    return known, found


def macs(path: Path, steps: int) -> int:
    """Multiply-accumulates of one run. SystemExit where a counted node's shape is not known."""
    model, found = shapes(path, steps)
    return sum(_macs(node, found) for node in model.graph.node if node.op_type in COUNTED)


def _macs(node: onnx.NodeProto, found: dict[str, tuple[int, ...]]) -> int:
    inputs = [found.get(name, ()) for name in node.input]
    out = found.get(node.output[0], ())
    if not out or 0 in out:
        raise SystemExit(f"{node.op_type} {node.name}: shape not known")
    weight = inputs[1]
    if node.op_type == "Conv":  # per output value: channels of a group times the kernel
        return int(np.prod(out)) * int(np.prod(weight[1:]))
    if node.op_type == "ConvTranspose":  # per input value: channels out of a group times the kernel
        return int(np.prod(inputs[0])) * int(np.prod(weight[1:]))
    if node.op_type in ("LSTM", "GRU"):  # per step and direction: input and recurrent weights
        return int(np.prod(inputs[0][:2])) * (int(np.prod(weight)) + int(np.prod(inputs[2])))
    return int(np.prod(out)) * inputs[0][-1]


def harmonist_macs() -> int:
    """Multiply-accumulates of a decision on a beat: the beat and those ahead, in all readings; 0 between beats."""
    with resources.as_file(resources.files(tables) / tables.FILE) as path, np.load(path) as stored:
        live = [name for name in stored.files if name.startswith(("past", "fuse_past", "fuse.", "out."))]
        weights = sum(int(stored[name].size) for name in live if stored[name].ndim == 2)
    return weights * BEATS * (1 + len(SHIFTS))  # rock has the most readings


def harmonist_seconds() -> float:
    """The median time here of such a decision, over the beats of a melody."""
    pitch = np.repeat(60 + np.random.default_rng(0).choice((0, 2, 4, 5, 7, 9, 11, 12), 128), 4).astype(np.int16)
    melody, harmonist, times = MelodyRoll(0, pitch, np.arange(512) % 4 == 0), tables.harmonist("pop"), []
    for step in range(256, 512, 4):
        heard = melody.window(step - 255, step + 1)
        began = time.thread_time()
        harmonist.plan(heard, BarGrid(), step, step + 4)
        times.append(time.thread_time() - began)
    return sorted(times)[len(times) // 2]


def main() -> int:
    print(
        f"{'model':<10} {'MMAC':>7} {'here, one core':>17}   " + "   ".join(f"{pi + ', one core':>16}" for pi in PEAK)
    )
    for file in sorted(paths.shipped_models().glob("*.onnx")):
        model = load_model(file)
        steps = model.card.grid.past + 16  # what a live decision shows: the past and the beats to come
        steps += -steps % model.card.grid.multiple
        count = macs(file, steps)
        frames = np.zeros((1, steps, model.card.layout.width), np.float32)
        noise = np.zeros((1, steps, model.card.layout.noise_width), np.float32)
        times = []
        for _ in range(50):
            began = time.thread_time()
            model.logits(frames, noise)
            times.append(time.thread_time() - began)
        pis = (
            f"{1e3 * count / peak / SHARE[1]:6.1f} – {1e3 * count / peak / SHARE[0]:.1f} ms" for peak in PEAK.values()
        )
        print(
            f"{file.stem:<10} {count / 1e6:7.1f} {1e3 * sorted(times)[25]:14.2f} ms   "
            + "   ".join(f"{pi:>16}" for pi in pis)
        )
    count, here = harmonist_macs(), harmonist_seconds()
    pis = (f"{1e3 * (count / peak / SHARE[0] + PYTHON * here):6.1f} ms at most" for peak in PEAK.values())
    print(f"{'harmonist':<10} {count / 1e6:7.1f} {1e3 * here:14.2f} ms   " + "   ".join(f"{pi:>16}" for pi in pis))
    return 0


if __name__ == "__main__":
    sys.exit(main())
