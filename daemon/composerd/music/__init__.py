"""The art, pure: notes, metre, tempo, melody, chords, genres. Numbers in, numbers out: no clock, thread, log or file."""
