"""Reads compressed MusicXML (`.mxl`): a zip archive with a score in it."""

from __future__ import annotations

import io
import zipfile
import zlib

from composerd.files.charts.musicxml import MOST_BYTES, read_musicxml
from composerd.files.charts.problem import ChartProblem
from composerd.files.charts.xml_tree import parse_xml
from composerd.music.charts.chart import Chart


def read_mxl(data: bytes) -> Chart:
    """Read the chart of a zipped lead sheet. Raises ChartProblem."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return read_musicxml(_member(archive, _score_name(archive)))
    except ChartProblem:
        raise
    except (
        zipfile.BadZipFile,
        KeyError,
        ValueError,
        NotImplementedError,
        RuntimeError,
        EOFError,
        zlib.error,
        OSError,
    ) as error:
        raise ChartProblem(1, 1, f"found no readable .mxl archive: {error}") from None


def _score_name(archive: zipfile.ZipFile) -> str:
    try:
        container = parse_xml(_member(archive, "META-INF/container.xml"))
        root = container.first("rootfiles/rootfile")
        return root.attributes["full-path"] if root is not None else _first_score(archive)
    except KeyError:
        return _first_score(archive)


def _first_score(archive: zipfile.ZipFile) -> str:
    names = [n for n in archive.namelist() if n.endswith((".xml", ".musicxml")) and not n.startswith("META-INF")]
    if not names:
        raise KeyError("no score inside")
    return names[0]


def _member(archive: zipfile.ZipFile, name: str) -> bytes:
    with archive.open(name) as member:
        data = member.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise ChartProblem(1, 1, f"found more than {MOST_BYTES:,} bytes in {name[:40]!r}")
    return data
