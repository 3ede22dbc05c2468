"""Performances on disk, written as they happen."""
