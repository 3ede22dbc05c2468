"""Sound files as other programs read them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from composerd.errors import ConfigError
from composerd.files.sound_file import check_sound_file, format_of, sound_writer

SAMPLES = np.arange(-600, 600, dtype=np.int16).reshape(-1, 2)


@pytest.mark.parametrize(
    ("suffix", "frames", "kind"),
    [(".wav", 600, "WAV"), (".WAV", 600, "WAV"), (".flac", 600, "FLAC"), (".wav", 2**30, "RF64")],
)
def test_samples_are_kept_exactly_in_every_format(tmp_path: Path, suffix: str, frames: int, kind: str) -> None:
    path = tmp_path / f"x{suffix}"
    with path.open("wb+") as file, sound_writer(file, suffix, 48_000, frames) as writer:
        for block in np.array_split(SAMPLES, 7):
            writer.write(block)
    samples, rate = soundfile.read(path, dtype="int16")
    assert (samples.tolist(), rate) == (SAMPLES.tolist(), 48_000)
    assert soundfile.info(path).format == kind


def test_what_a_wav_header_cannot_count_becomes_rf64() -> None:
    hours = 48_000 * 3600
    assert [format_of(".wav", count * hours) for count in (6, 7)] == ["WAV", "RF64"]
    assert format_of(".flac", 100 * hours) == "FLAC"


def test_another_ending_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"'x\.mp3', expected a name that ends in \.wav or \.flac"):
        check_sound_file(Path("x.mp3"))
