"""systemd verifies the units; they are installed into a folder instead of the machine's root."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from composerd.app import systemd_units
from composerd.cli.main import main
from composerd.errors import ConfigError

needs_analyze = pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")
needs_systemctl = pytest.mark.skipif(shutil.which("systemctl") is None, reason="systemctl is not installed")
EXPOSURE = 30
"""tenths: systemd's own scale goes from 0 (closed) to 100"""


def rendered(folder: Path, source: str) -> Path:
    """The unit as installed, for an executable that exists."""
    files = (*systemd_units.SYSTEM_FILES, *systemd_units.user_files())
    studio = (*systemd_units.STUDIO_SYSTEM_FILES, *systemd_units.studio_user_files())
    file = next(one for one in (*files, *studio) if one.source == source)
    unit = folder / file.target.name
    unit.write_text(systemd_units.text_of(file, Path("/bin/true")))
    return unit


def analyze(*arguments: str | Path, runtime: Path) -> subprocess.CompletedProcess[str]:
    environ = {**os.environ, "XDG_RUNTIME_DIR": str(runtime), "SYSTEMD_PAGER": ""}
    command = ["systemd-analyze", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, env=environ, check=False)


@needs_analyze
@pytest.mark.parametrize(
    ("source", "scope"),
    [
        ("composerd.service", "--system"),
        ("composerd-user.service", "--user"),
        ("composerd-studio.service", "--system"),
        ("composerd-studio.socket", "--system"),
        ("composerd-studio-user.service", "--user"),
        ("composerd-studio-user.socket", "--user"),
    ],
)
def test_systemd_finds_nothing_wrong_with_a_unit(tmp_path: Path, source: str, scope: str) -> None:
    if "studio" in source:  # each needs the other
        for kind in ("service", "socket"):
            rendered(tmp_path, f"{source.rpartition('.')[0]}.{kind}")
    unit = rendered(tmp_path, source)
    done = analyze("verify", scope, "--man=no", unit, runtime=tmp_path)
    assert [line for line in done.stderr.splitlines() if unit.name in line] == []  # unknown keys only warn


@needs_analyze
def test_systemd_would_notice_a_misspelt_key(tmp_path: Path) -> None:
    unit = rendered(tmp_path, "composerd.service")
    unit.write_text(unit.read_text().replace("WatchdogSec", "WatchdocSec"))
    done = analyze("verify", "--man=no", unit, runtime=tmp_path)
    assert "WatchdocSec" in done.stderr


@needs_analyze
@pytest.mark.parametrize("source", ["composerd.service", "composerd-studio.service"])
def test_a_system_unit_exposes_no_more_than_three(tmp_path: Path, source: str) -> None:
    unit = rendered(tmp_path, source)
    done = analyze("security", "--offline=true", "--no-pager", f"--threshold={EXPOSURE}", unit, runtime=tmp_path)
    assert done.returncode == 0, done.stdout[-300:] + done.stderr


@pytest.mark.parametrize("source", ["composerd.service", "composerd-user.service"])
def test_a_hang_and_a_crash_restart_but_wrong_settings_and_models_do_not(tmp_path: Path, source: str) -> None:
    lines = rendered(tmp_path, source).read_text().splitlines()
    wanted = {"Type=notify", "WatchdogSec=10", "Restart=on-failure", "RestartPreventExitStatus=2 3"}
    assert wanted <= set(lines)


