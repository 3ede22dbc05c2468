"""Training of the nets: losses, updates, checkpoints."""
