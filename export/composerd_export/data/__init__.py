"""Corpora: read, written, imported from MIDI files, shown."""
