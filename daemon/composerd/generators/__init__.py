"""Composers: ONNX sessions in a worker, and `plain`, the rules that always work."""

import os

# before onnxruntime is imported: since 1.32 it otherwise keeps an id of the machine in ~/.cache and calls its makers
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
