"""The command line: the parser, one module for each subcommand, the status line."""
