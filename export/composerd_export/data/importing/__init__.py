"""Import of MIDI files into a corpus."""
