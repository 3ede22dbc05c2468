"""The command line: runs the subcommand, and reports errors as one line and an exit status."""

from __future__ import annotations

import argparse
import importlib
import os
import sys
import threading
from collections.abc import Sequence
from types import ModuleType
from typing import NoReturn

from composerd import __version__
from composerd.errors import ComposerdError, ConfigError, Option, instead, nearest, wording

COMMANDS = {
    "play": "play with the band (what `composerd` alone does)",
    "demo": "hear the band play along with a built-in melody",
    "render": "accompany the melody of a MIDI file, into a MIDI or sound file",
    "ports": "list MIDI ports, audio outputs and SoundFonts",
    "genres": "list the genres and the generator (neural net or rules) that plays each",
    "models": "list the installed generators",
    "takes": "list, play and export recorded performances",
    "songs": "list, add, show and export chord charts to play by",
    "sets": "list, show and make set lists of presets and songs",
    "learn": "assign a function to a key, knob, button or pedal of the keyboard",
    "config": "show every setting and where its value comes from",
    "bench": "measure how fast and exact this computer plays",
    "doctor": "check and measure this computer, and advise settings",
    "service": "play from boot on: install, uninstall or show the systemd service",
    "studio": "show and control the band in a browser",
    "ctl": "send a command to the running composerd",
}
DEFAULT = "play"
INTERRUPTED, PIPE_CLOSED = 130, 141


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program; the exit status. 0 done, 1 failed, 2 wrong settings, 3 unusable model."""
    # NumPy's library of linear algebra would keep a second core busy, which makes nothing quicker: matrices are small
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    status = _status(argv)
    if threading.active_count() > 1:
        from composerd.cli.performance import terminal_blocked

        if terminal_blocked():  # the interpreter would wait for the terminal, whose user may never press Ctrl-Q
            os._exit(status)
    return status


def _status(argv: Sequence[str] | None) -> int:
    priority = _priority_of_errors()
    try:
        status = dispatch(list(sys.argv[1:] if argv is None else argv))
        sys.stdout.flush()
    except ComposerdError as error:
        print(f"{priority}composerd: {' '.join(str(error).split())}", file=sys.stderr)
        return error.status
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or the interpreter complains when it flushes
        return PIPE_CLOSED
    except KeyboardInterrupt:
        return INTERRUPTED
    return status


def _priority_of_errors() -> str:
    """Prefix of an error line: the journal's priority if stderr is the journal's, so that `journalctl -p err` shows
    it."""
    if "JOURNAL_STREAM" not in os.environ:  # avoids an import elsewhere
        return ""
    from composerd.app import log

    if not log.under_journald():
        return ""
    log.mark_crashes()
    return log.ERROR


def dispatch(argv: list[str]) -> int:
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="backslashreplace")  # a terminal without ♭ or → is no reason to fail
    name, rest = _command(argv)
    status: int = _module(name).run(parser_for(name).parse_all(rest))
    return status


def parser_for(name: str) -> Parser:
    """The parser of one subcommand, with its options and help."""
    module = _module(name)
    parser = Parser(
        prog="composerd" if name == DEFAULT else f"composerd {name}",
        description=module.__doc__,
        epilog=_overview() if name == DEFAULT else None,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"composerd {__version__}")
    module.add_arguments(parser)
    return parser


def _module(name: str) -> ModuleType:
    return importlib.import_module(f"composerd.cli.commands.{name}")


def _command(argv: list[str]) -> tuple[str, list[str]]:
    """The subcommand and its arguments: `composerd --verbose ports` is `composerd ports --verbose`."""
    if argv and not argv[0].startswith("-"):
        if argv[0] not in COMMANDS:
            raise ConfigError(wording("command", repr(argv[0]), hint=instead(argv[0], COMMANDS)))
        return argv[0], argv[1:]
    last_is_command = len(argv) > 1 and argv[-1] in COMMANDS and all(one.startswith("-") for one in argv[:-1])
    return (argv[-1], argv[:-1]) if last_is_command else (DEFAULT, argv)


def _overview() -> str:
    rows = [f"  {name:<9}{text}" for name, text in COMMANDS.items()]
    return "\n".join(("commands (composerd COMMAND --help lists the options of each):", *rows))


_TYPES: dict[object, str] = {int: "a whole number", float: "a number"}


def _named(action: argparse.Action) -> str:
    """The option's longest flag, or the placeholder of its value."""
    return max(action.option_strings, key=len, default=str(action.metavar or action.dest.upper()))


class Parser(argparse.ArgumentParser):
    """An argparse parser whose errors are one line, with the most similar option's name."""

    def error(self, message: str) -> NoReturn:
        raise ConfigError(f"{message} (see {self.prog} --help)")

    def _get_value(self, action: argparse.Action, arg_string: str) -> object:
        """Convert a value with its type; errors in composerd's wording."""
        try:
            return super()._get_value(action, arg_string)
        except argparse.ArgumentError:
            wanted = _TYPES.get(action.type, f"a value for {action.metavar or action.dest}")
            raise ConfigError(place=Option(_named(action)), found=repr(arg_string), expected=wanted) from None

    def _check_value(self, action: argparse.Action, value: object) -> None:
        if action.choices is not None and value not in action.choices:
            near = nearest(str(value), map(str, action.choices))
            hint = f"did you mean {near}?" if near else ""
            wanted = f"one of {', '.join(map(str, action.choices))}"
            raise ConfigError(place=Option(_named(action)), found=repr(value), expected=wanted, hint=hint)

    def _match_argument(self, action: argparse.Action, arg_strings_pattern: str) -> int:
        try:
            return super()._match_argument(action, arg_strings_pattern)
        except argparse.ArgumentError:
            wanted = str(action.metavar or action.dest.upper())
            raise ConfigError(place=Option(_named(action)), found="nothing", expected=wanted) from None

    def parse_all(self, argv: Sequence[str]) -> argparse.Namespace:
        """Parse the arguments. Raises ConfigError for missing, unknown or surplus ones."""
        needed = [action for action in self._actions if action.required]
        for action in needed:
            action.required, action.default = False, None
        known, unknown = self.parse_known_args(argv)
        missing = [_named(action) for action in needed if getattr(known, action.dest) is None]
        if missing and not unknown:
            raise ConfigError(f"missing {', '.join(missing)} (see {self.prog} --help)")
        for one in unknown:
            if one.startswith("-") and one != "-":
                name = one.partition("=")[0]
                raise ConfigError(wording("option", name, hint=instead(name, self._options())))
            wanted = f"the command first: composerd {one} …" if one in COMMANDS else "nothing more"
            raise ConfigError(f"found {one!r}, expected {wanted} (see {self.prog} --help)")
        return known

    def _options(self) -> list[str]:
        return [flag for action in self._actions for flag in action.option_strings if flag.startswith("--")]
