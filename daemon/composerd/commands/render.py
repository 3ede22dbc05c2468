"""`composerd render`: a melody from a MIDI file, and what the band plays to it, into a MIDI or sound file."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from composerd.commands.options import add_settings, load_config
from composerd.commands.performance import check_soundfont, chosen_genre
from composerd.commands.progress import terminal_bar
from composerd.config import Settings
from composerd.errors import ConfigError
from composerd.music.genre import Genre
from composerd.music.song import Song

if TYPE_CHECKING:
    from composerd.app.render import Performance

FLAGS = ("--genre", "--mode", "--bpm", "--seed", "--soundfont", "--verbose")
MIDI_SUFFIXES = (".mid", ".midi")
AUDIO_SUFFIXES = (".wav", ".flac")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("melody", type=Path, metavar="MELODY.mid", help="MIDI file whose melody is played to the band")
    parser.add_argument(
        "-o", "--output", type=Path, metavar="OUT", required=True, help="file to write: .mid, .wav or .flac"
    )
    add_settings(parser, FLAGS)


def run(args: argparse.Namespace) -> int:
    config = load_config(args)
    check_soundfont(config)
    check_output(args.output, config.settings)
    genre = chosen_genre(config)
    # these take their time to import, so wrong options have been answered by now
    from composerd.app.render import at_tempo
    from composerd.devices.midi_file import read_song

    song = read_song(args.melody)
    if args.output.is_file() and args.output.samefile(args.melody):
        raise ConfigError(f"-o: found {args.output.name!r}, which is the melody itself, expected another name")
    if config.settings.band.bpm is not None:
        song = at_tempo(song, config.settings.band.bpm)
    return render_to(args.output, song, genre, config.settings)


def render_to(output: Path, song: Song, genre: Genre, settings: Settings) -> int:
    """Play `song` to the band and write both to `output`, in the format of its name. Raises ComposerdError."""
    check_output(output, settings)
    from composerd.app.bands import bank
    from composerd.app.render import render
    from composerd.engine.messages import Mode

    generators = bank(settings.engine)
    generators.open(genre)
    bar = terminal_bar(f"{output.name}, the music")
    performance = render(song, genre, Mode(settings.band.mode), generators, settings.engine, bar)
    write = _write_audio if _is_sound(output) else _write_midi
    write(output, performance, settings)
    source = f" from {song.track!r}" if song.track else ""
    print(f"{output.resolve()}: {genre.name}, {settings.band.mode}, {song.seconds:.0f} s of melody{source}")
    return 0


def check_output(output: Path, settings: Settings) -> None:
    """Whether it can be written, and sound made for it: asked before what may take minutes. Raises ComposerdError."""
    possible = (*MIDI_SUFFIXES, *AUDIO_SUFFIXES)
    if output.suffix.lower() not in possible:
        raise ConfigError(f"-o: found {output.name!r}, expected a name that ends in {', '.join(possible)}")
    folder = output.absolute().parent
    if not folder.is_dir():
        raise ConfigError(f"-o: {output}: there is no folder {folder}")
    if output.is_dir():
        raise ConfigError(f"-o: {output}: found a folder, expected a file")
    if _is_sound(output):
        from composerd.devices.wav import check_audio

        check_audio(output, settings.audio)


def _is_sound(output: Path) -> bool:
    return output.suffix.lower() in AUDIO_SUFFIXES


def _write_midi(output: Path, performance: Performance, settings: Settings) -> None:  # noqa: ARG001  # as _write_audio
    from composerd.devices.midi_file import write_song
    from composerd.music.song import tracks

    write_song(output, performance.axis, tracks(performance.genre, performance.lines, performance.end_tick))


def _write_audio(output: Path, performance: Performance, settings: Settings) -> None:
    from composerd.devices.wav import played_of, render_audio

    played = played_of(performance.axis, performance.genre, performance.lines)
    render_audio(played, performance.genre, output, settings.audio, terminal_bar(f"{output.name}, the sound"))
