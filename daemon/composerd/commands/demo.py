"""`composerd demo`: a melody of ours, played to the band live; where nothing here can sound, into a MIDI file."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

from composerd.commands.options import add_settings, load_config
from composerd.commands.performance import FLAGS, check_ports, check_soundfont, chosen_genre, reported
from composerd.commands.render import render_to
from composerd.config import Config, Settings
from composerd.errors import ComposerdError, DeviceError
from composerd.music.genre import Genre


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("-o", "--output", type=Path, metavar="OUT.mid", help="into this file, .mid or .wav, not live")
    add_settings(parser, FLAGS)


def run(args: argparse.Namespace) -> int:
    config = load_config(args)
    genre = chosen_genre(config)
    check_soundfont(config)
    check_ports(config)
    if args.output is not None:
        return _into_file(config, genre, args.output)
    silence = _why_silent(config.settings)
    if silence:
        print(f"nothing here to play it on ({silence}); into a file instead:")
        return _into_file(config, genre, Path(f"demo-{genre.name}.mid"))
    return _live(config, genre)


def _into_file(config: Config, genre: Genre, output: Path) -> int:
    from composerd.demo import demo_song

    song = demo_song(genre, config.settings.band.bpm)
    return render_to(output, song, genre, config.settings)


def _live(config: Config, genre: Genre) -> int:
    from composerd.app.live import play
    from composerd.demo import demo_song
    from composerd.demo_player import PATIENCE_BARS, DemoPlayer, bars_seconds, jam_script, phrase_script

    settings = config.settings
    song = demo_song(genre, settings.band.bpm)
    bars = settings.engine.phrase_bars if settings.band.mode == "phrase" else 0
    script = phrase_script(song, bars) if bars else jam_script(song)
    patience = bars_seconds(song, bars) + bars_seconds(song, PATIENCE_BARS)
    once = replace(settings, engine=replace(settings.engine, phrase_repeat=False))
    with reported(settings) as show:
        player = DemoPlayer(script, patience, show)
        play(once, genre, player.show, player.start)
    return 0


def _why_silent(settings: Settings) -> str:
    """Why a live performance would be heard by nobody, empty where it would be."""
    reasons = [reason for reason in (_no_midi(settings), _no_audio(settings)) if reason]
    return "; ".join(reasons) if len(reasons) == 2 else ""


def _no_midi(settings: Settings) -> str:
    from composerd.devices.ports import list_ports

    try:
        listing = list_ports(settings.midi)
    except DeviceError as error:
        return str(error)
    return "" if settings.midi.output or listing.output else "no synth among the MIDI ports"


def _no_audio(settings: Settings) -> str:
    if settings.audio.enabled == "never":
        return "sound is off"
    from composerd.devices.audio import fluid
    from composerd.devices.audio.portaudio import choose, let_go, list_audio_devices
    from composerd.devices.soundfonts import find_soundfont

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
