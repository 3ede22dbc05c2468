"""Makes a song from a take: its melody, the band's chords, and the sections that repeat."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np

from composerd.app.heard_melody import heard_of
from composerd.errors import ConfigError, Option
from composerd.files.melody_file import open_melody
from composerd.files.midi_reader import MidiFile, read_midi
from composerd.music.charts.chart import MOST_BARS, Bar, Chart, bar_of
from composerd.music.charts.of_melody import alike, notes_of, sections_of
from composerd.music.charts.symbols import ChordSymbol, symbol_of
from composerd.music.harmony.labelling import NO_CHORD, chord_of, key_of, label_cells
from composerd.music.metre import BarGrid
from composerd.music.midi import DRUM_CHANNEL
from composerd.music.midi_tracks import MELODY_TRACK, MelodyTrack
from composerd.music.roll import HELD, ONSET, PITCHES, Cells, Steps
from composerd.music.tempo import MAX_BPM, MIN_BPM


def learned(path: Path, title: str, genre: str) -> Chart:
    """The song played in the take at `path`. Raises ConfigError if it holds no melody or no chords, or if no chart
    can hold its bars."""
    track = _melody(path)
    try:
        file = read_midi(path)
    except (OSError, ValueError) as error:
        raise ConfigError.unreadable(path, error) from None
    melody = heard_of(track)[0]
    grid = track.axis.bar_grid()
    struck = np.flatnonzero(melody.onset)
    first, end = grid.bar_line(int(struck[0])), grid.next_bar_line(int(melody.end) - 1)
    tune = melody.window(first, end)
    bars = _entered(_bars(file, grid, first, end), tune.pitch)
    key = key_of(np.bincount(melody.pitch[melody.pitch >= 0] % 12, minlength=12).astype(float))
    return Chart(
        sections_of(bars, tune, grid.place(first).bar_steps),
        title=title,
        genre=genre,
        key=key.tonic,
        minor=key.minor,
        bpm=_bpm(file),
        melody=notes_of(tune),
    )


def _melody(path: Path) -> MelodyTrack:
    try:
        return open_melody(path, MELODY_TRACK).melody
    except ConfigError as error:
        if not isinstance(error.place, Option):
            raise
        found, expected = f"no track {MELODY_TRACK!r} in {path}", "a take, or a file of one"
        raise ConfigError(field="take", found=found, expected=expected) from None


def _bpm(file: MidiFile) -> float | None:
    """The tempo at the start; None for one that no chart can hold."""
    bpm = round(file.tempos[0].bpm, 1) if file.tempos else 0.0
    return bpm if MIN_BPM <= bpm <= MAX_BPM else None


def _bars(file: MidiFile, grid: BarGrid, first: int, end: int) -> list[Bar]:
    """The bars in [first, end), each half with the chord that bass and chord parts sound."""
    cells = _band(file, end)
    if not cells.any():
        raise ConfigError(field="take", found="no band", expected="a performance with chords")
    bars: list[Bar] = []
    held: ChordSymbol | None = None
    step = first
    while step < end:
        metre = grid.place(step).metre
        if metre.denominator > 16 or len(bars) >= MOST_BARS:
            found = f"bars of {metre}" if metre.denominator > 16 else f"more than {MOST_BARS} bars"
            raise ConfigError(field="take", found=found, expected=f"beats of at least a 16th, {MOST_BARS} bars at most")
        beat = 16 // metre.denominator
        half = metre.numerator // 2 if metre.numerator % 2 == 0 else metre.numerator
        starts = np.arange(0, metre.bar_steps, half * beat)
        labels = label_cells(cells[:, step : step + metre.bar_steps], starts)
        slots: list[ChordSymbol | None] = []
        for label in labels:
            held = symbol_of(chord_of(int(label))) if label != NO_CHORD else held
            slots += [held] * half
        bars.append(bar_of(slots[: metre.numerator], metre))
        step += metre.bar_steps
    return bars


def _entered(bars: list[Bar], pitch: Steps) -> list[Bar]:
    """`bars` with chords in those before the harmony entered: of a later bar with the same melody, else the first
    one."""
    chords = [change.chord for bar in bars for change in bar.changes if change.chord is not None]
    if not chords:
        raise ConfigError(field="take", found="no chords", expected="a performance with chords")
    lines = np.cumsum([0, *(bar.metre.bar_steps for bar in bars)]).tolist()
    sung = [pitch[low:high] for low, high in pairwise(lines)]
    found = []
    for index, bar in enumerate(bars):
        if bar.at(0) is None:
            later = (own for own, line in zip(bars, sung, strict=True) if own.at(0) and alike(line, sung[index]))
            again = next(later, bar)
            bar = bar_of([bar.at(beat) or again.at(beat) or chords[0] for beat in range(bar.beats)], bar.metre)
        found.append(bar)
    return found


def _band(file: MidiFile, end: int) -> Cells:
    """The pitched parts without the melody as one roll (1, steps, 128)."""
    cells = np.zeros((1, end, PITCHES), np.uint8)
    per_step = file.ticks_per_beat / 4
    for track in file.tracks:
        sounding: dict[int, int] = {}
        for tick, message in track.events if track.name != MELODY_TRACK else ():
            if message.channel == DRUM_CHANNEL or not (message.starts_note or message.ends_note):
                continue
            step = round(tick / per_step)
            if (start := sounding.pop(message.data1, None)) is not None and start < end:
                cells[0, start : max(start + 1, step), message.data1] = HELD
                cells[0, start, message.data1] = ONSET
            if message.starts_note:
                sounding[message.data1] = step
    return cells
