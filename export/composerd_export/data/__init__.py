"""Corpora: from MIDI files and note events to rolls and training batches."""
