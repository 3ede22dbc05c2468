"""The errors that a user may see: their fields, their one line of text, and their exit status."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

import msgspec


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a file; the whole file where `number` is None."""

    file: str
    number: int | None = None
    column: int | None = None

    def __str__(self) -> str:
        return ":".join(str(part) for part in (self.file, self.number, self.column) if part is not None)


@dataclass(frozen=True, slots=True)
class Option:
    """An option of the command line."""

    flag: str

    def __str__(self) -> str:
        return self.flag


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable of the environment."""

    name: str

    def __str__(self) -> str:
        return f"environment {self.name}"


@dataclass(frozen=True, slots=True)
class Program:
    """A program that set a value, such as the studio's page."""

    name: str

    def __str__(self) -> str:
        return self.name


Place = Line | Option | Variable | Program
"""the place where a value was written"""


class ComposerdError(Exception):
    """A failure with one line for the user."""

    status = 1


class Unfit(ValueError):
    """A value that its field cannot take, without the place where it was written.

    `field` names the field, `found` shows the value, `expected` describes what the field takes, `hint` suggests a
    correction. An empty `expected` means that the field's name itself is unknown.
    """

    def __init__(self, field: str, found: str, expected: str = "", hint: str = "") -> None:
        super().__init__(wording(field, found, expected, hint))
        self.field, self.found, self.expected, self.hint = field, found, expected, hint


class Reason(Enum):
    """Why a file, device, port or service cannot be used."""

    MISSING = "missing"
    """absent or not found; it may appear later"""
    NO_ACCESS = "no access"
    """present, but this user may not use it"""
    UNUSABLE = "unusable"
    """present, but broken, too old, or of the wrong kind"""


class FieldError(ComposerdError):
    """A wrong value or an unusable file, as fields: `place`, `field`, `found`, `expected` and `hint` as in Unfit.

    `problem` is a text for what these fields cannot say (a file that cannot be read, broken syntax).
    """

    def __init__(
        self,
        problem: str = "",
        *,
        place: Place | None = None,
        field: str = "",
        found: str = "",
        expected: str = "",
        hint: str = "",
    ) -> None:
        self.problem = problem or wording(field, found, expected, hint)
        self.place, self.field, self.found, self.expected, self.hint = place, field, found, expected, hint
        super().__init__(f"{place}: {self.problem}" if place is not None else self.problem)


class ConfigError(FieldError):
    """The user's settings, files or options are wrong: names the place, what was found and what is possible."""

    status = 2

    @classmethod
    def unreadable(cls, path: object, error: OSError | ValueError) -> ConfigError:
        """The error for a file of the user's that cannot be read."""
        return cls(f"cannot be read: {getattr(error, 'strerror', None) or error}", place=Line(str(path)))

    @classmethod
    def unwritable(cls, path: object, error: OSError) -> ConfigError:
        """The error for a file that cannot be written where the user wants it."""
        return cls(f"cannot be written: {error.strerror or error}", place=Line(str(path)))

    @classmethod
    def of(cls, error: Unfit, place: Place | None = None, within: str = "") -> ConfigError:
        """The error for a value written at `place`; `within` is put before the field's name."""
        field = f"{within}{error.field}"
        return cls(place=place, field=field, found=error.found, expected=error.expected, hint=error.hint)


class ModelError(FieldError):
    """A model file cannot be used: names the file, the field of its card, what was found and what is expected."""

    status = 3

    def __init__(
        self,
        problem: str = "",
        reason: Reason = Reason.UNUSABLE,
        *,
        place: Place | None = None,
        field: str = "",
        found: str = "",
        expected: str = "",
    ) -> None:
        super().__init__(problem, place=place, field=field, found=found, expected=expected)
        self.reason = reason


def unreadable(error: OSError) -> Reason:
    """The reason why a file could not be opened."""
    return Reason.NO_ACCESS if isinstance(error, PermissionError) else Reason.MISSING


class DeviceError(ComposerdError):
    """A device, port or system service cannot be used; the program keeps looking for it unless it could never work.

    `about` names the setting or service, `problem` describes what is wrong with it.
    """

    status = 1

    def __init__(self, problem: str, reason: Reason = Reason.MISSING, about: str = "") -> None:
        super().__init__(f"{about}: {problem}" if about else problem)
        self.problem, self.reason, self.about = problem, reason, about

    def __reduce__(self) -> tuple[type[DeviceError], tuple[str, Reason, str]]:
        """Support pickling, since the sound process sends it to the daemon."""
        return DeviceError, (self.problem, self.reason, self.about)


def wording(field: str, found: str, expected: str = "", hint: str = "") -> str:
    """The line of an error: `tempo: found 'fast', expected a number`; `unknown command 'plya'; did you mean play?`."""
    if expected:
        text = f"{field}: found {found}, expected {expected}" if field else f"found {found}, expected {expected}"
    else:
        text = f"unknown {field} {found}".rstrip()
    return f"{text}; {hint}" if hint else text


def first_line(error: Exception) -> str:
    """The first line of a library's error, shortened to 120 characters."""
    return next(iter(str(error).splitlines()), type(error).__name__)[:120]


LONGEST_SHOWN = 64
"""characters of a value that an error quotes"""


def quoted(value: object) -> str:
    """A JSON value as an error shows it: shortened, texts in quotes."""
    text = repr(value) if isinstance(value, str) else msgspec.json.encode(value).decode(errors="replace")
    return text if len(text) <= LONGEST_SHOWN else text[:LONGEST_SHOWN] + "…"


CLOSE = 0.62
"""smallest similarity (difflib's ratio, 0 to 1) for a suggestion: `plya` is play (.75), but `nope` is not pop (.57)"""


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The name in `known` most similar to `name`, or None if none is similar enough."""
    by_lower = {one.lower(): one for one in known}
    near = difflib.get_close_matches(name.lower(), by_lower, n=1, cutoff=CLOSE)
    return by_lower[near[0]] if near else None


def instead(name: str, known: Iterable[str]) -> str:
    """A hint for an unknown `name`: the most similar known name, or all of them."""
    names = list(known)
    near = nearest(name, names)
    return f"did you mean {near}?" if near else f"possible: {', '.join(names) or 'none'}"
