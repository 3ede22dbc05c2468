"""Settings in layers: default.yaml < /etc < the user's file < COMPOSERD_SECTION__KEY < the command line.

Each setting is declared once, with its unit, in the room that uses it; here they are gathered and read.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from composerd.config import paths
from composerd.config.convert import choices, field_types, read
from composerd.config.yaml_source import SourcedValue, is_there, parse_page, read_page
from composerd.control.settings import RemoteSettings
from composerd.devices.audio.settings import AudioSettings
from composerd.devices.midi.settings import MidiSettings
from composerd.engine.settings import EngineSettings
from composerd.errors import ConfigError, Line, Option, Place, Variable, instead, nearest
from composerd.takes.settings import TakeSettings

PREFIX, EXPORT_PREFIX = "COMPOSERD_", "COMPOSERD_EXPORT_"
"""prefixes of environment variables: of those that are settings, and of those that composerd-export reads"""


@dataclass(frozen=True, slots=True)
class BandSettings:
    """Genre, mode, tempo and song at the start."""

    genre: str = "pop"
    """name of the genre at the start"""
    mode: Literal["jam", "phrase"] = "jam"
    """jam: the band plays while you play; phrase: it answers with the whole phrase"""
    bpm: Annotated[float, Meta(ge=30, le=300)] | None = None
    """quarter notes a minute; nothing: the genre's own tempo"""
    song: str = ""
    """name of a song, or a chart's file, to play by; empty: none"""
    set_list: str = ""
    """name of a set list that is open from the start; empty: none"""


@dataclass(frozen=True, slots=True)
class LogSettings:
    """What is logged and shown."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    """the least important message shown"""
    status_line: bool = True
    """whether a terminal shows the status line"""


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings, one field per section."""

    band: BandSettings = field(default_factory=BandSettings)
    engine: EngineSettings = field(default_factory=EngineSettings)
    midi: MidiSettings = field(default_factory=MidiSettings)
    audio: AudioSettings = field(default_factory=AudioSettings)
    takes: TakeSettings = field(default_factory=TakeSettings)
    remote: RemoteSettings = field(default_factory=RemoteSettings)
    log: LogSettings = field(default_factory=LogSettings)


@dataclass(frozen=True, slots=True)
class Config:
    """All settings with the places where they were set."""

    settings: Settings
    origins: dict[str, SourcedValue]
    """per `section.key`: what was written and where, of the layer that won"""
    pages: tuple[Path, ...] = ()
    """the files that were read, weakest first"""

    def where(self, name: str) -> str:
        """Where `section.key` was set, as text for error messages."""
        where = self.place(name)
        return name if where is None else str(where) if isinstance(where, Option) else f"{where}: {name}"

    def place(self, name: str) -> Place | None:
        """Where `section.key` was set; None if it was set nowhere."""
        return self.origins[name].where if name in self.origins else None

    def origin(self, name: str) -> Place | None:
        """Where `section.key` was set; None for a default."""
        where = self.place(name)
        return None if isinstance(where, Line) and where.file == str(paths.default_page()) else where

    def asked_for(self, name: str) -> bool:
        """Whether `section.key` was set on the command line."""
        return name in self.origins and isinstance(self.origins[name].where, Option)


Layer = dict[str, SourcedValue]
"""`section.key` -> value of one source"""


def load(options: Layer | None = None, page: Path | None = None, environ: Mapping[str, str] = os.environ) -> Config:
    """All layers laid over each other. `page` stands in for the user's file. Raises ConfigError."""
    pages = _pages(page, environ)
    layers = [_from_page(one) for one in pages] + [_from_environment(environ), options or {}]
    origins = {name: given for layer in layers for name, given in layer.items()}
    # every layer is read, so that a mistake shows even where a stronger layer hides it
    for layer in layers:
        for name, given in layer.items():
            _read(name, given)
    return Config(_settings(origins), origins, pages)


@functools.cache
def known() -> tuple[str, ...]:
    """Every `section.key`, in the order of default.yaml."""
    return tuple(f"{section}.{key}" for section, cls in _sections().items() for key in field_types(cls))


