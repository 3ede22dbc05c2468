"""The how-to for a genre of one's own: its commands exist with their options, and the page it makes can be played."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import smf
from composerd.cli.main import main
from composerd.library.genre_files import load_genre

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "howto" / "own-genre.md").read_text("utf-8")
BLOCK = re.search(r"```sh\n(.*?)```", PAGE, re.DOTALL)
LINES = BLOCK[1].splitlines() if BLOCK else []
TRAINING = [line for line in LINES if line.startswith("composerd-export ")]
(MAKES_A_PAGE,) = [line for line in LINES if line.startswith("sed ")]


@pytest.mark.parametrize("line", TRAINING)
def test_every_training_command_of_the_block_has_these_options(line: str) -> None:
    for library in ("torch", "onnx"):
        pytest.importorskip(library)
    from composerd_export.cli import parser_of

    words = shlex.split(line)[1:]
    assert parser_of(words[0]).parse_args(words).command == words[0]


def test_the_block_leads_from_songs_to_a_model_and_a_page() -> None:
    assert [shlex.split(line)[1] for line in TRAINING] == [
        "data", "data", "train", "train-groove", "train-voicing", "fit-harmonist", "export",
    ]  # fmt: skip


def test_each_command_reads_what_the_one_before_wrote() -> None:
    imported, _, players, groove, voicing, harmonist, export = (shlex.split(line) for line in TRAINING)
    name = imported[imported.index("--name") + 1]
    assert players[players.index("--dataset") + 1] == name
    assert groove[groove.index("--datasets") + 1] == voicing[voicing.index("--datasets") + 1] == name
    assert f"runs/{name}-musegan/best.pt" in export
    assert export[export.index("--groove") + 1] == f"runs/groove-{name}/best.pt"
    assert export[export.index("--voicing") + 1] == f"runs/voicing-{name}/best.pt"
    assert export[export.index("--harmony") + 1] == harmonist[harmonist.index("-o") + 1]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user's home folder in which the block's folders were made."""
    for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    for folder in ("models", "genres"):
        (tmp_path / ".local" / "share" / "composerd" / folder).mkdir(parents=True)
    return tmp_path


def test_the_page_that_sed_makes_is_the_genre(home: Path) -> None:
    subprocess.run(["sh", "-c", MAKES_A_PAGE], cwd=ROOT, env={**os.environ, "HOME": str(home)}, check=True, timeout=20)
    genre = load_genre("polka")
    assert (genre.name, genre.title, genre.model) == ("polka", "Polka", "polka")
    assert genre.problems() == []


@pytest.mark.skipif(sys.platform != "linux", reason="the block is for Linux")
def test_the_genre_plays_with_the_model_beside_it(home: Path) -> None:
    subprocess.run(["sh", "-c", MAKES_A_PAGE], cwd=ROOT, env={**os.environ, "HOME": str(home)}, check=True, timeout=20)
    shutil.copy(ROOT / "models" / "pop.onnx", home / ".local" / "share" / "composerd" / "models" / "polka.onnx")
    (home / "tune.mid").write_bytes(smf.song(smf.notes(smf.C_MAJOR) + smf.END))
    assert main(["render", "--genre", "polka", "-o", str(home / "polka.mid"), str(home / "tune.mid")]) == 0
    assert (home / "polka.mid").read_bytes().startswith(b"MThd")


def test_without_its_model_the_genre_says_what_is_missing(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    subprocess.run(["sh", "-c", MAKES_A_PAGE], cwd=ROOT, env={**os.environ, "HOME": str(home)}, check=True, timeout=20)
    (home / "tune.mid").write_bytes(smf.song(smf.notes(smf.C_MAJOR) + smf.END))
    assert main(["render", "--genre", "polka", "-o", str(home / "polka.mid"), str(home / "tune.mid")]) == 3
    assert "genre polka: model: found none, expected polka.onnx in" in capsys.readouterr().err
    assert not (home / "polka.mid").exists()
