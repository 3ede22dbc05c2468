"""MIDI ports: finding, opening, reading, writing and watching them."""
