"""The pipe to the audio process: writes without blocking, and repeats lasting records to a new process."""

from __future__ import annotations

import os
from threading import Lock

from composerd.devices.audio.records import Memory, Record


class RecordPipe:
    """Sends records; thread-safe, so that one thread may connect a new process while the conductor sends.

    The descriptor's number never changes and is replaced atomically. Lasting records are kept and written under one
    lock, so that a new process never ends with an older value than the last one sent.
    """

    def __init__(self) -> None:
        self.lost = 0
        """records for which there was no room or no process"""
        self._memory = Memory()
        self._lock = Lock()
        self._nowhere = os.open(os.devnull, os.O_WRONLY)
        self._pipe = os.dup(self._nowhere)

    def send(self, record: Record) -> None:
        """Write a record. Never blocks and never raises."""
        with self._lock:
            self._memory.keep(record)
            self._write(record)

    def connect(self, descriptor: int) -> None:
        """Write to a copy of `descriptor` from now on, first all lasting records."""
        os.set_blocking(descriptor, False)
        with self._lock:
            os.dup2(descriptor, self._pipe, inheritable=False)
            for record in self._memory:
                self._write(record)

    def disconnect(self) -> None:
        """Discard records from now on."""
        os.dup2(self._nowhere, self._pipe, inheritable=False)

    def _write(self, record: Record) -> None:
        try:
            os.write(self._pipe, record.pack())
        except OSError:  # full, or the process died: the watcher of the process deals with it
            self.lost += 1
