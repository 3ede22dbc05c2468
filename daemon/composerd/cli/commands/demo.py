"""`composerd demo`: plays a built-in melody with the band, or writes files if this computer cannot play sound."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

from composerd.cli.commands.render import render_to
from composerd.cli.options import add_settings, load_config
from composerd.cli.performance import FLAGS, check_ports, check_soundfont, reported
from composerd.config.layers import Config, Settings
from composerd.errors import ComposerdError, DeviceError
from composerd.library.start import chosen_genre
from composerd.music.genre import Genre


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "-o", "--output", type=Path, metavar="OUT", help="write this file instead of playing: .mid, .wav or .flac"
    )
    add_settings(parser, FLAGS)


def run(args: argparse.Namespace) -> int:
    config = load_config(args)
    genre = chosen_genre(config)
    check_soundfont(config)
    check_ports(config)
    if args.output is not None:
        return _into_file(config, genre, args.output)
    silence = why_silent(config.settings)
    if silence:
        print(f"nothing to play it on ({silence}); writing files instead:", flush=True)
        return _into_files(config, genre, Path(f"demo-{genre.name}.mid"))
    return _live(config, genre)


def _into_files(config: Config, genre: Genre, output: Path) -> int:
    """Render the demo into a MIDI file, and a WAV file if this machine has a synth."""
    from composerd.devices.audio.render import check_audio

    status = _into_file(config, genre, output)
    sound = output.with_suffix(".wav")
    try:
        check_audio(sound, config.settings.audio)
    except ComposerdError as error:
        print(f"no {sound}: {error}")
        return status
    return status or _into_file(config, genre, sound)


def _into_file(config: Config, genre: Genre, output: Path) -> int:
    from composerd.app.demo_tunes import demo_melody

    melody = demo_melody(genre, config.settings.band.bpm)
    return render_to(output, melody, genre, config.settings)


def _live(config: Config, genre: Genre) -> int:
    from composerd.app.demo_player import PATIENCE_BARS, DemoPlayer, bars_seconds, jam_script, phrase_script
    from composerd.app.demo_tunes import demo_melody
    from composerd.app.live import play

    settings = config.settings
    melody = demo_melody(genre, settings.band.bpm)
    bars = settings.engine.phrase_bars if settings.band.mode == "phrase" else 0
    script = phrase_script(melody, bars) if bars else jam_script(melody)
    patience = bars_seconds(melody, bars) + bars_seconds(melody, PATIENCE_BARS)
    once = replace(settings, engine=replace(settings.engine, phrase_repeat=False))
    with reported(settings) as show:
        player = DemoPlayer(script, patience, show)
        play(once, genre, player.show, player.start)
    return 0


def why_silent(settings: Settings) -> str:
    """Why a live performance would be silent; empty if it would not."""
    reasons = [reason for reason in (_no_midi(settings), _no_audio(settings)) if reason]
    return "; ".join(reasons) if len(reasons) == 2 else ""


def _no_midi(settings: Settings) -> str:
    from composerd.devices.midi.ports import list_ports

    try:
        listing = list_ports(settings.midi)
    except DeviceError as error:
        return str(error)
    return "" if settings.midi.output or listing.output else "no synth among the MIDI ports"


def _no_audio(settings: Settings) -> str:
    if settings.audio.enabled == "never":
        return "sound is off"
    from composerd.devices.audio import fluidsynth as fluid
    from composerd.devices.audio.portaudio import choose, let_go, list_audio_devices
    from composerd.devices.audio.soundfonts import find_soundfont

    try:
        fluid.load()
        find_soundfont(settings.audio.soundfont)
        devices = list_audio_devices()
        let_go()
        choose(devices, settings.audio.device)
    except ComposerdError as error:
        if settings.audio.enabled == "always":
            raise
        return str(error)
    return ""
