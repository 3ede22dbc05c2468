"""The table of the player's commands: declares a command once and derives everything else from it. Pure.

A command is one frozen Struct in commands/. Its tag is its word on the control socket, for `composerd ctl`, on
keyboard pages and for `composerd learn`; its docstring's first line is its help; its fields carry bounds, units and
help (command_fields.py). Nothing about a command is written down a second time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import Enum
from functools import cached_property
from inspect import cleandoc
from typing import TYPE_CHECKING, Any, ClassVar

import msgspec
from msgspec import structs

from composerd.engine.command_fields import CurrentValue as CurrentValue
from composerd.engine.command_fields import Field, Shape, field_of
from composerd.errors import Unfit, instead, quoted

if TYPE_CHECKING:
    from composerd.engine.band import Band


def switched(current: bool, on: bool | None) -> bool:
    """The new state of a switch that is `current`: `on`, or the other one where `on` is None."""
    return not current if on is None else on


class Command(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="do"):
    """A command of the player; a subclass with a tag is its whole declaration."""

    group: ClassVar[str] = ""
    """heading under which lists and pages show it"""
    label: ClassVar[str] = ""
    """what its control on a screen is called; empty: its word"""
    varies: ClassVar[bool] = False
    """whether its quantity also changes without a command"""
    on_press: ClassVar[Mapping[str, object]] = {}
    """fields that a button of the keyboard sets"""

    def apply(self, band: Band, at: float) -> None:
        """Carry it out; `at` is the moment of the request [s, the inbox's clock]."""
        raise NotImplementedError

    def current(self, band: Band) -> CurrentValue:  # noqa: ARG002 - most commands set no quantity
        """The current value of the quantity that this command sets; None if it sets none."""
        return None


class Kind(Enum):
    """The kind of control that gives a command, on a keyboard's page or on a screen."""

    BUTTON = "button"
    """gives the command when pressed"""
    TOGGLE = "toggle"
    """on or off"""
    CHOICE = "choice"
    """one of several, or a name"""
    VALUE = "value"
    """a number between two ends"""
    STEPS = "steps"
    """steps up or down"""


class Word:
    """A command with its word, fields, help and conversions."""

    def __init__(self, command: type[Command]) -> None:
        self.command = command
        self.name = str(command.__struct_config__.tag)
        self.fields = tuple(field_of(one) for one in structs.fields(command))
        self.help = cleandoc(command.__doc__ or "").partition("\n")[0]

    @property
    def group(self) -> str:
        return self.command.group

    @property
    def label(self) -> str:
        """What its control on a screen is called."""
        return self.command.label or self.name.replace("_", " ").capitalize()

    @property
    def main(self) -> Field | None:
        """The field that a control sets; None for a plain button."""
        return next((one for one in self.fields if one.name != "part" and one.name not in self.command.on_press), None)

    @property
    def part(self) -> Field | None:
        """The field that names the parts meant."""
        return next((one for one in self.fields if one.name == "part"), None)

    @property
    def kind(self) -> Kind:
        if self.main is None:
            return Kind.BUTTON
        if self.main.turned:
            return Kind.STEPS
        return _KINDS[self.main.shape]

    @property
    def usage(self) -> str:
        """`volume PART LEVEL`."""
        return " ".join((self.name, *(one.usage for one in self.fields)))

    def example(self, part: str) -> Command:
        """A command about `part` with the smallest values of its other fields, on which `current` can be called."""
        needed = {one.name: one.least for one in self.fields if one.needed}
        return self.command(**needed | ({"part": part} if self.part is not None else {}))

    def described(self) -> dict[str, Any]:
        """The command as plain values, for a page of controls."""
        fields = [one.described() for one in self.fields if one.name not in self.command.on_press]
        texts = {"name": self.name, "label": self.label, "group": self.group, "help": self.help}
        return {**texts, "kind": self.kind.value, "fields": fields}

    def make(self, values: Mapping[str, object]) -> Command:
        """The command whose fields are `values`, which came from JSON. Raises Unfit."""
        known = {one.name: one for one in self.fields}
        for name in values:
            if name not in known:
                raise Unfit(f"field of {self.name}", quoted(name), hint=instead(name, known))
        for one in self.fields:
            if one.needed and one.name not in values:
                raise Unfit(one.name, "nothing", one.expected)
        return self.command(**{name: known[name].read(value) for name, value in values.items()})

    def pressed(self, part: str, name: str) -> Command:
        """The command that a button gives whose line on a page has `part` and `name`. Raises Unfit."""
        values = dict(self.command.on_press)
        if self.part is not None and part:
            values["part"] = part
        if self.main is not None and name:
            values[self.main.name] = self.main.parse(name)
        return self.make(values)

    def turned(self, part: str, value: float) -> Command:
        """The command that a knob gives at `value`, or an encoder that was turned by `value` steps."""
        assert self.main is not None
        whole = self.main.shape is Shape.WHOLE
        given: dict[str, Any] = {self.main.name: round(value) if whole else value}
        return self.command(**given, **({"part": part} if self.part is not None else {}))

    def unfit(self, part: str, name: str) -> Unfit | None:
        """Why a line of a page cannot have this command with `part` and `name`; None if it can."""
        if part and self.part is None:
            return Unfit("part", repr(part), f"nothing: {self.name} is of no part")
        if name and (self.main is None or self.kind in (Kind.VALUE, Kind.STEPS)):
            return Unfit("name", repr(name), f"nothing: {self.name} takes no name")
        if self.part is not None and self.part.needed and not part:
            return Unfit("part", "nothing", self.part.expected)
        if self.kind in (Kind.VALUE, Kind.STEPS):
            return None
        if self.main is not None and self.main.needed and not name:
            return Unfit("name", "nothing", self.main.expected)
        try:
            self.pressed(part, name)
        except Unfit as error:
            return Unfit("part" if error.field == "part" else "name", error.found, error.expected)
        return None


_KINDS = {
    Shape.SWITCH: Kind.TOGGLE,
    Shape.NUMBER: Kind.VALUE,
    Shape.WHOLE: Kind.VALUE,
    Shape.CHOICE: Kind.CHOICE,
    Shape.TEXT: Kind.CHOICE,
}


class Table:
    """All commands by their words, in the order of their declaration."""

    def __init__(self, commands: Iterable[type[Command]]) -> None:
        self.words = {word.name: word for word in map(Word, commands)}

    @cached_property
    def groups(self) -> dict[str, list[Word]]:
        """Heading -> its commands."""
        found: dict[str, list[Word]] = {}
        for word in self.words.values():
            found.setdefault(word.group, []).append(word)
        return found

    def plus(self, *commands: type[Command]) -> Table:
        """A table with further commands."""
        return Table([*(word.command for word in self.words.values()), *commands])

    def described(self) -> list[dict[str, Any]]:
        """Every command as plain values, for a page of controls."""
        return [word.described() for word in self.words.values()]

    def word(self, name: object) -> Word:
        """The entry of the word `name`. Raises Unfit if there is none."""
        if isinstance(name, str) and name in self.words:
            return self.words[name]
        raise Unfit("command", quoted(name), hint=instead(str(name), self.words))

    def read(self, request: Mapping[str, object]) -> Command:
        """Convert `{"do": "tempo", "bpm": 120}` to a command. Raises Unfit."""
        values = {name: value for name, value in request.items() if name != "do"}
        return self.word(request.get("do")).make(values)

    def parse(self, words: Sequence[str]) -> Command:
        """Convert `["tempo", "120"]` to a command. Raises Unfit."""
        word, texts = self.word(words[0]), words[1:]
        least = sum(field.needed for field in word.fields)
        if not least <= len(texts) <= len(word.fields):
            raise Unfit(word.name, " ".join(texts) or "nothing", word.usage.partition(" ")[2] or "nothing more")
        return word.command(**{one.name: one.parse(text) for one, text in zip(word.fields, texts, strict=False)})
