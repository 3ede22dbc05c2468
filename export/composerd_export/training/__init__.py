"""Training of the players' nets."""
