"""The performance: decides when and whether. Talks to the world through `ports` only."""
