"""Lists, draws, edits, transposes and imports the user's songs for the page; accompanies MIDI files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from composerd.errors import ComposerdError, ConfigError
from composerd.files.atomic import write_bytes
from composerd.files.charts.formats import parse_charts
from composerd.files.charts.text import write_text
from composerd.library.songs import SUFFIX, add_song, load_song, remove_song, restore_song, song_folder, song_names
from composerd.music.charts.chart import Bar, Chart
from composerd.music.charts.spelling import chord_name, key_name
from composerd.studio.studio_paths import StudioPaths
from composerd.studio.take_service import picture_of
from composerd.studio.uploads import UPLOADED, stored, uploaded

TEXT = "song.chart"
"""file name by which a typed chart is read as text"""
MIDI_ENDINGS = (".mid", ".midi", ".kar")
ENDINGS = (
    *(".chart", ".txt", ".cho", ".chordpro", ".chopro", ".crd", ".pro", ".ireal", ".irealb", ".html", ".htm"),
    *(".musicxml", ".xml", ".mxl", ".cld"),
    *MIDI_ENDINGS,
)
"""endings of the names of files that may be uploaded"""


def listed() -> list[dict[str, Any]]:
    return [_row(name) for name in song_names()]


def _row(name: str) -> dict[str, Any]:
    try:
        return {"name": name, **_facts(load_song(_known(name)))}
    except ConfigError as error:
        return {"name": name, "title": name, "problem": " ".join(str(error).split())}


def _known(name: str) -> str:
    """`name`, after checking that it is a song of the folder, because `load_song` would open any path."""
    if name not in song_names():
        raise ConfigError(field="songs", found=f"{name!r}", expected="the name of an existing song")
    return name


def _facts(chart: Chart) -> dict[str, Any]:
    return {
        "title": chart.title or "Untitled",
        "composer": chart.composer,
        "style": chart.style,
        "genre": chart.genre,
        "key": "" if chart.key is None else key_name(chart.key, chart.minor),
        "bpm": chart.bpm,
        "metre": str(chart.metre),
        "bars": len(chart.bars),
    }


def shown(name: str, transpose: int) -> dict[str, Any]:
    """A song's chart, moved by semitones, as sections of bars and as text."""
    return _shown(load_song(_known(name)).transposed(transpose))


def read(text: str) -> dict[str, Any]:
    """Read a typed chart without saving it."""
    return _shown(_typed(text))


def _shown(chart: Chart) -> dict[str, Any]:
    sections = [
        {"name": section.name, "bars": [_bar(bar, chart) for bar in section.bars]} for section in chart.sections
    ]
    return {**_facts(chart), "sections": sections, "text": write_text(chart)}


def _bar(bar: Bar, chart: Chart) -> dict[str, Any]:
    names = [(change.beat, chord_name(change.chord, chart.key, chart.minor)) for change in bar.changes]
    return {"beats": bar.beats, "chords": names}


def _typed(text: str) -> Chart:
    return parse_charts(text.encode(), TEXT, "chart")[0]


def save(name: str, text: str) -> dict[str, Any]:
    """Save a typed chart: over the song called `name`, or as a new one if `name` is empty."""
    chart = _typed(text)
    if not name:
        return {"name": add_song(chart).stem}
    path = song_folder() / f"{song_names()[song_names().index(_known(name))]}{SUFFIX}"
    try:
        write_bytes(path, write_text(chart).encode())
    except OSError as error:
        raise ComposerdError(f"{path}: cannot be written: {error.strerror or error}") from error
    return {"name": name}


def remove(name: str) -> None:
    remove_song(_known(name))


def restore(name: str) -> None:
    restore_song(name)


def brought(data: bytes, file_name: str) -> dict[str, Any]:
    """Save the charts of an uploaded file, whose name is used for its format only."""
    ending = Path(file_name).suffix.lower()
    if ending not in ENDINGS:
        raise ConfigError(
            field="upload", found=f"a name that ends in {ending or 'nothing'!r}", expected=f"{', '.join(ENDINGS)}"
        )
    return {"names": [add_song(chart).stem for chart in parse_charts(data, f"upload{ending}", "upload")]}


def midi_brought(place: StudioPaths, data: bytes, name: str) -> dict[str, Any]:
    """Store an uploaded MIDI file called `name` to be accompanied: its picture, and the key for later requests."""
    path = stored(data, place.scratch)
    drawn = picture_of(path)
    if drawn is None or not drawn.notes:
        path.unlink(missing_ok=True)
        raise ConfigError(field="upload", found="no notes", expected="a MIDI file")
    place.brought[path.name.partition(".")[0]] = name
    return midi_file(place, path.name.partition(".")[0])


def midi_files(place: StudioPaths) -> list[dict[str, str]]:
    """The MIDI files uploaded since the studio was started that are still stored: key and name."""
    there = {path.name for path in place.scratch.glob(f"*{UPLOADED}")}
    brought = place.brought.copy()  # another thread may add one meanwhile
    return [{"file": key, "name": name} for key, name in brought.items() if f"{key}{UPLOADED}" in there]


def midi_file(place: StudioPaths, key: str) -> dict[str, Any]:
    """The picture of an uploaded MIDI file."""
    drawn = picture_of(uploaded(place.scratch, key))
    if drawn is None:
        raise ComposerdError("this file is no longer stored: upload it again")
    return {
        "file": key,
        "name": place.brought.get(key, ""),
        "seconds": drawn.seconds,
        "bpm": drawn.bpm,
        "tracks": drawn.tracks,
        "notes": drawn.notes,
        "bars": drawn.bars,
    }
