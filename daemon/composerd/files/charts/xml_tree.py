"""Parses XML into a small tree with line numbers; refuses entity declarations, so that a hostile file is harmless."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

from composerd.files.charts.problem import ChartProblem

DEEPEST = 64
MOST_ELEMENTS = 400_000


@dataclass(slots=True)
class Element:
    """An XML element with its line."""

    tag: str
    attributes: dict[str, str]
    line: int
    column: int
    text: str = ""
    children: list[Element] = field(default_factory=list)

    def all(self, tag: str) -> Iterator[Element]:
        return (child for child in self.children if child.tag == tag)

    def first(self, path: str) -> Element | None:
        """The first element of `a/b/c` below this one."""
        found: Element | None = self
        for tag in path.split("/"):
            found = next(found.all(tag), None) if found is not None else None
        return found

    def value(self, path: str, default: str = "") -> str:
        found = self.first(path)
        return found.text.strip() if found is not None else default


class _Builder:
    def __init__(self) -> None:
        self.root: Element | None = None
        self._open: list[Element] = []
        self._count = 0
        self.parser = expat.ParserCreate()
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text
        self.parser.EntityDeclHandler = self._entity

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        line, column = self.parser.CurrentLineNumber, self.parser.CurrentColumnNumber + 1
        self._count += 1
        if self._count > MOST_ELEMENTS or len(self._open) >= DEEPEST:
            raise ChartProblem(line, column, f"found more than {MOST_ELEMENTS} elements, or {DEEPEST} in one another")
        element = Element(tag.rpartition(":")[2], attributes, line, column)
        if self._open:
            self._open[-1].children.append(element)
        else:
            self.root = element
        self._open.append(element)

    def _end(self, _: str) -> None:
        self._open.pop()

    def _text(self, text: str) -> None:
        if self._open and len(self._open[-1].text) < 10_000:
            self._open[-1].text += text

    def _entity(self, *_: object) -> None:
        line, column = self.parser.CurrentLineNumber, self.parser.CurrentColumnNumber + 1
        raise ChartProblem(line, column, "found an entity declaration, expected MusicXML without entities")


def parse_xml(data: bytes) -> Element:
    """Parse XML and return the root element. Raises ChartProblem."""
    builder = _Builder()
    try:
        builder.parser.Parse(data, True)
    except expat.ExpatError as error:
        raise ChartProblem(
            error.lineno, error.offset + 1, f"no well-formed XML: {expat.ErrorString(error.code)}"
        ) from None
    except (ValueError, LookupError) as error:  # an unknown encoding
        if isinstance(error, ChartProblem):
            raise
        raise ChartProblem(1, 1, f"no readable XML: {error}") from None
    if builder.root is None:
        raise ChartProblem(1, 1, "found no element, expected MusicXML")
    return builder.root
