"""The three things that can go wrong and are not our fault, each with its exit status."""

from __future__ import annotations


class ComposerdError(Exception):
    """A failure with one line for the user."""

    status = 1


class ConfigError(ComposerdError):
    """The user's text is wrong: names file or option, what was found, what is possible."""

    status = 2


class ModelError(ComposerdError):
    """A model file cannot be used: names file, field, expected and found."""

    status = 3


class DeviceError(ComposerdError):
    """The world is not as needed; looked for again, unless nothing could ever work."""

    status = 1
