"""`composerd service install|uninstall|status`: play at boot, as a systemd service.

--system is a user of its own in group audio, at boot, with nobody logged in (needs root); --user is your session's.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from composerd import units
from composerd.devices.remote.settings import SYSTEM
from composerd.errors import ComposerdError, ConfigError, DeviceError

BOOTED = Path("/run/systemd/system")
"""exists where systemd is the init (sd_booted(3))"""
NOT_RUNNING, NOT_INSTALLED = 3, 4
"""exit statuses of `status`, as systemctl's"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("action", choices=tuple(ACTIONS), help="what to do; safe to repeat")
    scope = parser.add_mutually_exclusive_group()
    scope.add_argument("--system", action="store_true", help="for the machine, from boot on (as root: the default)")
    scope.add_argument("--user", action="store_true", help="for your session (not as root: the default)")
    parser.add_argument("--dry-run", action="store_true", help="only say what would be done")
    parser.add_argument("--root", type=Path, metavar="DIR", help="a mounted system image to install into, not started")


def run(args: argparse.Namespace) -> int:
    user = args.user or not (args.system or os.geteuid() == 0 or args.root)
    if user and args.root:
        raise ConfigError("--root: found with --user, expected --system: an image has no session")
    machine = Machine(user, args.root, args.dry_run)
    return ACTIONS[args.action](machine)


@dataclass
class Machine:
    """Where it is installed, or would be with `dry_run`; says each thing it does."""

    user: bool
    root: Path | None = None
    dry_run: bool = False
    changed: set[str] = field(default_factory=set)

    @property
    def files(self) -> tuple[units.UnitFile, ...]:
        return units.user_files() if self.user else units.SYSTEM_FILES

    @property
    def unit(self) -> Path:
        return next(self.place(file.target) for file in self.files if file.target.name == units.UNIT)

    def check(self) -> None:
        if self.dry_run:
            return
        if not (self.user or self.root) and os.geteuid() != 0:
            raise ConfigError("--system: needs root; run it with sudo, or install with --user")
        if not self.root and not BOOTED.exists():
            raise DeviceError(
                "systemd does not run on this machine; see systemd/README.md to start composerd otherwise"
            )

    def place(self, target: Path) -> Path:
        return self.root / target.relative_to("/") if self.root else target

    def write(self, file: units.UnitFile, executable: Path) -> None:
        target, text = self.place(file.target), units.text_of(file, executable)
        if _text_at(target) == text:
            print(f"unchanged {target}")
            return
        self.changed.add(file.source)
        self._do(f"write {target}", lambda: _write(target, text))
        for command in () if self.root else file.after:
            self.command(*command)

    def remove(self, file: units.UnitFile) -> None:
        target = self.place(file.target)
        if target.exists() or target.is_symlink():
            self._do(f"remove {target}", lambda: _remove(target))
        else:
            print(f"not there {target}")

    def systemctl(self, *arguments: str) -> None:
        self.command("systemctl", *self._scope(), *arguments)

    def command(self, *command: str) -> None:
        self._do(" ".join(command), lambda: _run(command))

    def ask(self, *arguments: str) -> str:
        """systemctl's answer, whatever its exit status."""
        if shutil.which("systemctl") is None:
            return ""
        command = ("systemctl", *self._scope(), *arguments)
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()

    def _scope(self) -> tuple[str, ...]:
        if self.root:
            return (f"--root={self.root}",)
        return ("--user",) if self.user else ()

    def _do(self, what: str, action: Callable[[], object]) -> None:
        print(f"would {what}" if self.dry_run else what)
        if not self.dry_run:
            action()


def install(machine: Machine) -> int:
    executable = units.own_executable()
    if not (machine.user or machine.root):
        units.check_reachable(executable)
    machine.check()
    for file in machine.files:
        machine.write(file, executable)
    if machine.root:
        machine.systemctl("enable", units.UNIT)
        return 0
    machine.systemctl("daemon-reload")
    machine.systemctl("enable", units.UNIT)
    machine.systemctl("restart" if machine.changed else "start", units.UNIT)
    if machine.user:
        print("it plays while you are logged in; from boot on: loginctl enable-linger, or `service install --system`")
        if SYSTEM.exists():
            print(f"not while the machine's own plays, which has the keyboard ({SYSTEM}): `service uninstall --system`")
    return 0


def uninstall(machine: Machine) -> int:
    machine.check()
    if machine.unit.exists():
        machine.systemctl("disable", *(() if machine.root else ("--now",)), units.UNIT)
    for file in machine.files:
        machine.remove(file)
    if not machine.root:
        machine.systemctl("daemon-reload")
    if not machine.user:
        print("kept: settings in /etc/composerd, takes in /var/lib/composerd, the user composerd")
    return 0


def status(machine: Machine) -> int:
    if not machine.unit.exists():
        print(f"not installed: {machine.unit} is not there")
        return NOT_INSTALLED
    print(f"installed: {machine.unit}")
    for question in ("is-enabled", "is-active"):
        print(f"{question.removeprefix('is-')}: {machine.ask(question, units.UNIT) or 'unknown'}")
    shown = machine.ask("show", "--property=MainPID,NRestarts,StatusText", units.UNIT)
    print("\n".join(line.replace("=", ": ", 1) for line in shown.splitlines()))
    return 0 if machine.ask("is-active", units.UNIT) == "active" else NOT_RUNNING


ACTIONS: dict[str, Callable[[Machine], int]] = {"install": install, "uninstall": uninstall, "status": status}


def _text_at(target: Path) -> str | None:
    """What stands there; None where there is no file of its own (a link: `systemctl mask` makes one to /dev/null)."""
    if target.is_symlink() or not target.is_file():
        return None
    return target.read_text(encoding="utf-8", errors="replace")


def _write(target: Path, text: str) -> None:
    """At once and whole, also when the power goes; a link is replaced, and what it leads to left alone."""
    draft = target.with_name(f".{target.name}.new")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with draft.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        draft.chmod(0o644)
        draft.replace(target)
    except OSError as error:
        raise ConfigError(f"{target}: cannot be written: {error.strerror}") from error
    finally:
        with suppress(OSError):
            draft.unlink(missing_ok=True)


def _remove(target: Path) -> None:
    try:
        target.unlink()
    except OSError as error:
        raise ConfigError(f"{target}: cannot be removed: {error.strerror}") from error


def _run(command: tuple[str, ...]) -> None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError as error:
        raise DeviceError(f"{command[0]}: {error.strerror}") from error
    if done.returncode:
        said = (done.stderr or done.stdout).strip().splitlines() or ["no reason given"]
        raise ComposerdError(f"{' '.join(command)}: exit status {done.returncode}: {said[-1]}")
