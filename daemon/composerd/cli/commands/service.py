"""`composerd service install|uninstall|status`: plays from boot on, as a systemd service.

--system runs at boot as a separate user in group audio, without a login (needs root); --user runs in your session.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from composerd.app import systemd_units
from composerd.control.settings import SYSTEM
from composerd.errors import ComposerdError, ConfigError, DeviceError, Option
from composerd.files.atomic import write_text

BOOTED = Path("/run/systemd/system")
"""exists where systemd is the init (sd_booted(3))"""
NOT_RUNNING, NOT_INSTALLED = 3, 4
"""exit statuses of `status`, as systemctl's"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("action", choices=tuple(ACTIONS), help="what to do; may be repeated")
    scope = parser.add_mutually_exclusive_group()
    scope.add_argument(
        "--system", action="store_true", help="for the whole computer, from boot on (the default for root)"
    )
    scope.add_argument("--user", action="store_true", help="for your own login session (the default for others)")
    parser.add_argument(
        "--studio", action="store_true", help="with install: also the studio, on http://127.0.0.1:8765/"
    )
    parser.add_argument("--dry-run", action="store_true", help="print what would be done, and do nothing")
    parser.add_argument(
        "--root",
        type=Path,
        metavar="DIR",
        help="install into the mounted system image at DIR, without starting anything",
    )


def run(args: argparse.Namespace) -> int:
    user = args.user or not (args.system or os.geteuid() == 0 or args.root)
    if user and args.root:
        raise ConfigError(place=Option("--root"), found="with --user", expected="--system: an image has no session")
    machine = Machine(user, args.root, args.dry_run, args.studio)
    machine.check_image()
    return ACTIONS[args.action](machine)


@dataclass
class Machine:
    """The system on which the service is installed, or would be with `dry_run`; prints every change."""

    user: bool
    root: Path | None = None
    dry_run: bool = False
    studio: bool = False
    """whether to include the studio; files of it that are installed always are"""
    changed: set[str] = field(default_factory=set)

    @property
    def files(self) -> tuple[systemd_units.UnitFile, ...]:
        files = systemd_units.user_files() if self.user else systemd_units.SYSTEM_FILES
        return (*files, *self.studio_files) if self.has_studio else files

    @property
    def studio_files(self) -> tuple[systemd_units.UnitFile, ...]:
        return systemd_units.studio_user_files() if self.user else systemd_units.STUDIO_SYSTEM_FILES

    @property
    def has_studio(self) -> bool:
        there = (
            self.place(file.target) for file in self.studio_files if file.target.name == systemd_units.STUDIO_SOCKET
        )
        return self.studio or any(target.exists() for target in there)

    @property
    def units(self) -> tuple[str, ...]:
        """The units to be enabled and started."""
        return (systemd_units.UNIT, systemd_units.STUDIO_SOCKET) if self.has_studio else (systemd_units.UNIT,)

    @property
    def unit(self) -> Path:
        return next(self.place(file.target) for file in self.files if file.target.name == systemd_units.UNIT)

    def check(self) -> None:
        if self.dry_run:
            return
        if not (self.user or self.root) and os.geteuid() != 0:
            raise ConfigError("--system: needs root; run it with sudo, or install with --user")
        if not self.root and not BOOTED.exists():
            raise DeviceError(
                "systemd does not run on this machine; see systemd/README.md to start composerd otherwise"
            )

    def check_image(self) -> None:
        """Raise ConfigError if the image is no folder, or a folder that systemctl uses leads out of it by a link."""
        if self.root is None:
            return
        if not (self.root.is_dir() or self.dry_run):
            raise ConfigError(place=Option("--root"), found=str(self.root), expected="a folder with a system image")
        for file in self.files:
            for link in systemd_units.links(file):
                self.place(link)

    def place(self, target: Path) -> Path:
        """The path of `target` on this machine. Raises ConfigError if a link in the image leads out of it."""
        if not self.root:
            return target
        path = self.root / target.relative_to("/")
        folder = path.parent.resolve()
        if not folder.is_relative_to(self.root.resolve()):
            raise ConfigError(f"--root: {path.parent} leads to {folder} by a link, out of {self.root}")
        return path

    def write(self, file: systemd_units.UnitFile, executable: Path) -> None:
        target, text = self.place(file.target), systemd_units.text_of(file, executable)
        if _text_at(target) == text:
            print(f"unchanged {target}")
            return
        self.changed.add(file.source)
        self._do(f"write {target}", lambda: _write(target, text))
        for command in () if self.root else file.after:
            self.command(*command)

    def remove(self, file: systemd_units.UnitFile) -> None:
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
    executable = systemd_units.own_executable()
    if not machine.user:
        systemd_units.check_reachable(executable)
    machine.check()
    for file in machine.files:
        machine.write(file, executable)
    if machine.root:
        machine.systemctl("enable", *machine.units)
        return 0
    machine.systemctl("daemon-reload")
    machine.systemctl("enable", *machine.units)
    if machine.changed and machine.has_studio:
        machine.systemctl("stop", systemd_units.STUDIO)  # or its socket could not be started anew
    machine.systemctl("restart" if machine.changed else "start", *machine.units)
    if machine.user:
        print("it plays while you are logged in; from boot on: loginctl enable-linger, or `service install --system`")
        if SYSTEM.exists():
            print(f"not while the machine's own plays, which has the keyboard ({SYSTEM}): `service uninstall --system`")
    return 0


def uninstall(machine: Machine) -> int:
    machine.check()
    files, units = machine.files, machine.units
    if machine.unit.exists():
        studio = (systemd_units.STUDIO,) if len(units) > 1 and not machine.root else ()
        machine.systemctl("disable", *(() if machine.root else ("--now",)), *units, *studio)
    for file in files:
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
    print(f"enabled: {machine.ask('is-enabled', systemd_units.UNIT) or 'unknown'}")
    if machine.root:  # nothing runs in an image
        return 0
    print(f"active: {machine.ask('is-active', systemd_units.UNIT) or 'unknown'}")
    shown = machine.ask("show", "--property=MainPID,NRestarts,StatusText", systemd_units.UNIT)
    print("\n".join(line.replace("=", ": ", 1) for line in shown.splitlines()))
    return 0 if machine.ask("is-active", systemd_units.UNIT) == "active" else NOT_RUNNING


ACTIONS: dict[str, Callable[[Machine], int]] = {"install": install, "uninstall": uninstall, "status": status}


def _text_at(target: Path) -> str | None:
    """The text of the file at `target`; None if there is none, or a link (`systemctl mask` makes one to /dev/null)."""
    if target.is_symlink() or not target.is_file():
        return None
    return target.read_text(encoding="utf-8", errors="replace")


def _write(target: Path, text: str) -> None:
    """Write a file atomically; a link is replaced, its target unchanged."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.is_symlink():
            target.unlink()
        write_text(target, text, 0o644)
    except OSError as error:
        raise ConfigError.unwritable(target, error) from error


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
