"""Controls of a keyboard: a page says which key, knob or button does what, a reader turns messages into commands."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from composerd.engine.messages import (
    Break,
    ChooseGenre,
    Command,
    Fill,
    Mute,
    Panic,
    SaveTake,
    SetCreativity,
    SetFollow,
    SetLeftHand,
    SetMetre,
    SetMetronome,
    SetMode,
    SetPace,
    SetPan,
    SetSwing,
    SetTempo,
    SetVariation,
    SetVolume,
    Solo,
    StepGenre,
    StopBand,
    Tap,
    ToggleBand,
)
from composerd.engine.triggers import CC, KEYS, NOTE, PROGRAM_CHANGE, Trigger
from composerd.engine.turning import BY_PLACE, DETENTS, Sends
from composerd.music.metre import parse_metre
from composerd.music.midi import CONTROL, NOTE_ON, POLY_PRESSURE, PROGRAM, Midi

PICK_UP = 3.0
"""controller steps: a knob this near to what it controls takes hold of it; a farther one must first pass by"""
FULL = 127


@dataclass(frozen=True, slots=True)
class Control:
    """One line of a page: what `on` does."""

    on: Trigger
    do: str
    """a name in FUNCTIONS"""
    part: str = ""
    """mute, solo, pan, part_volume: name or role of the parts meant"""
    name: str = ""
    """genre: its name; metre: 3/4, say"""
    range: tuple[float, float] | None = None
    """what the ends of a dial's travel mean; nothing: the function's own"""
    clicks: int = 1
    """encoders: detents to a step"""
    sends: Sends = BY_PLACE
    """what a knob without an end sends when it is turned; see turning.py"""

    @property
    def value(self) -> str:
        """The name of what a dial stands for."""
        return f"{self.do} {self.part}" if self.part else self.do


@dataclass(frozen=True, slots=True)
class ControlMap:
    """A page of controls; see composerd/keyboards/*.yaml."""

    title: str = ""
    ports: tuple[str, ...] = ()
    """parts of the names of the ports it is for"""
    usb: tuple[str, ...] = ()
    """USB ids `vendor:product` it is for, in hexadecimal"""
    controls: tuple[Control, ...] = ()

    def problems(self) -> list[str]:
        """What is wrong with the page, one line each."""
        found = [problem for i, one in enumerate(self.controls) for problem in _problems(f"controls[{i}]", one)]
        return found + [
            f"controls[{i}].on: {one.on} cannot be told from {earlier.on}, which does {earlier.do}"
            for i, one in enumerate(self.controls)
            for earlier in self.controls[:i]
            if one.on.collides(earlier.on)
        ]


@dataclass(frozen=True, slots=True)
class Button:
    """A function that acts on the press."""

    help: str
    make: Callable[[Control, float], Command]
    """of the control and the moment of the press"""
    needs: str = ""
    """the field of the control that it cannot do without"""


@dataclass(frozen=True, slots=True)
class Dial:
    """A function with a value that a knob or slider sets."""

    help: str
    make: Callable[[Control, float], Command]
    low: float
    high: float
    whole: bool = False
    """whether values are whole numbers"""
    needs: str = ""
    """the field of the control that it cannot do without"""


@dataclass(frozen=True, slots=True)
class Encoder:
    """A function that a turn moves up or down."""

    help: str
    make: Callable[[int], Command]


FUNCTIONS: dict[str, Button | Dial | Encoder] = {
    "play": Button("start the band, or end it at the next bar line", lambda _, at: ToggleBand(at)),
    "stop": Button("end now with a last chord; twice: panic", lambda _, at: StopBand(at)),
    "save": Button("keep the last two minutes as a take", lambda _, at: SaveTake(at)),
    "panic": Button("silence everything", lambda _, __: Panic()),
    "tap": Button("tap the tempo", lambda _, at: Tap(at)),
    "fill": Button("drum fill to the next bar line", lambda _, __: Fill()),
    "break": Button("the band rests for a bar", lambda _, __: Break()),
    "variation": Button("the other variation, A or B", lambda _, __: SetVariation()),
    "auto_variation": Button("variation by how you play", lambda _, __: SetVariation("auto")),
    "mute": Button("silence a part, or let it play again", lambda one, _: Mute(one.part), needs="part"),
    "solo": Button("hear one part alone, or all again", lambda one, _: Solo(one.part), needs="part"),
    "half_time": Button("half time, or back", lambda _, __: SetPace(0.5)),
    "double_time": Button("double time, or back", lambda _, __: SetPace(2.0)),
    "follow": Button("the band follows your tempo, or not", lambda _, __: SetFollow()),
    "left_hand": Button("keys below the split are chords, or not", lambda _, __: SetLeftHand()),
    "metronome": Button("click the beat, or not", lambda _, __: SetMetronome()),
    "metre": Button(
        "a time signature by its name, or back to 4/4",
        lambda one, _: SetMetre(parse_metre(one.name), back=True),
        needs="name",
    ),
    "mode": Button("jam, or phrase", lambda _, __: SetMode(None)),
    "genre": Button("a genre by its name", lambda one, _: ChooseGenre(one.name), needs="name"),
    "next_genre": Button("the next genre", lambda _, __: StepGenre(1)),
    "previous_genre": Button("the genre before", lambda _, __: StepGenre(-1)),
    "genres": Encoder("next or previous genre", StepGenre),
    "tempo": Dial("tempo in quarter notes a minute", lambda _, to: SetTempo(to), 50.0, 200.0, whole=True),
    "band_volume": Dial("loudness of the band, 0 to 1", lambda _, to: SetVolume("band", to), 0.0, 1.0),
    "master_volume": Dial("loudness of all, 0 to 1", lambda _, to: SetVolume("master", to), 0.0, 1.0),
    "part_volume": Dial("loudness of a part, 0 to 1", lambda one, to: SetVolume(one.part, to), 0.0, 1.0, needs="part"),
    "pan": Dial("place of a part, -1 left to 1 right", lambda one, to: SetPan(one.part, to), -1.0, 1.0, needs="part"),
    "creativity": Dial("0 the safest notes, 1 the boldest", lambda _, to: SetCreativity(to), 0.0, 1.0),
    "swing": Dial("off-beats: 0 straight, 1 on the triplet", lambda _, to: SetSwing(to), 0.0, 1.0),
}

_TRIGGERS = {Button: (CC, NOTE, PROGRAM_CHANGE, KEYS), Dial: (CC,), Encoder: (CC,)}


def _problems(where: str, control: Control) -> list[str]:
    function = FUNCTIONS.get(control.do)
    if function is None:
        return [f"{where}.do: found {control.do!r}, expected one of {', '.join(FUNCTIONS)}"]
    if control.on.kind not in _TRIGGERS[type(function)]:
        return [f"{where}.on: found {control.on}, {control.do} needs a controller: cc NUMBER"]
    if not isinstance(function, Encoder) and function.needs and not getattr(control, function.needs):
        return [f"{where}.{function.needs}: found nothing, {control.do} needs one"]
    if control.do == "metre" and (problem := metre_problem(control.name)):
        return [f"{where}.name: {problem}"]
    if control.range is not None and control.range[0] == control.range[1]:
        return [f"{where}.range: found {control.range[0]:g} twice, expected two different ends"]
    return [] if control.clicks >= 1 else [f"{where}.clicks: found {control.clicks}, expected 1 or more"]


def metre_problem(name: str) -> str:
    """Why `name` is no time signature, or nothing."""
    try:
        parse_metre(name)
    except ValueError as error:
        return f"found {name!r}, {error}"
    return ""


@dataclass(slots=True)
class _Turned:
    """How far a dial or encoder was turned."""

    last: int | None = None
    holds: float | None = None
    """the value a dial has set; it has hold of it while nobody else changes it"""
    clicks: int = 0


@dataclass(slots=True)
class _Switch:
    """Key switches: the key held, and what is pressed with it."""

    key: int | None = None
    chord: set[int] = field(default_factory=set)


class ControlReader:
    """Turns what a keyboard sends into commands, by a page."""

    def __init__(self, page: ControlMap) -> None:
        self._page = page
        self._at = {_address(one.on): one for one in page.controls if one.on.kind != KEYS}
        switched = [one for one in page.controls if one.on.kind == KEYS]
        self._chords: dict[tuple[int | None, frozenset[int]], Control] = {
            (one.on.number, one.on.chord): one for one in switched
        }
        self._switches = {one.on.number for one in switched}
        self._turned: dict[Control, _Turned] = {}
        self._switch = _Switch()
        self._swallowed: set[tuple[int, int]] = set()
        """(channel, key) of what commands and is held: a pad and a key of one number are two"""

    @property
    def page(self) -> ControlMap:
        return self._page

    def read(self, at: float, message: Midi, values: Mapping[str, float]) -> tuple[Command, ...] | None:
        """The commands in `message`, or None where it is music. `values`: `Control.value` -> where the dial stands."""
        if message.starts_note:
            return self._pressed(at, message)
        if message.ends_note:
            return self._released(message)
        if message.kind == POLY_PRESSURE:
            return () if _key(message) in self._swallowed else None
        control = self._found(message)
        return None if control is None else self._moved(at, control, message.data2, values)

    def _pressed(self, at: float, message: Midi) -> tuple[Command, ...] | None:
        pitch = message.data1
        if pitch in self._switches:
            self._switch = _Switch(pitch)
            found = None
        elif self._switch.key is not None:
            self._switch.chord.add(pitch % 12)
            found = self._switched(self._switch.chord) or self._switched({pitch % 12})  # a key before may still be down
        else:
            found = self._found(message)
            if found is None:
                self._swallowed.discard(_key(message))
                return None
        self._swallowed.add(_key(message))
        return _press(found, at)

    def _switched(self, chord: Iterable[int]) -> Control | None:
        return self._chords.get((self._switch.key, frozenset(chord)))

    def _released(self, message: Midi) -> tuple[Command, ...] | None:
        pitch = message.data1
        if _key(message) not in self._swallowed:
            return None
        self._swallowed.discard(_key(message))
        self._switch.chord.discard(pitch % 12)
        if pitch == self._switch.key:
            self._switch = _Switch()
        return ()

    def _found(self, message: Midi) -> Control | None:
        number = None if message.kind not in _KINDS else (_KINDS[message.kind], message.data1)
        if number is None:
            return None
        return self._at.get((*number, message.channel)) or self._at.get((*number, 0))

    def _moved(self, at: float, control: Control, value: int, values: Mapping[str, float]) -> tuple[Command, ...]:
        function = FUNCTIONS[control.do]
        turned, stands = self._turned.setdefault(control, _Turned()), values.get(control.value)
        if isinstance(function, Button):
            last, turned.last = turned.last, value
            pressed = control.on.kind == PROGRAM_CHANGE or (value > 0 and (not last or value == last))
            return _press(control, at) if pressed else ()  # a pedal on its way down or up is pressed once
        detents = DETENTS.get(control.sends)
        if detents is not None and isinstance(function, Dial):
            return _nudged(function, control, turned, detents(value), stands)
        last, turned.last = turned.last, value
        if isinstance(function, Dial):
            return _dialled(function, control, turned, last, value, stands)
        return _stepped(function, control, turned, _detents(last, value) if detents is None else detents(value))


_KINDS = {CONTROL: CC, NOTE_ON: NOTE, PROGRAM: PROGRAM_CHANGE}


def _key(message: Midi) -> tuple[int, int]:
    return message.channel, message.data1


def _address(trigger: Trigger) -> tuple[str, int, int]:
    return trigger.kind, trigger.number, trigger.channel


def _press(control: Control | None, at: float) -> tuple[Command, ...]:
    function = FUNCTIONS[control.do] if control is not None else None
    return (function.make(control, at),) if control is not None and isinstance(function, Button) else ()


def _dialled(
    dial: Dial, control: Control, turned: _Turned, last: int | None, value: int, stands: float | None
) -> tuple[Command, ...]:
    """Set the value, once the dial has come near to or passed by what it `stands` at: never a jump."""
    low, high = control.range or (dial.low, dial.high)
    if stands is not None and not (turned.holds is not None and abs(stands - turned.holds) < 1e-6):
        there = (stands - low) / (high - low) * FULL
        there = min(float(FULL), max(0.0, there))
        passed = last is not None and (last - there) * (value - there) <= 0
        if not passed and abs(value - there) > PICK_UP:
            turned.holds = None
            return ()
    aimed = low + (high - low) * value / FULL
    turned.holds = float(round(aimed)) if dial.whole else aimed
    return (dial.make(control, turned.holds),)


def _nudged(dial: Dial, control: Control, turned: _Turned, detents: int, stands: float | None) -> tuple[Command, ...]:
    """Move the value by detents of a knob that has no place of its own: there is nothing to pick up."""
    low, high = control.range or (dial.low, dial.high)
    if stands is None or not detents:
        return ()
    step = (1.0 if high > low else -1.0) if dial.whole else (high - low) / FULL
    aimed = stands + step * detents
    turned.holds = min(max(low, high), max(min(low, high), aimed))
    return (dial.make(control, turned.holds),)


def _detents(last: int | None, value: int) -> int:
    """Of an encoder that sends its place (0 to 127, repeating the end it rests at)."""
    if value == last:
        return 1 if value == FULL else -1 if value == 0 else 0
    return 0 if last is None else 1 if value > last else -1


def _stepped(encoder: Encoder, control: Control, turned: _Turned, detents: int) -> tuple[Command, ...]:
    """A step for every so many detents one way; turning back begins anew."""
    turned.clicks = turned.clicks + detents if turned.clicks * detents >= 0 else detents
    steps = int(turned.clicks / control.clicks)
    turned.clicks -= steps * control.clicks
    return (encoder.make(steps),) if steps else ()
