"""Requests of a page about takes, MIDI files and their accompaniments, one class each."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from msgspec import Meta

from composerd.studio.page_requests import Attachment, Name, PageRequest
from composerd.studio.studio_paths import StudioPaths


class ListTakes(PageRequest, tag="takes", frozen=True, kw_only=True):
    """All takes, newest first, each with a small picture."""

    def answer(self, place: StudioPaths) -> Any:
        from composerd.studio.take_service import listed

        return listed(place)


class LookAtTake(PageRequest, tag="take", frozen=True, kw_only=True):
    """The full picture of a take."""

    name: Name

    def answer(self, place: StudioPaths) -> Any:
        from composerd.studio.take_service import looked_at

        return looked_at(place, self.name)


class RenameTake(PageRequest, tag="rename_take", frozen=True, kw_only=True):
    """Set the title of a take."""

    name: Name
    title: Annotated[str, Meta(max_length=200)]

    def answer(self, place: StudioPaths) -> Any:
        from composerd.takes.take_management import rename

        rename(place.takes, self.name, self.title)


class KeepTake(PageRequest, tag="keep_take", frozen=True, kw_only=True):
    """Protect a take from pruning, or stop protecting it."""

    name: Name
    on: bool

    def answer(self, place: StudioPaths) -> Any:
        from composerd.takes.take_management import keep

        keep(place.takes, self.name, self.on)


class DeleteTake(PageRequest, tag="delete_take", frozen=True, kw_only=True):
    """Move a take to the bin."""

    name: Name

    def answer(self, place: StudioPaths) -> Any:
        from composerd.takes.take_management import throw_away

        throw_away(place.takes, self.name)


class RestoreTake(PageRequest, tag="restore_take", frozen=True, kw_only=True):
    """Restore a take from the bin."""

    name: Name

    def answer(self, place: StudioPaths) -> Any:
        from composerd.takes.take_management import restore

        restore(place.takes, self.name)


class TakeFile(PageRequest, tag="take_file", frozen=True, kw_only=True):
    """A take as a file."""

    takes_long: ClassVar = True
    name: Name
    kind: Literal["mid", "wav", "flac", "musicxml"]

    def answer(self, place: StudioPaths) -> Any:
        from composerd.studio.take_service import as_file

        return Attachment(*as_file(place, self.name, self.kind))


class Accompany(PageRequest, tag="accompany", frozen=True, kw_only=True):
    """Accompany the player's part of a take with another band: its picture, and the key to get it as a file."""

    takes_long: ClassVar = True
    name: Name
    genre: Name
    mode: Literal["jam", "phrase"] = "jam"

    def answer(self, place: StudioPaths) -> Any:
        from composerd.studio.take_service import accompanied

        return accompanied(place, self.name, self.genre, self.mode)


class BringFile(PageRequest, tag="upload", frozen=True, kw_only=True):
    """Begin an upload; the answer is its number."""

    def answer(self, place: StudioPaths) -> Any:
        return place.uploads.begin()


class BringPiece(PageRequest, tag="upload_piece", frozen=True, kw_only=True):
    """Append a piece, in base64, to an upload."""

    upload: int
    data: Annotated[str, Meta(max_length=48_000)]
    """base64"""

    def answer(self, place: StudioPaths) -> Any:
        place.uploads.add(self.upload, self.data)


class BroughtMidi(PageRequest, tag="upload_midi", frozen=True, kw_only=True):
    """Store a completely uploaded MIDI file, to be accompanied."""

    upload: int
    name: Name

    def answer(self, place: StudioPaths) -> Any:
        from composerd.studio.song_service import midi_brought

        return midi_brought(place, place.uploads.take(self.upload), self.name)


class ListMidiFiles(PageRequest, tag="midi_files", frozen=True, kw_only=True):
    """The MIDI files uploaded since the studio was started."""

    def answer(self, place: StudioPaths) -> Any:
        from composerd.studio.song_service import midi_files

        return midi_files(place)


class LookAtMidiFile(PageRequest, tag="midi_file", frozen=True, kw_only=True):
    """The picture of an uploaded MIDI file."""

    file: Annotated[str, Meta(pattern="^[0-9a-f]{24}$")]

    def answer(self, place: StudioPaths) -> Any:
        from composerd.studio.song_service import midi_file

        return midi_file(place, self.file)


class ListAccompaniments(PageRequest, tag="accompaniments", frozen=True, kw_only=True):
    """The accompaniments made of a take or of an uploaded MIDI file since the studio was started."""

    of: Name
    """the take's name, or the file's key"""

    def answer(self, place: StudioPaths) -> Any:
        from composerd.studio.take_service import accompaniments

        return accompaniments(place, self.of)


class AccompanyFile(PageRequest, tag="accompany_file", frozen=True, kw_only=True):
    """Accompany an uploaded MIDI file with a band."""

    takes_long: ClassVar = True
    file: Annotated[str, Meta(pattern="^[0-9a-f]{24}$")]
    genre: Name
    mode: Literal["jam", "phrase"] = "jam"
    track: Annotated[int, Meta(ge=0, le=999)] = 0
    """number of the melody's track; 0: found by itself"""

    def answer(self, place: StudioPaths) -> Any:
        from composerd.studio.take_service import file_accompanied

        return file_accompanied(place, self.file, self.genre, self.mode, self.track)


class AccompanimentFile(PageRequest, tag="accompaniment_file", frozen=True, kw_only=True):
    """An accompaniment as a file, by its key."""

    takes_long: ClassVar = True
    again: Annotated[str, Meta(max_length=220)]
    kind: Literal["mid", "wav", "flac", "musicxml"]

    def answer(self, place: StudioPaths) -> Any:
        from composerd.studio.take_service import accompaniment_file

        return Attachment(*accompaniment_file(place, self.again, self.kind))


TAKE_REQUESTS: tuple[type[PageRequest], ...] = (
    ListTakes,
    LookAtTake,
    RenameTake,
    KeepTake,
    DeleteTake,
    RestoreTake,
    TakeFile,
    Accompany,
    BringFile,
    BringPiece,
    BroughtMidi,
    ListMidiFiles,
    LookAtMidiFile,
    ListAccompaniments,
    AccompanyFile,
    AccompanimentFile,
)
