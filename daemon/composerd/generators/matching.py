"""A model's tracks and a genre's parts: who plays what, in which range, with how many voices."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from composerd.contract.card import Card
from composerd.contract.frames import Floats
from composerd.contract.layout import DRUMS, Layout, Track
from composerd.errors import ModelError
from composerd.generators.directing import CERTAIN
from composerd.music.genre import Genre

LEAST_RANGE = 12


def match(card: Card, genre: Genre, file: str) -> tuple[int, ...]:
    """The genre's part for each track, -1 where it has none. ModelError where a part finds no track."""
    names = {part.track or part.name: i for i, part in enumerate(genre.parts)}
    tracks = {track.name: track for track in card.tracks}
    if missing := [name for name in names if name not in tracks]:
        raise ModelError(
            f"{file}: tracks: expected {missing[0]!r} for genre {genre.name}, found {', '.join(tracks) or 'none'}"
        )
    for name, i in names.items():
        if (tracks[name].kind == DRUMS) == genre.parts[i].reacts:
            raise ModelError(
                f"{file}: tracks.{name}.kind: expected what part {genre.parts[i].name} of genre {genre.name} is "
                f"({genre.parts[i].role}), found {tracks[name].kind}"
            )
    return tuple(names.get(track.name, -1) for track in card.tracks)


def ranges(layout: Layout, genre: Genre, parts: tuple[int, ...], file: str) -> Floats:
    """(out_width,) added to the logits: no note outside the range of the genre's page. ModelError if none is left."""
    bias = np.zeros(layout.out_width, np.float32)
    for track, part in zip(layout.tracks, parts, strict=True):
        if part < 0 or track.kind == DRUMS:
            continue
        page = genre.parts[part]
        pitches = np.arange(track.low, track.high + 1)
        outside = (pitches < page.low) | (pitches > page.high)
        if np.count_nonzero(~outside) < LEAST_RANGE:
            raise ModelError(
                f"{file}: tracks.{track.name}: expected {LEAST_RANGE} semitones in common with part {page.name} of "
                f"genre {genre.name} ({page.low} to {page.high}), found {track.low} to {track.high}"
            )
        bias[layout.output_columns[f"{track.name}.onset"]][outside] = -CERTAIN
    return bias


def voiced(track: Track, genre: Genre, part: int) -> Track:
    """The track with no more voices than the genre's page allows."""
    return track if part < 0 else replace(track, polyphony=max(1, min(track.polyphony, genre.parts[part].voices)))