def choices_of(name: str) -> list[str]:
    """The values that the setting `section.key` may have, if they are listed; else none."""
    section, _, key = name.partition(".")
    return choices(field_types(_sections()[section])[key])


def _sections() -> dict[str, type]:
    return field_types(Settings)


def _pages(page: Path | None, environ: Mapping[str, str]) -> tuple[Path, ...]:
    system, user = paths.config_pages(environ)
    if page is not None and not is_there(page):
        raise ConfigError(place=Option("--config"), found=str(page), expected="a file that exists")
    optional = tuple(one for one in (system, page or user) if is_there(one))
    return (paths.default_page(), *optional)


def _from_page(path: Path) -> Layer:
    layer: Layer = {}
    for section, given in read_page(path).items():
        if section not in _sections():
            raise ConfigError(place=given.where, field=section, hint=_instead(section))
        if given.value is None:
            continue
        if not isinstance(given.value, dict):
            raise ConfigError(place=given.where, field=section, found=str(given), expected="its settings below it")
        for key, value in given.value.items():
            layer[_checked(f"{section}.{key}", value.where)] = value
    return layer


def _from_environment(environ: Mapping[str, str]) -> Layer:
    layer: Layer = {}
    for variable, text in environ.items():
        if variable.startswith(PREFIX) and not variable.startswith(EXPORT_PREFIX):
            name = variable.removeprefix(PREFIX).lower().replace("__", ".", 1)
            if name not in known():
                near = nearest(name, known())
                if near is None and "." not in name:  # another program's, such as COMPOSERD_DATA
                    continue
                hint = f"did you mean {_variable(near)}?" if near else f"expected {PREFIX}SECTION__KEY"
                raise ConfigError(place=Variable(variable), field="setting", hint=hint)
            layer[name] = SourcedValue(text, Variable(variable))
    return layer


def _variable(name: str) -> str:
    return PREFIX + name.upper().replace(".", "__")


def _checked(name: str, where: Place) -> str:
    if name not in known():
        section, _, key = name.partition(".")
        raise ConfigError(place=where, field=name, hint=instead(key, field_types(_sections()[section])))
    return name


def _instead(section: str) -> str:
    inside = [name for name in known() if name.partition(".")[2] == section]
    return f"did you mean {inside[0]}?" if inside else instead(section, _sections())


def _read(name: str, given: SourcedValue) -> Any:
    section, _, key = name.partition(".")
    return read(given, field_types(_sections()[section])[key], name, {})


def _settings(origins: Layer) -> Settings:
    return Settings(**{section: _section(section, cls, origins) for section, cls in _sections().items()})


def _section(section: str, cls: type, origins: Layer) -> Any:
    names = ((one.name, f"{section}.{one.name}") for one in fields(cls))
    return cls(**{key: _read(name, origins[name]) for key, name in names if name in origins})


def shown(settings: Settings, names: Iterable[str]) -> dict[str, str]:
    """The values of settings as YAML texts, by `section.key`."""
    texts = {}
    for name in names:
        section, _, key = name.partition(".")
        texts[name] = as_text(getattr(getattr(settings, section), key))
    return texts


def as_text(value: object) -> str:
    """A value as YAML; a text that YAML would read as something else is quoted."""
    if value is None:
        return "null"
    if isinstance(value, str):
        return value if _reads_as_it_is(value) else _quoted(value)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return f"[{', '.join(map(as_text, value))}]"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _reads_as_it_is(text: str) -> bool:
    """Whether YAML reads `text`, alone or in a list on one line, as the text itself."""
    if text != text.strip() or "\n" in text:
        return False
    try:
        alone, listed = (parse_page(page, "")["it"].value for page in (f"it: {text}", f"it: [{text}]"))
    except ConfigError:
        return False
    return alone == text and isinstance(listed, tuple) and [one.value for one in listed] == [text]


def _quoted(text: str) -> str:
    doubled = text.replace("'", "''")
    return f"'{doubled}'" if text.isprintable() else msgspec.json.encode(text).decode()
