"""Jam mode: the band plays along."""
