"""The model card: JSON inside the model file that describes the net, its inputs and its outputs."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import msgspec

from composerd.contract.layout import KINDS, ColumnBlock, Layout, Track
from composerd.errors import Line, ModelError, quoted

CONTRACT = 2
"""Version of the format; it counts up when models of the version before can no longer be read."""
KEY, HARMONY_KEY, GROOVE_KEY = "composerd.card", "composerd.harmony", "composerd.groove"
VOICING_KEY = "composerd.voicing"
"""Entries of the file's metadata: the card, an optional harmonist (.npz, base64), the groove net (JSON), and an
optional voicing net (JSON)."""
FAMILIES = ("musegan", "unet")
MAX_STEPS = 1024
"""Longest window [steps] of a players' net."""
NO_CHECKSUM = "0" * 64
_CHECKSUM = re.compile(rb'("checksum": ?")([0-9a-f]{64})"')


class Grid(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The time grid of the net, in steps."""

    steps_per_beat: int = 4
    bar_steps: tuple[int, ...] = (16, 12)
    window: int = 64
    """length of the windows it was trained on [steps]"""
    past: int = 32
    """length of the past that a live decision reads [steps]"""
    multiple: int = 4
    """window lengths are multiples of this [steps]; windows begin on a beat"""


class Card(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, dict=True):
    """The description of a model file: its net, the data it was trained on and its measurements."""

    name: str
    family: str
    genre: str
    tracks: tuple[Track, ...]
    inputs: tuple[ColumnBlock, ...]
    """columns of `frames` (batch, time, width), float32, 0 or 1"""
    outputs: tuple[ColumnBlock, ...]
    """columns of `logits` (batch, time, width), float32"""
    grid: Grid
    noise: int = 0
    """columns of `noise` (batch, time, width), standard normal; 0 if the net has no such input"""
    modes: tuple[str, ...] = ("jam", "phrase")
    plan: tuple[str, ...] = ("jam", "phrase")
    """the modes in which the net reads the chord plan; in the others it harmonises without one"""
    temperature: float = 0.5
    """sampling temperature of pitches at the default creativity"""
    contract: int = CONTRACT
    data: tuple[dict[str, Any], ...] = ()
    """training data, per source: name, licence, number of pieces"""
    hyperparameters: dict[str, Any] = {}
    metrics: dict[str, Any] = {}
    parameters: int = 0
    multiply_accumulates: int = 0
    """of one live decision"""
    checksum: str = NO_CHECKSUM
    """SHA-256 of the file, computed with this entry as zeros"""

    @cached_property
    def layout(self) -> Layout:
        return Layout(self.tracks)


def encode_card(card: Card) -> str:
    """The card as JSON."""
    return msgspec.json.encode(card).decode()


def decode_card(text: str, file: str) -> Card:
    """The card in JSON `text` from `file`. Raises ModelError for anything else than a complete and consistent card."""
    place = Line(file)
    try:
        values = msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeEncodeError) as error:
        raise ModelError(f"card is not JSON ({error})", place=place) from None
    if not isinstance(values, dict):
        raise ModelError(place=place, field="card", found=quoted(values), expected="an object")
    if values.get("contract") != CONTRACT:
        raise ModelError(place=place, field="contract", found=quoted(values.get("contract")), expected=str(CONTRACT))
    try:
        card = msgspec.convert(_with_current_names(values), Card)
    except msgspec.ValidationError as error:
        raise _invalid(place, str(error), values) from None
    _check_consistency(card, place)
    return card


def current_names(values: Mapping[str, Any]) -> dict[str, Any]:
    """`values` with the names of today: what is called discriminator was called critic."""
    return {name.replace("critic", "discriminator"): value for name, value in values.items()}


def _with_current_names(values: dict[str, Any]) -> dict[str, Any]:
    """The card's values, with its hyperparameters and curves by the names of today."""
    hyper, metrics = values.get("hyperparameters"), values.get("metrics")
    found = dict(values)
    if isinstance(hyper, dict):
        found["hyperparameters"] = current_names(hyper)
    if isinstance(metrics, dict) and isinstance(metrics.get("curves"), dict):
        found["metrics"] = {**metrics, "curves": current_names(metrics["curves"])}
    return found


def _check_consistency(card: Card, place: Line) -> None:
    """Raises ModelError if the card's fields contradict each other."""
    if card.family not in FAMILIES:
        raise _wrong(place, "family", " or ".join(FAMILIES), card.family)
    if not card.tracks:
        raise _wrong(place, "tracks", "at least one", "none")
    _check_grid(card.grid, place)
    _check_tracks(card.tracks, place)
    layout = card.layout
    for name, blocks, expected in (
        ("inputs", card.inputs, layout.inputs),
        ("outputs", card.outputs, layout.outputs),
    ):
        if blocks != expected:
            odd = next((b for b in expected if b not in blocks), expected[-1])
            raise _wrong(place, name, f"{odd.name} in columns {odd.start} to {odd.start + odd.size}", "another layout")
    if card.noise not in (0, layout.noise_width):
        raise _wrong(place, "noise", f"0 or {layout.noise_width}", card.noise)


def _check_grid(grid: Grid, place: Line) -> None:
    for name in ("past", "window", "multiple"):
        if not 1 <= (steps := getattr(grid, name)) <= MAX_STEPS:
            raise _wrong(place, f"grid.{name}", f"1 to {MAX_STEPS}", steps)


def _check_tracks(tracks: tuple[Track, ...], place: Line) -> None:
    earlier = {"melody"}
    for track in tracks:
        field = f"tracks.{track.name}"
        if track.kind not in KINDS:
            raise _wrong(place, f"{field}.kind", " or ".join(KINDS), track.kind)
        if not 0 <= track.low <= track.high <= 127:
            raise _wrong(place, f"{field}.range", "0 to 127, lowest first", f"{track.low} to {track.high}")
        if missing := set(track.sources) - earlier:
            expected = f"earlier tracks ({', '.join(sorted(earlier))})"
            raise _wrong(place, f"{field}.sources", expected, ", ".join(sorted(missing)))
        earlier.add(track.name)


Shapes = Mapping[str, Sequence[int | str | None]]
"""Tensor name -> its axes: a length, or a name or None if the length is free."""


def check(card: Card, inputs: Shapes, outputs: Shapes, file: str) -> None:
    """Raises ModelError unless the session's tensors have the names and shapes of the card."""
    layout, place = card.layout, Line(file)
    expected_inputs = {"frames": layout.width} | ({"noise": card.noise} if card.noise else {})
    for kind, tensors, expected in (
        ("input", inputs, expected_inputs),
        ("output", outputs, {"logits": layout.out_width}),
    ):
        if set(tensors) != set(expected):
            raise _wrong(place, f"{kind}s", ", ".join(expected), ", ".join(tensors) or "none")
        for name, width in expected.items():
            axes = list(tensors[name])
            if len(axes) != 3 or isinstance(axes[1], int) or axes[2] != width:
                raise _wrong(place, f"{kind} {name}", f"(batch, time, {width}) with free time", axes)


def seal(data: bytes) -> bytes:
    """The file with its checksum written in. Raises ValueError if it holds no card."""
    sealed, count = re.subn(_CHECKSUM, rb"\g<1>" + _digest(data).encode() + b'"', data, count=1)
    if not count:
        raise ValueError("no checksum to write")
    return sealed


def check_seal(data: bytes, file: str) -> None:
    """Raises ModelError if the file was changed after `seal`, or was never sealed."""
    place, match = Line(file), _CHECKSUM.search(data)
    if match is None:
        raise _wrong(
            place, "card", f"an entry {KEY} with a checksum", "none: not a model of composerd, or a truncated file"
        )
    found, expected = _digest(data), match.group(2).decode()
    if found != expected:
        raise _wrong(place, "checksum", expected[:12], f"{found[:12]} (the file was changed or truncated)")


def _digest(data: bytes) -> str:
    blank = re.sub(_CHECKSUM, rb"\g<1>" + NO_CHECKSUM.encode() + b'"', data, count=1)
    return hashlib.sha256(blank).hexdigest()


_KINDS = {"int": "a whole number", "float": "a number", "str": "a text", "array": "a list", "object": "an object"}
"""msgspec's names of types -> ours"""


def _invalid(place: Line, message: str, values: object) -> ModelError:
    """The error for msgspec's `message` about `values`, such as "Expected `int`, got `str` - at `$.tracks[1].low`"."""
    text, _, path = message.partition(" - at ")
    field = path.strip("`").removeprefix("$").removeprefix(".")
    quotes = re.findall("`([^`]*)`", text)
    if "field" in text and quotes:  # "Object missing required field `x`", "Object contains unknown field `x`"
        field = f"{field}.{quotes[0]}" if field else quotes[0]
        missing = "missing" in text
        return _wrong(place, field, "a value" if missing else "no such field", "nothing" if missing else "one")
    expected = " or ".join(_KINDS.get(kind, kind) for kind in quotes[0].split(" | ")) if quotes else text
    return _wrong(place, field or "card", expected, quoted(_value_at(values, field)))


def _value_at(values: Any, path: str) -> object:
    """The value at a `path` such as `tracks[1].low` within JSON; the innermost that exists."""
    for key in re.findall(r"[^.\[\]]+", path):
        try:
            values = values[int(key)] if isinstance(values, list) else values[key]
        except (KeyError, IndexError, TypeError, ValueError):
            break
    return values


def _wrong(place: Line, field: str, expected: object, found: object) -> ModelError:
    return ModelError(place=place, field=field, found=str(found), expected=str(expected))
