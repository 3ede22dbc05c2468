"""Reads and writes files of music and sound: Standard MIDI files, scores, charts, sound files; atomic writing."""
