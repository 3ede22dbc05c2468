"""Shows a corpus or a performance: statistics as text, piano rolls as pictures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from composerd.music.roll import ONSET, REST, Cells, MelodyRoll
from composerd_export.data.corpus import BAR_LENGTH, LENGTH, PITCH, START, TICKS_PER_BEAT, TICKS_PER_STEP, Corpus

COLOURS = ("#4477aa", "#ee6677", "#228833", "#ccbb44", "#66ccee", "#aa3377", "#999933", "#882255")
MELODY_COLOUR = "#000000"


def statistics(corpus: Corpus) -> str:
    """Pieces, works, bars by length, tempo, and per track: pieces, notes a bar, range, durations, empty bars."""
    bars = np.concatenate([piece.bars for piece in corpus]) if len(corpus) else np.zeros((0, 4), np.int32)
    lengths = Counter((bars[:, BAR_LENGTH] / TICKS_PER_BEAT).tolist()).most_common(5)
    tempos = [float(piece.meta.get("bpm") or 0.0) for piece in corpus]
    known = [tempo for tempo in tempos if tempo > 0] or [0.0]
    swung = sum(bool(piece.meta.get("swing") or piece.meta.get("swing_amount")) for piece in corpus)
    starts = np.concatenate([*(piece.notes[:, START] for piece in corpus), np.zeros(0, np.int32)])
    on_grid = float((starts % TICKS_PER_STEP == 0).mean()) if len(starts) else 0.0
    head = [
        f"pieces {len(corpus)}, works {len({piece.work for piece in corpus})}, bars {len(bars)}",
        "bars by beats: " + ", ".join(f"{beats:g}: {count}" for beats, count in lengths),
        "tempo p10/50/90: " + "/".join(f"{value:.0f}" for value in np.percentile(known, (10, 50, 90))),
        f"swung pieces {swung}, onsets on the 16th grid {on_grid:.2f}",
        f"{'track':<14}{'pieces':>7}{'notes/bar':>10}{'range':>10}{'median':>7}{'16ths':>6}{'empty bars':>11}",
    ]
    return "\n".join([*head, *(_track_line(corpus, index, len(bars)) for index in range(len(corpus.tracks)))])


def _track_line(corpus: Corpus, index: int, bars: int) -> str:
    tracks = [piece.track(index) for piece in corpus]
    notes = np.concatenate([*tracks, np.zeros((0, 5), np.int32)])
    name = corpus.tracks[index]
    if not len(notes):
        return f"{name:<14}{0:>7}"
    low, high = int(notes[:, PITCH].min()), int(notes[:, PITCH].max())
    filled = sum(_bars_with(piece.bars[:, 0], track) for piece, track in zip(corpus, tracks, strict=True))
    return (
        f"{name:<14}{sum(bool(len(track)) for track in tracks):>7}{len(notes) / max(1, bars):>10.1f}"
        f"{f'{low}-{high}':>10}{np.median(notes[:, PITCH]):>7.0f}{np.mean(notes[:, LENGTH]) / TICKS_PER_STEP:>6.1f}"
        f"{1 - filled / max(1, bars):>11.2f}"
    )


def _bars_with(
    starts: np.ndarray[tuple[int], np.dtype[np.int32]], notes: np.ndarray[tuple[int, int], np.dtype[np.int32]]
) -> int:
    return len(np.unique(np.searchsorted(starts, notes[:, START], "right")))


def draw_rolls(
    path: Path,
    melody: MelodyRoll,
    bands: Sequence[tuple[str, Cells]],
    names: Sequence[str],
    drums: Sequence[int] = (),
    bar_steps: int = 16,
) -> None:
    """Writes a PNG of accompaniments one above the other, each with the melody in black and lanes of drums below.

    `bands` are (title, cells (parts, steps, 128)); `names` the parts', `drums` the rows that are drums.
    """
    steps = len(melody.pitch)
    size = (max(8.0, steps / 8), 4.0 * len(bands))
    figure = Figure(figsize=size, layout="constrained")
    axes = figure.subplots(len(bands), 1, sharex=True, squeeze=False)[:, 0]
    for row, (title, cells) in zip(axes, bands, strict=True):
        _draw(row, melody, cells, names, drums, bar_steps)
        row.set_title(title, fontsize=9, loc="left")
    figure.savefig(path, dpi=80)


def _draw(
    axes: Axes, melody: MelodyRoll, cells: Cells, names: Sequence[str], drums: Sequence[int], bar_steps: int
) -> None:
    pitched = [row for row in range(len(names)) if row not in drums]
    low, high = _span(melody, cells[pitched])
    image = np.ones((high - low + 1, cells.shape[1], 3))
    for row in pitched:
        colour = np.array(to_rgb(COLOURS[row % len(COLOURS)]))
        _paint(image, cells[row, :, low : high + 1].T, colour)
    sung = np.flatnonzero(melody.pitch != REST)
    image[melody.pitch[sung] - low, sung] = np.where(melody.onset[sung], 0.0, 0.35)[:, None]
    axes.imshow(
        image, origin="lower", aspect="auto", extent=(0, cells.shape[1], low - 0.5, high + 0.5), interpolation="none"
    )
    lanes = _draw_drums(axes, cells[list(drums)], low - 2) if drums else {}
    if lanes:
        axes.set_ylim(min(lanes.values()) - LANE, high + 1)
    axes.set_xticks(
        range(0, cells.shape[1] + 1, bar_steps), [str(bar + 1) for bar in range(cells.shape[1] // bar_steps + 1)]
    )
    octaves = range(low - low % 12 + 12, high + 1, 12)
    axes.set_yticks([*octaves, *lanes.values()], [*(f"C{pitch // 12 - 1}" for pitch in octaves), *lanes], fontsize=6)
    axes.grid(axis="both", color="#bbbbbb", linewidth=0.5)
    for row in pitched:
        axes.plot([], [], color=COLOURS[row % len(COLOURS)], linewidth=4, label=names[row])
    axes.legend(loc="upper right", fontsize=7, ncols=len(pitched))


LANE = 3.0
"""height of a drum's lane, semitones"""
DRUMS = {
    "kick": (35, 36), "snare": (38, 40), "side stick": (37,), "clap": (39,), "closed hat": (42,), "pedal hat": (44,),
    "open hat": (46,), "low tom": (41, 43, 45), "high tom": (47, 48, 50), "crash": (49, 52, 55, 57),
    "ride": (51, 53, 59),
}  # fmt: skip
"""Lane -> its General MIDI keys, from the lowest lane up; other keys share one more."""


