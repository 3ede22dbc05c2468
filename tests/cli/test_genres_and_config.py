"""`composerd genres` and `composerd config`: what there is, where it comes from, and what is broken."""

from __future__ import annotations

from pathlib import Path

import pytest

from composerd.cli.main import main

SHIPPED = ("bach", "jazz", "pop", "rock", "symphony")
OWN = """title: My own
model: plain
bpm: 111
parts:
  - {name: drums, role: drums, channel: 10}
  - {name: tuba, role: bass, channel: 4, program: 58, low: 28, high: 55}
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user without anything; the settings file is `home / composerd / config.yaml`."""
    for variable in ("XDG_CONFIG_HOME", "XDG_DATA_HOME"):
        monkeypatch.setenv(variable, str(tmp_path))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "composerd" / "genres").mkdir(parents=True)
    return tmp_path


def lines(capsys: pytest.CaptureFixture[str], *words: str, status: int = 0) -> list[str]:
    assert main(list(words)) == status
    return capsys.readouterr().out.splitlines()


@pytest.mark.usefixtures("home")
def test_the_shipped_genres_are_listed_with_their_generators(capsys: pytest.CaptureFixture[str]) -> None:
    found = {line.split()[0]: line for line in lines(capsys, "genres")}
    assert tuple(found) == SHIPPED
    assert all(" bpm  " in line for line in found.values())
    assert all(f"  {name} (" in line for name, line in found.items())


def test_an_own_genre_is_listed_with_its_page_and_parts(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = home / "composerd" / "genres" / "own.yaml"
    page.write_text(OWN)
    found = lines(capsys, "genres", "--pages")
    at = next(index for index, line in enumerate(found) if line.startswith("own "))
    assert found[at].split("  ")[-1] == "plain (rules)"
    assert "111.0 bpm" in found[at]
    assert found[at + 1].strip() == str(page)
    assert "tuba" in found[at + 3]
    assert "channel  4  program  58  pitches 28–55" in found[at + 3]


def test_a_genre_whose_model_is_not_there_says_so(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (home / "composerd" / "genres" / "own.yaml").write_text(OWN.replace("plain", "tango"))
    assert [line for line in lines(capsys, "genres") if line.endswith("none (tango.onnx is not there)")] != []


def test_a_broken_genre_is_one_line_and_hides_no_other(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (home / "composerd" / "genres" / "own.yaml").write_text(OWN.replace("role: bass", "role: kazoo"))
    assert main(["genres"]) == 2
    told = capsys.readouterr()
    assert [line.split()[0] for line in told.out.splitlines()] == list(SHIPPED)
    assert told.err.count("\n") == 1
    assert "own.yaml" in told.err
    assert "kazoo" in told.err


def setting(found: list[str], name: str) -> list[str]:
    return next(line.split() for line in found if line.split()[0] == name)


@pytest.mark.usefixtures("home")
def test_without_any_page_all_settings_are_the_default(capsys: pytest.CaptureFixture[str]) -> None:
    found = lines(capsys, "config")
    assert {line.split()[-1] for line in found} == {"default"}
    assert setting(found, "band.genre")[1] == "pop"


def test_a_setting_tells_its_line_its_variable_or_its_option(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    page = home / "composerd" / "config.yaml"
    page.write_text("# mine\nband:\n  genre: jazz\n  bpm: 90\n  mode: phrase\n")
    monkeypatch.setenv("COMPOSERD_BAND__BPM", "100")
    found = lines(capsys, "config", "--mode", "jam")
    assert setting(found, "band.genre")[1:] == ["jazz", f"{page}:3"]
    assert setting(found, "band.bpm")[1:] == ["100", "environment", "COMPOSERD_BAND__BPM"]
    assert setting(found, "band.mode")[1:] == ["jam", "--mode"]


def test_the_files_that_are_looked_for_are_listed(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = home / "composerd" / "config.yaml"
    before = lines(capsys, "config", "--path")
    page.write_text("log: {level: debug}\n")
    after = lines(capsys, "config", "--path")
    assert [line.split()[0] for line in before] == [line.split()[0] for line in after]
    changed = [(one, other) for one, other in zip(before, after, strict=True) if one != other]
    assert len(changed) == 1
    assert changed[0][0].startswith(str(page))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("band: {gerne: jazz}\n", "config.yaml:1"),
        ("band: {gerne: jazz}\n", "did you mean genre"),
        ("band: {bpm: fast}\n", "fast"),
        ("band: {bpm: 9000}\n", "300"),
        ("band: [\n", "broken YAML"),
        ("nonsense: {a: 1}\n", "nonsense"),
    ],
)
def test_a_mistake_in_a_page_is_one_line(home: Path, capsys: pytest.CaptureFixture[str], text: str, says: str) -> None:
    (home / "composerd" / "config.yaml").write_text(text)
    assert main(["config"]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert says in told.err
    assert told.err.count("\n") == 1
