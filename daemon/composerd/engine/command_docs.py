"""The tables of commands in the documentation, as Markdown, made from the table of commands."""

from __future__ import annotations

from collections.abc import Iterator

from composerd.engine.command_fields import Field, Shape
from composerd.engine.command_table import Kind, Table, Word
from composerd.engine.commands import TABLE

CONTROLS = {
    Kind.BUTTON: "button",
    Kind.TOGGLE: "button",
    Kind.CHOICE: "button",
    Kind.VALUE: "knob",
    Kind.STEPS: "encoder",
}
"""kind of a command -> the control of a keyboard that gives it"""


def words_table(table: Table = TABLE) -> str:
    """Every command: its word on a page, with its control, what `composerd ctl` takes, and what it does."""
    rows = ["| word | control | `composerd ctl` | |", "|---|---|---|---|"]
    for group, words in table.groups.items():
        rows.append(f"| **{group}** | | | |")
        rows += [f"| `{word.name}` | {CONTROLS[word.kind]} | `{_cell(word.usage)}` | {word.help} |" for word in words]
    return "\n".join(rows)


def fields_table(table: Table = TABLE) -> str:
    """The fields of every command that has some, as the control socket takes them."""
    rows = ["| `do` | field | value | |", "|---|---|---|---|"]
    rows += [row for word in table.words.values() for row in _field_rows(word)]
    return "\n".join(rows)


def _field_rows(word: Word) -> Iterator[str]:
    for field in word.fields:
        needed = "" if field.needed else "?"
        yield f"| `{word.name}` | `{field.name}`{needed} | {_value(field)} | {field.help} |"


def _value(field: Field) -> str:
    if field.shape is Shape.SWITCH:
        return "true, false; left out: the other one"
    if field.shape is Shape.CHOICE:
        return ", ".join(f"`{one}`" for one in field.choices)
    return field.expected


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
