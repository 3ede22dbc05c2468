"""The control socket: requests of other programs of this machine, turned into commands of the engine."""
