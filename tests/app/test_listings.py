"""`composerd takes`, `models` and `ports`: what they list, and what they say of broken files."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from composerd import paths
from composerd.cli import main
from composerd.commands.models import read_card
from composerd.contract.card import KEY
from composerd.errors import ModelError
from jackd import FakeKeyboard, JackServer


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's data folder."""
    for variable in ("XDG_CONFIG_HOME", "XDG_DATA_HOME"):
        monkeypatch.setenv(variable, str(tmp_path))
    monkeypatch.chdir(tmp_path)
    return tmp_path / "composerd"


def take(data: Path, name: str) -> Path:
    path = data / "takes" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(name.encode())
    return path


def test_takes_are_listed_oldest_first_and_exported_by_number_or_last(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    take(data, "2026-02-01_10-00-00_rock.mid")
    take(data, "2026-01-01_10-00-00_bach.mid")
    take(data, "holiday.mid")
    assert main(["takes"]) == 0
    assert [line.split()[3] for line in capsys.readouterr().out.splitlines()] == ["bach", "rock"]
    assert main(["takes", "export", "1", "-o", "one.mid"]) == 0
    assert main(["takes", "export"]) == 0
    assert (data.parent / "one.mid").read_bytes() == b"2026-01-01_10-00-00_bach.mid"
    assert (data.parent / "2026-02-01_10-00-00_rock.mid").exists()


@pytest.mark.parametrize(
    ("argv", "complaint"),
    [
        (["takes", "lsit"], "takes: found 'lsit', did you mean list?"),
        (["takes", "export"], "takes: found none in "),
    ],
)
def test_what_takes_cannot_do_is_one_line(
    data: Path, capsys: pytest.CaptureFixture[str], argv: list[str], complaint: str
) -> None:
    assert not data.exists()
    assert main(argv) == 2
    assert capsys.readouterr().err.startswith(f"composerd: {complaint}")


def test_the_shipped_models_are_listed_and_the_rules_too(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert not data.exists()
    assert main(["models"]) == 0
    names = [line.split()[0] for line in capsys.readouterr().out.splitlines()]
    assert names == [*sorted(file.stem for file in paths.shipped_models().glob("*.onnx")), "plain"]


def test_a_broken_model_of_the_users_is_named_and_the_rest_listed(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = data / "models" / "mine.onnx"
    model.parent.mkdir(parents=True)
    model.write_bytes(b"no model")
    assert main(["models"]) == 3
    captured = capsys.readouterr()
    assert captured.err.startswith(f"composerd: {model}: ")
    assert captured.out.splitlines()[-1].startswith("plain")


@given(st.binary(max_size=80), st.booleans())
def test_any_bytes_are_a_card_or_a_complaint(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, named: bool
) -> None:
    file = tmp_path_factory.mktemp("models") / "any.onnx"
    file.write_bytes((KEY.encode() if named else b"") + data)
    with pytest.raises(ModelError, match=r"any\.onnx: "):
        read_card(file)


@pytest.mark.jack
def test_ports_shows_the_keyboard_that_would_be_played(jack: JackServer, data: Path) -> None:
    assert not data.exists()
    keyboard = FakeKeyboard(jack)
    # a process of its own: PortAudio, once it has seen a JACK server, does not outlive it
    command = [sys.executable, "-m", "composerd", "ports", "--no-audio"]
    lines = subprocess.run(command, env=jack.env, capture_output=True, text=True, timeout=60).stdout.splitlines()
    keyboard.pull()
    assert "  * AKM322:AKM322 MIDI 1" in lines
    assert "plays from: AKM322:AKM322 MIDI 1" in lines
