"""The service files of the package and their places on a machine (systemd.unit(5), udev(7))."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from composerd.config import paths
from composerd.errors import ConfigError

SHIPPED_EXECUTABLE = "/opt/composerd/bin/composerd"
"""as written in the units; replaced by the installed one"""
UNIT = "composerd.service"
STUDIO, STUDIO_SOCKET = "composerd-studio.service", "composerd-studio.socket"
HOMES = ("/home", "/root", "/run/user")
"""folders hidden from the system service by ProtectHome=yes (systemd.exec(5))"""


@dataclass(frozen=True, slots=True)
class UnitFile:
    """A file of the service: its source in the package and its place in the system."""

    source: str
    """file in the package's systemd folder"""
    target: Path
    after: tuple[tuple[str, ...], ...] = ()
    """commands to run after the file is new or changed"""


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

STUDIO_SYSTEM_FILES = (
    UnitFile("composerd-studio.sysusers", Path("/etc/sysusers.d/composerd-studio.conf"), (("systemd-sysusers",),)),
    UnitFile("composerd-studio.conf", Path("/etc/systemd/system/composerd.service.d/studio.conf")),
    UnitFile(STUDIO_SOCKET, Path("/etc/systemd/system") / STUDIO_SOCKET),
    UnitFile(STUDIO, Path("/etc/systemd/system") / STUDIO),
)


def user_files(environ: Mapping[str, str] = os.environ) -> tuple[UnitFile, ...]:
    return (UnitFile("composerd-user.service", _user_units(environ) / UNIT),)


def studio_user_files(environ: Mapping[str, str] = os.environ) -> tuple[UnitFile, ...]:
    folder = _user_units(environ)
    return (
        UnitFile("composerd-studio-user.socket", folder / STUDIO_SOCKET),
        UnitFile("composerd-studio-user.service", folder / STUDIO),
    )


def _user_units(environ: Mapping[str, str]) -> Path:
    return paths.user_folder("XDG_CONFIG_HOME", ".config", environ).parent / "systemd" / "user"


def shipped_folder() -> Path:
    """`composerd/systemd` in an installed wheel, `systemd` beside `daemon` in a source checkout."""
    installed = paths.PACKAGE / "systemd"
    return installed if installed.is_dir() else paths.PACKAGE.parent.parent / "systemd"


def text_of(file: UnitFile, executable: Path) -> str:
    """The shipped file with `executable` in its ExecStart."""
    text = (shipped_folder() / file.source).read_text(encoding="utf-8")
    return text.replace(SHIPPED_EXECUTABLE, quoted(str(executable)))


def links(file: UnitFile) -> list[Path]:
    """The links that `systemctl enable` makes for the unit: one in the `.wants` folder of each target that wants it."""
    text = (shipped_folder() / file.source).read_text(encoding="utf-8")
    wanted = (line.removeprefix("WantedBy=") for line in text.splitlines() if line.startswith("WantedBy="))
    return [file.target.parent / f"{target}.wants" / file.target.name for names in wanted for target in names.split()]


def quoted(path: str) -> str:
    """A path quoted for a unit's command line (systemd.service(5), COMMAND LINES)."""
    plain = path.replace("%", "%%").replace("$", "$$")
    if not any(mark in plain for mark in " \t\"'\\;"):
        return plain
    return '"' + plain.replace("\\", "\\\\").replace('"', '\\"') + '"'


def own_executable() -> Path:
    """The `composerd` script beside the running interpreter. Raises ConfigError if there is none."""
    script = Path(sys.prefix) / "bin" / "composerd"
    if not script.is_file():
        raise ConfigError(f"{script}: not there; install composerd into a virtual environment (README)")
    return script


def check_reachable(executable: Path, homes: tuple[str, ...] = HOMES) -> None:
    """Raise ConfigError if the system service's user cannot run the executable: below a home, or in a closed folder."""
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
