"""Requests of a page about songs and set lists, one class each."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta

from composerd.studio.place import Place
from composerd.studio.questions import Name, Question


class BroughtChart(Question, tag="upload_song", frozen=True, kw_only=True):
    """Save the charts of a completely uploaded file as songs."""

    upload: int
    name: Name

    def answer(self, place: Place) -> Any:
        from composerd.studio.song_desk import brought

        return brought(place.uploads.take(self.upload), self.name)


class ListSongs(Question, tag="songs", frozen=True, kw_only=True):
    """All songs of the user."""

    def answer(self, place: Place) -> Any:  # noqa: ARG002 - same call as all
        from composerd.studio.song_desk import listed

        return listed()


class ShowSong(Question, tag="song", frozen=True, kw_only=True):
    """A song's chart, transposed by semitones."""

    name: Name
    transpose: Annotated[int, Meta(ge=-11, le=11)] = 0

    def answer(self, place: Place) -> Any:  # noqa: ARG002 - same call as all
        from composerd.studio.song_desk import shown

        return shown(self.name, self.transpose)


class ReadSong(Question, tag="read_song", frozen=True, kw_only=True):
    """Read a typed chart without saving it."""

    text: Annotated[str, Meta(max_length=40_000)]

    def answer(self, place: Place) -> Any:  # noqa: ARG002 - same call as all
        from composerd.studio.song_desk import read

        return read(self.text)


class SaveSong(Question, tag="save_song", frozen=True, kw_only=True):
    """Save a typed chart: over `name`, or as a new song if that is empty."""

    name: Annotated[str, Meta(max_length=200)]
    text: Annotated[str, Meta(max_length=40_000)]

    def answer(self, place: Place) -> Any:  # noqa: ARG002 - same call as all
        from composerd.studio.song_desk import save

        return save(self.name, self.text)


class RemoveSong(Question, tag="remove_song", frozen=True, kw_only=True):
    """Remove a song."""

    name: Name

    def answer(self, place: Place) -> Any:  # noqa: ARG002 - same call as all
        from composerd.studio.song_desk import remove

        remove(self.name)


class RestoreSong(Question, tag="restore_song", frozen=True, kw_only=True):
    """Restore a removed song."""

    name: Name

    def answer(self, place: Place) -> Any:  # noqa: ARG002 - same call as all
        from composerd.studio.song_desk import restore

        restore(self.name)


class ListSets(Question, tag="sets", frozen=True, kw_only=True):
    """All set lists and presets of the user."""

    def answer(self, place: Place) -> Any:  # noqa: ARG002 - same call as all
        from composerd.studio.set_desk import listed

        return listed()


class SaveSet(Question, tag="save_set", frozen=True, kw_only=True):
    """Write a set list: names of presets and songs, in order."""

    name: Annotated[str, Meta(max_length=200)]
    entries: Annotated[tuple[Name, ...], Meta(max_length=128)]
    before: Annotated[str, Meta(max_length=200)] = ""
    """its name until now, if it had one"""

    def answer(self, place: Place) -> Any:  # noqa: ARG002 - same call as all
        from composerd.studio.set_desk import save

        save(self.name, self.entries, self.before)


class RemoveSet(Question, tag="remove_set", frozen=True, kw_only=True):
    """Remove a set list, else a preset."""

    name: Name

    def answer(self, place: Place) -> Any:  # noqa: ARG002 - same call as all
        from composerd.studio.set_desk import remove

        remove(self.name)


class RestoreSet(Question, tag="restore_set", frozen=True, kw_only=True):
    """Restore the set list or preset of this name that was removed last."""

    name: Name

    def answer(self, place: Place) -> Any:  # noqa: ARG002 - same call as all
        from composerd.studio.set_desk import restore

        restore(self.name)


SONG_QUESTIONS: tuple[type[Question], ...] = (
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
