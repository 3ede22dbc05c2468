"""The commands of the player: each declared once, in the module of its group, and found by the socket, `ctl`, pages,
`learn` and the docs.

To add one, add a class (see "a command of the player" in CONTRIBUTING.md).
"""

from composerd.engine.command_table import Command, Table
from composerd.engine.commands import band, form, genre, harmony, mixer, song, time

_MODULES = [module.__name__ for module in (band, genre, song, time, form, harmony, mixer)]

TABLE = Table(
    sorted(
        (one for one in Command.__subclasses__() if one.__module__ in _MODULES),
        key=lambda one: _MODULES.index(one.__module__),
    )
)
"""every command, by group, in the order of the declarations"""
