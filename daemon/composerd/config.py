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

from msgspec import Meta

from composerd import paths
from composerd.devices.audio.settings import AudioSettings
from composerd.devices.ports import MidiSettings
from composerd.devices.remote.settings import RemoteSettings
from composerd.engine.settings import EngineSettings
from composerd.errors import ConfigError
from composerd.fields import field_types, instead, nearest, read
from composerd.pages import Given, is_there, read_page
from composerd.takes.settings import TakeSettings

PREFIX = "COMPOSERD_"


@dataclass(frozen=True, slots=True)
class BandSettings:
    genre: str = "pop"
    """name of a genre page"""
    mode: Literal["jam", "phrase"] = "jam"
    """jam: the band plays while you play; phrase: it answers with the whole phrase"""
    bpm: Annotated[float, Meta(ge=30, le=300)] | None = None
    """quarter notes a minute; nothing: the genre's own tempo"""


@dataclass(frozen=True, slots=True)
class LogSettings:
    level: Literal["debug", "info", "warning", "error"] = "info"
    """the least important message shown"""
    status_line: bool = True
    """whether a terminal shows the living status line"""


@dataclass(frozen=True, slots=True)
class Settings:
    """All of it, one field per section."""

    band: BandSettings = field(default_factory=BandSettings)
    engine: EngineSettings = field(default_factory=EngineSettings)
    midi: MidiSettings = field(default_factory=MidiSettings)
    audio: AudioSettings = field(default_factory=AudioSettings)
    takes: TakeSettings = field(default_factory=TakeSettings)
    remote: RemoteSettings = field(default_factory=RemoteSettings)
    log: LogSettings = field(default_factory=LogSettings)


@dataclass(frozen=True, slots=True)
class Config:
    settings: Settings
    origins: dict[str, Given]
    """per `section.key`: what was written and where, of the layer that won"""
    pages: tuple[Path, ...] = ()
    """the files that were read, weakest first"""

    def where(self, name: str) -> str:
        """Where `section.key` was set, for complaints about it."""
        where = self.origins[name].where if name in self.origins else ""
        return where if where.startswith("--") else f"{where}: {name}".removeprefix(": ")


Layer = dict[str, Given]
"""`section.key` -> what one source says"""


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


def _sections() -> dict[str, type]:
    return field_types(Settings)


def _pages(page: Path | None, environ: Mapping[str, str]) -> tuple[Path, ...]:
    system, user = paths.config_pages(environ)
    if page is not None and not is_there(page):
        raise ConfigError(f"--config: {page}: no such file")
    optional = tuple(one for one in (system, page or user) if is_there(one))
    return (paths.default_page(), *optional)


def _from_page(path: Path) -> Layer:
    layer: Layer = {}
    for section, given in read_page(path).items():
        if section not in _sections():
            raise ConfigError(f"{given.where}: {section} is unknown, {_instead(section)}")
        if given.value is None:
            continue
        if not isinstance(given.value, dict):
            raise ConfigError(f"{given.where}: {section}: found {given}, expected its settings below it")
        for key, value in given.value.items():
            layer[_checked(f"{section}.{key}", value.where)] = value
    return layer


def _from_environment(environ: Mapping[str, str]) -> Layer:
    layer: Layer = {}
    for variable, text in environ.items():
        if variable.startswith(PREFIX):
            name = variable.removeprefix(PREFIX).lower().replace("__", ".", 1)
            if name not in known():
                near = nearest(name, known())
                hint = f"did you mean {_variable(near)}?" if near else f"expected {PREFIX}SECTION__KEY"
                raise ConfigError(f"environment: {variable} is unknown, {hint}")
            layer[name] = Given(text, f"environment {variable}")
    return layer


def _variable(name: str) -> str:
    return PREFIX + name.upper().replace(".", "__")


def _checked(name: str, where: str) -> str:
    if name not in known():
        section, _, key = name.partition(".")
        raise ConfigError(f"{where}: {name} is unknown, {instead(key, field_types(_sections()[section]))}")
    return name


def _instead(section: str) -> str:
    inside = [name for name in known() if name.partition(".")[2] == section]
    return f"did you mean {inside[0]}?" if inside else instead(section, _sections())


def _read(name: str, given: Given) -> Any:
    section, _, key = name.partition(".")
    return read(given, field_types(_sections()[section])[key], name, {})


def _settings(origins: Layer) -> Settings:
    return Settings(**{section: _section(section, cls, origins) for section, cls in _sections().items()})


def _section(section: str, cls: type, origins: Layer) -> Any:
    names = ((one.name, f"{section}.{one.name}") for one in fields(cls))
    return cls(**{key: _read(name, origins[name]) for key, name in names if name in origins})


def shown(settings: Settings, names: Iterable[str]) -> dict[str, str]:
    """Values of `section.key` names as texts, as YAML would have them."""
    texts = {}
    for name in names:
        section, _, key = name.partition(".")
        texts[name] = as_text(getattr(getattr(settings, section), key))
    return texts


def as_text(value: object) -> str:
    if value is None or value == "":
        return "null" if value is None else "''"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return f"[{', '.join(map(as_text, value))}]"
    return f"{value:g}" if isinstance(value, float) else str(value)