def test_a_path_with_blanks_and_percent_signs_survives_in_the_unit(tmp_path: Path) -> None:
    text = systemd_units.text_of(systemd_units.SYSTEM_FILES[-1], Path("/opt/my band/50%/composerd"))
    assert 'ExecStart="/opt/my band/50%%/composerd" play' in text.splitlines()
    assert systemd_units.quoted("/opt/composerd/bin/composerd") == "/opt/composerd/bin/composerd"
    assert tmp_path.exists()


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A virtual environment that the system service may use, with the script in it."""
    with tempfile.TemporaryDirectory() as folder:
        environment = Path(folder, "environment")
        (environment / "bin").mkdir(parents=True)
        environment.parent.chmod(0o755)
        (environment / "bin" / "composerd").write_text("#!/bin/sh\n")
        (environment / "bin" / "composerd").chmod(0o755)
        monkeypatch.setattr(sys, "prefix", str(environment))
        monkeypatch.setattr(sys, "base_prefix", "/usr")  # the system's Python, wherever the tests run
        yield environment


TARGETS = [
    "etc/sysusers.d/composerd.conf",
    "etc/modules-load.d/composerd.conf",
    "etc/udev/rules.d/70-composerd.rules",
    "etc/systemd/system/composerd.service",
]
WANTED = "etc/systemd/system/multi-user.target.wants/composerd.service"


@pytest.fixture
def root(installed: Path, tmp_path: Path) -> Path:
    """The root of an image to install into, from an environment that the service may use."""
    assert installed.exists()
    (tmp_path / "image").mkdir()
    return tmp_path / "image"


@needs_systemctl
def test_an_installation_writes_enables_and_says_so_once(
    installed: Path, root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["service", "install", "--system", "--root", str(root)]
    assert main(arguments) == 0
    first = capsys.readouterr().out.splitlines()
    assert first == [
        *(f"write {root}/{target}" for target in TARGETS),
        f"systemctl --root={root} enable composerd.service",
    ]
    assert (root / WANTED).is_symlink()
    assert f"ExecStart={installed}/bin/composerd play" in (root / TARGETS[-1]).read_text()
    assert main(arguments) == 0
    assert [line for line in capsys.readouterr().out.splitlines() if line.startswith("write")] == []


STUDIO_TARGETS = [
    "etc/sysusers.d/composerd-studio.conf",
    "etc/systemd/system/composerd.service.d/studio.conf",
    "etc/systemd/system/composerd-studio.socket",
    "etc/systemd/system/composerd-studio.service",
]


@needs_systemctl
def test_the_studio_is_installed_where_it_is_asked_for_and_uninstalled_with_the_rest(
    installed: Path, root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["service", "install", "--system", "--studio", "--root", str(root)]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[-1] == f"systemctl --root={root} enable composerd.service composerd-studio.socket"
    assert (root / "etc/systemd/system/sockets.target.wants/composerd-studio.socket").is_symlink()
    assert f"ExecStart={installed}/bin/composerd studio" in (root / STUDIO_TARGETS[-1]).read_text()
    assert all((root / target).is_file() for target in STUDIO_TARGETS)
    assert main(["service", "uninstall", "--system", "--root", str(root)]) == 0
    assert [path for path in root.rglob("*composerd*") if not path.is_dir()] == []


@needs_systemctl
def test_a_dry_run_says_what_it_would_do_and_does_nothing(
    installed: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = tmp_path / "image"
    assert installed.exists()
    assert main(["service", "install", "--system", "--dry-run", "--root", str(root)]) == 0
    said = capsys.readouterr().out.splitlines()
    assert len(said) == len(TARGETS) + 1
    assert all(line.startswith("would ") for line in said)
    assert not root.exists()


@needs_systemctl
def test_uninstalling_leaves_nothing_of_ours_and_may_be_repeated(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["service", "install", "--system", "--root", str(root)]) == 0
    for _ in range(2):
        assert main(["service", "uninstall", "--system", "--root", str(root)]) == 0
    assert [path for path in root.rglob("*composerd*") if not path.is_dir()] == []
    assert "kept: settings in /etc/composerd" in capsys.readouterr().out


@needs_systemctl
def test_whatever_stands_in_the_way_is_replaced_and_what_a_link_leads_to_left_alone(
    installed: Path, tmp_path: Path
) -> None:
    root, elsewhere = tmp_path / "image", tmp_path / "null"
    elsewhere.write_text("not ours")
    elsewhere.chmod(0o666)
    for target in TARGETS:
        (root / target).parent.mkdir(parents=True, exist_ok=True)
    (root / TARGETS[-1]).symlink_to(elsewhere)  # as `systemctl mask` does
    (root / TARGETS[-2]).write_bytes(b"\xff\xfe")
    assert main(["service", "install", "--system", "--root", str(root)]) == 0
    assert f"ExecStart={installed}/bin/composerd play" in (root / TARGETS[-1]).read_text()
    assert not (root / TARGETS[-1]).is_symlink()
    assert (elsewhere.read_text(), elsewhere.stat().st_mode & 0o777) == ("not ours", 0o666)
    assert {path.stat().st_mode & 0o777 for path in map(root.joinpath, TARGETS)} == {0o644}
    assert list(root.rglob(".*")) == []


def test_the_status_of_nothing_installed_is_systemctls_four(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["service", "status", "--system", "--root", str(tmp_path)]) == 4
    assert "not installed" in capsys.readouterr().out


def test_the_system_service_is_not_pointed_at_a_home_folder(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="the system service cannot see"):
        systemd_units.check_reachable(tmp_path / "bin" / "composerd", homes=(str(tmp_path),))


def test_the_user_unit_lands_in_the_users_configuration(tmp_path: Path) -> None:
    (file,) = systemd_units.user_files({"XDG_CONFIG_HOME": str(tmp_path)})
    assert file.target == tmp_path / "systemd" / "user" / "composerd.service"


def test_an_image_is_refused_what_this_machine_is_refused(
    installed: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    installed.chmod(0o700)
    for where in (["--root", str(tmp_path)], []):
        assert main(["service", "install", "--system", "--dry-run", *where]) == 2
        assert f"composerd: {installed}: closed to other users" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("action", ["install", "uninstall", "status"])
def test_a_link_that_leads_out_of_the_image_is_not_followed(
    installed: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], action: str
) -> None:
    root, outside = tmp_path / "image", tmp_path / "outside"
    (root / "etc" / "systemd").mkdir(parents=True)
    (outside / "system").mkdir(parents=True)
    (outside / "system" / "composerd.service").write_text("not ours")
    (root / "etc" / "systemd" / "system").symlink_to(outside / "system")
    (root / "etc" / "sysusers.d").symlink_to("../../outside")
    assert installed.exists()
    assert main(["service", action, "--system", "--root", str(root)]) == 2
    assert f"by a link, out of {root}" in capsys.readouterr().err
    assert [path.name for path in outside.rglob("*")] == ["system", "composerd.service"]
    assert (outside / "system" / "composerd.service").read_text() == "not ours"


@pytest.mark.parametrize("wants", ["multi-user.target.wants", "sockets.target.wants"])
@pytest.mark.parametrize("action", ["install", "uninstall"])
def test_systemctl_is_not_led_out_of_the_image_either(
    root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], action: str, wants: str
) -> None:
    outside, units = tmp_path / "outside", root / "etc/systemd/system"
    outside.mkdir()
    units.mkdir(parents=True)
    (units / wants).symlink_to(outside)
    assert main(["service", action, "--system", "--studio", "--root", str(root)]) == 2
    assert f"by a link, out of {root}" in capsys.readouterr().err
    assert list(outside.iterdir()) == []
    assert [path.name for path in root.rglob("*") if path.is_file() or path.is_symlink()] == [wants]


@pytest.mark.parametrize("action", ["install", "uninstall", "status"])
def test_an_image_that_is_not_there_is_refused_and_not_made(
    installed: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], action: str
) -> None:
    (tmp_path / "file").touch()
    assert installed.exists()
    for root in (tmp_path / "imgae", tmp_path / "file"):
        assert main(["service", action, "--system", "--root", str(root)]) == 2
        assert f"--root: found {root}, expected a folder with a system image" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


@needs_systemctl
def test_the_status_of_an_image_says_what_starts_with_it_and_nothing_of_what_runs(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["service", "install", "--system", "--root", str(root)]) == 0
    capsys.readouterr()
    assert main(["service", "status", "--system", "--root", str(root)]) == 0
    assert capsys.readouterr().out.splitlines() == [f"installed: {root}/{TARGETS[-1]}", "enabled: enabled"]


@needs_systemctl
def test_a_link_that_stays_in_the_image_is_followed(root: Path) -> None:
    (root / "usr" / "etc" / "udev").mkdir(parents=True)
    (root / "etc").mkdir()
    (root / "etc" / "udev").symlink_to("../usr/etc/udev")
    assert main(["service", "install", "--system", "--root", str(root)]) == 0
    assert (root / "usr" / "etc" / "udev" / "rules.d" / "70-composerd.rules").exists()


def test_an_image_has_no_session(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["service", "install", "--user", "--root", "/image"]) == 2
    assert "--root" in capsys.readouterr().err
