"""Writes sound files block by block: WAV and FLAC, 16 bit, stereo."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from composerd.errors import ConfigError, DeviceError, Option

SUFFIXES = (".wav", ".flac")
_FRAME_BYTES, _RIFF_BYTES = 4, 2**32 - 4096
"""16 bit stereo; a RIFF header counts bytes in 32 bits, RF64's (EBU Tech 3306) in 64"""


class SoundWriter(Protocol):
    """Writes blocks of samples."""

    def write(self, samples: Any) -> None:
        """Append samples: int16, (frames, 2)."""
        ...


def check_sound_file(path: Path) -> None:
    """Check the suffix and the library. Raises ConfigError for another suffix, DeviceError without libsndfile."""
    if path.suffix.lower() not in SUFFIXES:
        raise ConfigError(
            place=Option("-o"), found=repr(path.name), expected=f"a name that ends in {' or '.join(SUFFIXES)}"
        )
    _library()


def format_of(suffix: str, frames: int) -> str:
    """libsndfile's name of the format: WAV, RF64 for a .wav of more than 4 GB, or FLAC."""
    if suffix.lower() == ".flac":
        return "FLAC"
    return "WAV" if frames * _FRAME_BYTES <= _RIFF_BYTES else "RF64"


@contextlib.contextmanager
def sound_writer(file: BinaryIO, suffix: str, rate: int, frames: int) -> Iterator[SoundWriter]:
    """Open a writer into the seekable `file` for `frames` frames at `rate` [Hz]."""
    with _library().SoundFile(file, "w", rate, 2, "PCM_16", format=format_of(suffix, frames)) as writer:
        yield writer


def _library() -> Any:
    """Import soundfile late, because it is slow to import. Raises DeviceError."""
    try:
        import soundfile
    except (ImportError, OSError) as error:
        raise DeviceError(f"-o: sound files need libsndfile, which cannot be loaded ({error})") from error
    return soundfile
