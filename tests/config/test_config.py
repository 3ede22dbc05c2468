from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from composerd.config import layers as config
from composerd.config import paths
from composerd.config.yaml_source import SourcedValue, parse_page, read_page
from composerd.errors import ConfigError, Option


def home(tmp_path: Path, **variables: str) -> dict[str, str]:
    return {"HOME": str(tmp_path), **variables}


def users_page(tmp_path: Path, text: str | bytes) -> Path:
    page = tmp_path / ".config" / "composerd" / "config.yaml"
    page.parent.mkdir(parents=True)
    page.write_bytes(text if isinstance(text, bytes) else text.encode())
    return page


def complaint(tmp_path: Path, text: str | bytes) -> str:
    page = users_page(tmp_path, text)
    with pytest.raises(ConfigError) as caught:
        config.load(environ=home(tmp_path))
    assert "\n" not in str(caught.value)
    return str(caught.value).replace(str(page), "config.yaml")


def test_the_default_page_and_the_declarations_hold_the_same_values() -> None:
    in_page = {
        f"{section}.{key}" for section, keys in read_page(paths.default_page()).items() for key in keys.value or ()
    }
    assert in_page == set(config.known())
    assert config.load(environ={"HOME": "/nowhere"}).settings == config.Settings()


def test_every_setting_of_the_default_page_has_a_comment() -> None:
    lines = paths.default_page().read_text("utf-8").splitlines()
    assert [line for line in lines if line.startswith("  ") and "#" not in line] == []


def test_stronger_layers_win_and_say_so(tmp_path: Path) -> None:
    page = users_page(tmp_path, "band:\n  genre: jazz\n  bpm: 96\nengine:\n  pause_bars: 3\n")
    environ = home(tmp_path, COMPOSERD_BAND__BPM="111.5", COMPOSERD_ENGINE__GUARD="no")
    loaded = config.load({"band.genre": SourcedValue("bach", Option("--genre"))}, environ=environ)
    band, engine = loaded.settings.band, loaded.settings.engine
    assert (band.genre, band.bpm, engine.pause_bars, engine.guard) == ("bach", 111.5, 3, False)
    origins = {
        name: str(loaded.origins[name].where)
        for name in ("band.genre", "band.bpm", "engine.pause_bars", "engine.guard")
    }
    assert origins == {
        "band.genre": "--genre",
        "band.bpm": "environment COMPOSERD_BAND__BPM",
        "engine.pause_bars": f"{page}:5",
        "engine.guard": "environment COMPOSERD_ENGINE__GUARD",
    }


def test_a_page_given_by_hand_stands_in_for_the_users(tmp_path: Path) -> None:
    users_page(tmp_path, "band: {genre: jazz}")
    other = tmp_path / "other.yaml"
    other.write_text("band:\n  mode: phrase\n")
    settings = config.load(page=other, environ=home(tmp_path)).settings
    assert (settings.band.genre, settings.band.mode) == (config.Settings().band.genre, "phrase")


