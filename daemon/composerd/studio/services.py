"""The requests of a page that the studio itself answers, one class each: takes, models, trainings, settings, machine.

Slow requests run in a thread or in a separate process. Requests are validated as strictly as the daemon's.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from composerd.errors import ConfigError
from composerd.studio.place import Place

Name = Annotated[str, Meta(min_length=1, max_length=200)]


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file in an answer, for the page to download or play."""

    name: str
    kind: str
    """media type"""
    data: bytes


class Question(msgspec.Struct, tag_field="studio", forbid_unknown_fields=True, frozen=True, kw_only=True):
    """A request of a page; `answer` runs in a thread."""

    id: Annotated[int, Meta(ge=0, lt=2**32)]

    def answer(self, place: Place) -> Any:
        raise NotImplementedError


class ListTakes(Question, tag="takes", frozen=True, kw_only=True):
    """All takes, newest first, each with a small picture."""

    def answer(self, place: Place) -> Any:
        from composerd.studio.take_desk import listed

        return listed(place)


class LookAtTake(Question, tag="take", frozen=True, kw_only=True):
    """The whole picture of a take."""

    name: Name

    def answer(self, place: Place) -> Any:
        from composerd.studio.take_desk import looked_at

        return looked_at(place, self.name)


class RenameTake(Question, tag="rename_take", frozen=True, kw_only=True):
    """Set the title of a take."""

    name: Name
    title: Annotated[str, Meta(max_length=200)]

    def answer(self, place: Place) -> Any:
        from composerd.takes.shelf import rename

        rename(place.takes, self.name, self.title)


class KeepTake(Question, tag="keep_take", frozen=True, kw_only=True):
    """Protect a take from pruning, or stop protecting it."""

    name: Name
    on: bool

    def answer(self, place: Place) -> Any:
        from composerd.takes.shelf import keep

        keep(place.takes, self.name, self.on)


class DeleteTake(Question, tag="delete_take", frozen=True, kw_only=True):
    """Move a take to the bin."""

    name: Name

    def answer(self, place: Place) -> Any:
        from composerd.takes.shelf import throw_away

        throw_away(place.takes, self.name)


class RestoreTake(Question, tag="restore_take", frozen=True, kw_only=True):
    """Restore a take from the bin."""

    name: Name

    def answer(self, place: Place) -> Any:
        from composerd.takes.shelf import restore

        restore(place.takes, self.name)


class TakeFile(Question, tag="take_file", frozen=True, kw_only=True):
    """A take as a file."""

    name: Name
    kind: Literal["mid", "wav", "flac", "musicxml"]

    def answer(self, place: Place) -> Any:
        from composerd.studio.take_desk import as_file

        return Attachment(*as_file(place, self.name, self.kind))


class Accompany(Question, tag="accompany", frozen=True, kw_only=True):
    """The player's part of a take with another band: its picture, and the key to get it as a file."""

    name: Name
    genre: Name
    mode: Literal["jam", "phrase"] = "jam"

    def answer(self, place: Place) -> Any:
        from composerd.studio.take_desk import accompanied

        return accompanied(place, self.name, self.genre, self.mode)


class BringFile(Question, tag="upload", frozen=True, kw_only=True):
    """Begin to bring a file; the answer is its number."""

    def answer(self, place: Place) -> Any:
        return place.uploads.begin()


class BringPiece(Question, tag="upload_piece", frozen=True, kw_only=True):
    """Append a piece, in base64, to an upload."""

    upload: int
    data: Annotated[str, Meta(max_length=48_000)]
    """base64"""

    def answer(self, place: Place) -> Any:
        place.uploads.add(self.upload, self.data)


class BroughtChart(Question, tag="upload_song", frozen=True, kw_only=True):
    """The file is all there: keep its charts as songs."""

    upload: int
    name: Name

    def answer(self, place: Place) -> Any:
        from composerd.studio.song_desk import brought

        return brought(place.uploads.take(self.upload), self.name)


