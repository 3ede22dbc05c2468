"""Command-line options for settings, one row each; values are checked as those of settings files are."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from composerd.config.layers import Config, Layer, load
from composerd.config.yaml_source import SourcedValue
from composerd.errors import ConfigError
from composerd.errors import Option as Place


@dataclass(frozen=True, slots=True)
class SettingOption:
    """An option of the command line that sets a setting."""

    flag: str
    setting: str
    """`section.key`"""
    help: str
    metavar: str = ""
    const: str | None = None
    """value that an option without an argument sets"""
    bare: str | None = None
    """value that the option sets if its argument is left out; None: it is required"""
    also: tuple[tuple[str, str], ...] = ()
    """further settings that it sets, with their values"""
    instead_of: str = ""
    """the option it contradicts"""
    many: bool = False
    """whether it may be given several times"""


OPTIONS = {
    option.flag: option
    for option in (
        SettingOption("--genre", "band.genre", "the genre that the band plays; `composerd genres` lists them", "G"),
        SettingOption(
            "--mode",
            "band.mode",
            "jam: the band plays while you play; phrase: it plays your phrase back, accompanied",
            "jam|phrase",
        ),
        SettingOption("--bpm", "band.bpm", "tempo in quarter notes a minute, 30 to 300", "N"),
        SettingOption(
            "--song", "band.song", "play by a chart: a file, or a name that `composerd songs` lists", "FILE|NAME"
        ),
        SettingOption("--follow", "engine.follow", "the band follows your tempo", const="true"),
        SettingOption(
            "--left-hand",
            "engine.left_hand",
            "keys below the split point (as a rule middle C) are chords for the band",
            const="true",
        ),
        SettingOption(
            "--key", "engine.key", "the key you play in, such as Eb or F#m; left out: the band finds it", "KEY"
        ),
        SettingOption("--seed", "engine.seed", "seed of every random choice: the same seed, the same music", "N"),
        SettingOption(
            "--in",
            "midi.keyboard",
            "keyboard: part of its port's name (`composerd ports` lists them); repeat for a second one",
            "NAME",
            many=True,
        ),
        SettingOption(
            "--out", "midi.output", "synth: part of its port's name, or `virtual` for a port of its own", "NAME"
        ),
        SettingOption(
            "--clock-in",
            "midi.clock_in",
            "follow another machine's MIDI clock; NAME: part of its port's name; left out: the keyboard's clock",
            "NAME",
            bare="",
            also=(("engine.sync", "midi"),),
        ),
        SettingOption("--clock-out", "engine.clock_out", "send MIDI clock while the band plays", const="true"),
        SettingOption("--midi-api", "midi.api", "the MIDI system to use", "alsa|jack|auto"),
        SettingOption(
            "--audio",
            "audio.device",
            "sound from this computer, also with --out; DEVICE: part of an output's name (see `composerd ports`)",
            "DEVICE",
            bare="",
            also=(("audio.enabled", "always"),),
        ),
        SettingOption(
            "--no-audio", "audio.enabled", "no sound from this computer, MIDI only", const="never", instead_of="--audio"
        ),
        SettingOption("--soundfont", "audio.soundfont", "SoundFont to play with: a .sf2 or .sf3 file", "FILE"),
        SettingOption("--quiet", "log.status_line", "plain log lines instead of the status line", const="false"),
        SettingOption("--verbose", "log.level", "log more details", const="debug"),
    )
}


def add_settings(parser: argparse.ArgumentParser, flags: Iterable[str]) -> None:
    for flag in flags:
        option = OPTIONS[flag]
        if option.const is not None:
            parser.add_argument(flag, dest=_name(flag), action="store_const", const=option.const, help=option.help)
        elif option.many:
            parser.add_argument(flag, dest=_name(flag), metavar=option.metavar, help=option.help, action="append")
        else:
            count = None if option.bare is None else "?"
            parser.add_argument(
                flag, dest=_name(flag), metavar=option.metavar, help=option.help, nargs=count, const=option.bare
            )
    parser.add_argument("--config", metavar="FILE", type=Path, help="settings file to read instead of your own")


def given(args: argparse.Namespace) -> Layer:
    """The settings on the command line. Raises ConfigError for options that contradict each other."""
    layer: Layer = {}
    for flag, option in OPTIONS.items():
        text = getattr(args, _name(flag), None)
        if text is not None:
            if getattr(args, _name(option.instead_of), None) is not None:
                raise ConfigError(f"found {option.instead_of} and {flag}, expected one of them")
            layer[option.setting] = SourcedValue(", ".join(text) if option.many else text, Place(flag))
            layer |= {setting: SourcedValue(value, Place(flag)) for setting, value in option.also}
    return layer


def words_of(args: argparse.Namespace, flags: Iterable[str]) -> list[str]:
    """The options among `flags` that were given, as words of a command line."""
    words: list[str] = []
    for flag in flags:
        option, value = OPTIONS[flag], getattr(args, _name(flag), None)
        for one in value if isinstance(value, list) else [] if value is None else [value]:
            is_bare = option.const is not None or (one == "" and option.bare == "")
            words.append(flag if is_bare else f"{flag}={one}")
    return words


def load_config(args: argparse.Namespace) -> Config:
    """Every layer of settings, with those of the command line on top. Raises ConfigError."""
    return load(given(args), args.config)


def _name(flag: str) -> str:
    return "set_" + flag.strip("-").replace("-", "_")
