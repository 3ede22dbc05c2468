"""Plays a take back on the outputs in use."""

from __future__ import annotations

import logging
import re
from contextlib import ExitStack
from dataclasses import dataclass, replace

from composerd.app.outputs import Outputs, midi_settings, open_outputs
from composerd.config.layers import Settings
from composerd.devices.midi.watcher import PortWatcher
from composerd.devices.system.inbox import RealInbox
from composerd.devices.system.signals import catch_signals
from composerd.engine.messages import Finish, Played, Stop
from composerd.errors import ConfigError, Line
from composerd.files.midi_reader import MidiFile, MidiTrack, read_midi
from composerd.library.genre_files import load_genre
from composerd.music.genre import PLAYER_CHANNEL, Genre, Part
from composerd.music.midi import ALL_NOTES_OFF, DRUM_CHANNEL, PROGRAM, SUSTAIN_PEDAL, control
from composerd.music.midi_tracks import MELODY_TRACK, Axis
from composerd.takes.folder import Take

log = logging.getLogger(__name__)

LEAD_IN, TAIL = 1.0, 2.0
"""seconds before the first note, for ports and sound to get ready, and after the last, for notes to fade"""


@dataclass(frozen=True, slots=True)
class Recorded:
    """A take's music: `played` in order, at seconds from its beginning."""

    genre: Genre
    played: tuple[Played, ...]


def read_take(take: Take) -> Recorded:
    """Read a take's file, with the parts of its genre's page. Raises ConfigError if it cannot be read."""
    try:
        file = read_midi(take.path)
    except OSError as error:
        raise ConfigError.unreadable(take.path, error) from None
    except ValueError as problem:
        raise ConfigError(str(problem), place=Line(str(take.path))) from None
    genre = _genre(take.genre, file)
    axis = Axis(file.ticks_per_beat, file.tempos, file.metres)
    index = {part.name: number for number, part in enumerate(genre.parts)}
    lines = sorted(
        ((tick, index.get(track.name), message) for track in file.tracks for tick, message in track.events),
        key=lambda line: line[0],
    )
    return Recorded(
        genre, tuple(Played(axis.second_at(tick), part, message, None, True) for tick, part, message in lines)
    )


def play_take(take: Take, settings: Settings) -> None:
    """Play a take until its end or a signal. Raises ConfigError if its file cannot be read."""
    recorded = read_take(take)
    with ExitStack() as stack:
        inbox = RealInbox()
        stack.enter_context(catch_signals(inbox))
        outputs = open_outputs(settings, record=False)
        stack.callback(outputs.close)
        watcher = PortWatcher(midi_settings(settings, outputs.audio), inbox, outputs.midi)
        watcher.start()
        stack.callback(watcher.close)
        for sink in outputs.sinks:
            sink.set_genre(recorded.genre)
        _play(recorded, inbox, outputs)


def _play(recorded: Recorded, inbox: RealInbox, outputs: Outputs) -> None:
    start = inbox.now() + LEAD_IN
    for played in recorded.played:
        if not _wait(inbox, start + played.at):
            break
        _send(outputs, replace(played, at=start + played.at))
    else:
        _wait(inbox, inbox.now() + TAIL)
    for channel in sorted({PLAYER_CHANNEL, *(part.channel for part in recorded.genre.parts)}):
        for number in (SUSTAIN_PEDAL, ALL_NOTES_OFF):
            _send(outputs, Played(inbox.now(), None, control(channel, number, 0), None, True))


def _wait(inbox: RealInbox, until: float) -> bool:
    """Wait until the second `until`; False if the program is to end. Keys pressed meanwhile are ignored."""
    while (message := inbox.receive(until)) is not None:
        if isinstance(message, (Finish, Stop)):
            return False
    return True


def _send(outputs: Outputs, played: Played) -> None:
    for sink in outputs.sinks:
        sink.play(played)


def _genre(name: str, file: MidiFile) -> Genre:
    """The genre's page with the parts of the file; roles of parts that the page lacks are derived from their names."""
    try:
        page = load_genre(name)
    except ConfigError:
        page = Genre(name, name, "", 120.0, ())
    known = {part.name: part for part in page.parts}
    parts, player = [], page.player_program
    for track in file.tracks:
        if track.events and track.name == MELODY_TRACK:
            player = _program(track)
        elif track.events:
            part = known.get(track.name, Part(track.name, _role(track), track.events[0][1].channel))
            parts.append(replace(part, channel=track.events[0][1].channel, program=_program(track)))
    return replace(page, parts=tuple(parts), player_program=player)


def _program(track: MidiTrack) -> int:
    return next((message.data1 for _, message in track.events if message.kind == PROGRAM), 0)


def _role(track: MidiTrack) -> str:
    if track.events[0][1].channel == DRUM_CHANNEL:
        return "drums"
    return "bass" if re.search("bass(?!oon)", track.name.lower()) else "comp"
