"""The operating system: the clock, signals, priority, memory, the service manager."""
