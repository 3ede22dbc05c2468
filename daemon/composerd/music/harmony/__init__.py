"""Harmony: chooses chords for a melody (the harmonist), and recognises keys and chords in notes."""
