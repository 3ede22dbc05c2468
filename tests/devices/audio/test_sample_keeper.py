from __future__ import annotations

from contextlib import closing
from pathlib import Path

from composerd.devices.audio.sample_keeper import SampleKeeper
from composerd.devices.audio.synth import CHUNK, Synth
from composerd.music.midi import program
from sound import TIMGM

STRINGS, ORGAN = 48, 19
OPENING = 16_384
"""bytes: FluidSynth opens the file and reads its head in any case"""


def bytes_read() -> int:
    """By this process, since it began."""
    return int(Path("/proc/self/io").read_text().split()[1])


def read_by_choosing(synth: Synth, channel: int, number: int) -> int:
    """Bytes read from the SoundFont by a program change."""
    before = bytes_read()
    own = bytes_read() - before
    before = bytes_read()
    synth.render(CHUNK, [(synth.position, program(channel, number))])
    return bytes_read() - before - own


def test_samples_are_loaded_as_they_are_needed_and_not_in_the_sounds_thread() -> None:
    with closing(Synth(TIMGM, 48000)) as synth, closing(SampleKeeper(TIMGM)) as keeper:
        assert read_by_choosing(synth, 2, ORGAN) > 3 * OPENING
        keeper.keep(3, STRINGS)
        assert read_by_choosing(synth, 3, STRINGS) < OPENING
        keeper.keep(10, 48)
        assert read_by_choosing(synth, 10, 48) < OPENING


def test_after_a_panic_no_sample_is_read_again() -> None:
    with closing(Synth(TIMGM, 48000)) as synth, closing(SampleKeeper(TIMGM)) as keeper:
        keeper.keep(3, STRINGS)
        synth.render(CHUNK, [(0, program(3, STRINGS))])
        before = bytes_read()
        synth.silence()
        assert bytes_read() - before < OPENING
