"""`composerd bench`: measurements of this machine. Both sides of a ratio are measured in the same run."""
