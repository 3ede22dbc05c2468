"""`composerd bench`: what this machine makes of it. Ratios have both sides measured in the same run."""
