"""Static 8-bit quantisation: convolutions in integers, with ranges measured on the validation split."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import onnx
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process

from composerd_export.onnx.examples import Feeds


class _Reader(CalibrationDataReader):  # type: ignore[misc]  # onnxruntime has no types
    def __init__(self, examples: Sequence[Feeds]) -> None:
        self._left: Iterator[Feeds] = iter(examples)

    def get_next(self) -> Feeds | None:
        return next(self._left, None)


def quantised(model: onnx.ModelProto, examples: Sequence[Feeds]) -> onnx.ModelProto:
    """`model` with its convolutions in 8 bits: weights a scale per channel, activations the range of `examples`."""
    with TemporaryDirectory(prefix="composerd-int8-") as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        whole, plain, small = (str(Path(folder) / name) for name in ("whole.onnx", "plain.onnx", "small.onnx"))
        onnx.save(model, whole)
        level, log = logging.root.level, logging.getLogger()
        log.setLevel(logging.ERROR)  # it advises what has just been done
        try:
            quant_pre_process(whole, plain, skip_symbolic_shape=True)
            quantize_static(
                plain, small, _Reader(examples), quant_format=QuantFormat.QDQ, op_types_to_quantize=["Conv"],
                per_channel=True, activation_type=QuantType.QUInt8, weight_type=QuantType.QInt8,
            )  # fmt: skip
        finally:
            log.setLevel(level)
        return onnx.load(small)
