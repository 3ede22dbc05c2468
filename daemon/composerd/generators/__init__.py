"""Composers: ONNX sessions in a worker, and `plain`, the rules that always work."""
