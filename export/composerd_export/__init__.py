"""Everything that needs torch: data, training, evaluation, conversion to ONNX."""

import os

os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # as in composerd.generators; here onnxruntime may be imported first
