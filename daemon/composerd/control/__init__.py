"""The control socket: lets other programs on this machine send commands to the engine."""
