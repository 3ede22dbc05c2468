"""What the options of the command line set, and the commands that lines of words mean."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from composerd.cli.actions import check_action
from composerd.cli.commands.studio import _for_play
from composerd.cli.main import COMMANDS, Parser, main, parser_for
from composerd.cli.options import OPTIONS, add_settings, load_config, words_of
from composerd.cli.options import given as settings_in
from composerd.cli.performance import FLAGS
from composerd.config.layers import known, load
from composerd.errors import ConfigError


def layer(*argv: str) -> dict[str, tuple[object, str]]:
    """Setting -> what the options set it to, and which of them."""
    parser = Parser()
    add_settings(parser, OPTIONS)
    return {name: (one.value, str(one.where)) for name, one in settings_in(parser.parse_all(argv)).items()}


@pytest.mark.parametrize(
    ("argv", "settings"),
    [
        ([], {}),
        (["--genre", "jazz"], {"band.genre": ("jazz", "--genre")}),
        (["--genre=jazz"], {"band.genre": ("jazz", "--genre")}),
        (["--genre", "rock", "--genre", "jazz"], {"band.genre": ("jazz", "--genre")}),
        (["--follow", "--quiet"], {"engine.follow": ("true", "--follow"), "log.status_line": ("false", "--quiet")}),
        (["--in", "A"], {"midi.keyboard": ("A", "--in")}),
        (["--in", "A", "--in", "B"], {"midi.keyboard": ("A, B", "--in")}),
        (["--clock-in"], {"midi.clock_in": ("", "--clock-in"), "engine.sync": ("midi", "--clock-in")}),
        (["--clock-in", "X"], {"midi.clock_in": ("X", "--clock-in"), "engine.sync": ("midi", "--clock-in")}),
        (["--audio"], {"audio.device": ("", "--audio"), "audio.enabled": ("always", "--audio")}),
        (["--audio", "USB"], {"audio.device": ("USB", "--audio"), "audio.enabled": ("always", "--audio")}),
        (["--no-audio"], {"audio.enabled": ("never", "--no-audio")}),
        (["--bpm", "-1"], {"band.bpm": ("-1", "--bpm")}),
    ],
)
def test_options_are_settings_with_their_place(argv: list[str], settings: dict[str, tuple[object, str]]) -> None:
    assert layer(*argv) == settings


def test_every_option_sets_settings_that_there_are_to_values_that_they_take() -> None:
    for option in OPTIONS.values():
        assert {option.setting, *(name for name, _ in option.also)} <= set(known())
    alone = [flag for flag, option in OPTIONS.items() if option.const is not None or option.bare is not None]
    for flag in alone:
        parser = Parser()
        add_settings(parser, OPTIONS)
        load(settings_in(parser.parse_all([flag])), environ={"HOME": "/nowhere"})


@pytest.mark.parametrize("argv", [["--audio", "--no-audio"], ["--no-audio", "--audio", "USB"]])
def test_options_that_contradict_each_other_are_refused_in_either_order(argv: list[str]) -> None:
    with pytest.raises(ConfigError, match="found --audio and --no-audio, expected one of them"):
        layer(*argv)


def test_an_option_wins_over_the_settings_file_that_was_given(tmp_path: Path) -> None:
    page = tmp_path / "mine.yaml"
    page.write_text("band: {genre: jazz, bpm: 90}\n")
    args = parser_for("config").parse_all(["--config", str(page), "--bpm", "120"])
    band = load_config(args).settings.band
    assert (band.genre, band.bpm) == ("jazz", 120.0)


@pytest.mark.parametrize(
    ("argv", "line"),
    [
        (["config", "--bp", "90"], "unknown option --bp; did you mean --bpm?"),
        (["config", "--bpm=fast"], "--bpm: band.bpm: found 'fast', expected a number from 30 to 300 or nothing"),
        (["config", "--xyzzy=1"], "unknown option --xyzzy; possible: "),
        (["config", "-z"], "unknown option -z; possible: "),
        (["config", "ports"], "found 'ports', expected the command first: composerd ports …"),
        (["config", "-"], "found '-', expected nothing more"),
        (["songs", "--transpose", "x"], "--transpose: found 'x', expected a whole number"),
        (["songs", "--transpose"], "--transpose: found nothing, expected N"),
        (["songs", "lst"], "unknown action of songs 'lst'; did you mean list?"),
        (["songs", "show"], "songs show: found no name, expected a song or a file"),
        (["songs", "list", "--transpose", "12"], "--transpose: found 12, expected -11 to 11"),
        (["service", "start"], "ACTION"),
        (["service"], "missing "),
        (["render"], "render"),
        (["sets", "show", "a", "b"], "sets show: found 'b', expected one name"),
        (["takes", "delete"], "unknown action of takes 'delete'; possible: list, play, export, where"),
        (["", "x"], "unknown command ''; possible: play, "),
        (["Ports"], "unknown command 'Ports'; did you mean ports?"),
    ],
)
def test_a_line_that_means_nothing_is_answered_in_one_line_of_status_2(
    argv: list[str], line: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert main(argv) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith("composerd: ")
    assert told.err.count("\n") == 1
    assert line.lower() in told.err.lower()


WORDS = st.sampled_from(
    ["", "-", "--", "config", "songs", "list", "show", "takes", "where", "genres", "--bpm", "90", "--genre", "rock",
     "--quiet", "--in", "--config", "none.yaml", "x", "--transpose", "-3", "--path", "é", "--genre=", "-o"]
)  # fmt: skip


@given(st.sampled_from(["config", "songs", "takes", "genres", "sets", "ctl"]), st.lists(WORDS, max_size=4))
def test_whatever_stands_behind_a_command_is_understood_or_refused_in_one_line(name: str, argv: list[str]) -> None:
    problem = ""
    try:
        parser_for(name).parse_all(argv)
    except ConfigError as error:
        problem = str(error)
    assert "\n" not in problem


def test_every_command_has_its_own_help_with_every_option_described() -> None:
    for name in COMMANDS:
        parser = parser_for(name)
        assert parser.description
        undescribed = [action.dest for action in parser._actions if not action.help]
        assert undescribed == [], name


@pytest.mark.parametrize(
    ("action", "subject", "problem"),
    [
        ("list", "", ""),
        ("show", "x", ""),
        ("show", "", "things show: found no name, expected one"),
        ("shwo", "x", "unknown action of things 'shwo'; did you mean show?"),
    ],
)
def test_an_action_is_checked_with_its_subject(action: str, subject: str, problem: str) -> None:
    told = ""
    try:
        check_action("things", action, ["list", "show"], subject, "one")
    except ConfigError as error:
        told = str(error)
    assert told == problem


GIVEN = st.lists(
    st.one_of(
        st.sampled_from(["--follow", "--left-hand", "--clock-in", "--clock-out", "--audio", "--verbose"]),
        st.tuples(st.sampled_from(["--in", "--out", "--genre", "--clock-in", "--audio", "--song"]), st.sampled_from(
            ["A", "", "a b", "-x", "--y", "=", "é", "[A]", "'"]
        )).map("=".join),
    ),
    max_size=6,
)  # fmt: skip


@given(GIVEN)
def test_options_that_are_passed_on_to_another_command_set_the_same(argv: list[str]) -> None:
    """The studio passes its own on to the band that it starts."""
    args = parser_for("studio").parse_all(argv)
    passed_on = parser_for("play").parse_all(words_of(args, FLAGS))
    assert settings_in(passed_on) == settings_in(args)


def test_the_band_of_the_studio_hears_the_keyboards_that_the_studio_was_told_of(tmp_path: Path) -> None:
    page = str(tmp_path / "my settings.yaml")
    args = parser_for("studio").parse_all(["--in", "AKM", "--in", "Pads", "--quiet", "--config", page])
    assert _for_play(args) == ["--quiet", "--in=AKM", "--in=Pads", "--config", page]
