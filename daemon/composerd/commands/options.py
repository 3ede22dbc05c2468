"""Command-line options that are settings: each row names the setting it sets; values are checked where settings are."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from composerd.config import Config, Layer, load
from composerd.errors import ConfigError
from composerd.pages import Given


@dataclass(frozen=True, slots=True)
class Option:
    flag: str
    setting: str
    """`section.key`"""
    help: str
    metavar: str = ""
    const: str | None = None
    """what the option sets where it takes no value"""
    bare: str | None = None
    """what the option sets where its value is left out; None: the value is needed"""
    also: tuple[tuple[str, str], ...] = ()
    """further settings that go with it, and what they are set to"""
    instead_of: str = ""
    """the option it contradicts"""


OPTIONS = {
    option.flag: option
    for option in (
        Option("--genre", "band.genre", "what kind of band plays; `composerd genres` lists them", "G"),
        Option(
            "--mode", "band.mode", "jam: the band plays along; phrase: it answers with the whole phrase", "jam|phrase"
        ),
        Option("--bpm", "band.bpm", "tempo in quarter notes a minute, 30 to 300", "N"),
        Option("--follow", "engine.follow", "the band's tempo and beat track yours", const="true"),
        Option("--seed", "engine.seed", "seed of every random choice: the same seed, the same music", "N"),
        Option("--in", "midi.keyboard", "keyboard: part of its port's name; `composerd ports` lists them", "NAME"),
        Option("--out", "midi.output", "synth: part of its port's name, or `virtual` for a port of our own", "NAME"),
        Option(
            "--clock-in",
            "midi.clock_in",
            "keep the beat of MIDI clock; NAME: part of the name of the port it comes from, or the keyboard's",
            "NAME",
            bare="",
            also=(("engine.sync", "midi"),),
        ),
        Option("--clock-out", "engine.clock_out", "send MIDI clock while the band plays", const="true"),
        Option("--midi-api", "midi.api", "MIDI system", "alsa|jack|auto"),
        Option(
            "--audio",
            "audio.device",
            "sound from this machine; DEVICE: part of an output's name, see `composerd ports`",
            "DEVICE",
            bare="",
            also=(("audio.enabled", "always"),),
        ),
        Option("--no-audio", "audio.enabled", "MIDI only", const="never", instead_of="--audio"),
        Option("--soundfont", "audio.soundfont", "SoundFont to play with: a .sf2 or .sf3 file", "FILE"),
        Option("--quiet", "log.status_line", "plain lines instead of the living status line", const="false"),
        Option("--verbose", "log.level", "log details as well", const="debug"),
    )
}


def add_settings(parser: argparse.ArgumentParser, flags: Iterable[str]) -> None:
    for flag in flags:
        option = OPTIONS[flag]
        if option.const is not None:
            parser.add_argument(flag, dest=_name(flag), action="store_const", const=option.const, help=option.help)
        else:
            count = None if option.bare is None else "?"
            parser.add_argument(
                flag, dest=_name(flag), metavar=option.metavar, help=option.help, nargs=count, const=option.bare
            )
    parser.add_argument("--config", metavar="FILE", type=Path, help="settings page to read instead of the user's")


def given(args: argparse.Namespace) -> Layer:
    """What was set on the command line. Raises ConfigError for options that contradict each other."""
    layer: Layer = {}
    for flag, option in OPTIONS.items():
        text = getattr(args, _name(flag), None)
        if text is not None:
            if getattr(args, _name(option.instead_of), None) is not None:
                raise ConfigError(f"found {option.instead_of} and {flag}, expected one of them")
            layer[option.setting] = Given(text, flag)
            layer |= {setting: Given(value, flag) for setting, value in option.also}
    return layer


def load_config(args: argparse.Namespace) -> Config:
    """Every layer of settings, with those of the command line on top. Raises ConfigError."""
    return load(given(args), args.config)


def _name(flag: str) -> str:
    return "set_" + flag.strip("-").replace("-", "_")