class BroughtMidi(Question, tag="upload_midi", frozen=True, kw_only=True):
    """The file is all there: a MIDI file to be accompanied."""

    upload: int
    name: Name

    def answer(self, place: Place) -> Any:
        from composerd.studio.song_desk import midi_brought

        return midi_brought(place, place.uploads.take(self.upload), self.name)


class ListMidiFiles(Question, tag="midi_files", frozen=True, kw_only=True):
    """The MIDI files that were brought since the studio was started."""

    def answer(self, place: Place) -> Any:
        from composerd.studio.song_desk import midi_files

        return midi_files(place)


class LookAtMidiFile(Question, tag="midi_file", frozen=True, kw_only=True):
    """The picture of a MIDI file that was brought."""

    file: Annotated[str, Meta(pattern="^[0-9a-f]{24}$")]

    def answer(self, place: Place) -> Any:
        from composerd.studio.song_desk import midi_file

        return midi_file(place, self.file)


class ListAccompaniments(Question, tag="accompaniments", frozen=True, kw_only=True):
    """What was made of a take, or of a MIDI file that was brought, since the studio was started."""

    of: Name
    """the take's name, or the file's key"""

    def answer(self, place: Place) -> Any:
        from composerd.studio.take_desk import accompaniments

        return accompaniments(place, self.of)


class AccompanyFile(Question, tag="accompany_file", frozen=True, kw_only=True):
    """A band for a MIDI file that was brought."""

    file: Annotated[str, Meta(pattern="^[0-9a-f]{24}$")]
    genre: Name
    mode: Literal["jam", "phrase"] = "jam"
    track: Annotated[int, Meta(ge=0, le=999)] = 0
    """number of the melody's track; 0: found by itself"""

    def answer(self, place: Place) -> Any:
        from composerd.studio.take_desk import file_accompanied

        return file_accompanied(place, self.file, self.genre, self.mode, self.track)


class AccompanimentFile(Question, tag="accompaniment_file", frozen=True, kw_only=True):
    """An accompaniment as a file, by its key."""

    again: Annotated[str, Meta(max_length=80)]
    kind: Literal["mid", "wav", "flac", "musicxml"]

    def answer(self, place: Place) -> Any:
        from composerd.studio.take_desk import accompaniment_file

        return Attachment(*accompaniment_file(place, self.again, self.kind))


class ListSongs(Question, tag="songs", frozen=True, kw_only=True):
    """All songs of the user."""

    def answer(self, place: Place) -> Any:  # noqa: ARG002 - same call as all
        from composerd.studio.song_desk import listed

        return listed()


class ShowSong(Question, tag="song", frozen=True, kw_only=True):
    """A song's chart, transposed by semitones."""

    name: Name
    transpose: Annotated[int, Meta(ge=-11, le=11)] = 0

    def answer(self, place: Place) -> Any:  # noqa: ARG002 - as above
        from composerd.studio.song_desk import shown

        return shown(self.name, self.transpose)


class ReadSong(Question, tag="read_song", frozen=True, kw_only=True):
    """What a typed chart says; nothing is kept."""

    text: Annotated[str, Meta(max_length=40_000)]

    def answer(self, place: Place) -> Any:  # noqa: ARG002 - as above
        from composerd.studio.song_desk import read

        return read(self.text)


class SaveSong(Question, tag="save_song", frozen=True, kw_only=True):
    """Keep a typed chart: over `name`, or as a new song where that is empty."""

    name: Annotated[str, Meta(max_length=200)]
    text: Annotated[str, Meta(max_length=40_000)]

    def answer(self, place: Place) -> Any:  # noqa: ARG002 - as above
        from composerd.studio.song_desk import save

        return save(self.name, self.text)


class RemoveSong(Question, tag="remove_song", frozen=True, kw_only=True):
    """Remove a song."""

    name: Name

    def answer(self, place: Place) -> Any:  # noqa: ARG002 - as above
        from composerd.studio.song_desk import remove

        remove(self.name)


class RestoreSong(Question, tag="restore_song", frozen=True, kw_only=True):
    """Put a removed song back."""

    name: Name

    def answer(self, place: Place) -> Any:  # noqa: ARG002 - as above
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

    def answer(self, place: Place) -> Any:  # noqa: ARG002 - as above
        from composerd.studio.set_desk import save

        save(self.name, self.entries, self.before)


