"""Assigns a genre's parts to a model's tracks, with their ranges and polyphony."""

from __future__ import annotations

import numpy as np
from msgspec import structs

from composerd.contract.card import Card
from composerd.contract.frames import Floats
from composerd.contract.layout import DRUMS, Layout, Track
from composerd.errors import Line, ModelError
from composerd.generators.logit_edits import CERTAIN
from composerd.music.genre import Genre

LEAST_RANGE = 12


def match(card: Card, genre: Genre, file: str) -> tuple[int, ...]:
    """Per track the index of the genre's part, -1 for none. Raises ModelError if a part has no matching track."""
    names = {part.track or part.name: i for i, part in enumerate(genre.parts)}
    tracks = {track.name: track for track in card.tracks}
    if missing := [name for name in names if name not in tracks]:
        expected = f"{missing[0]!r} for genre {genre.name}"
        raise ModelError(place=Line(file), field="tracks", found=", ".join(tracks) or "none", expected=expected)
    for name, i in names.items():
        if (tracks[name].kind == DRUMS) == genre.parts[i].reacts:
            part = genre.parts[i]
            expected = f"a kind for part {part.name} of genre {genre.name} ({part.role})"
            raise ModelError(place=Line(file), field=f"tracks.{name}.kind", found=tracks[name].kind, expected=expected)
    return tuple(names.get(track.name, -1) for track in card.tracks)


def ranges(layout: Layout, genre: Genre, parts: tuple[int, ...], file: str) -> Floats:
    """Bias (out_width,) of the logits that keeps notes inside the genre's ranges. Raises ModelError if none is left."""
    bias = np.zeros(layout.out_width, np.float32)
    for track, part in zip(layout.tracks, parts, strict=True):
        if part < 0 or track.kind == DRUMS:
            continue
        page = genre.parts[part]
        pitches = np.arange(track.low, track.high + 1)
        outside = (pitches < page.low) | (pitches > page.high)
        if np.count_nonzero(~outside) < LEAST_RANGE:
            raise ModelError(
                place=Line(file),
                field=f"tracks.{track.name}",
                found=f"{track.low} to {track.high}",
                expected=f"{LEAST_RANGE} semitones in common with part {page.name} of genre {genre.name} "
                f"({page.low} to {page.high})",
            )
        bias[layout.output_columns[f"{track.name}.onset"]][outside] = -CERTAIN
    return bias


def voiced(track: Track, genre: Genre, part: int) -> Track:
    """The track with at most as many voices as the genre's page allows."""
    return (
        track if part < 0 else structs.replace(track, polyphony=max(1, min(track.polyphony, genre.parts[part].voices)))
    )
