"""Music as values and pure functions: notes, metre, tempo, melody, chords, genres. No clock, thread, log or file."""
