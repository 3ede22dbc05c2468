"""Audio output: a synth that runs in a separate process."""
