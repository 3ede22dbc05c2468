"""No controls, keys, clocks and commands, at any rate, in any order, leave a note, turn the clock back or deafen us."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import cast

import mido
from hypothesis import given, settings
from hypothesis import strategies as st

from composerd.engine.command_fields import Field, Shape
from composerd.engine.command_table import Command, Kind, Word
from composerd.engine.commands import TABLE
from composerd.engine.commands.band import Panic
from composerd.engine.conductor import Conductor, Start
from composerd.engine.controls.encoders import BY_PLACE, DETENTS, Sends
from composerd.engine.controls.page import Control, ControlMap
from composerd.engine.controls.triggers import Trigger
from composerd.engine.messages import ClockHeard, GenreLoaded, KeyboardChanged, KeyboardMessage, Message, Mode, Stop
from composerd.engine.output.stage import Stage
from composerd.engine.settings import EngineSettings
from composerd.engine.virtual import VirtualInbox
from composerd.music.genre import Genre
from composerd.music.midi import CONTROL, NOTE_OFF, NOTE_ON, PROGRAM, Midi, note_off, note_on, parse
from composerd.takes.folder import list_takes
from composerd.takes.settings import TakeSettings
from composerd.takes.take_sink import TakeSink
from fakes import InstantComposer, ListeningSink, duo, echo_bass, overlaps

QUIT = "quit"
"""what would end a performance before its time"""
WORDS = [word for word in TABLE.words.values() if word.name != QUIT]
TURNED = [word for word in WORDS if word.kind in (Kind.VALUE, Kind.STEPS)]


def _line(word: Word, number: int, sends: Sends = BY_PLACE) -> Control:
    """A line of a page that does `word`, for the drums, or for a waltz, genre, song or preset where it needs one."""
    of = word.main.of if word.main else ""
    name = {"metre": "3/4", "genre": "pop", "song": "none", "preset": "gig", "set list": "none"}.get(of, "")
    part = "drums" if word.part else ""
    assert word.unfit(part, name) is None, "a page with this line would be refused"
    return Control(Trigger("cc", number), word.name, part=part, name=name, sends=sends)


PAGE = ControlMap(
    "everything",
    controls=(
        *(_line(word, 18 + i) for i, word in enumerate(WORDS)),
        *(_line(word, 70 + 4 * i + j, sends) for i, word in enumerate(TURNED) for j, sends in enumerate(DETENTS)),
        Control(Trigger("keys", 41, frozenset({0})), "fill"),
        Control(Trigger("keys", 41, frozenset({4, 7})), "play"),
        Control(Trigger("note", 36), "stop"),
        Control(Trigger("program", 1), "break"),
    ),
)
SILENT = Midi(CONTROL, 1, 0)
OTHER = Genre("other", "Other", "plain", 90.0, duo().parts, broadening=0.3)

values = st.sampled_from([0, 1, 63, 64, 65, 127])
controls = st.builds(Midi, st.just(CONTROL), st.just(1), st.integers(18, 110), values)
pitches = st.sampled_from([36, 41, 48, 52, 55, 60, 64, 67, 72])
keys = st.builds(Midi, st.sampled_from([NOTE_ON, NOTE_OFF]), st.just(1), pitches, st.sampled_from([0, 1, 80, 127]))
others = st.builds(Midi, st.sampled_from([0xA0, PROGRAM, 0xD0, 0xE0]), st.just(1), pitches, st.integers(0, 127))
names = st.sampled_from(["drums", "bass", "comp", "nobody", "band", "master", "metronome"])
tonics = st.sampled_from(["G", "Eb", "F#m", "none"])
metres = st.sampled_from(["4/4", "3/4", "2/4", "6/8", "5/4", "7/8", "12/8"])


def _values(one: Field) -> st.SearchStrategy[object]:
    """A strategy for all values that a command's field accepts."""
    drawn: dict[Shape, st.SearchStrategy[object]] = {
        Shape.SWITCH: st.booleans(),
        Shape.CHOICE: st.sampled_from(one.choices or ("",)),
        Shape.NUMBER: st.floats(one.low, one.high),
        Shape.WHOLE: st.integers(int(one.low), int(one.high)),
        Shape.TEXT: {"metre": metres, "key": tonics}.get(one.of, names),
    }
    return drawn[one.shape]


def _commands(word: Word) -> st.SearchStrategy[Command]:
    needed = {one.name: _values(one) for one in word.fields if one.needed}
    others = {one.name: _values(one) for one in word.fields if not one.needed}
    return st.fixed_dictionaries(needed, optional=others).map(word.make)


commands = st.one_of(*map(_commands, WORDS), st.sampled_from([GenreLoaded(OTHER), GenreLoaded(duo())]))
clock = st.tuples(st.sampled_from([0xF8, 0xF8, 0xF8, 0xFA, 0xFB, 0xFC, 0xF2]), st.integers(0, 64))
plugs = st.sampled_from([("a keyboard",), (None,)])
doings = st.one_of(controls, controls, keys, keys, others, commands, commands, clock, plugs)
streams = st.lists(st.tuples(st.sampled_from([0.0, 0.001, 0.02, 0.11, 0.5, 1.3]), doings), max_size=70)
variants = st.builds(
    EngineSettings,
    count_in_bars=st.integers(0, 1),
    follow=st.booleans(),
    left_hand=st.booleans(),
    sync=st.sampled_from(["own", "midi"]),
    clock_out=st.booleans(),
    final_chord=st.booleans(),
)


