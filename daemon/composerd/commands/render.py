"""`composerd render`: a melody from a MIDI file, and what the band plays to it, into a file."""

from __future__ import annotations

import argparse
from pathlib import Path

from composerd.commands.options import add_settings, load_config
from composerd.errors import ConfigError
from composerd.fields import nearest

FLAGS = ("--genre", "--mode", "--bpm", "--seed", "--verbose")
MIDI_SUFFIXES = (".mid", ".midi")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("melody", type=Path, metavar="MELODY.mid", help="MIDI file whose melody is played to the band")
    parser.add_argument("-o", "--output", type=Path, metavar="OUT.mid", required=True, help="MIDI file to write")
    add_settings(parser, FLAGS)


def run(args: argparse.Namespace) -> int:
    config = load_config(args)
    _check_suffix(args.output)
    # these take their time to import, so that wrong options are answered at once
    from composerd.app.bands import bank
    from composerd.app.render import at_tempo, render
    from composerd.devices.midi_file import read_song, write_song
    from composerd.engine.messages import Mode
    from composerd.genre_pages import load_genre
    from composerd.music.song import tracks

    settings = config.settings
    genre = load_genre(settings.band.genre, where=config.where("band.genre"))
    song = read_song(args.melody)
    if settings.band.bpm is not None:
        song = at_tempo(song, settings.band.bpm)
    generators = bank(settings.engine)
    generators.open(genre)
    performance = render(song, genre, Mode(settings.band.mode), generators, settings.engine)
    write_song(args.output, performance.axis, tracks(performance.genre, performance.lines, performance.end_tick))
    source = song.track or args.melody
    print(f"{args.output}: {genre.name}, {settings.band.mode}, {song.seconds:.0f} s of melody from {source}")
    return 0


def _check_suffix(output: Path) -> None:
    if output.suffix.lower() not in MIDI_SUFFIXES:
        near = nearest(output.suffix.lower(), MIDI_SUFFIXES) or MIDI_SUFFIXES[0]
        raise ConfigError(f"-o: found {str(output)!r}, expected a name that ends in {near}")
