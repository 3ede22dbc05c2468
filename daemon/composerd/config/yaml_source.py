"""Reads YAML files as uninterpreted texts with their line numbers.

Scalars stay texts; what they are read as is decided by the field they are for, so `in: 20:0`, `metronome: off` and
`name: no` are what they look like.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

from composerd.errors import ConfigError, Line, Place

LONGEST = 1 << 20
"""largest file that is read [bytes]; a page has a few kilobytes"""
DEEPEST = 16
"""levels of nesting"""

# libyaml's parser is ten times faster; PyYAML is also built without it
_Loader: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NULLS = ("", "~", "null", "Null", "NULL")
Events = Iterator[yaml.Event]


@dataclass(frozen=True, slots=True)
class SourcedValue:
    """A value as it was written: a text, None, a tuple or a dict of further ones.

    `where` is the line of a file, an environment variable or an option.
    """

    value: str | tuple[SourcedValue, ...] | dict[str, SourcedValue] | None
    where: Place

    def __str__(self) -> str:
        return SHOWN[type(self.value)] if not isinstance(self.value, str) else repr(self.value)


SHOWN = {type(None): "nothing", tuple: "a list", dict: "a group of settings"}


def read_page(path: Path) -> dict[str, SourcedValue]:
    """The top level of a YAML file, empty for an empty file. Raises ConfigError naming file and line."""
    return parse_page(read_text(path), str(path))


def is_there(path: Path) -> bool:
    """Whether the file exists. Raises ConfigError if access is denied: its settings must not be missed silently."""
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as error:
        raise ConfigError.unreadable(path, error) from error
    return True


def read_text(path: Path) -> str:
    """The text of a small file. Raises ConfigError."""
    try:
        with path.open("rb") as file:
            data = file.read(LONGEST + 1)
    except OSError as error:
        raise ConfigError.unreadable(path, error) from error
    if len(data) > LONGEST:
        raise ConfigError(place=Line(str(path)), found=f"more than {LONGEST} bytes", expected="a page of YAML")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        found = f"byte {error.start} that is not UTF-8"
        raise ConfigError(place=Line(str(path)), found=found, expected="a text file (YAML)") from error


def parse_page(text: str, name: str) -> dict[str, SourcedValue]:
    """The top level of YAML `text`, which came from `name`. Raises ConfigError naming `name` and line."""
    try:
        given = _document(yaml.parse(text, Loader=_Loader), name)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = Line(name, mark.line + 1 if mark else None)
        raise ConfigError(f"broken YAML: {error.problem or error.context}", place=place) from error
    except yaml.YAMLError as error:
        raise ConfigError(f"broken YAML: {' '.join(str(error).split())}", place=Line(name)) from error
    if given is None or given.value is None:
        return {}
    if not isinstance(given.value, dict):
        raise ConfigError(place=given.where, found=str(given), expected="`name: value` lines")
    return given.value


def _document(events: Events, name: str) -> SourcedValue | None:
    """Built from the parser's events: libyaml's own composer crashes on deep nesting, and aliases can explode."""
    next(events)
    if isinstance(next(events), yaml.StreamEndEvent):
        return None
    given = _given(next(events), events, name, 0)
    next(events)
    after = next(events)
    if not isinstance(after, yaml.StreamEndEvent):
        raise ConfigError(place=_where(after, name), found="a second document (---)", expected="one")
    return given


def _given(event: yaml.Event, events: Events, name: str, depth: int) -> SourcedValue:
    where = _where(event, name)
    if depth > DEEPEST:
        raise ConfigError(place=where, found=f"more than {DEEPEST} levels", expected="less nesting")
    if isinstance(event, yaml.ScalarEvent):
        return SourcedValue(None if event.implicit[0] and event.value in _NULLS else event.value, where)
    if isinstance(event, yaml.SequenceStartEvent):
        return SourcedValue(_list(events, name, depth + 1), where)
    if isinstance(event, yaml.MappingStartEvent):
        return SourcedValue(_mapping(events, name, depth + 1), where)
    raise ConfigError(place=where, found="an alias (*)", expected="a value, since settings have no aliases")


def _list(events: Events, name: str, depth: int) -> tuple[SourcedValue, ...]:
    found = []
    while not isinstance(event := next(events), yaml.SequenceEndEvent):
        found.append(_given(event, events, name, depth))
    return tuple(found)


def _mapping(events: Events, name: str, depth: int) -> dict[str, SourcedValue]:
    found: dict[str, SourcedValue] = {}
    while not isinstance(event := next(events), yaml.MappingEndEvent):
        where = _where(event, name)
        if not isinstance(event, yaml.ScalarEvent):
            raise ConfigError(place=where, found="a group as a name", expected="a text")
        if event.value in found:
            first = found[event.value].where
            line = first.number if isinstance(first, Line) else None
            raise ConfigError(
                place=where, field=event.value, found=f"it again, after line {line}", expected="each name once"
            )
        found[event.value] = SourcedValue(_given(next(events), events, name, depth).value, where)
    return found


def plain(given: SourcedValue) -> object:
    """The texts of a value, lists and groups without their places."""
    if isinstance(given.value, dict):
        return {name: plain(one) for name, one in given.value.items()}
    if isinstance(given.value, tuple):
        return [plain(one) for one in given.value]
    return given.value


def _where(event: yaml.Event, name: str) -> Line:
    return Line(name, event.start_mark.line + 1 if event.start_mark else 1)
