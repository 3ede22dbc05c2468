"""The engine's output: messages to sinks, levels, the timeline of scheduled notes."""
