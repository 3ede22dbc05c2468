"""Requests of a page about songs and set lists, one class each."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta

from composerd.studio.page_requests import Name, PageRequest
from composerd.studio.studio_paths import StudioPaths


class BroughtChart(PageRequest, tag="upload_song", frozen=True, kw_only=True):
    """Save the charts of a completely uploaded file as songs."""

    upload: int
    name: Name

    def answer(self, place: StudioPaths) -> Any:
        from composerd.studio.song_service import brought

        return brought(place.uploads.take(self.upload), self.name)


class ListSongs(PageRequest, tag="songs", frozen=True, kw_only=True):
    """All songs of the user."""

    def answer(self, place: StudioPaths) -> Any:  # noqa: ARG002 - same call as all
        from composerd.studio.song_service import listed

        return listed()


class ShowSong(PageRequest, tag="song", frozen=True, kw_only=True):
    """A song's chart, transposed by semitones."""

    name: Name
    transpose: Annotated[int, Meta(ge=-11, le=11)] = 0

    def answer(self, place: StudioPaths) -> Any:  # noqa: ARG002 - same call as all
        from composerd.studio.song_service import shown

        return shown(self.name, self.transpose)


class ReadSong(PageRequest, tag="read_song", frozen=True, kw_only=True):
    """Read a typed chart without saving it."""

    text: Annotated[str, Meta(max_length=40_000)]

    def answer(self, place: StudioPaths) -> Any:  # noqa: ARG002 - same call as all
        from composerd.studio.song_service import read

        return read(self.text)


class SaveSong(PageRequest, tag="save_song", frozen=True, kw_only=True):
    """Save a typed chart: over `name`, or as a new song if that is empty."""

    name: Annotated[str, Meta(max_length=200)]
    text: Annotated[str, Meta(max_length=40_000)]

    def answer(self, place: StudioPaths) -> Any:  # noqa: ARG002 - same call as all
        from composerd.studio.song_service import save

        return save(self.name, self.text)


class RemoveSong(PageRequest, tag="remove_song", frozen=True, kw_only=True):
    """Remove a song."""

    name: Name

    def answer(self, place: StudioPaths) -> Any:  # noqa: ARG002 - same call as all
        from composerd.studio.song_service import remove

        remove(self.name)


class RestoreSong(PageRequest, tag="restore_song", frozen=True, kw_only=True):
    """Restore a removed song."""

    name: Name

    def answer(self, place: StudioPaths) -> Any:  # noqa: ARG002 - same call as all
        from composerd.studio.song_service import restore

        restore(self.name)


class ListSets(PageRequest, tag="sets", frozen=True, kw_only=True):
    """All set lists and presets of the user."""

    def answer(self, place: StudioPaths) -> Any:  # noqa: ARG002 - same call as all
        from composerd.studio.set_service import listed

        return listed()


class SaveSet(PageRequest, tag="save_set", frozen=True, kw_only=True):
    """Write a set list: names of presets and songs, in order."""

    name: Annotated[str, Meta(max_length=200)]
    entries: Annotated[tuple[Name, ...], Meta(max_length=128)]
    before: Annotated[str, Meta(max_length=200)] = ""
    """its name until now, if it had one"""

    def answer(self, place: StudioPaths) -> Any:  # noqa: ARG002 - same call as all
        from composerd.studio.set_service import save

        save(self.name, self.entries, self.before)


class RemoveSet(PageRequest, tag="remove_set", frozen=True, kw_only=True):
    """Remove a set list, else a preset."""

    name: Name

    def answer(self, place: StudioPaths) -> Any:  # noqa: ARG002 - same call as all
        from composerd.studio.set_service import remove

        remove(self.name)


class RestoreSet(PageRequest, tag="restore_set", frozen=True, kw_only=True):
    """Restore the set list or preset of this name that was removed last."""

    name: Name

    def answer(self, place: StudioPaths) -> Any:  # noqa: ARG002 - same call as all
        from composerd.studio.set_service import restore

        restore(self.name)


SONG_REQUESTS: tuple[type[PageRequest], ...] = (
    BroughtChart,
    ListSongs,
    ShowSong,
    ReadSong,
    SaveSong,
    RemoveSong,
    RestoreSong,
    ListSets,
    SaveSet,
    RemoveSet,
    RestoreSet,
)
