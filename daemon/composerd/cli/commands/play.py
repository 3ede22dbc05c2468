"""Plug in a MIDI keyboard, play, and a band plays along. Ctrl-C ends."""

from __future__ import annotations

import argparse

from composerd.cli.options import add_settings, load_config
from composerd.cli.performance import (
    FLAGS,
    check_keyboard,
    check_ports,
    check_soundfont,
    reported,
)
from composerd.library.start import chosen_song, genre_for


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_settings(parser, FLAGS)


def run(args: argparse.Namespace) -> int:
    config = load_config(args)
    chart = chosen_song(config)
    genre = genre_for(config, chart)
    check_soundfont(config)
    check_ports(config)
    check_keyboard(config)
    from composerd.app.live import play

    with reported(config.settings) as show:
        play(config.settings, genre, show, load=lambda: load_config(args), chart=chart)
    return 0
