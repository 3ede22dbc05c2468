"""`composerd takes`, `models` and `ports`: their lists, and their errors for broken files."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from composerd.cli.commands.ports import port_status
from composerd.cli.main import main
from composerd.config import paths
from composerd.config.layers import load
from composerd.contract.card import KEY
from composerd.devices.midi.ports import PortListing
from composerd.errors import ModelError
from composerd.library.model_files import read_card
from composerd.takes.journal import JournalWriter
from jackd import FakeKeyboard, JackServer
from sound import WITHOUT_FLUIDSYNTH


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


def test_a_take_that_a_crash_cut_short_becomes_one_and_one_that_is_being_written_does_not(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["takes"]) == 0
    assert capsys.readouterr() == ("", f"none yet in {data / 'takes'}\n")
    take(data, "0001_2026-02-01_10-00-00.journal")
    writer = JournalWriter(data / "takes" / "0002_2026-02-01_11-00-00.journal", datetime(2026, 2, 1, 11))
    assert main(["takes"]) == 0
    assert writer.path.exists()
    writer.close()
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("argv", "complaint"),
    [
        (["takes", "lsit"], "unknown action of takes 'lsit'; did you mean list?"),
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


def ports(environ: Mapping[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs in a separate process, because PortAudio aborts when a JACK server that it connected to ends."""
    command = [sys.executable, "-m", "composerd", "ports", *arguments]
    return subprocess.run(command, env=dict(environ), capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.jack
def test_ports_shows_the_keyboard_that_would_be_played(jack: JackServer, data: Path) -> None:
    assert not data.exists()
    keyboard = FakeKeyboard(jack)
    done = ports(jack.env, "--no-audio")
    keyboard.pull()
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert "  * AKM322:AKM322 MIDI 1" in lines
    assert "plays from: AKM322:AKM322 MIDI 1" in lines


@pytest.mark.jack
def test_ports_asked_for_a_soundfont_that_is_not_there_fails_and_lists_midi(jack: JackServer, data: Path) -> None:
    assert not data.exists()
    done = ports(jack.env, "--soundfont", "none.sf2")
    assert done.returncode == 1
    assert "none.sf2" in done.stderr
    assert "JACK inputs (keyboards):" in done.stdout


@pytest.mark.jack
def test_ports_shows_the_output_and_the_soundfont_that_would_sound(jack: JackServer, data: Path) -> None:
    own = data / "soundfonts" / "mine.sf2"
    own.parent.mkdir(parents=True)
    own.write_bytes(b"RIFF\x00\x00\x00\x00sfbk")
    done = ports(jack.env)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert any(line.startswith("  * ") and "JACK" in line for line in lines[lines.index("audio outputs:") :])
    assert lines[lines.index("SoundFonts:") + 1] == f"  * {own}"


@pytest.mark.jack
def test_ports_lists_audio_outputs_also_without_the_soundfont_they_need(jack: JackServer, data: Path) -> None:
    assert not data.exists()
    done = ports(jack.env, "--soundfont", "none.sf2")
    assert "none.sf2" in done.stderr
    assert "audio outputs:" in done.stdout
    assert "plays to:   a virtual port" in done.stdout


@pytest.mark.jack
def test_ports_without_a_library_names_its_package_and_does_not_promise_sound(jack: JackServer, data: Path) -> None:
    broken = data / "path" / "sitecustomize.py"
    broken.parent.mkdir(parents=True)
    broken.write_text(WITHOUT_FLUIDSYNTH)
    done = ports({**jack.env, "PYTHONPATH": str(broken.parent)})
    assert "no audio: the FluidSynth library is missing: apt install libfluidsynth3" in done.stderr
    assert "plays to:   a virtual port" in done.stdout


def test_ports_fails_where_neither_midi_nor_audio_is_there(data: Path) -> None:
    assert not data.exists()
    nowhere = {**os.environ, "JACK_NO_START_SERVER": "1", "JACK_DEFAULT_SERVER": "nobody"}
    done = ports(nowhere, "--midi-api", "jack", "--soundfont", "none.sf2")
    assert done.returncode == 1
    assert [line.partition(": ")[2].split(":")[0] for line in done.stderr.splitlines() if line[:9] == "composerd"] == [
        "no MIDI",
        "no audio",
    ]


@pytest.mark.parametrize(
    ("page", "midi", "audio", "status"),
    [
        ("", True, True, 0),
        ("", True, False, 0),
        ("", False, True, 0),
        ("", False, False, 1),
        ("midi:\n  api: alsa\n", False, True, 1),
        ("midi:\n  keyboard: AKM322\n", False, True, 1),
        ("audio:\n  enabled: always\n", True, False, 1),
        ("audio:\n  device: USB\n", True, False, 1),
        ("audio:\n  device: USB\n  enabled: never\n", True, False, 0),
    ],
)
def test_one_of_midi_and_audio_is_enough_but_for_what_is_asked_for(
    data: Path, page: str, midi: bool, audio: bool, status: int
) -> None:
    data.mkdir()
    (data / "config.yaml").write_text(page)
    there = PortListing("ALSA", (), (), None, None) if midi else None
    assert port_status(load().settings, there, (("default",), None) if audio else ((), None)) == status
