"""Genres, generators and trainings for the page."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from composerd.cli.main import dispatch
from composerd.errors import ConfigError
from composerd.studio import catalogue, machine
from composerd.studio.studio_paths import StudioPaths


def place(tmp_path: Path) -> StudioPaths:
    return StudioPaths((), tmp_path / "takes", tmp_path, tmp_path / "config.yaml", runs=(tmp_path / "runs",))


def test_every_shipped_genre_and_generator_is_told_with_what_it_was_trained_on(tmp_path: Path) -> None:
    assert {"rock", "pop", "jazz", "symphony", "bach"} <= {genre["name"] for genre in catalogue.genres()}
    pop = next(model for model in catalogue.models(place(tmp_path)) if model["name"] == "pop")
    assert pop["tracks"][0] == "drums"
    assert pop["data"][0]["licence"]
    assert "epoch" in pop["metrics"]["curves"]


def test_a_training_is_told_while_it_runs_and_a_row_that_is_being_written_is_left_out(tmp_path: Path) -> None:
    run = tmp_path / "runs" / "polka-musegan"
    run.mkdir(parents=True)
    (run / "curves.csv").write_text("epoch,generator,critic\n1,2.5,\n2,2.0,1.5\n3,1.")
    (run / "hyperparameters.json").write_text(json.dumps({"epochs": 5, "learning_rate": 0.001, "update_ratio": 5}))
    (tmp_path / "runs" / "broken").mkdir()
    (tmp_path / "runs" / "broken" / "curves.csv").write_bytes(b"\xff\xfe\x00")
    found = {training["name"]: training for training in catalogue.trainings(place(tmp_path))}
    assert found["polka-musegan"]["curves"] == {
        "generator": [(1.0, 2.5), (2.0, 2.0), (3.0, 1.0)],
        "critic": [(2.0, 1.5)],
    }
    assert found["polka-musegan"]["hyperparameters"]["update_ratio"] == 5
    assert "problem" in found["broken"]


def test_every_setting_has_its_value_origin_and_help(tmp_path: Path) -> None:
    page = tmp_path / "config.yaml"
    page.write_text("engine:\n  dynamics: 0.7\n")
    rows = {row["name"]: row for row in machine.settings(StudioPaths((), tmp_path, tmp_path, page, config=page))}
    assert (rows["engine.dynamics"]["value"], rows["engine.dynamics"]["origin"]) == ("0.7", f"{page}:2")
    assert rows["band.genre"]["origin"] == "default"
    assert [name for name, row in rows.items() if not row["help"]] == []
    assert not rows["remote.socket"]["safe"]
    assert not rows["audio.soundfont"]["safe"]
    assert (rows["band.bpm"]["value"], rows["engine.swing"]["value"]) == ("", ""), "not `null`, which is YAML's word"
    assert "null" not in rows["band.bpm"]["help"] + rows["engine.swing"]["help"]
    assert "jazz" in rows["band.genre"]["choices"]


UNFIT = [("band.genre", "polka"), ("band.mode", "jazz"), ("band.bpm", "fast"), ("band.bpm", "1000")]
UNFIT += [("engine.swing", "2"), ("engine.melody", "middle"), ("engine.metronome", "maybe"), ("takes.pause_s", "")]


@pytest.mark.parametrize(("name", "value"), UNFIT)
def test_a_setting_is_refused_in_the_words_of_the_start_and_the_file_stays(
    tmp_path: Path, name: str, value: str
) -> None:
    page, (section, key) = tmp_path / "config.yaml", name.split(".")
    page.write_text("# mine\n")
    with pytest.raises(ConfigError) as refused:
        machine.change(StudioPaths((), tmp_path, tmp_path, page, config=page), name, value)
    assert page.read_text() == "# mine\n"
    page.write_text(f"{section}:\n  {key}: {value or '~'}\n")
    with pytest.raises(ConfigError) as start:
        dispatch(["render", "nothing.mid", "-o", "x.mid", "--config", str(page)])
    assert str(start.value).removeprefix(f"{page}:2: ") == str(refused.value)


@pytest.mark.parametrize(
    ("name", "value", "line"),
    [
        ("band.genre", "jazz", "genre: jazz"),
        ("band.bpm", "", "bpm: null"),
        ("engine.metronome", "on", "metronome: true"),
    ],
)
def test_a_setting_that_fits_is_written(tmp_path: Path, name: str, value: str, line: str) -> None:
    page = tmp_path / "config.yaml"
    page.write_text("# mine\n")
    found = machine.change(StudioPaths((), tmp_path, tmp_path, page, config=page), name, value)
    assert page.read_text() == f"# mine\n{name.split('.')[0]}:\n  {line}\n"
    assert found == {"page": str(page), "stronger": ""}


def test_a_setting_that_something_stronger_sets_is_written_and_that_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = tmp_path / "config.yaml"
    page.write_text("")
    monkeypatch.setenv("COMPOSERD_BAND__GENRE", "rock")
    found = machine.change(StudioPaths((), tmp_path, tmp_path, page, config=page), "band.genre", "jazz")
    assert found["stronger"] == "environment COMPOSERD_BAND__GENRE"


def test_nothing_is_written_into_a_file_that_the_start_refuses_anyway(tmp_path: Path) -> None:
    page = tmp_path / "config.yaml"
    page.write_text("band:\n  genre: polka\n")
    place = StudioPaths((), tmp_path, tmp_path, page, config=page)
    with pytest.raises(ConfigError, match=r"config\.yaml:2: unknown genre 'polka'"):
        machine.change(place, "engine.dynamics", "0.7")
    machine.change(place, "band.genre", "jazz")
    machine.change(place, "engine.dynamics", "0.7")
    assert page.read_text() == "band:\n  genre: jazz\nengine:\n  dynamics: 0.7\n"
