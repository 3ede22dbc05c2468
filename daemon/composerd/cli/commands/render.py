"""`composerd render`: accompanies the melody of a MIDI file, and writes melody and band to a MIDI or sound file."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from composerd.cli.options import add_settings, load_config
from composerd.cli.performance import check_soundfont
from composerd.cli.progress import terminal_bar
from composerd.config.layers import Settings
from composerd.errors import ConfigError, Option
from composerd.library.start import chosen_song, genre_for
from composerd.music.genre import Genre
from composerd.music.midi_tracks import MelodyTrack

if TYPE_CHECKING:
    from composerd.app.render import RenderedPerformance
    from composerd.files.voices import FileVoice
    from composerd.music.charts.chart import Chart

FLAGS = (
    "--genre", "--mode", "--song", "--bpm", "--follow", "--left-hand", "--key", "--seed", "--soundfont", "--verbose",
)  # fmt: skip
MIDI_SUFFIXES = (".mid", ".midi")
AUDIO_SUFFIXES = (".wav", ".flac")
CHORUSES, MOST_CHORUSES = 2, 100


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "melody",
        type=Path,
        nargs="?",
        metavar="MELODY.mid",
        help="MIDI file whose melody is accompanied; left out with --song: a backing track",
    )
    parser.add_argument(
        "-o", "--output", type=Path, metavar="OUT", required=True, help="file to write: .mid, .wav or .flac"
    )
    parser.add_argument(
        "--track", metavar="NAME|N", default="", help="the melody's track, by name or number (default: the likeliest)"
    )
    parser.add_argument("--keep-tracks", action="store_true", help="write the file's other tracks, too")
    parser.add_argument(
        "--choruses",
        type=int,
        metavar="N",
        help="with --song: choruses before the ending (default: the melody's length, or 2)",
    )
    parser.add_argument(
        "--chords",
        action="store_true",
        help="print the band's chords, four bars a line, and write them as a track of text events",
    )
    add_settings(parser, FLAGS)


def run(args: argparse.Namespace) -> int:
    config = load_config(args)
    check_soundfont(config)
    check_output(args.output, config.settings)
    chart = chosen_song(config)
    genre = genre_for(config, chart)
    check_options(args, config.settings, chart)
    if config.settings.engine.follow and config.settings.band.mode == "phrase":
        print(f"{config.where('engine.follow')}: phrase mode keeps the file's tempo, the band follows in jam mode only")
    # these take their time to import, so wrong options have been answered by now
    from composerd.app.render import backing
    from composerd.files.melody_file import open_melody
    from composerd.music.midi_tracks import at_tempo

    if args.melody is None:
        assert chart is not None  # checked above
        melody = backing(chart, genre.bpm)
        if config.settings.band.bpm is not None:
            melody = at_tempo(melody, config.settings.band.bpm)
        return render_to(
            args.output, melody, genre, config.settings, (), chart, args.choruses or CHORUSES, chords=args.chords
        )
    opened = open_melody(args.melody, args.track)
    melody = opened.melody
    if args.output.is_file() and args.output.samefile(args.melody):
        raise ConfigError(
            place=Option("-o"), found=f"{args.output.name!r}, which is the melody itself", expected="another name"
        )
    if config.settings.band.bpm is not None:
        melody = at_tempo(melody, config.settings.band.bpm)
    print(opened.choice)
    warn(args.melody, "passed over", opened.ignored)
    return render_to(
        args.output,
        melody,
        genre,
        config.settings,
        opened.others if args.keep_tracks else (),
        chart,
        args.choruses,
        chords=args.chords,
    )


def check_options(args: argparse.Namespace, settings: Settings, chart: Chart | None) -> None:
    """Check that the options go together. Raises ConfigError."""
    if args.melody is None and chart is None:
        raise ConfigError(field="render", found="no melody", expected="a MIDI file, or --song for a backing track")
    if args.choruses is not None and chart is None:
        raise ConfigError(place=Option("--choruses"), found="no song to repeat", expected="--song with it")
    if args.choruses is not None and not 1 <= args.choruses <= MOST_CHORUSES:
        raise ConfigError(place=Option("--choruses"), found=f"{args.choruses}", expected=f"1 to {MOST_CHORUSES}")
    if chart is not None and settings.band.mode != "jam":
        raise ConfigError(
            f"--song: found mode {settings.band.mode}, expected jam: a phrase is accompanied without a chart"
        )


def warn(file: Path, what: str, texts: Sequence[str]) -> None:
    """One line about `file` on stderr; none without `texts`."""
    if texts:
        print(f"composerd: {file}: {what}: {'; '.join(texts)}", file=sys.stderr)


def render_to(
    output: Path,
    melody: MelodyTrack,
    genre: Genre,
    settings: Settings,
    kept: Sequence[FileVoice] = (),
    chart: Chart | None = None,
    choruses: int | None = None,
    *,
    chords: bool = False,
) -> int:
    """Play `melody` to the band and write both to `output`, in the format of its name. Raises ComposerdError.

    `kept` are tracks of the melody's file that are written beside the band. `chords`: print them, and write them, too.
    """
    check_output(output, settings)
    from composerd.app.generator_bank import bank
    from composerd.app.render import render
    from composerd.engine.messages import Mode
    from composerd.library.songs import read_book
    from composerd.music.songbook import NO_SONGS

    book = read_book() if settings.engine.memory == "book" else NO_SONGS
    generators = bank(settings.engine)
    generators.open(genre)
    bar = terminal_bar(f"{output.name}, the music")
    mode = Mode(settings.band.mode)
    performance = render(melody, genre, mode, generators, settings.engine, bar, chart, choruses, book)
    if kept:
        from composerd.app.kept_tracks import with_tracks

        performance, left_out = with_tracks(performance, kept)
        warn(output, "not kept", left_out)
    if _is_sound(output):
        _write_audio(output, performance, settings)
    else:
        _write_midi(output, performance, chords)
    if chords:
        print(lead_sheet(performance))
    what = f"{melody.seconds:.0f} s of melody" if melody.messages else f"{choruses} choruses"
    by = f" by {chart.title or 'its chart'}" if chart is not None else ""
    print(f"{output.resolve()}: {genre.name}, {settings.band.mode}, {what}{by}")
    return 0


def check_output(output: Path, settings: Settings) -> None:
    """Check that `output` can be written, and sound made for it, before minutes of work. Raises ComposerdError."""
    possible = (*MIDI_SUFFIXES, *AUDIO_SUFFIXES)
    if output.suffix.lower() not in possible:
        raise ConfigError(
            place=Option("-o"), found=f"{output.name!r}", expected=f"a name that ends in {', '.join(possible)}"
        )
    folder = output.absolute().parent
    if not folder.is_dir():
        raise ConfigError(f"-o: {output}: there is no folder {folder}")
    if output.is_dir():
        raise ConfigError(f"-o: {output}: found a folder, expected a file")
    if _is_sound(output):
        from composerd.devices.audio.render import check_audio

        check_audio(output, settings.audio)


def _is_sound(output: Path) -> bool:
    return output.suffix.lower() in AUDIO_SUFFIXES


def lead_sheet(performance: RenderedPerformance) -> str:
    """The chords, four bars a line."""
    from composerd.files.charts.text import systems
    from composerd.music.charts.of_plan import chart_of

    chords = performance.chords
    chart = chart_of(chords, performance.axis.bar_grid(), max((one.end for one in chords.chords), default=0))
    return "no chords" if chart is None else "\n".join(systems(chart))


def _write_midi(output: Path, performance: RenderedPerformance, chords: bool) -> None:
    from composerd.app.render import chord_track
    from composerd.files.midi_file import write_tracks
    from composerd.music.midi_tracks import tracks

    written = tracks(performance.genre, performance.lines, performance.end_tick)
    write_tracks(output, performance.axis, (*written, chord_track(performance)) if chords else written)


def _write_audio(output: Path, performance: RenderedPerformance, settings: Settings) -> None:
    from composerd.devices.audio.presets import presets_in, silent_parts
    from composerd.devices.audio.render import played_of, render_audio
    from composerd.devices.audio.soundfonts import find_soundfont

    played = played_of(performance.axis, performance.genre, performance.lines)
    render_audio(played, performance.genre, output, settings.audio, terminal_bar(f"{output.name}, the sound"))
    soundfont = find_soundfont(settings.audio.soundfont)
    warn(output, f"silent, for {soundfont} has no instrument", silent_parts(performance.genre, presets_in(soundfont)))
