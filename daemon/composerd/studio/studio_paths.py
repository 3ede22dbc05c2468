"""The paths that the studio uses on this machine."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from composerd.studio.examination import Examination
from composerd.studio.uploads import Uploads
from composerd.studio.work import Work


@dataclass(frozen=True, slots=True)
class StudioPaths:
    """Paths of sockets, takes, settings and trainings."""

    sockets: tuple[Path, ...]
    """sockets on which a daemon may listen"""
    takes: Path
    """folder of the takes"""
    scratch: Path
    """folder for rendered files, deleted when the process ends"""
    settings_page: Path
    """the file to which changed settings are written"""
    config: Path | None = None
    """`--config` for every composerd that the studio starts"""
    runs: tuple[Path, ...] = ()
    """folders of trainings"""
    uploads: Uploads = field(default_factory=Uploads)
    brought: dict[str, str] = field(default_factory=dict)
    """key of an uploaded MIDI file -> its name, for display"""
    made: dict[str, dict[str, tuple[str, str]]] = field(default_factory=dict)
    """take or uploaded file -> key of an accompaniment of it -> genre and mode"""
    work: Work = field(default_factory=Work)
    examination: Examination = field(default_factory=Examination)
