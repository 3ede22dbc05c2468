"""Subcommands of composerd-export."""
