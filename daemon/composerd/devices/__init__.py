"""Hardware and the real clock: the only room that imports rtmidi, sounddevice or FluidSynth's library."""
