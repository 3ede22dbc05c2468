"""`composerd-export fit-harmonist`: trains a harmonist on songs with chords, or on a corpus of bands."""

from __future__ import annotations

import argparse
import os
import time
from pathlib import Path

import torch

from composerd.errors import ConfigError
from composerd.generators.tables import net_of
from composerd.music.harmony.encoding import STYLES
from composerd_export.commands.bounds import check_seed, check_threads, within
from composerd_export.data.corpus import read_corpus
from composerd_export.data.harmony.corpora import songs_of
from composerd_export.data.harmony.examples import pieces_of
from composerd_export.data.harmony.songs import TuneWithChords, read_file
from composerd_export.data.harmony.written import written_songs
from composerd_export.nets.harmonist import TorchHarmonyNet
from composerd_export.onnx.harmonist import followers, from_arrays, shipped_arrays, to_arrays, write
from composerd_export.training.harmonist_trainer import train

STEPS, STEPS_ON, MOST_STEPS = 6000, 800, 1_000_000
RATE, RATE_ON = 2e-3, 4e-4
WRITTEN = 600
"""blues and rock songs put together beside those of --songs"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--songs", type=Path, nargs="+", default=[], metavar="FILE", help="melodies with human chords (songs/*.npz)")
    add("--dataset", type=Path, nargs="+", default=[], metavar="FILE", help="corpora of bands (.npz)")
    add("--style", choices=STYLES, default="pop", help="style of the songs of --dataset (default: pop)")
    add("--per-beat", action="store_true", help="read a chord a beat off --dataset, as in chorales, not a half bar")
    add("--fresh", action="store_true", help="train a new net instead of continuing from the shipped harmonist")
    add("--steps", type=int, metavar="N", help=f"training steps (default: {STEPS}, going on {STEPS_ON})")
    add("--seed", type=int, default=0, metavar="N", help="(default: 0)")
    add("--threads", type=int, default=1, metavar="N", help="threads of the processor (default: 1)")
    add("-o", "--output", type=Path, required=True, metavar="FILE", help="file to write (.npz)")


def run(arguments: argparse.Namespace) -> int:
    check_threads(arguments.threads)
    check_seed(arguments.seed)
    if arguments.steps is not None:
        within("--steps", arguments.steps, 1, MOST_STEPS)
    songs = _songs(arguments)
    torch.set_num_threads(arguments.threads)
    pieces = pieces_of(songs)
    if not pieces:
        raise ConfigError("--songs, --dataset: found no song with a melody and chords, expected at least one")
    arguments.output.parent.mkdir(parents=True, exist_ok=True)  # rather than find out after the training
    torch.manual_seed(arguments.seed)
    net = TorchHarmonyNet() if arguments.fresh else from_arrays(shipped_arrays())
    steps = arguments.steps or (STEPS if arguments.fresh else STEPS_ON)
    rate = RATE if arguments.fresh else RATE_ON
    began = time.monotonic()

    def report(step: int, loss: float, _: TorchHarmonyNet) -> None:
        print(f"step {step} of {steps}, loss {loss:.3f}, {time.monotonic() - began:.0f} s", flush=True)

    train(net, pieces, steps, rate=rate, seed=arguments.seed, report=report)
    arrays = to_arrays(net.eval(), followers(pieces))
    net_of(arrays, str(arguments.output))
    write(arguments.output, arrays)
    print(f"{arguments.output}: {len(pieces)} songs, {os.path.getsize(arguments.output) / 1000:.0f} kB")
    return 0


def _songs(arguments: argparse.Namespace) -> list[TuneWithChords]:
    songs = [song for path in arguments.songs for song in read_file(path, "--songs")]
    if songs:
        songs += written_songs(WRITTEN)
    for path in arguments.dataset:
        songs += songs_of(read_corpus(path), arguments.style, arguments.per_beat)
    return songs
