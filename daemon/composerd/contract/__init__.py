"""The interface between daemon and exporter: model card, tensor layout, encoding and decoding (numpy only)."""
