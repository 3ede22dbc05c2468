"""Converts the texts of settings to typed values: fills dataclasses from `SourcedValue`s, with precise errors."""

from __future__ import annotations

import dataclasses
import functools
import math
import types
import typing
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from composerd.config.yaml_source import SourcedValue
from composerd.errors import ConfigError, Place, instead, nearest

T = typing.TypeVar("T")
Reader = Callable[[str], object]
"""reads a text into a value of some type of ours; raises ValueError"""

_TRUTHS = {"yes": "true", "on": "true", "no": "false", "off": "false"}


def fill(
    cls: type[T],
    given: Mapping[str, SourcedValue],
    where: Place,
    prefix: str = "",
    readers: Mapping[type, Reader] | None = None,
) -> T:
    """Make a `cls` (a dataclass) from the values in `given`, written at `where`; other fields keep their defaults.

    `prefix` goes before field names in errors. Raises ConfigError with place, field, what was found and is expected.
    """
    hints = field_types(cls)
    values = {}
    for name, one in given.items():
        if name not in hints:
            raise ConfigError(place=one.where, field=f"{prefix}{name}", hint=instead(name, hints))
        values[name] = read(one, hints[name], prefix + name, readers or {})
    for absent in missing(cls, given):
        raise ConfigError(place=where, field=f"{prefix}{absent}", found="nothing", expected=expected(hints[absent]))
    return cls(**values)


def missing(cls: type, given: Mapping[str, SourcedValue]) -> list[str]:
    """The fields of dataclass `cls` that have no default and are not in `given`."""
    return [
        field.name
        for field in dataclasses.fields(cls)
        if field.default is dataclasses.MISSING
        and field.default_factory is dataclasses.MISSING
        and field.name not in given
    ]


def field_types(cls: type) -> dict[str, Any]:
    return _field_types(cls)


@functools.cache  # resolving annotations is slow, and every setting asks
def _field_types(cls: type[Any]) -> dict[str, Any]:
    return typing.get_type_hints(cls, include_extras=True)


def read(given: SourcedValue, hint: Any, name: str, readers: Mapping[type, Reader]) -> Any:
    """Convert `given` to a value of type `hint`. Raises ConfigError."""
    if isinstance(hint, type) and dataclasses.is_dataclass(hint) and hint not in readers:
        return _group(given, hint, name, readers)
    several = _several(hint)
    if isinstance(given.value, tuple) and (items := _items(several, len(given.value))) is not None:
        pairs = zip(given.value, items, strict=True)
        return tuple(read(one, item, f"{name}[{i}]", readers) for i, (one, item) in enumerate(pairs))
    if isinstance(given.value, dict) and typing.get_origin(several) is dict:
        keys, values = typing.get_args(several)
        return {
            read(SourcedValue(key, one.where), keys, name, readers): read(one, values, f"{name}.{key}", readers)
            for key, one in given.value.items()
        }
    try:
        return _value(given, hint, readers)
    except (ValueError, OverflowError, msgspec.ValidationError) as error:
        if hint in readers:  # which says what it expects
            raise ConfigError(f"{name}: found {given}, {error}", place=given.where) from error
        near = _nearest(given, hint)
        raise ConfigError(
            place=given.where, field=name, found=_shown(given, several), expected=expected(hint), hint=near
        ) from error


def _group(given: SourcedValue, cls: type[T], name: str, readers: Mapping[type, Reader]) -> T:
    if not isinstance(given.value, dict):
        raise ConfigError(place=given.where, field=name, found=str(given), expected="its settings below it")
    return fill(cls, given.value, given.where, f"{name}.", readers)


def _several(hint: Any) -> Any:
    """The type of lists or groups among the types that `hint` allows; else `hint`."""
    allowed = typing.get_args(hint) if typing.get_origin(hint) in (typing.Union, types.UnionType) else (hint,)
    return next((one for one in allowed if typing.get_origin(one) in (tuple, dict)), hint)


