"""Draws the piece of the training data in whose textures and manners a performance plays."""

from __future__ import annotations

import numpy as np

from composerd.contract.frames import Flags, Ints
from composerd.contract.groove import UNKNOWN
from composerd.engine.requests import Request
from composerd.generators.seeds import TEXTURES, permutation


def drawn_classes(request: Request, pieces: Ints, plays: Flags) -> Ints:
    """(tracks, classes): those of one of `pieces` (N, tracks, classes), the same throughout a performance.

    `plays` (tracks,): the parts that play. Lists of as many pieces, with the same parts, give the same piece.
    """
    return classes_of_band(pieces[list(permutation(request, TEXTURES, len(pieces)))], plays)


def classes_of_band(pieces: Ints, plays: Flags) -> Ints:
    """(tracks, classes): those of the first of `pieces` (N, tracks, classes) that has all parts that play.

    If none has, that of each part is of the first piece that has it; UNKNOWN if none has.
    """
    known = pieces[..., 0] != UNKNOWN
    whole = np.flatnonzero((known | ~plays).all(1))
    found = np.full(pieces.shape[1:], UNKNOWN)
    for track in range(len(found)):
        having = whole if len(whole) else np.flatnonzero(known[:, track])
        if len(having):
            found[track] = pieces[having[0], track]
    return found
