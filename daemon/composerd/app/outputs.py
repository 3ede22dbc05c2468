"""Opens the sinks that the settings ask for and the machine allows: MIDI port, sound and take."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from composerd.config.layers import Settings
from composerd.config.paths import take_folder
from composerd.devices.audio.sink import AudioSink
from composerd.devices.audio.status import AudioStatus
from composerd.devices.midi.output import MidiOutSink
from composerd.devices.midi.settings import VIRTUAL, MidiSettings
from composerd.engine.messages import Snapshot
from composerd.engine.ports import Sink
from composerd.errors import DeviceError
from composerd.music.genre import Genre
from composerd.takes.facts import facts_in
from composerd.takes.folder import list_takes
from composerd.takes.recovery import recover
from composerd.takes.take_sink import TakeSink

log = logging.getLogger(__name__)

MOST_LISTED = 3
"""most takes of a session that are listed one by one at its end"""
SOUND_SECONDS = 1.0
"""seconds to wait for the sound process to find a device; it needs a third of that"""


@dataclass(frozen=True, slots=True)
class Outputs:
    """The sinks of a running daemon."""

    midi: MidiOutSink
    audio: AudioSink | None
    take: TakeSink | None

    def close(self) -> None:
        for sink in self.sinks:
            sink.close()
        if self.take is not None:
            for line in session_lines(self.take.finished):
                log.info("%s", line)

    def prepare(self, genre: Genre) -> None:
        """Prepare the sinks for `genre`, which plays soon."""
        if self.audio is not None:
            self.audio.prepare(genre)
        self.warn_of_silent_parts(genre)

    def warn_of_silent_parts(self, genre: Genre) -> None:
        """Warn of the parts of `genre` that the SoundFont leaves silent."""
        silent = () if self.audio is None else self.audio.silent_parts(genre)
        if silent and self.audio is not None:
            names = ", ".join(silent)
            log.warning("%s has no instrument for %s of %s: silent", self.audio.soundfont, names, genre.name)

    def on_line(self, show: Callable[[Snapshot], None]) -> Callable[[Snapshot], None]:
        """`show` extended: snapshots get the state of the sound and the recording."""
        audio, take = self.audio, self.take

        def shown(snapshot: Snapshot) -> None:
            sound = () if audio is None else (audio.status().brief,)
            recording = (f"not recording: {take.problem}",) if take is not None and take.problem else ()
            show(replace(snapshot, notes=(*snapshot.notes, *sound, *recording)))

        return shown

    def unwritable(self) -> str:
        """The reason why no take can be written now, or an empty text."""
        return "no takes are kept here" if self.take is None else self.take.unwritable()

    @property
    def sinks(self) -> list[Sink]:
        """All sinks; sound first, so that the player's note is not delayed by the others."""
        return [sink for sink in (self.audio, self.midi, self.take) if sink is not None]


def open_outputs(
    settings: Settings, on_audio: Callable[[AudioStatus], None] = lambda _: None, record: bool = True
) -> Outputs:
    """Open sinks as the settings have them. A missing output is a warning: the band plays on over MIDI."""
    return Outputs(MidiOutSink(), _audio(settings, on_audio), _take(settings) if record else None)


def session_lines(finished: Sequence[Path]) -> list[str]:
    """Lines that name the takes of a session and how to get them; empty without takes."""
    kept = [take for take in (list_takes(finished[0].parent) if finished else ()) if take.path in finished]
    lines = [f"kept: take {take.number}, {facts_in(take.path)}, {take.genre}" for take in kept[-MOST_LISTED:]]
    if len(kept) > MOST_LISTED:
        lines.insert(0, f"kept: {len(kept)} takes, from {kept[0].number} to {kept[-1].number}; the last ones:")
    how = "hear it: composerd takes play last; as a file: composerd takes export last -o NAME.mid (.wav, .flac)"
    return [*lines, how] if lines else []


def midi_settings(settings: Settings, audio: AudioSink | None) -> MidiSettings:
    """The MIDI settings, with a port of our own as the output if the sound is made here and no MIDI output was chosen.

    Otherwise a synth among the MIDI ports would double the sound. It is used if no sound device works.
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
        log.warning("no audio output: %s", error)
        return None


def _take(settings: Settings) -> TakeSink | None:
    folder = take_folder(settings.takes.folder)
    try:
        for path in recover(folder):
            log.info("take of an interrupted performance saved: %s", path)
    except OSError as error:
        log.warning("takes are not recorded: %s", error)
        return None
    return TakeSink(settings.takes, folder)
