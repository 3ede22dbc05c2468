"""Prints checksums of the music of a machine: every shipped model's answers, and one melody rendered in every genre.

same_music.py write FOLDER      on each machine
same_music.py compare A B       fails above a difference of 1e-5, or with any other note
"""

from __future__ import annotations

import json
import platform
import sys
import time
from pathlib import Path

import numpy as np

from composerd.app.demo_tunes import demo_melody
from composerd.app.generator_bank import bank
from composerd.app.render import render
from composerd.config import paths
from composerd.engine.messages import Mode
from composerd.engine.settings import EngineSettings
from composerd.generators.session import load_model
from composerd.library.genre_files import genre_pages, read_genre

TOLERANCE = 1e-5
WRITTEN = {".npy", ".json"}
ENVIRON = {"HOME": "/nowhere"}
"""shipped models and pages only"""


def write(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for file in sorted(paths.shipped_models().glob("*.onnx")):
        model = load_model(file)
        layout, steps = model.card.layout, model.card.grid.past
        chance = np.random.default_rng(1)
        frames = (chance.random((1, steps, layout.width)) < 0.1).astype(np.float32)
        noise = chance.standard_normal((1, steps, layout.noise_width)).astype(np.float32)
        began = time.perf_counter()
        logits = model.logits(frames, noise)
        np.save(folder / f"{file.stem}.npy", logits)
        print(f"{file.stem}: {logits.shape} in {time.perf_counter() - began:.3f} s")
    for name, page in genre_pages(ENVIRON).items():
        (folder / f"{name}.json").write_text(json.dumps(notes(page)))
    (folder / "machine.txt").write_text(
        f"{platform.machine()}, Python {platform.python_version()}, numpy {np.__version__}"
    )


def notes(page: Path) -> list[list[object]]:
    """[tick, part, bytes of the message] of the genre's demo melody and what the band makes of it, in both modes."""
    genre = read_genre(page)
    generators = bank(EngineSettings(precision="fp32"))
    generators.open(genre)
    found: list[list[object]] = []
    for mode in Mode:
        performance = render(demo_melody(genre), genre, mode, generators, EngineSettings())
        for tick, part, message in performance.lines:
            found.append([mode.value, tick, part.name if part else "", list(message.to_bytes())])
    return found


def compare(one: Path, other: Path) -> int:
    print(f"{(one / 'machine.txt').read_text()}  and  {(other / 'machine.txt').read_text()}")
    here, there = (sorted(file.name for file in folder.iterdir() if file.suffix in WRITTEN) for folder in (one, other))
    failed = here != there or {Path(name).suffix for name in here} != WRITTEN
    if failed:
        print(f"FAIL: {here} and {there}, expected every model's answers and every genre's notes in both")
        return 1
    for file in sorted(one.glob("*.npy")):
        apart = float(np.abs(np.load(file) - np.load(other / file.name)).max())
        close = apart <= TOLERANCE  # not of what is no number
        failed |= not close
        print(f"{file.stem}: largest difference {apart:.2e}  {'ok' if close else 'FAIL'}")
    for file in sorted(one.glob("*.json")):
        mine, theirs = (json.loads((folder / file.name).read_text()) for folder in (one, other))
        failed |= mine != theirs or not mine
        print(f"{file.stem}: {len(mine)} messages  {'the same' if mine == theirs else f'FAIL: {len(theirs)} there'}")
    return 1 if failed else 0


if __name__ == "__main__":
    if sys.argv[1] == "write":
        write(Path(sys.argv[2]))
    else:
        sys.exit(compare(Path(sys.argv[2]), Path(sys.argv[3])))
