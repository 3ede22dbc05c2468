"""The export side: data, training, evaluation, conversion to ONNX. Needs torch."""

import os

os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # as in composerd.generators; here onnxruntime may be imported first
