"""Writing, quantising and verifying ONNX files."""
