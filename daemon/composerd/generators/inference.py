"""Opens inference sessions of onnxruntime, all with the same options."""

from __future__ import annotations

from typing import Any

import onnxruntime


def inference_session(data: bytes, threads: int) -> Any:
    """A session of an ONNX file's bytes on the processor. Raises onnxruntime's errors."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 4
    return onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
