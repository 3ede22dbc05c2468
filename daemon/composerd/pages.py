"""YAML pages read with their line numbers: what somebody wrote, and where, before it means anything.

Scalars stay texts; what they are read as is decided by the field they are for, so `in: 20:0`, `metronome: off` and
`name: no` are what they look like.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

from composerd.errors import ConfigError

LONGEST = 1 << 20
"""bytes; a page is a few kilobytes, anything longer is something else"""
DEEPEST = 16
"""levels of nesting"""

# libyaml's parser is ten times faster; PyYAML is also built without it
_Loader: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NULLS = ("", "~", "null", "Null", "NULL")
Events = Iterator[yaml.Event]


@dataclass(frozen=True, slots=True)
class Given:
    """A value as it was written: a text, None, a tuple or a dict of further ones.

    `where` is `file:line`, an environment variable or an option.
    """

    value: str | tuple[Given, ...] | dict[str, Given] | None
    where: str

    def __str__(self) -> str:
        return SHOWN[type(self.value)] if not isinstance(self.value, str) else repr(self.value)


SHOWN = {type(None): "nothing", tuple: "a list", dict: "a group of settings"}


def read_page(path: Path) -> dict[str, Given]:
    """The top level of a YAML file, empty for an empty file. Raises ConfigError naming file and line."""
    return parse_page(read_text(path), str(path))


def is_there(path: Path) -> bool:
    """Whether there is a page. ConfigError where nobody lets us look: its settings would be missed in silence."""
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror or error}") from error
    return True


def read_text(path: Path) -> str:
    """The text of a small file. Raises ConfigError."""
    try:
        with path.open("rb") as file:
            data = file.read(LONGEST + 1)
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror or error}") from error
    if len(data) > LONGEST:
        raise ConfigError(f"{path}: longer than {LONGEST} bytes, expected a page of YAML")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: not a text file (byte {error.start} is not UTF-8), expected YAML") from error


def parse_page(text: str, name: str) -> dict[str, Given]:
    """The top level of YAML `text`, which came from `name`. Raises ConfigError naming `name` and line."""
    try:
        given = _document(yaml.parse(text, Loader=_Loader), name)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = f":{mark.line + 1}" if mark else ""
        raise ConfigError(f"{name}{line}: broken YAML: {error.problem or error.context}") from error
    except yaml.YAMLError as error:
        raise ConfigError(f"{name}: broken YAML: {' '.join(str(error).split())}") from error
    if given is None or given.value is None:
        return {}
    if not isinstance(given.value, dict):
        raise ConfigError(f"{given.where}: found {given}, expected `name: value` lines")
    return given.value


def _document(events: Events, name: str) -> Given | None:
    """Built from the parser's events: libyaml's own composer crashes on deep nesting, and aliases can explode."""
    next(events)
    if isinstance(next(events), yaml.StreamEndEvent):
        return None
    given = _given(next(events), events, name, 0)
    next(events)
    after = next(events)
    if not isinstance(after, yaml.StreamEndEvent):
        raise ConfigError(f"{_where(after, name)}: found a second document (---), expected one")
    return given


def _given(event: yaml.Event, events: Events, name: str, depth: int) -> Given:
    where = _where(event, name)
    if depth > DEEPEST:
        raise ConfigError(f"{where}: nested more than {DEEPEST} levels deep")
    if isinstance(event, yaml.ScalarEvent):
        return Given(None if event.implicit[0] and event.value in _NULLS else event.value, where)
    if isinstance(event, yaml.SequenceStartEvent):
        return Given(_list(events, name, depth + 1), where)
    if isinstance(event, yaml.MappingStartEvent):
        return Given(_mapping(events, name, depth + 1), where)
    raise ConfigError(f"{where}: found an alias (*), which settings do not use")


def _list(events: Events, name: str, depth: int) -> tuple[Given, ...]:
    found = []
    while not isinstance(event := next(events), yaml.SequenceEndEvent):
        found.append(_given(event, events, name, depth))
    return tuple(found)


def _mapping(events: Events, name: str, depth: int) -> dict[str, Given]:
    found: dict[str, Given] = {}
    while not isinstance(event := next(events), yaml.MappingEndEvent):
        where = _where(event, name)
        if not isinstance(event, yaml.ScalarEvent):
            raise ConfigError(f"{where}: found a group as a name, expected a text")
        if event.value in found:
            raise ConfigError(
                f"{where}: {event.value} stands here twice, first in line {_line(found[event.value].where)}"
            )
        found[event.value] = Given(_given(next(events), events, name, depth).value, where)
    return found


def _where(event: yaml.Event, name: str) -> str:
    return f"{name}:{event.start_mark.line + 1 if event.start_mark else 1}"


def _line(where: str) -> str:
    return where.rpartition(":")[2]
