"""Errors carry what they are about, so that no code reads their words."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from composerd.cli.main import main
from composerd.config import layers
from composerd.errors import (
    LONGEST_SHOWN,
    ConfigError,
    DeviceError,
    Line,
    ModelError,
    Option,
    Reason,
    Unfit,
    Variable,
    first_line,
    instead,
    nearest,
    quoted,
    unreadable,
)
from composerd.library.keyboard_files import read_keyboard


def caught(page: Path, text: str, **environ: str) -> ConfigError:
    page.write_text(text)
    with pytest.raises(ConfigError) as found:
        layers.load(page=page, environ={"HOME": "/nowhere", **environ})
    return found.value


def test_a_wrong_setting_names_the_line_the_field_what_was_found_and_what_is_expected(tmp_path: Path) -> None:
    page = tmp_path / "config.yaml"
    error = caught(page, "band:\n  mode: jma\n")
    assert error.place == Line(str(page), 2)
    assert (error.field, error.found, error.hint) == ("band.mode", "'jma'", "did you mean jam?")
    assert error.expected == "one of jam, phrase"
    assert str(error) == f"{page}:2: band.mode: found 'jma', expected one of jam, phrase; did you mean jam?"


def test_a_wrong_variable_is_the_place(tmp_path: Path) -> None:
    error = caught(tmp_path / "config.yaml", "", COMPOSERD_BAND__BPM="fast")
    assert (error.place, error.field) == (Variable("COMPOSERD_BAND__BPM"), "band.bpm")


def test_a_broken_page_has_its_line_as_the_place(tmp_path: Path) -> None:
    page = tmp_path / "config.yaml"
    assert caught(page, "band: [\n").place == Line(str(page), 2)
    assert caught(page, "band:\n  bpm: 90\n  bpm: 91\n").place == Line(str(page), 3)


def test_a_wrong_control_names_its_line_and_field(tmp_path: Path) -> None:
    page = tmp_path / "mine.yaml"
    page.write_text("controls:\n  - {on: cc 1, do: tap}\n  - {on: cc 2, do: tempo, range: [20, 400]}\n")
    with pytest.raises(ConfigError) as found:
        read_keyboard(page)
    assert (found.value.place, found.value.field) == (Line(str(page), 3), "controls[1].range")
    assert found.value.found == "20 to 400"


def test_a_value_keeps_its_parts_when_its_place_is_known() -> None:
    error = ConfigError.of(Unfit("name", "'x'", "a name"), Option("--name"), "genre.")
    assert str(error) == "--name: genre.name: found 'x', expected a name"


def test_a_device_error_says_why_and_comes_whole_from_another_process() -> None:
    error = pickle.loads(pickle.dumps(DeviceError("is locked", Reason.NO_ACCESS, "audio.device")))
    assert (str(error), error.reason, error.about) == ("audio.device: is locked", Reason.NO_ACCESS, "audio.device")


def test_a_model_error_carries_fields_and_a_reason() -> None:
    error = ModelError(place=Line("m.onnx"), field="noise", found="3", expected="0 or 40")
    assert str(error) == "m.onnx: noise: found 3, expected 0 or 40"
    assert (error.reason, error.status) == (Reason.UNUSABLE, 3)


def test_a_file_that_cannot_be_opened_says_why(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file") as absent:
        (tmp_path / "none.mid").read_bytes()
    error = ConfigError.unreadable(tmp_path / "none.mid", absent.value)
    assert str(error) == f"{tmp_path}/none.mid: cannot be read: No such file or directory"
    assert error.place == Line(f"{tmp_path}/none.mid")
    assert unreadable(absent.value) is Reason.MISSING
    assert unreadable(PermissionError()) is Reason.NO_ACCESS


@pytest.mark.parametrize(
    ("place", "text"),
    [(Line("a.yaml"), "a.yaml"), (Line("a.yaml", 3), "a.yaml:3"), (Line("a.cho", 3, 14), "a.cho:3:14")],
)
def test_a_line_is_named_as_compilers_do(place: Line, text: str) -> None:
    assert str(place) == text


def test_a_value_is_quoted_as_it_was_written_and_cut_where_it_is_long() -> None:
    assert [quoted(value) for value in ("fast", 3, None, [1, "a"])] == ["'fast'", "3", "null", '[1,"a"]']
    assert len(quoted("x" * 999)) == LONGEST_SHOWN + 1


def test_only_the_first_line_of_a_librarys_error_is_shown() -> None:
    assert first_line(ValueError("wrong\nat line 7")) == "wrong"
    assert first_line(ValueError()) == "ValueError"
    assert len(first_line(ValueError("x" * 500))) == 120


@pytest.mark.parametrize(
    ("name", "suggestion"), [("plya", "play"), ("JAZZ", "jazz"), ("nope", None), ("", None), ("rokc", "rock")]
)
def test_a_name_is_suggested_only_where_it_is_near(name: str, suggestion: str | None) -> None:
    known = ("play", "jazz", "pop", "rock")
    assert nearest(name, known) == suggestion
    expected = f"did you mean {suggestion}?" if suggestion else "possible: play, jazz, pop, rock"
    assert instead(name, known) == expected


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["plya"], "unknown command 'plya'; did you mean play?"),
        (["render"], "missing --output"),
        (["render", "x.mid", "-o"], "--output: found nothing, expected OUT"),
        (["bench", "--only", "soun"], "--only: found 'soun', expected one of"),
        (["service", "instal"], "did you mean install?"),
        (["studio", "--port", "high"], "--port: found 'high', expected a whole number"),
        (["--bpm"], "--bpm: found nothing, expected N"),
    ],
)
def test_a_mistake_on_the_command_line_is_said_in_our_words(
    words: list[str], complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words) == 2
    said = capsys.readouterr().err
    assert complaint in said
    assert "argument" not in said
    assert said.count("\n") == 1
