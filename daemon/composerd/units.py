"""The service files that come with the package, and where each belongs on a machine (systemd.unit(5), udev(7))."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from composerd import paths
from composerd.errors import ConfigError

SHIPPED_EXECUTABLE = "/opt/composerd/bin/composerd"
"""as written in the units; replaced by the installed one"""
UNIT = "composerd.service"
HOMES = ("/home", "/root", "/run/user")
"""what ProtectHome=yes hides from the system service (systemd.exec(5))"""


@dataclass(frozen=True, slots=True)
class UnitFile:
    source: str
    """file in the package's systemd folder"""
    target: Path
    after: tuple[tuple[str, ...], ...] = ()
    """commands that make a new or changed file known"""


SYSTEM_FILES = (
    UnitFile("composerd.sysusers", Path("/etc/sysusers.d/composerd.conf"), (("systemd-sysusers",),)),
    UnitFile("composerd.modules", Path("/etc/modules-load.d/composerd.conf"), (("modprobe", "-a", "-q", "snd-seq"),)),
    UnitFile(
        "70-composerd.rules",
        Path("/etc/udev/rules.d/70-composerd.rules"),
        (("udevadm", "control", "--reload"), ("udevadm", "trigger", "--subsystem-match=usb")),
    ),
    UnitFile(UNIT, Path("/etc/systemd/system") / UNIT),
)


def user_files(environ: Mapping[str, str] = os.environ) -> tuple[UnitFile, ...]:
    folder = paths.user_folder("XDG_CONFIG_HOME", ".config", environ).parent
    return (UnitFile("composerd-user.service", folder / "systemd" / "user" / UNIT),)


def shipped_folder() -> Path:
    """`composerd/systemd` in an installed wheel, `systemd` beside `daemon` in a source checkout."""
    installed = paths.PACKAGE / "systemd"
    return installed if installed.is_dir() else paths.PACKAGE.parent.parent / "systemd"


def text_of(file: UnitFile, executable: Path) -> str:
    """The shipped file with `executable` in its ExecStart."""
    text = (shipped_folder() / file.source).read_text(encoding="utf-8")
    return text.replace(SHIPPED_EXECUTABLE, quoted(str(executable)))


def quoted(path: str) -> str:
    """A path as a unit's command line wants it (systemd.service(5), COMMAND LINES)."""
    plain = path.replace("%", "%%").replace("$", "$$")
    if not any(mark in plain for mark in " \t\"'\\;"):
        return plain
    return '"' + plain.replace("\\", "\\\\").replace('"', '\\"') + '"'


def own_executable() -> Path:
    """The `composerd` script beside the interpreter that runs. ConfigError where there is none."""
    script = Path(sys.prefix) / "bin" / "composerd"
    if not script.is_file():
        raise ConfigError(f"{script}: not there; install composerd into a virtual environment (README)")
    return script


def check_reachable(executable: Path, homes: tuple[str, ...] = HOMES) -> None:
    """ConfigError where the system service's own user could not run it: below a home, or in a closed folder."""
    for path in (executable, Path(sys.base_prefix)):
        for folder in (path, *path.parents):
            if str(folder) in homes:
                raise ConfigError(
                    f"{path}: below {folder}, which the system service cannot see; "
                    "install into /opt/composerd with the system's Python (README), or use --user"
                )
            if folder.exists() and not folder.stat().st_mode & 0o001:
                raise ConfigError(
                    f"{folder}: closed to other users (chmod o+x), so the system service cannot run {path}"
                )
