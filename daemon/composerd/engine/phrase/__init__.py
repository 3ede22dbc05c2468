"""Phrase mode: the band answers with the whole phrase."""
