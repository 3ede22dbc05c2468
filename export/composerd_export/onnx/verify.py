"""Compares a model with its checkpoint in torch, plays it as the daemon does, and times it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from composerd.contract.frames import Floats
from composerd.engine.messages import Directions, Mode, Request
from composerd.errors import ComposerdError, ModelError
from composerd.generators.onnx import OnnxGenerator
from composerd.generators.session import Model, load_model
from composerd.library.genre_files import genre_pages, load_genre
from composerd.library.model_files import INT8
from composerd.music.genre import PLAYER_CHANNEL, Genre, Part
from composerd.music.metre import BarGrid
from composerd.music.midi import DRUM_CHANNEL
from composerd.music.notes import PartNote, notes_to_cells
from composerd.music.roll import BandRoll, MelodyRoll
from composerd_export.onnx.examples import Feeds
from composerd_export.onnx.weights import as_stored
from composerd_export.training.checkpoint import Checkpoint

TOLERANCE = 1e-4
TOLERANCE_INT8 = 0.3
"""Largest relative difference allowed for a net in 8 bits, whose music is compared by `evaluate`."""
SLOWEST_MS = 10.0
"""Longest time of a live decision on one core of an ordinary machine [ms]."""
LIVE_STEPS = 44
TUNE = (60, 62, 64, 65, 67, 65, 64, 62, 60, 64, 67, 72, 71, 67, 69, 65, 67, 64, 65, 62, 64, 60, 62, 59)


def difference(model: Model, point: Checkpoint, examples: Sequence[Feeds]) -> float:
    """Largest difference of torch's logits and the file's on `examples`, relative to the logits' size.

    Each example is also cut to a live window and repeated twice, since the time axis is free.
    """
    net, worst = as_stored(point.net()), 0.0
    for feeds in examples:
        frames = feeds["frames"]
        noise = feeds.get("noise", np.zeros((*frames.shape[:2], net.layout.noise_width), np.float32))
        for steps in (LIVE_STEPS, frames.shape[1], 2 * frames.shape[1]):
            pair = [np.concatenate([rows, rows], 1)[:, :steps] for rows in (frames, noise)]
            with torch.no_grad():
                wanted = net(*map(torch.from_numpy, pair)).numpy()
            gap = np.abs(wanted - model.logits(*pair)).max()
            worst = max(worst, float(gap / max(1.0, np.abs(wanted).max())))
    return worst


def milliseconds(model: Model, runs: int = 30) -> float:
    """Median processor time of one live run of the net [ms] on one thread."""
    layout = model.card.layout
    frames: Floats = np.zeros((1, LIVE_STEPS, layout.width), np.float32)
    noise: Floats = np.zeros((1, LIVE_STEPS, layout.noise_width), np.float32)
    times = []
    for _ in range(runs):
        began = time.thread_time()
        model.logits(frames, noise)
        times.append(time.thread_time() - began)
    return float(np.median(times) * 1000)


def page_for(model: Model) -> Genre:
    """The genre page of the model's name, else one made from its card."""
    if model.card.genre in genre_pages():
        return load_genre(model.card.genre)
    free = [channel for channel in range(2, 17) if channel not in (PLAYER_CHANNEL, DRUM_CHANNEL)]
    parts = tuple(
        Part(
            track.name,
            track.role,
            DRUM_CHANNEL if track.kind == "drums" else free[i],
            track.program,
            track.low,
            track.high,
            track.polyphony,
        )
        for i, track in enumerate(model.card.tracks)
    )
    return Genre(model.card.genre, model.card.genre, model.card.name, 100.0, parts)


def play(generator: OnnxGenerator, genre: Genre) -> int:
    """Plays a tune in jam and as a phrase; returns the band's number of notes. Raises ModelError if it stays silent."""
    steps = 2 * len(TUNE)
    pitch = np.repeat(np.array(TUNE, np.int16), 2)
    onset = np.arange(steps) % 2 == 0
    notes: list[PartNote] = []
    for step in range(0, steps, 2):
        band = BandRoll(0, notes_to_cells(tuple(n for n in notes if n.step < step), 0, step, len(genre.parts)))
        answer = generator.compose(
            _request(genre, MelodyRoll(0, pitch[: step + 1], onset[: step + 1]), band, step, step + 2)
        )
        notes = [n for n in notes if n.step < step] + [n for s in answer.sections for n in s.notes]
    whole = MelodyRoll(0, pitch, onset)
    phrase = _request(genre, whole, BandRoll.silent(len(genre.parts)), 0, steps, Mode.PHRASE)
    count = len(notes) + sum(len(section.notes) for section in generator.compose(phrase).sections)
    if not count:
        raise ModelError(f"{generator.card.name}: the band stays silent")
    return count


def _request(genre: Genre, melody: MelodyRoll, band: BandRoll, step: int, until: int, mode: Mode = Mode.JAM) -> Request:
    return Request(
        serial=1, mode=mode, genre=genre, grid=BarGrid(), bpm=100.0, step=step, until=until, drums_from=step,
        drums_until=until, harmony_from=0, melody=melody, band=band, directions=Directions(),
    )  # fmt: skip


def verify(path: Path, point: Checkpoint | None = None, examples: Sequence[Feeds] = ()) -> str:
    """Verifies a model file and returns a line with its figures. Raises ModelError or ComposerdError if it fails.

    `point` is what the file was made from: both must answer `examples` alike.
    """
    model = load_model(path)
    genre = page_for(model)
    said = [f"{path}: card, checksum and session agree"]
    if point is not None:
        gap = difference(model, point, examples)
        tolerance = TOLERANCE_INT8 if path.stem.endswith(INT8) else TOLERANCE
        if gap > tolerance:
            raise ComposerdError(f"{path}: torch and ONNX differ by {gap:.2g}, expected {tolerance:g} at most")
        said.append(f"torch and ONNX differ by {gap:.1g}")
    count = play(OnnxGenerator(path, genre), genre)
    said.append(f"{count} notes played")
    spent = milliseconds(model)
    if spent > SLOWEST_MS:
        raise ComposerdError(f"{path}: a decision takes {spent:.1f} ms, expected {SLOWEST_MS:g} at most")
    return ", ".join([*said, f"{spent:.2f} ms a run"])
