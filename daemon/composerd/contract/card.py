"""The model card: JSON inside the model file that says what the net is, hears and answers."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import Any

import msgspec

from composerd.contract.layout import KINDS, Block, Layout, Track
from composerd.errors import ModelError

CONTRACT = 1
"""Counts up when models of before can no longer be read."""
KEY, HARMONY_KEY = "composerd.card", "composerd.harmony"
"""Entries of the file's metadata: the card, and the harmonist's tables (.npz, base64)."""
FAMILIES = ("musegan", "unet")
GROOVE_STEPS = 16
"""Grooves are of bars of this many steps."""
MAX_STEPS = 1024
"""Longer windows no player's net of ours is shown."""
NO_CHECKSUM = "0" * 64
_CHECKSUM = re.compile(rb'"checksum": ?"([0-9a-f]{64})"')


@dataclass(frozen=True, slots=True)
class Grid:
    """Time as the net sees it, in steps."""

    steps_per_beat: int = 4
    bar_steps: tuple[int, ...] = (16, 12)
    window: int = 64
    """length of the windows it was trained on"""
    past: int = 32
    """steps of past a live decision is shown"""
    multiple: int = 4
    """windows are a multiple of this many steps and begin on a beat"""


@dataclass(frozen=True, slots=True)
class Groove:
    """How some song of the corpus goes: how busy its parts are, and where in the bar they strike."""

    weight: float
    """share of the corpus that goes like it"""
    rates: dict[str, float]
    """per pitched track: log of its onsets a step"""
    steps: dict[str, tuple[float, ...]]
    """per pitched track, on each step of a 16-step bar: how much likelier than on average it strikes, in logits"""


@dataclass(frozen=True, slots=True)
class Decoding:
    """How the answers are read; calibrated on the validation split so that density is human."""

    thresholds: dict[str, float] = field(default_factory=dict)
    """per track, and `<track>.hold`: logits"""
    drum_thresholds: tuple[float, ...] = ()
    temperature: float = 0.9
    """of pitches at ordinary creativity"""
    rhythm: float = 0.9
    """noise on rhythm at ordinary creativity, in logits; 1 draws as often as the net expects"""
    drums: float = 0.3
    """noise on the drums at ordinary creativity, in logits: a groove holds"""
    rests: dict[str, float] = field(default_factory=dict)
    """per track: the share of sections of four bars that it sits out"""
    rates: dict[str, tuple[float, float]] = field(default_factory=dict)
    """per track: mean and standard deviation over the corpus's songs of the log of its onsets a step"""
    steady: float = 0.0
    """how firmly a part is led to the rate drawn for it: logits per unit of log rate; 0 leaves it to itself"""
    spread: float = 0.0
    """share of the songs' own differences in rate that is drawn from, section by section"""
    grooves: tuple[Groove, ...] = ()
    """one of them is drawn for a stretch of a performance, so that songs differ as the corpus's do"""
    groove: float = 0.0
    """how firmly it is kept to; 0 not at all"""
    phrase: float = 0.0
    """added to rhythm where the whole melody is known, in logits: such parts are surer and would be calmer"""
    phrase_noise: float = 1.0
    """share of both noises that is kept there"""
    doubling: float = 0.0
    """added to the wish for the melody's own pitch class, in logits"""
    density: float = 0.6
    """added to rhythm between creativity 0 and 1, in logits"""


@dataclass(frozen=True)
class Card:
    """What a model file says about itself."""

    name: str
    family: str
    genre: str
    tracks: tuple[Track, ...]
    inputs: tuple[Block, ...]
    """columns of `frames` (batch, time, width), float32, 0 or 1"""
    outputs: tuple[Block, ...]
    """columns of `logits` (batch, time, width), float32"""
    noise: int = 0
    """columns of `noise` (batch, time, width), standard normal; 0: the net has no such input"""
    modes: tuple[str, ...] = ("jam", "phrase")
    plan: tuple[str, ...] = ("jam", "phrase")
    """the modes in which the chord plan is shown to the net; elsewhere it harmonises by itself"""
    grid: Grid = field(default_factory=Grid)
    decoding: Decoding = field(default_factory=Decoding)
    contract: int = CONTRACT
    data: tuple[dict[str, Any], ...] = ()
    """sources it was trained on: name, licence, pieces"""
    hyperparameters: dict[str, Any] = field(default_factory=dict)
    metrics: dict[str, Any] = field(default_factory=dict)
    parameters: int = 0
    multiply_accumulates: int = 0
    """of one live decision"""
    checksum: str = NO_CHECKSUM
    """SHA-256 of the file with this entry as zeros"""

    @cached_property
    def layout(self) -> Layout:
        return Layout(self.tracks)


def encode_card(card: Card) -> str:
    """The card as JSON."""
    return json.dumps(asdict(card), ensure_ascii=False)


def decode_card(text: str, file: str) -> Card:
    """ModelError naming `file`, the field, what was expected and found."""
    try:
        values = json.loads(text)
    except ValueError as error:
        raise ModelError(f"{file}: card is not JSON ({error})") from None
    if not isinstance(values, dict):
        raise _wrong(file, "card", "an object", type(values).__name__)
    if values.get("contract") != CONTRACT:
        raise _wrong(file, "contract", CONTRACT, values.get("contract"))
    try:
        _card(values)  # nothing is left out, and nothing there that is not ours
        card = msgspec.convert(values, Card)
    except msgspec.ValidationError as error:
        raise _wrong_kind(file, str(error)) from None
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ModelError(f"{file}: card is incomplete or has a field of the wrong kind ({error})") from None
    _check_itself(card, file)
    return card


