"""C libraries kept from talking to the user."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """The libraries' own messages (ALSA, JACK, GLib) go nowhere; they write to file descriptor 2, past sys.stderr.

    By one thread at a time: the last to leave would leave its own silence behind.
    """
    sys.stderr.flush()
    saved, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(saved, 2)
        os.close(saved)
        os.close(nowhere)
