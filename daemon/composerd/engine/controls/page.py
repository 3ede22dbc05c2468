"""A keyboard's page: which commands its keys, knobs and buttons give."""

from __future__ import annotations

from dataclasses import dataclass, replace

from composerd.engine.controls.encoders import BY_PLACE, Sends
from composerd.engine.controls.triggers import Trigger


@dataclass(frozen=True, slots=True)
class Control:
    """One line of a page: the command that the trigger `on` gives."""

    on: Trigger
    do: str
    """the word of a command"""
    part: str = ""
    """name or role of the parts meant, for the commands that are about parts"""
    name: str = ""
    """which of several: a genre's name, 3/4, phrase, B"""
    range: tuple[float, float] | None = None
    """values at the ends of a knob's travel; None: the command's own"""
    clicks: int = 1
    """encoders: detents to a step"""
    sends: Sends = BY_PLACE
    """how an endless knob encodes its turns; see encoders.py"""


@dataclass(frozen=True, slots=True)
class ControlMap:
    """All controls of a page; see composerd/library/keyboards/*.yaml."""

    title: str = ""
    ports: tuple[str, ...] = ()
    """parts of the names of the ports it is for"""
    usb: tuple[str, ...] = ()
    """USB ids `vendor:product` it is for, in hexadecimal"""
    controls: tuple[Control, ...] = ()

    def with_controls(self, controls: tuple[Control, ...]) -> ControlMap:
        """The page with further controls; they take the place of its own where both have one trigger."""
        kept = (one for one in self.controls if not any(one.on.collides(new.on) for new in controls))
        return replace(self, controls=(*kept, *controls)) if controls else self