def drum_lanes(cells: Cells) -> dict[str, list[int]]:
    """Lane -> the steps on which it is struck, of drums (parts, steps, 128); lanes that are never struck are left out.

    From the highest lane down.
    """
    struck = (cells == ONSET).any(0)
    known = {key for keys in DRUMS.values() for key in keys}
    others = tuple(key for key in range(struck.shape[1]) if key not in known)
    lanes = {name: struck[:, list(keys)].any(1) for name, keys in (("other drums", others), *reversed(DRUMS.items()))}
    return {name: np.flatnonzero(steps).tolist() for name, steps in lanes.items() if steps.any()}


def _draw_drums(axes: Axes, cells: Cells, top: float) -> dict[str, float]:
    """Draws each drum that is struck in a lane of its own, from `top` down. Returns their heights."""
    used = drum_lanes(cells)
    heights = {name: top - LANE * lane for lane, name in enumerate(used)}
    for name, steps in used.items():
        at = np.array(steps)
        axes.plot(at + 0.5, np.full(len(at), heights[name]), "|", color="#333333", markersize=5, markeredgewidth=1.5)
    return heights


def _paint(
    image: np.ndarray[tuple[int, int, int], np.dtype[np.float64]],
    cells: Cells,
    colour: np.ndarray[tuple[int], np.dtype[np.float64]],
) -> None:
    held = cells != 0
    image[held] = 0.45 * image[held] + 0.55 * colour
    image[cells == ONSET] = colour


def _span(melody: MelodyRoll, cells: Cells) -> tuple[int, int]:
    pitches = np.concatenate([np.flatnonzero(cells.any((0, 1))), melody.pitch[melody.pitch != REST], [60]])
    return int(pitches.min()) - 1, int(pitches.max()) + 1


def draw_pieces(corpus: Corpus, folder: Path, count: int, bars: int) -> list[Path]:
    """Draws the first `bars` bars with a melody of `count` pieces spread over the corpus. Returns the files."""
    folder.mkdir(parents=True, exist_ok=True)
    chosen = np.unique(np.linspace(0, max(0, len(corpus) - 1), min(count, len(corpus))).astype(int)).tolist()
    parts = [index for index in range(len(corpus.tracks)) if index != corpus.melody_track]
    names = [corpus.tracks[index] for index in parts]
    drums = [row for row, name in enumerate(names) if name == "drums"]
    written = []
    for index in chosen:
        piece = corpus.pieces[index]
        start, steps, bar = _opening(corpus, index, bars)
        cells = piece.cells(parts, start, steps)
        path = folder / f"{index:04}.png"
        title = f"{piece.meta.get('title') or piece.name}, {piece.meta.get('bpm') or '?'} bpm"
        draw_rolls(path, piece.melody(corpus.melody_track, start, steps), [(title, cells)], names, drums, bar)
        written.append(path)
    return written


def _opening(corpus: Corpus, index: int, bars: int) -> tuple[int, int, int]:
    """(tick, steps, steps of a bar) of the first bars in which the melody sounds."""
    piece = corpus.pieces[index]
    sung = piece.track(corpus.melody_track)
    first = int(sung[0, START]) if len(sung) else 0
    at = max(0, int(np.searchsorted(piece.bars[:, 0], first, "right")) - 1)
    shown = piece.bars[at : at + bars]
    bar = int(shown[0, BAR_LENGTH]) // TICKS_PER_STEP
    return int(shown[0, 0]), int(shown[:, BAR_LENGTH].sum()) // TICKS_PER_STEP, max(1, bar)
