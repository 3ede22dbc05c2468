"""Which listeners there are: MIDI port, sound and take, as the settings and the machine have it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace

from composerd.config import Settings
from composerd.devices.audio.sink import AudioSink
from composerd.devices.audio.status import AudioStatus
from composerd.devices.midi_file import write_song
from composerd.devices.midi_out import MidiOutSink
from composerd.devices.ports import VIRTUAL, MidiSettings
from composerd.engine.messages import Snapshot
from composerd.engine.ports import Sink
from composerd.errors import DeviceError
from composerd.music.genre import Genre
from composerd.paths import take_folder
from composerd.takes.recovery import recover
from composerd.takes.take_sink import TakeSink

log = logging.getLogger(__name__)

SOUND_SECONDS = 1.0
"""how long the sound process may take to say whether there is a device; it needs a third of that"""


@dataclass(frozen=True, slots=True)
class Outputs:
    midi: MidiOutSink
    audio: AudioSink | None
    take: TakeSink | None

    def close(self) -> None:
        for sink in self.sinks:
            sink.close()

    def prepare(self, genre: Genre) -> None:
        """`genre` will play soon."""
        if self.audio is not None:
            self.audio.prepare(genre)

    def on_line(self, show: Callable[[Snapshot], None]) -> Callable[[Snapshot], None]:
        """`show`, told also how the sound stands."""
        audio = self.audio
        if audio is None:
            return show
        return lambda snapshot: show(replace(snapshot, notes=(*snapshot.notes, audio.status().brief)))

    @property
    def sinks(self) -> list[Sink]:
        """The sound first: the player's own note waits for nobody."""
        return [sink for sink in (self.audio, self.midi, self.take) if sink is not None]


def open_outputs(settings: Settings, on_audio: Callable[[AudioStatus], None] = lambda _: None) -> Outputs:
    """What can never come, even if asked for, is a warning: the band plays on over MIDI."""
    return Outputs(MidiOutSink(), _audio(settings, on_audio), _take(settings))


def midi_settings(settings: Settings, audio: AudioSink | None) -> MidiSettings:
    """Where sound is made here and no MIDI output was chosen, the only output is a port of our own: nothing doubles.

    Without a device to sound from, a synth among the MIDI ports is taken as if there were no sound.
    """
    if audio is None or settings.midi.output:
        return settings.midi
    sounds = audio.wait(SOUND_SECONDS, "playing", "waiting", "failed").state == "playing"
    if settings.audio.enabled == "auto" and not sounds:
        return settings.midi
    return replace(settings.midi, output=VIRTUAL)


def _audio(settings: Settings, on_audio: Callable[[AudioStatus], None]) -> AudioSink | None:
    wanted = settings.audio.enabled
    if wanted == "never" or (wanted == "auto" and settings.midi.output):
        return None
    try:
        return AudioSink(settings.audio, on_audio)
    except DeviceError as error:
        log.warning("no sound of our own: %s", error)
        return None


def _take(settings: Settings) -> TakeSink | None:
    folder = take_folder(settings.takes.folder)
    try:
        for path in recover(folder, write_song):
            log.info("take of an interrupted performance saved: %s", path)
    except OSError as error:
        log.warning("takes are not recorded: %s", error)
        return None
    return TakeSink(settings.takes, folder, write_song)
