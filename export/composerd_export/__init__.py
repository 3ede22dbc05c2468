"""Everything that needs torch: data, training, evaluation, conversion to ONNX."""
