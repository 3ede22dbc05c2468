"""`composerd config`: shows every setting, its value, and where the value comes from."""

from __future__ import annotations

import argparse

from composerd.cli.options import OPTIONS, add_settings, load_config
from composerd.config import paths
from composerd.config.layers import Config, known, shown
from composerd.config.yaml_source import is_there


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_settings(parser, OPTIONS)
    parser.add_argument("--path", action="store_true", help="list only the paths of the settings files")


def run(args: argparse.Namespace) -> int:
    loaded = load_config(args)
    lines = _pages(loaded) if args.path else _values(loaded)
    print("\n".join(lines))
    return 0


def _values(loaded: Config) -> list[str]:
    texts = shown(loaded.settings, known())
    widths = max(map(len, texts)), max(map(len, texts.values()))
    return [f"{name:<{widths[0]}}  {text:<{widths[1]}}  {_origin(loaded, name)}" for name, text in texts.items()]


def _origin(loaded: Config, name: str) -> str:
    where = loaded.origin(name)
    return "default" if where is None else str(where)


def _pages(loaded: Config) -> list[str]:
    looked_for = dict.fromkeys((paths.default_page(), *paths.config_pages(), *loaded.pages))
    return [
        f"{page}  {'read' if page in loaded.pages else 'not there' if not is_there(page) else 'left out'}"
        for page in looked_for
    ]
