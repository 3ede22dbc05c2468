"""What daemon and exporter agree on: the model card, the layout of tensors, encoding and decoding (numpy only)."""
