"""Tiny corpora, checkpoints and ONNX models for tests: real files, made in a second."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from composerd.contract.groove import GrooveLayout
from composerd.contract.layout import Layout, Track
from composerd_export.data.corpus import Corpus, Piece, write_corpus
from composerd_export.nets.groove import GrooveNet, GrooveSize
from composerd_export.nets.players import build
from composerd_export.onnx.writer import write_model
from composerd_export.training.checkpoint import Checkpoint, trunk_size
from composerd_export.training.groove_checkpoint import GrooveCheckpoint
from composerd_export.training.groove_trainer import GrooveHyper
from composerd_export.training.hyperparameters import Hyper
from layouts import BAND

TINY = {"width": 16, "middle": 1, "batch": 4, "epoch_windows": 32, "epochs": 2, "dropout": 0.0}
CHORDS = ((0, 4, 7), (5, 9, 12), (7, 11, 14), (0, 4, 7))
"""I, IV, V, I, a bar each."""


def tiny_piece(key: int, bars: int = 12, tracks: int = 4) -> Piece:
    """Melody, drums, bass and keys (or soprano, alto, tenor, bass) over I IV V I, in 24 ticks a beat."""
    notes = []
    for bar in range(bars):
        chord, start = CHORDS[bar % 4], bar * 96
        for beat in range(4):
            at = start + beat * 24
            notes.append((at, 24, 72 + key + chord[beat % 3] % 12, 80, 0))
            if tracks == 4:
                notes += [(at, 1, 42, 80, 1), (at, 1, 36 if beat % 2 == 0 else 38, 80, 1)]
                notes += [(at, 24, 36 + key + chord[0] % 12, 80, 2)]
        if tracks == 4:
            notes += [(start, 96, 60 + key + tone, 80, 3) for tone in chord]
    rows = np.array(sorted(notes), np.int32)
    lines = np.array([(bar * 96, 4, 4, 96) for bar in range(bars)], np.int32)
    return Piece(rows, lines, {"id": f"song {key}", "source": "made up", "licence": "CC0-1.0", "bpm": 100})


def tiny_chorale(key: int, bars: int = 12) -> Piece:
    """Soprano, alto, tenor and bass in half notes over I IV V I."""
    notes = []
    for half in range(2 * bars):
        chord, at = CHORDS[half // 2 % 4], half * 48
        voices = (72 + chord[half % 3] % 12, 60 + chord[1] % 12 - 2, 50 + chord[2] % 12, 40 + chord[0] % 12)
        notes += [(at, 48, pitch + key, 80, track) for track, pitch in enumerate(voices)]
    lines = np.array([(bar * 96, 4, 4, 96) for bar in range(bars)], np.int32)
    return Piece(np.array(sorted(notes), np.int32), lines, {"id": f"chorale {key}", "source": "made up"})


def tiny_corpora(folder: Path) -> Path:
    """`bach` and `pop`, train and valid."""
    for split, keys in (("train", (0, 1, 2, 3)), ("valid", (4, 5))):
        chorales = tuple(tiny_chorale(key) for key in keys)
        write_corpus(folder / "bach" / f"{split}.npz", Corpus(("soprano", "alto", "tenor", "bass"), chorales))
        songs = tuple(tiny_piece(key) for key in keys)
        write_corpus(folder / "pop" / f"{split}.npz", Corpus(("melody", "drums", "bass", "keys"), songs))
    return folder


def tiny_checkpoint(
    genre: str = "pop", family: str = "musegan", tracks: tuple[Track, ...] = BAND, seed: int = 1
) -> Checkpoint:
    """An untrained net: its music is noise, its shapes are right."""
    torch.manual_seed(seed)
    hyper = Hyper.from_json({**TINY, "seed": seed})
    net = build(family, Layout(tracks), trunk_size(hyper))
    return Checkpoint(genre, family, tracks, hyper, net.state_dict())


def tiny_groove(genre: str = "pop", tracks: tuple[Track, ...] = BAND) -> GrooveCheckpoint:
    """An untrained net that draws rhythms, for models with these tracks."""
    torch.manual_seed(3)
    layout, hyper = GrooveLayout(tracks, (genre,)), GrooveHyper(size=GrooveSize((8, 8, 8, 8), 0.0))
    return GrooveCheckpoint(tracks, (genre,), hyper, GrooveNet(layout, hyper.size).state_dict())


def tiny_model(path: Path, genre: str = "pop", family: str = "musegan", tracks: tuple[Track, ...] = BAND) -> Path:
    """A model file for tests."""
    write_model(tiny_checkpoint(genre, family, tracks), path, tiny_groove(genre, tracks))
    return path
