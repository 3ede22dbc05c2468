"""Starts, feeds and restarts the audio process; sending never blocks."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from select import select

import msgspec

from composerd.devices.audio.channel_strip import balance_of, balances, instruments
from composerd.devices.audio.presets import presets_in, silent_parts
from composerd.devices.audio.record_pipe import RecordPipe
from composerd.devices.audio.records import ALL, Op, Record
from composerd.devices.audio.settings import AudioSettings
from composerd.devices.audio.soundfonts import find_soundfont
from composerd.devices.audio.status import AudioStatus
from composerd.engine.messages import Played
from composerd.music.genre import PLAYER_CHANNEL, Genre
from composerd.music.metronome import METRONOME_CHANNEL
from composerd.music.midi import PROGRAM
from composerd.threads import spawn

_FIRST_PAUSE, _LONGEST_PAUSE, _GROWTH = 0.05, 2.0, 2.0
"""seconds between restarts of a process that ends again and again"""
_FIRST_WORD, _SILENT = 30.0, 6.0
"""seconds without a status report, at the start and later, after which the process counts as hung and is replaced"""
_FAREWELL = 1.5
"""seconds the process has for its fade-out"""

Notify = Callable[[AudioStatus], None]


class AudioSink:
    """Implements `engine.ports.Sink`. Raises DeviceError if no SoundFont is found; later problems are reported.

    `notify` is called from the watcher's thread when state or problem change; it must not block.
    """

    def __init__(self, settings: AudioSettings | None = None, notify: Notify = lambda _: None) -> None:
        self._settings = settings or AudioSettings()
        self.soundfont = find_soundfont(self._settings.soundfont)
        self._notify = notify
        self._records = RecordPipe()
        self._genre: Genre | None = None
        self._status = AudioStatus()
        self._changed = threading.Condition()
        self._closing = False
        self._process = self._start()
        self.set_click_volume(self._settings.click_volume)
        self.set_volume(None, self._settings.player_volume)
        self._watcher = spawn("audio watcher", self._watch)

    def play(self, played: Played) -> None:
        """Play the player's own keys as early as possible, everything else at its moment plus the fixed latency."""
        if played.part is not None and played.message.kind == PROGRAM:
            self._change_instrument(played.part, played.message.data1)
            return
        live = played.part is None and not played.replayed and played.message.channel == PLAYER_CHANNEL
        self._records.send(Record.of(Op.LIVE if live else Op.DUE, played.at, played.message))

    def set_genre(self, genre: Genre) -> None:
        """Set instruments, pan and effects of the genre's parts and of the player."""
        self._genre = genre
        for message in instruments(genre):
            self._records.send(Record.of(Op.LIVE, time.monotonic(), message))
        self._say_balances(Op.BALANCE, genre)

    def prepare(self, genre: Genre) -> None:
        """Start measuring the instruments that `set_genre` will need. Never blocks; any thread may call it."""
        self._say_balances(Op.PREPARE, genre)

    def silent_parts(self, genre: Genre) -> tuple[str, ...]:
        """The names of the parts of `genre` for which the SoundFont has no instrument."""
        return silent_parts(genre, presets_in(self.soundfont))

    def set_volume(self, part: int | None, value: float) -> None:
        """Set the volume of a part, or of the player (None): 1 as in the genre's page, 0.5 is 12 dB less, 0 silent."""
        self._records.send(Record(Op.VOLUME, channel=self._channel(part), value=value))

    def set_master(self, value: float) -> None:
        self._records.send(Record(Op.VOLUME, channel=ALL, value=value))

    def set_click_volume(self, value: float) -> None:
        self._records.send(Record(Op.VOLUME, channel=METRONOME_CHANNEL, value=value))

    def set_pan(self, part: int | None, place: float) -> None:
        """Set the pan of a part, or of the player (None), from -1 (left) to 1 (right)."""
        self._records.send(Record(Op.PAN, channel=self._channel(part), value=place))

    def mute(self, part: int | None, muted: bool = True) -> None:
        self._records.send(Record(Op.MUTE, channel=self._channel(part), value=float(muted)))

    def panic(self) -> None:
        """Silence everything within a block, reverb included."""
        self._records.send(Record(Op.PANIC))

    def status(self) -> AudioStatus:
        return replace(self._status, lost=self._records.lost)

    def wait(self, seconds: float, *states: str) -> AudioStatus:
        """Wait at most `seconds` until the state is one of `states` (by default playing or failed)."""
        wanted = states or ("playing", "failed")
        with self._changed:
            self._changed.wait_for(lambda: self._status.state in wanted, seconds)
        return self.status()

    @property
    def pid(self) -> int:
        """The audio process's id."""
        return self._process.pid

    def close(self) -> None:
        """Fade out and end the process, at most _FAREWELL seconds."""
        if self._closing:
            return
        self._closing = True
        self._records.send(Record(Op.QUIT))
        try:
            self._process.wait(_FAREWELL)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._watcher.join(_FAREWELL)
        self._records.disconnect()
        self._set(AudioStatus("closed"))

    def _change_instrument(self, part: int, program: int) -> None:
        if self._genre is not None:
            one = balance_of(self._genre.with_program(part, program).parts[part])
            self._records.send(Record(Op.INSTRUMENT, 0.0, one.channel, 0, one.program, one.pitch, value=one.offset))

    def _say_balances(self, op: Op, genre: Genre) -> None:
        for one in balances(genre):
            self._records.send(Record(op, 0.0, one.channel, 0, one.program, one.pitch, value=one.offset))

    def _channel(self, part: int | None) -> int:
        if part is None:
            return PLAYER_CHANNEL
        return self._genre.parts[part].channel if self._genre and part < len(self._genre.parts) else METRONOME_CHANNEL

    def _start(self) -> subprocess.Popen[bytes]:
        command = (
            sys.executable,
            "-m",
            "composerd.devices.audio.process",
            msgspec.json.encode(self._settings).decode(),
            str(self.soundfont),
        )
        environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0, env=environment)
        assert process.stdin is not None
        self._records.connect(process.stdin.fileno())
        process.stdin.close()
        return process

    def _watch(self) -> None:
        pause = _FIRST_PAUSE
        while not self._closing:
            played = self._listen(self._process)
            if self._closing or self._status.state == "failed":
                return
            self._process.kill()
            code = self._process.wait()
            pause = _FIRST_PAUSE if played else min(pause * _GROWTH, _LONGEST_PAUSE)
            restarts = self._status.restarts + 1
            self._set(
                AudioStatus(
                    "starting", f"audio: the sound process ended ({_ending(code)}), starting another", restarts=restarts
                )
            )
            time.sleep(pause)
            if not self._closing:
                self._process = self._start()

    def _listen(self, process: subprocess.Popen[bytes]) -> bool:
        """Read the process's reports until it ends or hangs; returns whether it ever played."""
        assert process.stdout is not None
        if process.stdout.closed:  # its reports could not be read: another one
            return False
        played, rest, patience = False, b"", _FIRST_WORD
        with process.stdout as reports:
            while select([reports], [], [], patience)[0] and (data := reports.read(65536)):
                patience = _SILENT
                *lines, rest = (rest + data).split(b"\n")
                for line in lines:
                    status = msgspec.json.decode(line, type=AudioStatus)
                    played |= status.state == "playing"
                    self._set(replace(status, restarts=self._status.restarts))
        return played

    def _set(self, status: AudioStatus) -> None:
        with self._changed:
            before, self._status = self._status, status
            self._changed.notify_all()
        if (before.state, before.problem) != (status.state, status.problem):
            self._notify(status)


def _ending(code: int) -> str:
    return f"signal {-code}" if code < 0 else f"status {code}"
