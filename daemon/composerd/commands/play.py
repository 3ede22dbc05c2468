"""Plug in a MIDI keyboard, play, and a band plays along. Ctrl-C ends."""

from __future__ import annotations

import argparse

from composerd.commands.options import add_settings, load_config
from composerd.commands.performance import FLAGS, check_ports, check_soundfont, chosen_genre, reported


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_settings(parser, FLAGS)


def run(args: argparse.Namespace) -> int:
    config = load_config(args)
    genre = chosen_genre(config)
    check_soundfont(config)
    check_ports(config)
    from composerd.app.live import play

    with reported(config.settings) as show:
        play(config.settings, genre, show, load=lambda: load_config(args))
    return 0
