"""Edits of pages that people have written: only the value changes, whatever style the page is in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from composerd.config.yaml_editor import edited, line, listing, take_out, with_setting, written
from composerd.config.yaml_source import parse_page
from composerd.errors import ConfigError

NAMES, VALUES = st.sampled_from(["bpm", "genre", "follow", "swing"]), st.sampled_from(["1", "true", "jazz", "0.25"])
PAGE = """# my settings
band:
  genre: jazz   # for Saturdays
  bpm: 120

engine: {follow: true}
"""


def value_of(text: str, section: str, key: str) -> str:
    found = parse_page(text, "page.yaml")[section].value
    assert isinstance(found, dict)
    return str(found[key].value)


def test_a_value_is_changed_and_its_comment_stays() -> None:
    assert with_setting(PAGE, "page.yaml", "band", "genre", "rock") == PAGE.replace("genre: jazz", "genre: rock")


def test_a_value_on_one_line_is_changed_there() -> None:
    assert with_setting(PAGE, "page.yaml", "engine", "follow", "false").endswith("engine: {follow: false}\n")


def test_a_new_key_comes_first_in_its_section_in_the_sections_style() -> None:
    block = with_setting(PAGE, "page.yaml", "band", "metre", "3/4")
    assert "band:\n  metre: 3/4\n  genre: jazz   # for Saturdays\n" in block
    flow = with_setting(PAGE, "page.yaml", "engine", "swing", "0.2")
    assert "engine: {swing: 0.2, follow: true}\n" in flow


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "band: {bpm: 90}", "band: {bpm: 90}\n"])
def test_a_new_section_is_added_at_the_end(text: str) -> None:
    found = with_setting(text, "page.yaml", "log", "level", "debug")
    assert found.startswith(text)
    assert found.endswith("log:\n  level: debug\n")
    assert value_of(found, "log", "level") == "debug"


@pytest.mark.parametrize("text", ["band: {}\n", "band:\n", "band: # nothing\nlog: {level: info}\n", "band:"])
def test_a_section_that_is_empty_gets_its_first_key(text: str) -> None:
    found = with_setting(text, "page.yaml", "band", "bpm", "90")
    assert value_of(found, "band", "bpm") == "90"
    assert ("# nothing" in found) == ("# nothing" in text)


@given(st.lists(st.tuples(st.sampled_from(["band", "engine", "log"]), NAMES, VALUES), min_size=1, max_size=6))
def test_after_any_changes_each_setting_has_its_last_value(changes: list[tuple[str, str, str]]) -> None:
    text = PAGE
    for section, key, value in changes:
        text = with_setting(text, "page.yaml", section, key, value)
    wanted = {(section, key): value for section, key, value in changes}
    assert {place: value_of(text, *place) for place in wanted} == wanted
    assert text.startswith("# my settings\n"), "comments stay"


@pytest.mark.parametrize("text", ["a: [\n", "- a\n", "a: 1\na: 2\n", "\tband: x\n"])
def test_a_page_that_cannot_be_read_is_refused_with_its_name(text: str) -> None:
    with pytest.raises(ConfigError, match=r"page\.yaml"):
        with_setting(text, "page.yaml", "band", "bpm", "90")


LISTED = """controls:
  # the first
  - {on: cc 20, do: start}   # red
  # the second
  - on: cc 21
    do: stop
  # the third
  - {on: cc 22, do: fill}
"""


@pytest.mark.parametrize(("index", "gone"), [(0, "cc 20"), (1, "cc 21"), (2, "cc 22")])
def test_an_item_is_taken_out_and_all_others_stay(index: int, gone: str) -> None:
    page = edited(LISTED, "page.yaml")
    take_out(page["controls"], index)
    text = written(page, LISTED)
    assert [str(item["on"]) for item in edited(text, "page.yaml")["controls"]] == [
        name for name in ("cc 20", "cc 21", "cc 22") if name != gone
    ]


def test_a_page_is_written_as_it_was_where_nothing_is_changed() -> None:
    assert written(edited(LISTED, "page.yaml"), LISTED) == LISTED


def test_a_comment_about_the_next_item_stays_when_one_goes() -> None:
    page = edited(LISTED, "page.yaml")
    take_out(page["controls"], 1)
    assert "# the third" in written(page, LISTED)


@pytest.mark.parametrize("indent", ["", "  ", "    "])
def test_a_list_keeps_its_indentation(indent: str) -> None:
    text = f"controls:\n{indent}- {{on: cc 20, do: start}}\n"
    page = edited(text, "page.yaml")
    page["controls"].append(line({"on": "cc 21", "do": "stop"}))
    assert written(page, text) == f"{text}{indent}- {{on: cc 21, do: stop}}\n"


def test_values_on_one_line_are_written_so() -> None:
    page = edited("a: 1\n", "page.yaml")
    page["b"], page["c"] = listing(["x", "y"]), line({"d": 2})
    assert written(page, "a: 1\n") == "a: 1\nb: [x, y]\nc: {d: 2}\n"


def test_an_empty_page_is_written_as_it_was() -> None:
    assert written(edited("# only words\n", "page.yaml"), "# only words\n") == "# only words\n"


def settings_of(text: str) -> dict[tuple[str, str], object]:
    """Every value of a page, by section and key."""
    groups = {section: found.value for section, found in parse_page(text, "page.yaml").items()}
    return {
        (section, key): one.value
        for section, group in groups.items()
        if isinstance(group, dict)
        for key, one in group.items()
    }


@pytest.mark.parametrize(
    "text",
    [
        "band:\n  bpm:\n",
        "band:\n  bpm: # none\n  mode: jam\n",
        "band:\n  bpm: null # none\n",
        "band: {bpm: , mode: jam}\n",
        "band: {mode: jam,\n  bpm: 3}\n",
        "band:\n  {mode: jam}\n",
        "band:\n  bpm:\n    - 1\n    - 2\n  mode: jam\n",
        "band:\n  bpm: |\n    120\n  mode: jam\n",
        "band:\n  bpm: 'x\n\n    y'\n  mode: jam\n",
        "band:\n  bpm: {a: 1}\n  mode: jam\n",
        "band:\n  bpm: &a 120\n",
        "band:\n  bpm: !!int 120\n",
        "band: null\nlog:\n  level: info\n",
        "band: ~ # nothing yet\n",
        "band: null",
        "'band':\n  \"bpm\": 120\n",
        "? band\n: bpm: 120\n",
        "---\nband:\n  bpm: 120\n...\n",
        "%YAML 1.2\n---\nband:\n  bpm: 1\n",
        "\ufeffband:\n  bpm: 120\n",
        "# é 😀\nband:\n  mode: jam # é\n  bpm: 120 # 😀\n",
        "band:\n    mode: jam",
        "band:\n  # about the mode\n  mode: jam\n",
        "band:\n  bpm: 120\nlog:\n",
    ],
)
@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_only_the_setting_changes_however_the_page_is_written(text: str, ends: str) -> None:
    before = text.replace("\n", ends)
    after = with_setting(before, "page.yaml", "band", "bpm", "90")
    assert settings_of(after) == {**settings_of(before), ("band", "bpm"): "90"}
    comments = [line.partition("#")[2] for line in text.splitlines() if "#" in line]
    assert all(one in after for one in comments)
