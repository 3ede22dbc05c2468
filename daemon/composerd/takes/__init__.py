"""Records performances on disk while they are played."""
