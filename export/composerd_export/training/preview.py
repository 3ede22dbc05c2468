"""Writes an example of a training after an epoch: a validation melody accompanied, as MIDI and picture."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import mido
import numpy as np
import numpy.typing as npt

from composerd.contract.decoding import Decoder, Style, chance_width
from composerd.contract.frames import Window
from composerd.contract.layout import DRUM_CLASSES, DRUMS, Layout
from composerd.music.notes import PartNote, cells_to_notes
from composerd.music.roll import HELD, ONSET, PITCHES, REST, Cells
from composerd_export.data.batches import WINDOW, WindowBatch
from composerd_export.training.rollout import Forward

TICKS_PER_STEP, BPM = 120, 100
MELODY_PROGRAM = 73


def accompany(layout: Layout, forward: Forward, batch: WindowBatch, seed: int, step: int = 16) -> Window:
    """The windows of `batch` with the band played by the net from nothing, a bar at a time, the melody known."""
    chance = np.random.default_rng(seed).random((*batch.window.shape, chance_width(layout)), np.float32)
    style = Style(temperature=0.9, rhythm=0.9)
    decoder, time = Decoder(layout), np.arange(WINDOW)[None, :, None]
    cells = tuple(np.zeros_like(rows) for rows in batch.window.cells)
    window = replace(batch.window, cells=cells)
    for first in range(0, WINDOW, step):
        until = min(first + step, WINDOW)
        known = np.broadcast_to(time < first, window.known.shape) & batch.window.known
        logits = forward(replace(window, known=known))
        melody = np.where(window.melody_known, window.melody, REST)
        for i, rows in decoder.harmony(logits, cells, melody, first, until, style, chance).items():
            cells[i][:, first:until] = rows
        for i, track in enumerate(layout.tracks):
            if track.kind == DRUMS:
                cells[i][:, first:until] = decoder.drums(logits, first, until, style, chance)
    return window


def as_rolls(layout: Layout, window: Window, index: int) -> Cells:
    """Rolls (1 + tracks, T, 128): the melody first, then every track."""
    rolls = np.zeros((1 + len(layout.tracks), WINDOW, PITCHES), np.uint8)
    sung = np.flatnonzero(window.melody[index] != REST)
    rolls[0, sung, window.melody[index, sung]] = np.where(window.melody_onset[index, sung], ONSET, HELD)
    keys = [key for _, key, _ in DRUM_CLASSES]
    for i, track in enumerate(layout.tracks):
        rows = slice(track.low, track.high + 1) if track.kind != DRUMS else keys
        rolls[1 + i][:, rows] = window.cells[i][index]
    return rolls


def write_midi(layout: Layout, rolls: Cells, path: Path) -> None:
    """Write a MIDI file with a track for each part."""
    file = mido.MidiFile(ticks_per_beat=4 * TICKS_PER_STEP)
    names = ["melody", *(track.name for track in layout.tracks)]
    notes = cells_to_notes(rolls, 0, tuple(range(len(names))))
    for part, name in enumerate(names):
        drums = part > 0 and layout.tracks[part - 1].kind == DRUMS
        program = MELODY_PROGRAM if part == 0 else layout.tracks[part - 1].program
        file.tracks.append(_midi_track(name, 9 if drums else part % 9, program, [n for n in notes if n.part == part]))
    file.tracks[0].insert(0, mido.MetaMessage("set_tempo", tempo=mido.bpm2tempo(BPM)))
    file.save(path)


def _midi_track(name: str, channel: int, program: int, notes: list[PartNote]) -> mido.MidiTrack:
    track = mido.MidiTrack([mido.MetaMessage("track_name", name=name)])
    track.append(mido.Message("program_change", channel=channel, program=program))
    events = [(note.end, 0, note.pitch) for note in notes] + [(note.step, 90, note.pitch) for note in notes]
    now = 0
    for step, velocity, pitch in sorted(events):
        kind = "note_on" if velocity else "note_off"
        track.append(
            mido.Message(kind, channel=channel, note=pitch, velocity=velocity, time=(step - now) * TICKS_PER_STEP)
        )
        now = step
    return track


def draw(layout: Layout, rows: dict[str, Cells], path: Path) -> None:
    """Piano rolls one under the other, a colour per part; the melody is black."""
    import matplotlib

    matplotlib.use("agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(len(rows), 1, figsize=(14, 4 * len(rows)), squeeze=False)
    colours = pyplot.get_cmap("tab10").colors  # type: ignore[attr-defined]
    for axis, (title, rolls) in zip(axes[:, 0], rows.items(), strict=True):
        for part in range(len(rolls) - 1, -1, -1):
            colour = "black" if part == 0 else colours[(part - 1) % 10]
            name = "melody" if part == 0 else layout.tracks[part - 1].name
            _bars(axis, rolls[part], colour, name)
        axis.set_title(title)
        axis.set_xticks(range(0, WINDOW + 1, 16))
        axis.grid(axis="x", alpha=0.4)
        axis.legend(loc="upper right", fontsize=7)
    figure.tight_layout()
    figure.savefig(path, dpi=70)
    pyplot.close(figure)


def _bars(axis: object, roll: npt.NDArray[np.uint8], colour: object, name: str) -> None:
    notes = cells_to_notes(roll[None], 0, (0,))
    steps, lengths = [note.step for note in notes], [note.length - 0.15 for note in notes]
    pitches = [note.pitch - 0.4 for note in notes]
    axis.bar(steps, [0.8] * len(notes), lengths, pitches, align="edge", color=colour, label=name)  # type: ignore[attr-defined]
