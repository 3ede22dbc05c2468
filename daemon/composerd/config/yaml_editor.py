"""Edits YAML that people have written: comments, quotes and order stay as they are."""

from __future__ import annotations

from io import StringIO
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.emitter import Emitter
from ruamel.yaml.error import CommentMark, YAMLError
from ruamel.yaml.nodes import MappingNode
from ruamel.yaml.tokens import CommentToken

from composerd.config.yaml_source import parse_page
from composerd.errors import ConfigError, Line


class _Emitter(Emitter):
    """ruamel.yaml's emitter with a workaround for a bug of version 0.19.1.

    After an item on one line with a comment beside it, it wrote the next item's first two lines as one.
    """

    def expect_block_sequence_item(self, first: bool = False) -> None:
        if not first:
            self.no_newline = False
        super().expect_block_sequence_item(first)


def edited(text: str, name: str) -> CommentedMap:
    """Parse the page `text`, which came from `name`, for editing. Raises ConfigError."""
    parse_page(text, name)  # our limits on size and depth, and errors with their lines
    try:
        page = _yaml(text).load(text)
    except YAMLError as error:
        raise ConfigError(f"cannot be edited: {' '.join(str(error).split())}", place=Line(name)) from error
    return page if page is not None else CommentedMap()


def written(page: CommentedMap, before: str = "") -> str:
    """`page` as text, indented as the text `before` was."""
    text = StringIO()
    _yaml(before).dump(page, text)
    return text.getvalue() if page else before


def line(values: dict[str, Any]) -> CommentedMap:
    """`{name: value, …}` on one line."""
    found = CommentedMap(values)
    found.fa.set_flow_style()
    return found


def listing(values: list[Any]) -> CommentedSeq:
    """`[value, …]` on one line."""
    found = CommentedSeq(values)
    found.fa.set_flow_style()
    return found


def with_setting(text: str, name: str, section: str, key: str, value: str) -> str:
    """The page `text`, called `name`, with `section.key` changed or added; every other character stays.

    Raises ConfigError where it cannot be read.
    """
    edited(text, name)
    page = _yaml(text).compose(text)
    ends = "" if not text or text.endswith("\n") else "\n"
    heading, found = _pair(page, section)
    if found is None:
        return f"{text}{ends}{section}:\n  {key}: {value}\n"
    name_of_old, old = _pair(found, key)
    if old is not None:
        return _replaced(text, name_of_old, old, value)
    if isinstance(found, MappingNode) and found.value:
        start = found.value[0][0].start_mark
        gap = ", " if found.flow_style else f"\n{' ' * start.column}"
        return text[: start.index] + f"{key}: {value}{gap}" + text[start.index :]
    if found.start_mark.index < found.end_mark.index:  # `{}` or `null`
        return _replaced(text, heading, found, f"{{{key}: {value}}}")
    end = text.find("\n", found.start_mark.index)
    end = len(text) if end < 0 else end
    return f"{text[:end]}\n  {key}: {value}{text[end:]}"


def _pair(node: Any, key: str) -> tuple[Any, Any]:
    """The nodes of `key` and its value in a mapping, or two None."""
    pairs = node.value if isinstance(node, MappingNode) else ()
    return next(((name, value) for name, value in pairs if name.value == key), (None, None))


def _replaced(text: str, name: Any, old: Any, value: str) -> str:
    """`text` with `value` in the place of the node `old`, which stands behind `name` and may be empty."""
    start, end = old.start_mark.index, old.end_mark.index
    if start == end:
        colon = text.index(":", name.end_mark.index) + 1
        return f"{text[:colon]} {value}{text[colon:]}"
    return text[:start] + value + text[start + len(text[start:end].rstrip()) :]


def take_out(items: CommentedSeq, index: int) -> None:
    """Remove an item with the comment beside it; comments below it, which are about what comes next, stay."""
    below = _below(items, index)
    del items[index]
    if not below or not index:
        return
    token = (items.ca.items.get(index - 1) or [None])[0]
    if token is None:
        items.ca.items[index - 1] = [CommentToken(f"\n{below}", start_mark=CommentMark(0)), None, None, None]
    else:
        token.value += below


def _below(items: CommentedSeq, index: int) -> str:
    """The comment lines between an item and the next."""
    token = (items.ca.items.get(index) or [None])[0]
    item = items[index]
    if token is None and isinstance(item, CommentedMap) and item:
        token = (item.ca.items.get(list(item)[-1]) or [None, None, None])[2]
    _, _, below = token.value.partition("\n") if token is not None else ("", "", "")
    return str(below)


def _yaml(text: str) -> YAML:
    """A reader and writer that keeps what it does not change; lists are indented as the first of `text` is."""
    yaml = YAML()
    yaml.Emitter = _Emitter
    yaml.preserve_quotes = True
    yaml.width = 4096
    dash = next((one for one in text.splitlines() if one.lstrip().startswith("- ")), "  - ")
    offset = len(dash) - len(dash.lstrip())
    yaml.indent(mapping=2, sequence=offset + 2, offset=offset)
    return yaml