def test_an_empty_page_and_an_empty_section_change_nothing(tmp_path: Path) -> None:
    users_page(tmp_path, "# nothing yet\nband:\n")
    assert config.load(environ=home(tmp_path)).settings == config.Settings()


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("band:\n  gnere: rock\n", "config.yaml:2: unknown band.gnere; did you mean genre?"),
        ("bnad:\n  genre: rock\n", "config.yaml:1: unknown bnad; did you mean band?"),
        ("genre: rock\n", "config.yaml:1: unknown genre; did you mean band.genre?"),
        ("band:\n  bpm: fast\n", "config.yaml:2: band.bpm: found 'fast', expected a number from 30 to 300 or nothing"),
        ("band:\n  bpm: 999\n", "config.yaml:2: band.bpm: found '999', expected a number from 30 to 300 or nothing"),
        ("band:\n  bpm: .nan\n", "config.yaml:2: band.bpm: found '.nan', expected a number from 30 to 300 or nothing"),
        ("band:\n  mode: jma\n", "config.yaml:2: band.mode: found 'jma', expected one of jam, phrase; did you mean jam?"),  # noqa: E501  # a table row
        ("engine:\n  guard: 3\n", "config.yaml:2: engine.guard: found '3', expected true or false"),
        ("engine:\n\n  pause_bars: 1.5\n",
         "config.yaml:3: engine.pause_bars: found '1.5', expected a whole number from 1 to 16"),
        ("engine:\n  grace_ms: [1]\n", "config.yaml:2: engine.grace_ms: found a list, expected a number from 0 to 60"),
        ("engine: 3\n", "config.yaml:1: engine: found '3', expected its settings below it"),
        ("- band\n", "config.yaml:1: found a list, expected `name: value` lines"),
        ("a: " + "[" * 20, "config.yaml:1: found more than 16 levels, expected less nesting"),
        ("band:\n---\nband:\n", "config.yaml:2: found a second document (---), expected one"),
        ("just a text\n", "config.yaml:1: found 'just a text', expected `name: value` lines"),
        ("band:\n  genre: rock\n  genre: pop\n",
         "config.yaml:3: genre: found it again, after line 2, expected each name once"),
        ("band: &a\n  genre: *a\n",
         "config.yaml:2: found an alias (*), expected a value, since settings have no aliases"),
        (b"\x89PNG\r\n\x1a\n\x00\xff", "config.yaml: found byte 0 that is not UTF-8, expected a text file (YAML)"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_file_line_and_what_is_possible(tmp_path: Path, text: str | bytes, line: str) -> None:
    assert complaint(tmp_path, text) == line


def test_a_page_that_cannot_be_looked_at_is_named_and_not_passed_over(tmp_path: Path) -> None:
    page = users_page(tmp_path, "")
    page.unlink()
    page.symlink_to(page)  # root may look into every folder, but nobody into a circle
    with pytest.raises(ConfigError, match=r"config\.yaml: cannot be read: "):
        config.load(environ=home(tmp_path))


def test_a_folder_that_is_a_file_holds_no_page(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    loaded = config.load(environ=home(tmp_path, XDG_CONFIG_HOME=str(tmp_path / "file")))
    assert loaded.settings == config.Settings()


@pytest.mark.parametrize(
    "text", ["band: [\n", "band:\n\tgenre: rock\n", "a: b: c\n", "'unclosed\n", "\x00\x01", "[" * 90_000]
)
def test_broken_yaml_is_one_clear_line(tmp_path: Path, text: str) -> None:
    assert "config.yaml" in complaint(tmp_path, text)


def test_an_alias_bomb_is_refused_quickly() -> None:
    rows = ["a0: &a0 [x, x]"] + [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 12)]
    with pytest.raises(ConfigError, match="alias"):
        parse_page("\n".join(rows), "bomb.yaml")


@pytest.mark.parametrize("name", ["COMPOSERD_EXPORT_DATA", "COMPOSERD_DATA"])
def test_variables_of_the_export_side_and_of_others_are_none_of_ours(tmp_path: Path, name: str) -> None:
    assert config.load(environ={**home(tmp_path), name: "/x"}).settings == config.Settings()


def test_a_variable_that_is_written_like_a_setting_must_be_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="environment COMPOSERD_DATA__PLACE: unknown setting"):
        config.load(environ=home(tmp_path, COMPOSERD_DATA__PLACE="/x"))


def test_a_misspelt_variable_is_named_with_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(
        ConfigError, match="environment COMPOSERD_GENRE: unknown setting; did you mean COMPOSERD_BAND__GENRE"
    ):
        config.load(environ=home(tmp_path, COMPOSERD_GENRE="rock"))


def test_a_wrong_value_hidden_by_a_stronger_layer_still_shows(tmp_path: Path) -> None:
    users_page(tmp_path, "band:\n  bpm: 1\n")
    with pytest.raises(ConfigError, match=r"band\.bpm"):
        config.load({"band.bpm": SourcedValue("120", Option("--bpm"))}, environ=home(tmp_path))


def test_a_relative_xdg_folder_is_ignored_as_the_specification_says() -> None:
    pages = paths.config_pages({"HOME": "/home/ann", "XDG_CONFIG_HOME": "here"})
    assert pages == (Path("/etc/composerd/config.yaml"), Path("/home/ann/.config/composerd/config.yaml"))


@given(st.text(max_size=80))
def test_any_text_is_a_page_or_a_complaint(text: str) -> None:
    complaint = ""
    try:
        parse_page(text, "page.yaml")
    except ConfigError as error:
        complaint = str(error)
    assert complaint == "" or complaint.startswith("page.yaml")


@given(st.dictionaries(st.sampled_from(config.known()), st.text(max_size=12), max_size=3))
def test_any_value_is_taken_or_refused_in_one_line(values: dict[str, str]) -> None:
    complaint = ""
    try:
        config.load(
            {name: SourcedValue(text, Option("--option")) for name, text in values.items()},
            environ={"HOME": "/nowhere"},
        )
    except ConfigError as error:
        complaint = str(error)
    assert complaint == "" or complaint.startswith("--option: ")
    assert "\n" not in complaint


PRINTABLE = st.characters(codec="utf-8", exclude_categories=("Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"))


@given(
    st.one_of(
        st.text(PRINTABLE, max_size=20),
        st.sampled_from(["", "null", "~", "#x", "a: b", "a, b", "[x", "'", "- a", "*a", "a #b", "12: 3", " a"]),
    )
)
def test_a_text_is_shown_so_that_a_page_with_it_says_the_same(text: str) -> None:
    for shown in (f"it: {config.as_text(text)}", f"it: {{a: {config.as_text(text)}}}"):
        found = parse_page(shown, "page.yaml")["it"].value
        assert (found["a"].value if isinstance(found, dict) else found) == text


