"""What the daemon and the exporter agree on: the model card and the tensor codec (numpy only)."""
