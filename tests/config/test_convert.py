"""Texts are converted to typed values, or refused with place, found and expected."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Meta

from composerd.config.convert import expected, fill, missing, read
from composerd.config.yaml_source import SourcedValue, parse_page
from composerd.errors import ConfigError, Line, instead, nearest


@dataclass(frozen=True)
class Inner:
    size: int = 1


@dataclass(frozen=True)
class Shelf:
    name: str
    width: Annotated[int, Meta(ge=1, le=10)] = 2
    height: float | None = None
    colour: Literal["red", "green"] = "red"
    open: bool = False
    rows: tuple[int, ...] = ()
    inner: Inner = Inner()


def given_at(value: object, line: int = 1) -> SourcedValue:
    return SourcedValue(value, Line("shelf.yaml", line))  # type: ignore[arg-type]


def shelf(**values: object) -> Shelf:
    return fill(Shelf, {name: given_at(value) for name, value in values.items()}, Line("shelf.yaml"))


def test_fields_that_are_not_written_keep_their_defaults() -> None:
    assert shelf(name="a", width="3") == Shelf("a", 3)


@pytest.mark.parametrize(
    ("field", "text", "value"),
    [
        ("height", "1.5", 1.5),
        ("height", None, None),
        ("open", "yes", True),
        ("open", "off", False),
        ("rows", "1, 2,3", (1, 2, 3)),
        ("colour", "green", "green"),
        ("name", None, ""),
    ],
)
def test_texts_become_values_of_the_fields_type(field: str, text: str | None, value: object) -> None:
    assert getattr(shelf(**{"name": "a", field: text}), field) == value


@pytest.mark.parametrize(
    ("field", "text", "words"),
    [
        ("width", "11", "shelf.yaml:1: width: found '11', expected a whole number from 1 to 10"),
        ("width", "two", "expected a whole number from 1 to 10"),
        ("height", "high", "expected a number or nothing"),
        ("height", "nan", "expected a number or nothing"),
        ("open", "1", "expected true or false"),
        ("colour", "gren", "expected one of green, red; did you mean green?"),
        ("inner", "5", "expected its settings below it"),
    ],
)
def test_a_wrong_value_is_named_with_its_place_and_what_is_expected(field: str, text: str, words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        shelf(**{"name": "a", field: text})
    assert words in str(caught.value)


def test_an_unknown_field_names_the_nearest_one() -> None:
    with pytest.raises(ConfigError, match=r"unknown widht; did you mean width\?"):
        shelf(name="a", widht="3")


def test_a_missing_field_is_named() -> None:
    with pytest.raises(ConfigError, match=r"shelf\.yaml: name: found nothing, expected a text"):
        shelf()
    assert missing(Shelf, {}) == ["name"]


def test_a_group_of_fields_is_read_with_its_names_in_errors() -> None:
    assert shelf(name="a", inner={"size": given_at("4")}).inner == Inner(4)
    with pytest.raises(ConfigError, match=r"inner\.size: found 'x', expected a whole number"):
        shelf(name="a", inner={"size": given_at("x", 7)})


@given(st.text(max_size=20))
def test_any_text_is_a_number_in_range_or_an_error(text: str) -> None:
    try:
        value = read(given_at(text), Annotated[int, Meta(ge=1, le=10)], "n", {})
    except ConfigError:
        return
    assert 1 <= value <= 10


@pytest.mark.parametrize(
    ("text", "hint", "complaint"),
    [
        (
            "[1]",
            tuple[float, float] | None,
            "n: found a list of 1, expected a list of 2: a number, a number or nothing",
        ),
        ("[1, a]", tuple[float, float] | None, "n[1]: found 'a', expected a number"),
        ("[[1], {a: 2}]", tuple[str, ...], "n[0]: found a list, expected a text"),
        ("[1, {a: 2}]", tuple[str, ...], "n[1]: found a group of settings, expected a text"),
        ("[1, .nan]", tuple[float, ...], "n[1]: found '.nan', expected a number"),
        ("{kick: [1, x]}", dict[str, tuple[float, ...]], "n.kick[1]: found 'x', expected a number"),
        ("{36: [1], kick: [1]}", dict[int, tuple[float, ...]], "n: found 'kick', expected a whole number"),
    ],
)
def test_what_is_wrong_in_a_list_or_a_group_is_named_by_its_place(text: str, hint: Any, complaint: str) -> None:
    with pytest.raises(ConfigError) as told:
        read(parse_page(f"n: {text}", "page.yaml")["n"], hint, "n", {})
    assert str(told.value) == f"page.yaml:1: {complaint}"


def test_lists_are_written_in_brackets_or_with_commas_wherever_they_stand() -> None:
    page = parse_page("n: {36: [1, 2.5], 38: '3, 4'}", "page.yaml")
    assert read(page["n"], dict[int, tuple[float, ...]], "n", {}) == {36: (1.0, 2.5), 38: (3.0, 4.0)}
    assert read(parse_page("n: []", "page.yaml")["n"], tuple[str, ...], "n", {}) == ()


def test_types_are_described_in_words() -> None:
    hints = [
        int,
        float | None,
        tuple[int, ...],
        Literal["a", "b"],
        Annotated[int, Meta(ge=0)],
        Annotated[float, Meta(gt=0)],
    ]
    assert [expected(hint) for hint in hints] == [
        "a whole number",
        "a number or nothing",
        "a list, each a whole number",
        "one of a, b",
        "a whole number, 0 or more",
        "a number above 0",
    ]


def test_the_nearest_name_ignores_case_and_is_none_for_something_else() -> None:
    assert nearest("JAZ", ["rock", "jazz"]) == "jazz"
    assert nearest("xylophone", ["rock", "jazz"]) is None
    assert nearest("nope", ["rock", "pop", "jazz"]) is None, "half of its letters are not a likeness"
    assert instead("xylophone", ["rock", "jazz"]) == "possible: rock, jazz"
    assert instead("xylophone", []) == "possible: none"
