"""Hardware and the real clock: the only room that imports mido, rtmidi, sounddevice or fluidsynth."""
