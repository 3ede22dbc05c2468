"""The SoundFont that tests hear: Debian's timgm6mb-soundfont, whatever else is installed."""

from composerd.devices.audio.soundfonts import find_soundfont

SOUNDFONT = "TimGM6mb.sf2"
TIMGM = find_soundfont(SOUNDFONT)

WITHOUT_FLUIDSYNTH = """
import ctypes.util
find = ctypes.util.find_library
ctypes.util.find_library = lambda name: "libno-such-thing.so" if name == "fluidsynth" else find(name)
"""
"""a sitecustomize.py that hides the library"""