def _items(several: Any, count: int) -> tuple[Any, ...] | None:
    """The types of the `count` values of a list; None if `several` is no type of such lists."""
    items = typing.get_args(several) if typing.get_origin(several) is tuple else ()
    if items[1:] == (Ellipsis,):
        return items[:1] * count
    return items if items and len(items) == count else None


def _shown(given: SourcedValue, several: Any) -> str:
    """The value as errors show it; of a list with its length, where it is the length that is wrong."""
    if isinstance(given.value, tuple) and typing.get_origin(several) is tuple:
        return f"a list of {len(given.value)}"
    return str(given)


def _value(given: SourcedValue, hint: Any, readers: Mapping[type, Reader]) -> Any:
    plain = _plain(given)
    if hint in readers:
        if not isinstance(plain, str):
            raise ValueError("expected a text")
        return readers[hint](plain)
    if hint is str and plain is None:
        return ""
    if hint is bool and isinstance(plain, str):
        plain = _TRUTHS.get(plain.lower(), plain)
        if plain in ("0", "1"):
            raise ValueError(plain)
    if typing.get_origin(hint) is tuple and isinstance(plain, str):
        plain = [one.strip() for one in plain.split(",") if one.strip()]
    value = msgspec.convert(plain, hint, strict=False)
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(value)
    return value


def _plain(given: SourcedValue) -> Any:
    if isinstance(given.value, tuple):
        return [_plain(one) for one in given.value]
    if isinstance(given.value, dict):
        return {name: _plain(one) for name, one in given.value.items()}
    return given.value


def expected(hint: Any) -> str:
    """A description of the values of type `hint`, for errors."""
    return _words(msgspec.inspect.type_info(hint))


def choices(hint: Any) -> list[str]:
    """The values of type `hint`, if they are listed; else none."""
    info = msgspec.inspect.type_info(hint)
    return _choices(info) if type(info).__name__ in ("LiteralType", "EnumType") else []


def _words(info: Any) -> str:
    kind = type(info).__name__
    if kind == "UnionType":
        return " or ".join(_words(one) for one in info.types)
    if kind == "Metadata":
        return str((info.extra_json_schema or {}).get("description") or _words(info.type))
    if kind in ("LiteralType", "EnumType"):
        return "one of " + ", ".join(_choices(info))
    return _WORDS.get(kind, lambda _: "another kind of value")(info)


def _number(info: Any) -> str:
    kind = "a whole number" if type(info).__name__ == "IntType" else "a number"
    if info.ge is not None and info.le is not None:
        return f"{kind} from {info.ge:g} to {info.le:g}"
    for limit, words in ((info.ge, "or more"), (info.le, "or less")):
        if limit is not None:
            return f"{kind}, {limit:g} {words}"
    return f"{kind} above {info.gt:g}" if info.gt is not None else kind


def _choices(info: Any) -> list[str]:
    if type(info).__name__ == "EnumType":
        return [str(one.value) for one in info.cls]
    return [str(one) for one in info.values]


_WORDS: dict[str, Callable[[Any], str]] = {
    "FloatType": _number,
    "IntType": _number,
    "BoolType": lambda _: "true or false",
    "StrType": lambda _: "a text",
    "NoneType": lambda _: "nothing",
    "VarTupleType": lambda info: f"a list, each {_words(info.item_type)}",
    "TupleType": lambda info: f"a list of {len(info.item_types)}: " + ", ".join(_words(one) for one in info.item_types),
    "DictType": lambda info: f"a group of `name: value`, each {_words(info.value_type)}",
    "CustomType": lambda info: f"a {info.cls.__name__.lower()}",
    "DataclassType": lambda info: f"a group of {', '.join(field.name for field in info.fields)}",
}


def _nearest(given: SourcedValue, hint: Any) -> str:
    info = msgspec.inspect.type_info(hint)
    if not isinstance(given.value, str) or type(info).__name__ not in ("LiteralType", "EnumType"):
        return ""
    near = nearest(given.value, _choices(info))
    return f"did you mean {near}?" if near else ""