@dataclass
class Watch:
    """Listens to the clock that goes out."""

    moments: list[float] = field(default_factory=list)
    running: bool = False
    ticks: int = 0

    def __call__(self, at: float, data: Sequence[int]) -> None:
        self.moments.append(at)
        if data[0] == 0xF8:
            assert self.running, "a tick while stopped"
            self.ticks += 1
        elif data[0] in (0xFA, 0xFB, 0xFC):
            assert self.running == (data[0] == 0xFC)
            self.running = data[0] != 0xFC


def _message(at: float, what: object) -> Message:
    if isinstance(what, Midi):
        return KeyboardMessage(at, what)
    if isinstance(what, tuple) and len(what) == 2:
        return ClockHeard(at, *what)
    if isinstance(what, tuple):
        return KeyboardChanged(at, what[0])
    return cast(Message, what)


@settings(max_examples=250, deadline=None)
@given(streams, variants, st.sampled_from(Mode), st.sampled_from([0.0, 0.02, 0.3]))
def test_nothing_the_player_does_leaves_a_note_or_turns_the_clock_back_or_deafens(
    stream: list[tuple[float, object]], variant: EngineSettings, mode: Mode, delay: float
) -> None:
    inbox, sink, watch = VirtualInbox(), ListeningSink(), Watch()
    composer = InstantComposer(inbox, echo_bass, delay)
    conductor = Conductor(
        inbox, composer, Stage([sink], duo()), variant, Start(mode, 120.0), clock=watch
    )  # fmt: skip
    at = 0.0
    inbox.post(0.0, KeyboardChanged(0.0, "a keyboard", controls=PAGE))
    for pause, what in stream:
        at += pause
        inbox.post(at, _message(at, what))
    # still alive: the same keyboard plugged in again, panic, and a key is heard and answered by the clock's starting
    for pause, last in ((0.1, Panic()), (0.2, KeyboardChanged(at + 0.2, "a keyboard"))):
        inbox.post(at + pause, last)
    inbox.post(at + 2.0, KeyboardMessage(at + 2.0, note_on(1, 71, 80)))
    inbox.post(at + 2.2, KeyboardMessage(at + 2.2, note_off(1, 71)))
    inbox.post(at + 2.3, Stop())
    conductor.run()
    assert sink.sounding == set()
    assert overlaps(played.message for played in sink.heard) == []
    higher = conductor.band.choices.transposition.keys
    assert (round(at + 2.0, 6), 71 + higher) in sink.onsets(None)
    assert watch.moments == sorted(watch.moments)
    assert not watch.running
    assert inbox.now() < at + 3


@settings(max_examples=60, deadline=None)
@given(streams, variants, st.sampled_from(Mode))
def test_of_whatever_is_done_the_takes_can_be_read_and_hold_every_note_of_the_players(
    stream: list[tuple[float, object]], variant: EngineSettings, mode: Mode
) -> None:
    inbox, sink = VirtualInbox(), ListeningSink()
    with TemporaryDirectory() as place:
        take = TakeSink(TakeSettings(), Path(place))
        stage = Stage([sink, take], duo())
        conductor = Conductor(
            inbox, InstantComposer(inbox, echo_bass), stage, variant, Start(mode, 120.0)
        )  # fmt: skip
        at = 0.0
        inbox.post(0.0, KeyboardChanged(0.0, "a keyboard", controls=PAGE))
        for pause, what in stream:
            at += pause
            inbox.post(at, _message(at, what))
        inbox.post(at + 1, Stop())
        conductor.run()
        tracks = [track for one in list_takes(Path(place)) for track in mido.MidiFile(one.path).tracks]
    for track in tracks:
        assert overlaps(parse(message.bytes()) or SILENT for message in track if not message.is_meta) == []
    melodies = [message for track in tracks if track.name == "melody" for message in track]
    struck = [message.note for message in melodies if message.type == "note_on" and message.velocity]
    clicks = [one.message.data1 for one in sink.heard if one.is_click and one.message.starts_note]
    played = [pitch for _, pitch in sink.onsets(None)]
    for pitch in clicks:
        played.remove(pitch)
    assert sorted(struck) == sorted(played)


@settings(max_examples=150, deadline=None)
@given(streams, variants)
def test_the_beat_only_ever_moves_on(stream: list[tuple[float, object]], variant: EngineSettings) -> None:
    inbox = VirtualInbox()
    conductor = Conductor(
        inbox, InstantComposer(inbox, echo_bass), Stage([ListeningSink()], duo()), variant, Start(bpm=120.0)
    )
    at = 0.0
    for pause, what in stream:
        at += pause
        inbox.post(at, _message(at, what))
    inbox.post(at + 1, Stop())
    before, run = -1e9, object()
    while not conductor.over:
        conductor.step()
        act = conductor.band.mode
        current, beat = getattr(act, "performance", None), act.beat_at(inbox.now())
        if current is not run:
            before, run = -1e9, current
        if beat is not None:
            assert beat >= before - 1e-3, "a beat may be re-read to within a millisecond of music, not more"
            before = max(before, beat)
