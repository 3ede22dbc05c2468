"""Checks and measurements of this machine, each a finding with the command that fixes it."""