class RemoveSet(Question, tag="remove_set", frozen=True, kw_only=True):
    """Take a set list, else a preset, out."""

    name: Name

    def answer(self, place: Place) -> Any:  # noqa: ARG002 - as above
        from composerd.studio.set_desk import remove

        remove(self.name)


class RestoreSet(Question, tag="restore_set", frozen=True, kw_only=True):
    """Put back the set list or preset that was taken out last under this name."""

    name: Name

    def answer(self, place: Place) -> Any:  # noqa: ARG002 - as above
        from composerd.studio.set_desk import restore

        restore(self.name)


class ListCommands(Question, tag="commands", frozen=True, kw_only=True):
    """What can be asked of the band: the table of commands."""

    def answer(self, place: Place) -> Any:  # noqa: ARG002 - same call as all
        from composerd.engine.commands import TABLE

        return TABLE.described()


class ListGenres(Question, tag="genres", frozen=True, kw_only=True):
    """All genres, with their parts."""

    def answer(self, place: Place) -> Any:  # noqa: ARG002 - same call as all
        from composerd.studio.shelves import genres

        return genres()


class ListModels(Question, tag="models", frozen=True, kw_only=True):
    """All model files, with their cards."""

    def answer(self, place: Place) -> Any:
        from composerd.studio.shelves import models

        return models(place)


class ListTrainings(Question, tag="trainings", frozen=True, kw_only=True):
    """The curves of trainings, the newest first."""

    def answer(self, place: Place) -> Any:
        from composerd.studio.shelves import trainings

        return trainings(place)


class ListSettings(Question, tag="settings", frozen=True, kw_only=True):
    """All settings, with value, origin and help."""

    def answer(self, place: Place) -> Any:
        from composerd.studio.machine import settings

        return settings(place)


class ChangeSetting(Question, tag="change_setting", frozen=True, kw_only=True):
    """Change a setting in the settings file."""

    name: Name
    value: Annotated[str, Meta(max_length=200)]

    def answer(self, place: Place) -> Any:
        from composerd.studio.machine import change

        return change(place, self.name, self.value)


class Examine(Question, tag="doctor", frozen=True, kw_only=True):
    """Examine the machine: the doctor's findings; takes half a minute, minutes on a Pi."""

    def answer(self, place: Place) -> Any:
        return place.examination.run(place.work, place.config)


class TellExamination(Question, tag="examination", frozen=True, kw_only=True):
    """The findings of the examination that runs, so far, or of the last one."""

    def answer(self, place: Place) -> Any:
        return place.examination.state()


REQUESTS: tuple[type[Question], ...] = (
    *(ListTakes, LookAtTake, RenameTake, KeepTake, DeleteTake, RestoreTake, TakeFile, Accompany),
    *(BringFile, BringPiece, BroughtChart, BroughtMidi, ListMidiFiles, LookAtMidiFile),
    *(AccompanyFile, ListAccompaniments, AccompanimentFile),
    *(ListSongs, ShowSong, ReadSong, SaveSong, RemoveSong, RestoreSong),
    *(ListSets, SaveSet, RemoveSet, RestoreSet),
    *(ListCommands, ListGenres, ListModels, ListTrainings, ListSettings, ChangeSetting, Examine, TellExamination),
)
ANY: Any = reduce(or_, REQUESTS)
LONG: tuple[type[Question], ...] = (TakeFile, Accompany, AccompanyFile, AccompanimentFile, Examine)
"""one at a time, of whatever page: they use a core"""


class Services:
    """Answers the requests of pages, long ones one at a time."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._turn = asyncio.Lock()

    async def answer(self, asked: dict[str, Any]) -> Any:
        """Raises ComposerdError for what cannot be understood or done."""
        try:
            request: Question = msgspec.convert(asked, ANY)
        except msgspec.ValidationError as error:
            raise ConfigError(str(error)) from None
        if not isinstance(request, LONG):
            return await asyncio.to_thread(request.answer, self._place)
        async with self._turn:
            return await asyncio.to_thread(request.answer, self._place)
