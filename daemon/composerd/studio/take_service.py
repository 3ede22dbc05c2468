"""Lists takes for the page, draws them, converts them to sound or a score, and accompanies them with another band."""

from __future__ import annotations

import functools
import hashlib
from pathlib import Path
from typing import Any

from composerd.errors import ComposerdError
from composerd.studio.studio_paths import StudioPaths
from composerd.studio.uploads import UPLOADED, uploaded, written_at
from composerd.takes.folder import Take, list_takes
from composerd.takes.pictures import Picture, picture
from composerd.takes.take_management import Label, find, labels

RENDER_SECONDS = 600
"""time limit of a rendering [s]"""
MOST_BYTES = 150_000_000
"""largest file that is sent to a page [bytes]: 13 minutes of .wav"""
MOST_SCRATCH = 40
"""number of renderings kept for further requests"""
MEDIA = {
    "mid": "audio/midi",
    "wav": "audio/wav",
    "flac": "audio/flac",
    "musicxml": "application/vnd.recordare.musicxml+xml",
}


@functools.lru_cache(maxsize=512)
def _picture(path: Path, changed: int) -> Picture | None:  # noqa: ARG001 - another picture when the file changes
    return picture(path)


def picture_of(path: Path) -> Picture | None:
    return _picture(path, path.stat().st_mtime_ns)


def listed(place: StudioPaths) -> list[dict[str, Any]]:
    """All takes, newest first."""
    found = labels(place.takes)
    return [_listed(take, found.get(take.path.name, Label())) for take in reversed(list_takes(place.takes))]


def _listed(take: Take, label: Label) -> dict[str, Any]:
    drawn = picture_of(take.path)
    known = {} if drawn is None else {"seconds": drawn.seconds, "bpm": drawn.bpm, "tracks": drawn.tracks}
    return {
        "name": take.path.name,
        "title": label.title,
        "kept": label.kept,
        "started": take.started.isoformat(),
        "genre": take.genre,
        "bytes": take.size,
        "roll": [] if drawn is None else drawn.small,
        **known,
    }


def looked_at(place: StudioPaths, name: str) -> dict[str, Any]:
    take = find(place.takes, name)
    drawn = picture_of(take.path)
    if drawn is None:
        raise ComposerdError(f"{name}: cannot be read")
    return {**_listed(take, labels(place.takes).get(name, Label())), **_drawn(drawn)}


def _drawn(drawn: Picture) -> dict[str, Any]:
    return {
        "seconds": drawn.seconds,
        "bpm": drawn.bpm,
        "metre": drawn.metre,
        "tracks": drawn.tracks,
        "notes": drawn.notes,
        "bars": drawn.bars,
    }


def as_file(place: StudioPaths, name: str, kind: str) -> tuple[str, str, bytes]:
    """Convert a take: (file name, media type, bytes)."""
    take = find(place.takes, name)
    path = take.path if kind == "mid" else _converted(place, take.path, kind, take.genre)
    if path.stat().st_size > MOST_BYTES:
        raise ComposerdError(f"{name}: longer than the page can take; use `composerd takes export`")
    return f"{take.path.stem}.{kind}", MEDIA[kind], path.read_bytes()


def accompanied(place: StudioPaths, name: str, genre: str, mode: str) -> dict[str, Any]:
    """Accompany the player's part of a take with another band."""
    take = find(place.takes, name)
    key = f"{genre}-{_digest(str(take.path), str(take.path.stat().st_mtime_ns), mode)}"
    return _accompanied(place, name, take.path, key, genre, mode)


def file_accompanied(place: StudioPaths, file: str, genre: str, mode: str, track: int) -> dict[str, Any]:
    """Accompany an uploaded MIDI file; `track` is the melody's number, or 0 to find the melody."""
    source = uploaded(place.scratch, file)
    key = f"{genre}-{_digest(file, mode, str(track))}"
    return _accompanied(place, file, source, key, genre, mode, *(("--track", str(track)) if track else ()))


def _accompanied(
    place: StudioPaths, name: str, source: Path, key: str, genre: str, mode: str, *options: str
) -> dict[str, Any]:
    out = _scratch_file(place, key)
    if not out.exists():
        _run(place, "render", str(source), "-o", str(out), "--genre", genre, "--mode", mode, *options)
        _prune(place.scratch)
    place.made.setdefault(name, {})[key] = (genre, mode)
    return _accompaniment(place, key, genre, mode)


def accompaniments(place: StudioPaths, name: str) -> list[dict[str, Any]]:
    """The accompaniments made of a take or an uploaded file since the studio was started, the oldest first."""
    made = place.made.get(name, {})
    return [
        _accompaniment(place, key, genre, mode)
        for key, (genre, mode) in made.copy().items()  # another thread may add one meanwhile
        if _scratch_file(place, key).exists()
    ]


def _accompaniment(place: StudioPaths, key: str, genre: str, mode: str) -> dict[str, Any]:
    drawn = picture_of(_scratch_file(place, key))
    if drawn is None:
        raise ComposerdError("the accompaniment cannot be read")
    return {"again": key, "genre": genre, "mode": mode, **_drawn(drawn)}


def _scratch_file(place: StudioPaths, key: str) -> Path:
    return place.scratch / f"{hashlib.sha256(key.encode()).hexdigest()[:24]}.mid"


def accompaniment_file(place: StudioPaths, again: str, kind: str) -> tuple[str, str, bytes]:
    """Convert an accompaniment: (file name, media type, bytes)."""
    source, genre = _scratch_file(place, again), again.rpartition("-")[0]
    if not source.exists():
        raise ComposerdError("this accompaniment is no longer stored: make it again")
    path = source if kind == "mid" else _converted(place, source, kind, genre)
    if path.stat().st_size > MOST_BYTES:
        raise ComposerdError(f"{genre}.{kind}: longer than the page can take")
    return f"{genre}.{kind}", MEDIA[kind], path.read_bytes()


def _converted(place: StudioPaths, source: Path, kind: str, genre: str) -> Path:
    out = place.scratch / f"{_digest(str(source), str(source.stat().st_mtime_ns))}.{kind}"
    if not out.exists():
        _execute(place, "composerd.studio.converter", str(source), str(out), genre)
        _prune(place.scratch)
    return out


def _run(place: StudioPaths, *arguments: str) -> None:
    config = ("--config", str(place.config)) if place.config else ()
    _execute(place, "composerd", *arguments, *config)


def _execute(place: StudioPaths, module: str, *arguments: str) -> None:
    """Run a module of composerd in a separate process. Raises ComposerdError with its last line."""
    place.work.run(module, *arguments, seconds=RENDER_SECONDS, what="the rendering")


def _prune(folder: Path) -> None:
    made = (path for path in folder.iterdir() if not path.name.endswith(UPLOADED))
    files = sorted(made, key=written_at)
    for path in files[:-MOST_SCRATCH]:
        path.unlink(missing_ok=True)


def _digest(*words: str) -> str:
    return hashlib.sha256("\0".join(words).encode()).hexdigest()[:16]
