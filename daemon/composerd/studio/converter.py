"""`python -m composerd.studio.converter IN.mid OUT GENRE`: converts a take to sound (.wav, .flac) or to a .musicxml.

It is a separate process, so that the page's server never loads a synth or a SoundFont, and a rendering can be ended.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from composerd.errors import ComposerdError, ConfigError
from composerd.files.midi_notes import messages_of, read_tracks
from composerd.files.midi_reader import MidiTrack
from composerd.library.genre_files import load_genre
from composerd.music.genre import PLAYER_CHANNEL, Genre, Part
from composerd.music.metronome import METRONOME_CHANNEL
from composerd.music.midi import DRUM_CHANNEL, PROGRAM


def convert(source: Path, out: Path, genre: str) -> None:
    """Convert a take. Raises ComposerdError."""
    if out.suffix == ".musicxml":
        from composerd.files.musicxml_score import write_score

        write_score(source, out)
    else:
        _sound(source, out, genre)


def _sound(source: Path, out: Path, genre: str) -> None:
    from composerd.config.layers import load
    from composerd.devices.audio.render import render_audio
    from composerd.engine.messages import Played

    axis, tracks = read_tracks(source)
    played = [Played(axis.second_at(tick), None, message) for tick, message in messages_of(tracks)]
    render_audio(played, band_of(tracks, genre), out, load().settings.audio)


def band_of(tracks: Sequence[MidiTrack], genre: str) -> Genre:
    """The genre of a take, with the parts that its file has, because the genre's page may have changed since."""
    try:
        page = load_genre(genre)
    except ConfigError:
        page = Genre(genre, genre, "", 120.0, ())
    return replace(page, parts=tuple(_parts(tracks, {part.name: part for part in page.parts})))


def _parts(tracks: Sequence[MidiTrack], known: dict[str, Part]) -> Iterator[Part]:
    taken = {PLAYER_CHANNEL, METRONOME_CHANNEL}
    for track in tracks:
        channel = next((message.channel for _, message in track.events), PLAYER_CHANNEL)
        if channel in taken:
            continue
        taken.add(channel)
        program = next((message.data1 for _, message in track.events if message.kind == PROGRAM), 0)
        part = known.get(track.name) or Part(track.name, "drums" if channel == DRUM_CHANNEL else "comp", channel)
        yield replace(part, channel=channel, program=program)


def main() -> int:
    try:
        convert(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
    except ComposerdError as error:
        print(f"composerd: {' '.join(str(error).split())}", file=sys.stderr)
        return error.status
    return 0


if __name__ == "__main__":
    sys.exit(main())
