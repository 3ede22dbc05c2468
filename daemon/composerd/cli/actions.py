"""Adds and checks the action after `composerd takes`, `songs` or `sets`; `list` if it is left out."""

from __future__ import annotations

import argparse
from collections.abc import Collection, Mapping

from composerd.errors import ConfigError, instead


def add_action(parser: argparse.ArgumentParser, actions: Mapping[str, str]) -> None:
    """Add the argument; its help lists the actions with what they do."""
    described = "; ".join(f"{name}{' (default)' * (name == 'list')}: {what}" for name, what in actions.items())
    parser.add_argument("action", nargs="?", default="list", metavar="|".join(actions), help=described)


def check_action(command: str, action: str, actions: Collection[str], subject: str = "-", expected: str = "") -> None:
    """Raises ConfigError if the command has no such action, or if one other than `list` lacks its `subject`.

    `expected` describes the subject.
    """
    if action not in actions:
        raise ConfigError(field=f"action of {command}", found=repr(action), hint=instead(action, actions))
    if action != "list" and not subject:
        raise ConfigError(field=f"{command} {action}", found="no name", expected=expected)