def _card(values: dict[str, Any]) -> Card:
    built = dict(values)
    built["tracks"] = tuple(Track(**{**track, "sources": tuple(track["sources"])}) for track in values["tracks"])
    for name in ("inputs", "outputs"):
        built[name] = tuple(Block(**block) for block in values[name])
    built["grid"] = Grid(**{**values["grid"], "bar_steps": tuple(values["grid"]["bar_steps"])})
    built["decoding"] = decoding_from(values["decoding"])
    for name in ("modes", "plan", "data"):
        built[name] = tuple(values[name])
    return Card(**built)


def decoding_from(values: Mapping[str, Any]) -> Decoding:
    """Decoding out of JSON, whose lists become tuples."""
    rates = {name: (float(mean), float(spread)) for name, (mean, spread) in values.get("rates", {}).items()}
    grooves = tuple(_groove(entry) for entry in values.get("grooves", ()))
    drums = tuple(values["drum_thresholds"])
    return Decoding(**{**values, "drum_thresholds": drums, "rates": rates, "grooves": grooves})


def _groove(values: Mapping[str, Any]) -> Groove:
    steps = {name: tuple(float(logit) for logit in row) for name, row in values["steps"].items()}
    if any(len(row) != GROOVE_STEPS for row in steps.values()):
        raise ValueError(f"grooves: expected {GROOVE_STEPS} steps")
    return Groove(float(values["weight"]), dict(values["rates"]), steps)


def _check_itself(card: Card, file: str) -> None:
    """The card's own parts must agree."""
    if card.family not in FAMILIES:
        raise _wrong(file, "family", " or ".join(FAMILIES), card.family)
    if not card.tracks:
        raise _wrong(file, "tracks", "at least one", "none")
    _check_grid(card.grid, file)
    heard = {"melody"}
    for track in card.tracks:
        where = f"tracks.{track.name}"
        if track.kind not in KINDS:
            raise _wrong(file, f"{where}.kind", " or ".join(KINDS), track.kind)
        if not 0 <= track.low <= track.high <= 127:
            raise _wrong(file, f"{where}.range", "0 to 127, lowest first", f"{track.low} to {track.high}")
        if missing := set(track.sources) - heard:
            raise _wrong(file, f"{where}.sources", f"tracks before it ({', '.join(sorted(heard))})", sorted(missing))
        heard.add(track.name)
    layout = card.layout
    for name, blocks, expected in (
        ("inputs", card.inputs, layout.inputs),
        ("outputs", card.outputs, layout.outputs),
    ):
        if blocks != expected:
            odd = next((b for b in expected if b not in blocks), expected[-1])
            raise _wrong(file, name, f"{odd.name} in columns {odd.start} to {odd.start + odd.size}", "another layout")
    if card.noise not in (0, layout.noise_width):
        raise _wrong(file, "noise", f"0 or {layout.noise_width}", card.noise)


def _check_grid(grid: Grid, file: str) -> None:
    for name in ("past", "window", "multiple"):
        if not 1 <= (steps := getattr(grid, name)) <= MAX_STEPS:
            raise _wrong(file, f"grid.{name}", f"1 to {MAX_STEPS}", steps)


Shapes = Mapping[str, Sequence[int | str | None]]
"""Tensor name: its axes, a name or None where the length is free."""


def check(card: Card, inputs: Shapes, outputs: Shapes, file: str) -> None:
    """ModelError unless the session's tensors are those the card describes."""
    layout = card.layout
    wanted_in = {"frames": layout.width} | ({"noise": card.noise} if card.noise else {})
    for kind, found, wanted in (("input", inputs, wanted_in), ("output", outputs, {"logits": layout.out_width})):
        if set(found) != set(wanted):
            raise _wrong(file, f"{kind}s", ", ".join(wanted), ", ".join(found) or "none")
        for name, width in wanted.items():
            axes = list(found[name])
            if len(axes) != 3 or isinstance(axes[1], int) or axes[2] != width:
                raise _wrong(file, f"{kind} {name}", f"(batch, time, {width}) with free time", axes)


def seal(data: bytes) -> bytes:
    """The file with its checksum written in. ValueError where it has no card with an empty one."""
    sealed, count = re.subn(_CHECKSUM, b'"checksum": "' + _digest(data).encode() + b'"', data, count=1)
    if not count:
        raise ValueError("no checksum to write")
    return sealed


def check_seal(data: bytes, file: str) -> None:
    """ModelError unless the file is as it was sealed."""
    match = _CHECKSUM.search(data)
    if match is None:
        raise _wrong(file, "card", f"an entry {KEY} with a checksum", "none: not a model of composerd, or cut short")
    found, expected = _digest(data), match.group(1).decode()
    if found != expected:
        raise _wrong(file, "checksum", expected[:12], f"{found[:12]}: the file was changed or cut")


def _digest(data: bytes) -> str:
    blank = re.sub(_CHECKSUM, b'"checksum": "' + NO_CHECKSUM.encode() + b'"', data, count=1)
    return hashlib.sha256(blank).hexdigest()


def _wrong_kind(file: str, complaint: str) -> ModelError:
    """Of msgspec's "Expected `int`, got `str` - at `$.tracks[1].low`"."""
    match = re.fullmatch(r"Expected (.*), got (.*) - at .*?`\$\.?(.*)`", complaint)
    return _wrong(file, match[3], match[1], match[2]) if match else ModelError(f"{file}: card: {complaint}")


def _wrong(file: str, entry: str, expected: object, found: object) -> ModelError:
    return ModelError(f"{file}: {entry}: expected {expected}, found {found}")
