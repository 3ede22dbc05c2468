"""Carries out commands about presets and set lists while playing: reads files in a thread, sends messages in order."""

from __future__ import annotations

import logging
from collections.abc import Callable

from composerd.engine.commands.genre import ChooseGenre
from composerd.engine.commands.song import ChoosePreset, ChooseSetList, NextSong, PreviousSong, SetListEntry
from composerd.engine.messages import KeepPreset, Message, PresetLoaded, SetListMoved
from composerd.errors import ConfigError, instead
from composerd.library.presets import NONE, load_preset, load_set, preset_names, save_preset
from composerd.library.songs import song_names

log = logging.getLogger(__name__)

RepertoireRequest = ChoosePreset | ChooseSetList | NextSong | PreviousSong | SetListEntry | KeepPreset


class Repertoire:
    """Applies presets and steps through a set list. Reads files: not for the conductor's thread."""

    def __init__(
        self,
        put: Callable[[Message], None],
        change_genre: Callable[[ChooseGenre], None],
        change_song: Callable[[str], None],
        then: Callable[[Message], None],
    ) -> None:
        """`then` sends a message after the genres requested before it are loaded."""
        self._put, self._then = put, then
        self._change_genre, self._change_song = change_genre, change_song
        self._name, self._entries, self._at = "", tuple[str, ...](), -1

    def carry_out(self, asked: RepertoireRequest) -> None:
        """Carry out a command. Raises ConfigError if a file cannot be read; then nothing changes."""
        if isinstance(asked, ChoosePreset):
            self._load(asked.name)
        elif isinstance(asked, KeepPreset):
            log.info("preset kept: %s", save_preset(asked.name, asked.values))
        elif isinstance(asked, ChooseSetList):
            self._open(asked.name)
        elif isinstance(asked, SetListEntry):
            self._go_to(asked.number - 1)
        else:
            self._go_to(self._at + (1 if isinstance(asked, NextSong) else -1))

    def _open(self, name: str) -> None:
        """Open a set list and play its first entry; none: close it."""
        self._entries = () if name == NONE else load_set(name)
        self._name, self._at = (name if self._entries else ""), -1
        if self._entries:
            self._go_to(0)
        else:
            self._put(SetListMoved())

    def _go_to(self, entry: int) -> None:
        """Play an entry of the set list, counted from 0; ignored beyond its ends."""
        if not self._entries:
            raise ConfigError("no set list is open; open one with `set_list NAME`")
        if not 0 <= entry < len(self._entries):
            log.info("set list %s has %d entries", self._name, len(self._entries))
            return
        name = self._entries[entry]
        if name in preset_names():
            self._load(name)
        elif name in song_names():
            self._change_song(name)
        else:
            known = [*preset_names(), *song_names()]
            field = f"entry {entry + 1} of set list {self._name}"
            raise ConfigError(field=field, found=repr(name), hint=instead(name, known))
        self._at = entry
        self._put(SetListMoved(self._name, entry + 1, self._entries))

    def _load(self, name: str) -> None:
        preset = load_preset(name)
        self._change_song(preset.song.name)  # the preset's genre overrides the chart's
        if preset.genre is not None:
            self._change_genre(preset.genre)
        self._then(PresetLoaded(name, preset.commands, preset.controls))
