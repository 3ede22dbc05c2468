"""Reads the page's files into memory once: a request selects an entry of a table, never a path on the disk."""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent / "static"
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
}


@dataclass(frozen=True, slots=True)
class StaticFile:
    """A file of the page, compressed, with the data of its HTTP headers."""

    kind: str
    """media type"""
    body: bytes
    """compressed with gzip"""
    etag: str


def static_files(folder: Path = FOLDER) -> dict[str, StaticFile]:
    """Read the files: path of a request -> file."""
    found = {
        f"/{path.relative_to(folder).as_posix()}": _file(path) for path in folder.rglob("*") if path.suffix in TYPES
    }
    return {**found, "/": found["/index.html"]}


def _file(path: Path) -> StaticFile:
    body = gzip.compress(path.read_bytes(), 9, mtime=0)
    return StaticFile(TYPES[path.suffix], body, f'"{hashlib.sha256(body).hexdigest()[:16]}"')
