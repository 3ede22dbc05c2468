"""The sound: a synth in a process of its own that does nothing else."""
