"""Songs with chords that people wrote or played, and examples of them, to train the harmonist on."""
