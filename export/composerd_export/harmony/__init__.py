"""Learning the harmonist."""
