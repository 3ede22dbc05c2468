"""composerd: plug in a MIDI keyboard, play, and a band of neural generators plays along."""

__version__ = "0.1.0"
