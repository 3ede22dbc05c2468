from __future__ import annotations

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from composerd.engine.commands.band import EndBand, Panic, SetMode
from composerd.engine.commands.time import SetTempo
from composerd.engine.conductor import Conductor, Start
from composerd.engine.jam.request import MEMORY_STEPS
from composerd.engine.jam.riffs import KEPT_STEPS
from composerd.engine.messages import KeyboardChanged, KeyboardMessage, Message, Mode, Stop
from composerd.engine.output.stage import Stage
from composerd.engine.settings import EngineSettings
from composerd.engine.virtual import VirtualInbox
from composerd.music.metre import STEPS_PER_BEAT
from composerd.music.midi import Midi, note_off, note_on
from fakes import InstantComposer, ListeningSink, duo, echo_bass


def run(messages: list[tuple[float, Message]], until: float, mode: Mode, delay: float = 0.0) -> ListeningSink:
    inbox = VirtualInbox()
    sink, composer = ListeningSink(), InstantComposer(inbox, echo_bass, delay, most=1)
    conductor = Conductor(inbox, composer, Stage([sink], duo()), EngineSettings(), Start(mode, 120.0))
    for at, message in messages:
        inbox.post(at, message)
    inbox.post(until, Stop())
    conductor.run()
    return sink


def melody(beats: int) -> list[tuple[float, Message]]:
    """A key a beat at 120 bpm, up to 15 ms early or late."""
    line: list[tuple[float, Message]] = []
    for beat in range(beats):
        at, pitch = beat * 0.5 + (beat % 7 - 3) * 0.005, 60 + beat * 5 % 12
        line += [
            (at, KeyboardMessage(at, note_on(1, pitch, 80))),
            (at + 0.4, KeyboardMessage(at + 0.4, note_off(1, pitch))),
        ]
    return line


def test_the_same_playing_is_answered_the_same_twice() -> None:
    first, second = (run(melody(240), 120.0, Mode.JAM) for _ in range(2))
    assert first.heard == second.heard


def test_playing_for_longer_than_is_remembered_keeps_the_beat_and_ends_in_silence() -> None:
    beats = max(MEMORY_STEPS, KEPT_STEPS) // STEPS_PER_BEAT + 200
    sink = run(melody(beats), beats * 0.5, Mode.JAM)
    assert sink.sounding == set()
    first = sink.onsets(0)[0][0]
    assert [at for at, _ in sink.onsets(0)] == [round(first + beat * 0.5, 6) for beat in range(beats + 1)]


byte = st.integers(0, 127)
midi = st.builds(Midi, st.sampled_from([0x80, 0x90, 0xA0, 0xB0, 0xC0, 0xD0, 0xE0]), st.integers(1, 16), byte, byte)
commands = st.one_of(
    st.builds(SetTempo, st.floats(1, 999)),
    st.builds(SetMode, st.sampled_from(Mode)),
    st.builds(EndBand, st.booleans()),
    st.just(Panic()),
)
moments = st.floats(0, 3, allow_nan=False)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.tuples(moments, st.one_of(midi, midi, midi, commands, st.none())), max_size=60),
    st.sampled_from(Mode),
    st.sampled_from([0.0, 0.02, 0.4]),
)
def test_any_stream_of_messages_ends_with_no_note_sounding(
    stream: list[tuple[float, object]], mode: Mode, delay: float
) -> None:
    now, messages = 0.0, list[tuple[float, Message]]()
    for pause, what in stream:
        now += pause
        if what is None:
            messages.append((now, KeyboardChanged(now, None)))
        elif isinstance(what, Midi):
            messages.append((now, KeyboardMessage(now, what)))
        else:
            messages.append((now, what))  # type: ignore[arg-type]
    sink = run(messages, now + 1.0, mode, delay)
    assert sink.sounding == set()
    moments = [played.at for played in sink.heard if played.part is not None]
    assert all(later >= earlier - 0.02 for earlier, later in pairwise(moments))
