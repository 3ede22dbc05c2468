"""The art, pure: notes, metre, tempo, melody, chords, genres. No clock, thread, log or file."""
