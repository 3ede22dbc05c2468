"""Puts the program together: outputs, generators, control socket, reload; makes no musical decisions."""
