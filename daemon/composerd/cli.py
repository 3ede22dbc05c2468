"""The command line: finds the subcommand, runs it, and turns what went wrong into one line and an exit status."""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

from composerd import __version__
from composerd.errors import ComposerdError, ConfigError
from composerd.fields import instead

COMMANDS = {
    "play": "play with the band (what `composerd` alone does)",
    "demo": "hear the band play along with a built-in melody",
    "render": "play a melody from a MIDI file, write what the band makes of it to another",
    "ports": "list MIDI ports, audio outputs and SoundFonts",
    "genres": "list genres and which generator plays each",
    "models": "list generators",
    "takes": "list and export recorded performances",
    "learn": "let a key, knob or button of the keyboard do something",
    "config": "show every setting and where it comes from",
    "bench": "measure this machine",
    "doctor": "check and measure this machine, and say what to set",
    "service": "play at boot: install, uninstall or show the systemd service",
    "ctl": "talk to the composerd that runs",
}
DEFAULT = "play"
INTERRUPTED, PIPE_CLOSED = 130, 141


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program; the exit status. 0 done, 1 failed, 2 wrong settings, 3 unusable model."""
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
    """What our last words begin with where the journal reads them, so that `journalctl -p err` has them; or nothing."""
    if "JOURNAL_STREAM" not in os.environ:  # spares everybody else an import
        return ""
    from composerd import log

    if not log.under_journald():
        return ""
    log.mark_crashes()
    return log.ERROR


def dispatch(argv: list[str]) -> int:
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="backslashreplace")  # a terminal without ♭ or → is no reason to fail
    name, rest = _command(argv)
    module = importlib.import_module(f"composerd.commands.{name}")
    parser = Parser(
        prog="composerd" if name == DEFAULT else f"composerd {name}",
        description=module.__doc__,
        epilog=_overview() if name == DEFAULT else None,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"composerd {__version__}")
    module.add_arguments(parser)
    status: int = module.run(parser.parse_all(rest))
    return status


def _command(argv: list[str]) -> tuple[str, list[str]]:
    """The subcommand and its arguments: `composerd --verbose ports` is `composerd ports --verbose`."""
    if argv and not argv[0].startswith("-"):
        if argv[0] not in COMMANDS:
            raise ConfigError(f"found command {argv[0]!r}, {instead(argv[0], COMMANDS)}")
        return argv[0], argv[1:]
    last_is_command = len(argv) > 1 and argv[-1] in COMMANDS and all(one.startswith("-") for one in argv[:-1])
    return (argv[-1], argv[:-1]) if last_is_command else (DEFAULT, argv)


def _overview() -> str:
    rows = [f"  {name:<9}{text}" for name, text in COMMANDS.items()]
    return "\n".join(("commands (composerd COMMAND --help tells more):", *rows))


class Parser(argparse.ArgumentParser):
    """argparse whose complaints are one line, with the nearest option's name."""

    def error(self, message: str) -> NoReturn:
        raise ConfigError(f"{message} ({self.prog} --help tells more)")

    def parse_all(self, argv: Sequence[str]) -> argparse.Namespace:
        known, unknown = self.parse_known_args(argv)
        for one in unknown:
            if one.startswith("-") and one != "-":
                name = one.partition("=")[0]
                raise ConfigError(f"found option {name}, {instead(name, self._options())}")
            wanted = f"the command first: composerd {one} …" if one in COMMANDS else "nothing more"
            raise ConfigError(f"found {one!r}, expected {wanted} ({self.prog} --help tells more)")
        return known

    def _options(self) -> list[str]:
        return [flag for action in self._actions for flag in action.option_strings if flag.startswith("--")]
