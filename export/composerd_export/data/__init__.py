"""Corpora: MIDI files and note events to rolls and batches."""
