"""The fields of a command: bounds, units, help, and the conversion of values from JSON and from words. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from math import isfinite
from typing import Any

import msgspec
from msgspec import inspect, structs

from composerd.errors import Unfit, quoted
from composerd.music.harmony.key import key_of
from composerd.music.metre import parse_metre

LONGEST_NAME = 64
"""characters of a genre's or part's name"""
CurrentValue = float | bool | str | None
"""the current value of the quantity that a command sets"""


class Shape(Enum):
    """The type of a field, and its description in errors."""

    SWITCH = "on or off"
    NUMBER = "a number"
    WHOLE = "a whole number"
    CHOICE = "one of"
    TEXT = "a name"


def number(
    low: float,
    high: float,
    help: str,  # noqa: A002 - the word that users know
    unit: str = "",
    travel: tuple[float, float] | None = None,
    step: float = 0.0,
    middle: float | None = None,
    turned: bool = False,
) -> msgspec.Meta:
    """Declare a number. `travel`: values at a knob's ends, if not the bounds; `turned`: it counts steps up or down."""
    extra = {"unit": unit, "travel": travel or (low, high), "step": step, "middle": middle, "turned": turned}
    return msgspec.Meta(ge=low, le=high, description=help, extra=extra)


def name_of(what: str, help: str) -> msgspec.Meta:  # noqa: A002 - the word that users know
    """Declare a text that names a `genre`, a `part`, a `metre` or a `key`."""
    return msgspec.Meta(min_length=1, max_length=LONGEST_NAME, description=help, extra={"of": what})


def saying(help: str, words: Mapping[str, str] | None = None) -> msgspec.Meta:  # noqa: A002 - the word that users know
    """Declare the help of a field without bounds. `words`: what a screen calls its choices, where that differs."""
    return msgspec.Meta(description=help, extra={"words": words or {}})


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a command, as `read` and `parse` understand it."""

    name: str
    shape: Shape
    type: Any
    needed: bool
    default: object = None
    help: str = ""
    low: float = 0.0
    high: float = 0.0
    unit: str = ""
    travel: tuple[float, float] = (0.0, 0.0)
    """values at the two ends of a knob"""
    step: float = 0.0
    """smallest change that a knob makes, 0 for continuous"""
    middle: float | None = None
    """its ordinary value"""
    turned: bool = False
    """whether it counts steps up or down"""
    choices: tuple[str, ...] = ()
    words: Mapping[str, str] = field(default_factory=dict)
    """choice -> what a screen calls it"""
    of: str = ""
    """kind of a name: genre, part, metre, key"""

    @property
    def expected(self) -> str:
        """A description of valid values, for errors."""
        if self.shape is Shape.CHOICE:
            return " or ".join(", ".join(self.choices).rsplit(", ", 1))
        if self.shape in (Shape.NUMBER, Shape.WHOLE):
            return f"{self.shape.value} from {self.low:g} to {self.high:g}{f' {self.unit}' if self.unit else ''}"
        return EXPECTED.get(self.of, str(self.shape.value))

    @property
    def usage(self) -> str:
        """The field in the usage line of its command."""
        word = "|".join(self.choices) if self.shape is Shape.CHOICE else self.name.upper()
        word = "on|off" if self.shape is Shape.SWITCH else word
        return word if self.needed else f"[{word}]"

    @property
    def least(self) -> Any:
        """The smallest valid value, or an empty text."""
        if self.shape in (Shape.NUMBER, Shape.WHOLE):
            return int(self.low) if self.shape is Shape.WHOLE else self.low
        return {Shape.SWITCH: False, Shape.CHOICE: next(iter(self.choices), ""), Shape.TEXT: ""}[self.shape]

    @property
    def explained(self) -> str:
        """Its scale and meaning; empty if the name suffices."""
        if self.shape not in (Shape.NUMBER, Shape.WHOLE):
            return self.help
        scale = f"{self.low:g} to {self.high:g}{f' {self.unit}' if self.unit else ''}"
        return f"{scale}; {self.help}" if self.help else scale

    def described(self) -> dict[str, Any]:
        """The field as plain values, without those that do not apply."""
        found: dict[str, Any] = {"name": self.name, "shape": self.shape.value, "needed": self.needed, "help": self.help}
        if self.shape in (Shape.NUMBER, Shape.WHOLE):
            found |= {"low": self.low, "high": self.high, "unit": self.unit, "step": self.step, "middle": self.middle}
        if self.choices:
            found |= {"choices": list(self.choices), "words": dict(self.words)}
        return found | {"of": self.of} if self.of else found

    def read(self, value: object) -> Any:
        """Convert a value from JSON. Raises Unfit."""
        try:
            read = msgspec.convert(value, self.type)
            if self.of in CHECKS:
                CHECKS[self.of](str(read))
        except ValueError:
            raise Unfit(self.name, quoted(value), self.expected) from None
        return read

    def parse(self, text: str) -> Any:
        """Convert a word of a command line or a page. Raises Unfit."""
        try:
            return self.read(self._meant(text))
        except (ValueError, KeyError):
            raise Unfit(self.name, repr(text), self.expected) from None

    def _meant(self, text: str) -> object:
        if self.shape is Shape.SWITCH:
            return {"on": True, "off": False}[text.lower()]
        if self.shape is Shape.CHOICE:
            return {one.lower(): one for one in self.choices}[text.lower()]
        if self.shape is Shape.WHOLE:
            return int(text)
        if self.shape is Shape.NUMBER and not isfinite(float(text)):
            raise ValueError(text)
        return float(text) if self.shape is Shape.NUMBER else text


CHECKS: dict[str, Callable[[str], object]] = {"metre": parse_metre, "key": key_of}
"""kind of name -> a function that raises ValueError for an invalid one"""
EXPECTED = {
    "genre": "the name of a genre",
    "part": "the name or role of a part",
    "song": "the name of a song, or none",
    "preset": "the name of a preset",
    "set list": "the name of a set list, or none",
    "metre": "a time signature such as 4/4, 3/4, 7/8 or 12/8, whose bars are whole 16ths",
    "key": "a key such as G, Eb or F#m, or none",
}
"""kind of name -> its description in errors"""


_SHAPES: dict[type[inspect.Type], Shape] = {
    inspect.BoolType: Shape.SWITCH,
    inspect.FloatType: Shape.NUMBER,
    inspect.IntType: Shape.WHOLE,
    inspect.LiteralType: Shape.CHOICE,
    inspect.StrType: Shape.TEXT,
}


def field_of(info: structs.FieldInfo) -> Field:
    kind: Any = inspect.type_info(info.type)
    if isinstance(kind, inspect.UnionType):
        kind = next(one for one in kind.types if not isinstance(one, inspect.NoneType))
    extra: dict[str, Any] = {}
    help_text = ""
    if isinstance(kind, inspect.Metadata):
        extra, help_text = kind.extra or {}, (kind.extra_json_schema or {}).get("description", "")
        kind = kind.type
    return Field(
        info.name,
        _SHAPES[type(kind)],
        info.type,
        needed=info.required,
        default=None if info.required else info.default,
        help=help_text,
        low=getattr(kind, "ge", None) or 0.0,
        high=getattr(kind, "le", None) or 0.0,
        choices=tuple(map(str, getattr(kind, "values", ()))),
        **extra,
    )
