"""The performance: decides what is played and when; reaches hardware and files through `ports` only."""
