"""Training of the harmonist: songs, examples, the net in torch, and writing it for the daemon."""
