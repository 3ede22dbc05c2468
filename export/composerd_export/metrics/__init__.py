"""Measures of music: consonance, texture, distance from human music, diversity."""
