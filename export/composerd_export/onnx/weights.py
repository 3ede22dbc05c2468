"""Stores the weights of nets in 8 bits; they are computed with in 32."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
import numpy.typing as npt
import onnx
import torch
from onnx import numpy_helper
from torch import nn

Net = TypeVar("Net", bound=nn.Module)
LEAST = 1024
"""Number of values from which on a weight is stored in 8 bits."""


def in_8_bits(model: onnx.ModelProto) -> onnx.ModelProto:
    """Large weights stored as 8-bit integers with a scale per row, turned back (folded) when the file is opened."""
    graph, nodes = model.graph, list[onnx.NodeProto]()
    for tensor in list(graph.initializer):
        values = numpy_helper.to_array(tensor)
        if values.dtype != np.float32 or not _large(values.ndim, values.size):
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
    """8-bit integers (rows, ...) and the scale (rows, 1, ...) of each row."""
    rest = tuple(range(1, values.ndim))
    scale = np.maximum(np.abs(values).max(rest, keepdims=True), 1e-8).astype(np.float32) / np.float32(127)
    return np.clip(np.round(values / scale), -127, 127).astype(np.int8), scale


def as_stored(net: Net) -> Net:
    """Round the weights of `net` to the values that `in_8_bits` stores, for comparison with a file. Returns `net`."""
    with torch.no_grad():
        for value in net.state_dict().values():
            if value.dtype == torch.float32 and _large(value.ndim, value.numel()):
                stored, scale = rounded(value.numpy())
                value.copy_(torch.from_numpy(stored * scale))
    return net.eval()


def _large(dimensions: int, size: int) -> bool:
    return dimensions >= 2 and size >= LEAST
