"""Measures how closely the band's beat tracks melodies of a corpus that are played with rubato.

`python -m composerd_export.evaluation.beat_tracking FOLDER` with a folder of corpora: for every genre clips of its
validation pieces, the melody alone and with both hands (melody and keys), along the tempo curves of `composerd bench`.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from composerd.bench.follow import CURVES, figure, track
from composerd.engine.settings import EngineSettings
from composerd_export.data.corpus import read_corpus
from composerd_export.data.pieces import START, TICKS_PER_BEAT, TRACK, Corpus, Piece

BARS = 16
SPARSEST = 1.0
"""onsets a beat: a clip with fewer is mostly rest, which holds no beat to follow"""
HANDS = {"melody": ("melody", "soprano"), "both hands": ("melody", "keys")}


def clips(corpus: Corpus, tracks: Sequence[str], count: int, seed: int = 0) -> Iterator[list[float]]:
    """Onsets in beats of up to `count` clips of BARS bars of 4/4, one of a piece, each from an onset on a beat on."""
    rows = [corpus.tracks.index(name) for name in tracks if name in corpus.tracks]
    pieces = list(corpus)
    found = 0
    for index in np.random.default_rng(seed).permutation(len(pieces)).tolist():
        onsets = _clip(pieces[index], rows)
        if onsets and found < count:
            found += 1
            yield onsets


def _clip(piece: Piece, rows: Sequence[int]) -> list[float]:
    starts = np.unique(piece.notes[np.isin(piece.notes[:, TRACK], rows), START])
    for first in piece.windows(BARS):
        inside = starts[(starts >= first) & (starts < first + BARS * 4 * TICKS_PER_BEAT)]
        on_beat = np.flatnonzero((inside - first) % TICKS_PER_BEAT == 0)
        if len(on_beat) and len(inside) >= SPARSEST * 4 * BARS:
            return [float(one - first) / TICKS_PER_BEAT for one in inside[on_beat[0] :]]
    return []


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--clips", type=int, default=20)
    args = parser.parse_args()
    settings = EngineSettings(follow=True)
    for path in sorted(args.folder.glob("*/valid.npz")):
        corpus = read_corpus(path)
        for hands, tracks in HANDS.items():
            if hands != "melody" and not set(tracks) <= set(corpus.tracks):
                continue
            found = list(clips(corpus, tracks, args.clips))
            for name in CURVES if found else ():
                swing = 1.0 if path.parent.name == "jazz" else 0.0
                tracked = [track(onsets, name, settings, seed, swing=swing) for seed, onsets in enumerate(found)]
                print(f"{path.parent.name:<9} {hands:<10} {len(found):>2} clips", figure(name, tracked).line().strip())


if __name__ == "__main__":
    main()