@given(st.lists(st.text(PRINTABLE, max_size=8), max_size=4).map(tuple))
def test_a_list_of_texts_is_shown_so_that_a_page_with_it_says_the_same(texts: tuple[str, ...]) -> None:
    found = parse_page(f"it: {config.as_text(texts)}", "page.yaml")["it"].value
    assert isinstance(found, tuple)
    assert tuple(one.value for one in found) == texts


@pytest.mark.parametrize(
    ("value", "text"), [(None, "null"), ("", "''"), (True, "true"), (1.0, "1"), (0.25, "0.25"), ((), "[]"),
     (("a", 2), "[a, 2]"), ("jazz", "jazz")]
)  # fmt: skip
def test_values_are_shown_as_yaml(value: object, text: str) -> None:
    assert config.as_text(value) == text


def test_all_shown_settings_put_in_a_page_are_the_same_settings(tmp_path: Path) -> None:
    settings = config.load(
        {"midi.output": SourcedValue("[odd: port #1", Option("--in"))}, environ=home(tmp_path)
    ).settings
    sections: dict[str, list[str]] = {}
    for name, text in config.shown(settings, config.known()).items():
        section, _, key = name.partition(".")
        sections.setdefault(section, []).append(f"  {key}: {text}\n")
    users_page(tmp_path, "".join(f"{section}:\n{''.join(lines)}" for section, lines in sections.items()))
    assert config.load(environ=home(tmp_path)).settings == settings


@pytest.mark.parametrize(
    ("environ", "folder"),
    [
        ({}, "/home/ann/.local/share/composerd/takes"),
        ({"XDG_DATA_HOME": "/data"}, "/data/composerd/takes"),
        ({"STATE_DIRECTORY": "/var/lib/composerd"}, "/var/lib/composerd/takes"),
        ({"STATE_DIRECTORY": "/var/lib/a:/var/lib/b"}, "/var/lib/a/takes"),
        ({"XDG_DATA_HOME": "data"}, "/home/ann/.local/share/composerd/takes"),
    ],
)
def test_takes_lie_in_a_services_state_else_beside_the_users_data(environ: dict[str, str], folder: str) -> None:
    assert paths.take_folder(environ={"HOME": "/home/ann", **environ}) == Path(folder)


def test_a_folder_for_takes_that_was_given_may_begin_with_a_tilde(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/ann")
    assert paths.take_folder("~/music", {"STATE_DIRECTORY": "/var/lib/composerd"}) == Path("/home/ann/music")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("band:\n  ? [a, b]\n  : c\n", "config.yaml:2: found a group as a name, expected a text"),
        ("# " + "x" * (1 << 20), "config.yaml: found more than 1048576 bytes, expected a page of YAML"),
        ("band:\n  genre:\n    rock: 1\n", "config.yaml:2: band.genre: found a group of settings, expected a text"),
        ("!!python/object/apply:os.system ['true']\n", "config.yaml:1: found a list, expected `name: value` lines"),
    ],
)
def test_what_no_setting_can_be_is_refused_in_one_line(tmp_path: Path, text: str, line: str) -> None:
    assert complaint(tmp_path, text) == line


def test_a_folder_where_the_page_should_be_is_named(tmp_path: Path) -> None:
    page = tmp_path / ".config" / "composerd" / "config.yaml"
    page.mkdir(parents=True)
    with pytest.raises(ConfigError, match=r"config\.yaml: cannot be read: Is a directory"):
        config.load(environ=home(tmp_path))


@pytest.mark.parametrize(
    "text", ["midi: {keyboard: AKM}\n", "midi: {keyboard: [AKM]}\n", "midi:\n  keyboard:\n    - AKM\n"]
)
def test_a_list_of_one_may_be_written_without_brackets(tmp_path: Path, text: str) -> None:
    users_page(tmp_path, text)
    assert config.load(environ=home(tmp_path)).settings.midi.keyboard == ("AKM",)


def test_each_setting_says_where_it_was_set() -> None:
    loaded = config.load({"band.bpm": SourcedValue("90", Option("--bpm"))}, environ={"HOME": "/nowhere"})
    assert (loaded.where("band.bpm"), loaded.asked_for("band.bpm")) == ("--bpm", True)
    for name in set(config.known()) - {"band.bpm"}:
        assert (loaded.origin(name), loaded.asked_for(name)) == (None, False), "a default"
        assert loaded.where(name).startswith(f"{paths.default_page()}:")
        assert loaded.where(name).endswith(f": {name}")
