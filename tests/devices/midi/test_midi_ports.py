"""Real rtmidi ports over JACK's dummy driver: plugged, pulled, gone and back."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest

from composerd.devices.midi.output import MidiOutSink
from composerd.devices.midi.ports import check_names, list_ports
from composerd.devices.midi.settings import MidiSettings
from composerd.devices.midi.system import find_system
from composerd.devices.midi.watcher import PortStatus, PortWatcher
from composerd.devices.system.inbox import RealInbox
from composerd.engine.messages import ClockHeard, KeyboardChanged, KeyboardMessage, Message, Played
from composerd.errors import ConfigError, DeviceError
from composerd.music.genre import Genre, Part
from composerd.music.midi import ALL_NOTES_OFF, Midi, control, note_off, note_on
from jackd import FakeKeyboard, FakeSynth, JackServer, TwoPorts, wait_for

pytestmark = pytest.mark.jack
BAND = Genre("t", "T", "plain", 120.0, (Part("bass", "bass", 3, program=33), Part("drums", "drums", 10)))


class Desk:
    """A watcher with its inbox, its sink and its reports."""

    def __init__(self, settings: MidiSettings) -> None:
        self.inbox, self.sink = RealInbox(), MidiOutSink()
        self.received: list[Message] = []
        self.said: list[PortStatus] = []
        self.watcher = PortWatcher(settings, self.inbox, self.sink, self.said.append)
        self.watcher.start()

    def messages(self) -> list[Message]:
        """All received until now."""
        while (message := self.inbox.receive(self.inbox.now())) is not None:
            self.received.append(message)
        return self.received

    def keyboards(self) -> list[str | None]:
        return [message.name for message in self.messages() if isinstance(message, KeyboardChanged)]

    def heard(self) -> list[Midi]:
        return [message.message for message in self.messages() if isinstance(message, KeyboardMessage)]

    def play(self, *messages: Midi) -> None:
        for message in messages:
            self.sink.play(Played(self.inbox.now(), None, message))

    def close(self) -> None:
        self.watcher.close()
        self.sink.close()


@pytest.fixture
def desk() -> Iterator[Callable[..., Desk]]:
    desks: list[Desk] = []

    def sit_down(poll_ms: int = 50, **settings: str | tuple[str, ...]) -> Desk:
        desks.append(Desk(MidiSettings(**{"api": "jack", **settings}, poll_ms=poll_ms)))  # type: ignore[arg-type]
        return desks[-1]

    yield sit_down
    for one in desks:
        print(*(status.line() for status in one.said), one.heard(), sep="\n")  # shown where the test failed
        one.close()


@pytest.fixture
def synth(jack: JackServer) -> Iterator[FakeSynth]:
    del jack
    listener = FakeSynth()
    yield listener
    listener.close()


@pytest.fixture
def plug(jack: JackServer) -> Iterator[Callable[..., FakeKeyboard]]:
    plugged: list[FakeKeyboard] = []

    def plug_in(*names: str) -> FakeKeyboard:
        plugged.append(FakeKeyboard(jack, *names))
        return plugged[-1]

    yield plug_in
    for keyboard in plugged:
        keyboard.pull()


def bytes_of(*messages: Midi) -> list[list[int]]:
    return [message.to_bytes() for message in messages]


def test_a_key_pressed_is_heard_with_its_moment(desk: Callable[..., Desk], plug: Callable[..., FakeKeyboard]) -> None:
    keyboard, seat = plug(), desk()
    before = seat.inbox.now()
    keyboard.press_until("the key", lambda: note_on(1, 60, 90) in seat.heard())
    assert seat.keyboards() == ["AKM322:AKM322 MIDI 1"]
    first = next(message for message in seat.messages() if isinstance(message, KeyboardMessage))
    assert before < first.at <= seat.inbox.now()


def test_clock_active_sensing_and_sysex_of_the_keyboard_are_passed_over(
    desk: Callable[..., Desk], plug: Callable[..., FakeKeyboard]
) -> None:
    keyboard, seat = plug(), desk()
    for data in ((0xF8,), (0xFE,), (0xF0, 0x7E, 0x00, 0xF7)):
        keyboard.send(*data)
    keyboard.press_until("the key after them", lambda: note_off(1, 60) in seat.heard())
    assert {message.kind for message in seat.heard()} <= {0x80, 0x90}


def test_the_clock_of_another_port_is_heard_whenever_it_is_there_and_nothing_else_of_it(
    jack: JackServer, plug: Callable[..., FakeKeyboard]
) -> None:
    assert jack.process.poll() is None
    keyboard, inbox, said = plug(), RealInbox(), list[PortStatus]()
    settings = MidiSettings(api="jack", clock_in="drummer", poll_ms=50)
    watcher = PortWatcher(settings, inbox, None, said.append, clock=True)
    watcher.start()
    assert "no clock yet: no input's name contains 'drummer'" in said[-1].line()
    clocks: list[int] = []
    keys: set[int] = set()

    def heard(port: FakeKeyboard, pitch: int, *clock: int) -> bool:
        for data in (*((status,) for status in clock), (0x90, pitch, 80), (0x80, pitch, 0)):
            port.send(*data)
        while (message := inbox.receive(inbox.now() + 0.01)) is not None:
            if isinstance(message, ClockHeard):
                clocks.append(message.status)
            elif isinstance(message, KeyboardMessage):
                keys.add(message.message.data1)
        return bool(clocks)

    for _ in range(2):  # plugged, pulled, plugged again
        clocks.clear()
        drummer = plug("drummer", "clock")
        wait_for("the clock", lambda port=drummer: heard(port, 40, 0xFA, 0xF8))  # type: ignore[misc]
        assert said[-1].clock == "drummer:clock"
        drummer.pull()
        wait_for("its going", lambda: said[-1].clock is None)
    clocks.clear()
    wait_for("the keyboard", lambda: heard(keyboard, 60, 0xFA, 0xF8) or 60 in keys)
    assert (clocks, keys) == ([], {60})
    watcher.close()


def test_the_keyboards_clock_is_heard_where_it_is_wanted(jack: JackServer, plug: Callable[..., FakeKeyboard]) -> None:
    assert jack.process.poll() is None
    keyboard, inbox = plug(), RealInbox()
    watcher = PortWatcher(MidiSettings(api="jack"), inbox, clock=True)
    watcher.start()
    heard: list[tuple[int, int]] = []

    def all_there() -> bool:
        for data in ((0xFA,), (0xF8,), (0xF2, 5, 1)):
            keyboard.send(*data)
        while (message := inbox.receive(inbox.now() + 0.01)) is not None:
            if isinstance(message, ClockHeard):
                heard.append((message.status, message.position))
        return {(0xFA, 0), (0xF8, 0), (0xF2, 133)} <= set(heard)

    wait_for("the clock", all_there)
    watcher.close()


def test_pulled_and_plugged_again_the_keyboard_plays_on(
    desk: Callable[..., Desk], plug: Callable[..., FakeKeyboard]
) -> None:
    first, seat = plug(), desk()
    first.send(0x90, 60, 90)
    first.pull()
    wait_for("the pull", lambda: seat.keyboards() == ["AKM322:AKM322 MIDI 1", None])
    second = plug("AKM322", "AKM322 MIDI 2")
    wait_for("the replug", lambda: seat.keyboards()[2:] == ["AKM322:AKM322 MIDI 2"])
    second.press_until("a key after the replug", lambda: note_on(1, 64, 90) in seat.heard(), pitch=64)


def test_pulled_and_plugged_again_between_two_looks_the_keyboard_plays_on(
    desk: Callable[..., Desk], plug: Callable[..., FakeKeyboard]
) -> None:
    first, seat = plug(), desk(poll_ms=1000)
    first.pull()
    second = plug()
    second.press_until("a key after the replug", lambda: note_on(1, 64, 90) in seat.heard(), pitch=64)
    assert seat.keyboards() == [first.name, None, second.name]


def test_of_two_keyboards_one_is_chosen_and_the_other_is_listed(
    desk: Callable[..., Desk], plug: Callable[..., FakeKeyboard]
) -> None:
    plug("Keystation", "out")
    plug()
    seat = desk()
    assert seat.watcher.status.keyboard == "AKM322:AKM322 MIDI 1"
    assert seat.watcher.status.others == ("Keystation:out",)
    assert seat.keyboards() == ["AKM322:AKM322 MIDI 1"]


def test_a_keyboard_asked_for_by_name_is_waited_for(
    desk: Callable[..., Desk], plug: Callable[..., FakeKeyboard]
) -> None:
    plug()
    seat = desk(keyboard=("keyST",))
    assert seat.watcher.status.keyboard is None
    assert "waiting for a keyboard" in seat.watcher.status.line()
    plug("Keystation", "out")
    wait_for("the keyboard named", lambda: seat.keyboards() == ["Keystation:out"])


def test_an_unforeseen_error_does_not_end_the_watch(jack: JackServer) -> None:
    errors = iter([KeyError("unforeseen")])

    def said(status: PortStatus) -> None:
        if status.keyboard is not None:
            for error in errors:
                raise error

    inbox = RealInbox()
    watcher = PortWatcher(MidiSettings(api="jack", poll_ms=50), inbox, None, said)
    watcher.start()
    keyboard = FakeKeyboard(jack)
    names: list[str | None] = []

    def changed(name: str | None) -> bool:
        while (message := inbox.receive(inbox.now())) is not None:
            names.extend([message.name] if isinstance(message, KeyboardChanged) else [])
        return names[-1:] == [name]

    wait_for("the keyboard", lambda: changed("AKM322:AKM322 MIDI 1"))
    keyboard.pull()
    wait_for("its going", lambda: changed(None))
    watcher.close()


def test_all_ports_of_the_keyboard_are_heard(desk: Callable[..., Desk], jack: JackServer) -> None:
    """Some keyboards have their keys on the second port."""
    twin = TwoPorts(jack, "Twin piano", "MIDI 1", "MIDI 2")
    seat = desk()

    def played(port: int, pitch: int) -> bool:
        twin.send(port, 0x90, pitch, 80)
        twin.send(port, 0x80, pitch, 64)
        return note_on(1, pitch, 80) in seat.heard()

    for port, pitch in ((0, 60), (1, 72)):
        wait_for(f"a key of port {port}", lambda port=port, pitch=pitch: played(port, pitch))  # type: ignore[misc]
    assert seat.keyboards() == ["Twin piano:MIDI 1"]
    assert seat.watcher.status.line().startswith("keyboard Twin piano:MIDI 1 and Twin piano:MIDI 2, output")
    twin.pull()
    wait_for("the pull", lambda: seat.keyboards() == ["Twin piano:MIDI 1", None])


def test_of_two_keyboards_asked_for_by_name_both_are_heard_and_what_the_pulled_one_held_is_released(
    desk: Callable[..., Desk], plug: Callable[..., FakeKeyboard]
) -> None:
    first, second, third = plug("Keystation", "out"), plug("pedal board", "out"), plug()
    seat = desk(keyboard=("keystation", "pedal"))
    first.press_until("a key of the first", lambda: note_on(1, 60, 90) in seat.heard())
    second.press_until("a key of the second", lambda: note_on(1, 36, 90) in seat.heard(), pitch=36)
    assert seat.watcher.status.also == ("pedal board:out",)

    def held() -> bool:
        second.send(0x90, 38, 70)
        return note_on(1, 38, 70) in seat.heard()

    wait_for("a key that is held", held)
    second.pull()
    wait_for("its release", lambda: note_off(1, 38) in seat.heard())
    assert seat.keyboards() == ["Keystation:out"]
    first.press_until("a key of the first", lambda: note_on(1, 61, 90) in seat.heard(), pitch=61)
    third.send(0x90, 99, 90)
    assert seat.watcher.status.others == ("AKM322:AKM322 MIDI 1",)


def test_a_keyboard_that_another_composerd_plays_is_left_to_it_and_taken_when_it_is_free(
    desk: Callable[..., Desk], plug: Callable[..., FakeKeyboard]
) -> None:
    keyboard, first = plug(), desk()
    keyboard.press_until("a key", lambda: note_on(1, 60, 90) in first.heard())
    second = desk(output="virtual")
    assert second.watcher.status.keyboard is None
    assert "AKM322:AKM322 MIDI 1 is played by another composerd" in second.watcher.status.line()
    assert list_ports(MidiSettings(api="jack")).taken
    first.watcher.close()
    wait_for("the keyboard", lambda: second.keyboards() == ["AKM322:AKM322 MIDI 1"])


def test_of_two_that_wait_one_takes_a_keyboard_that_is_plugged_in(
    desk: Callable[..., Desk], plug: Callable[..., FakeKeyboard]
) -> None:
    """Both are told of it at the same moment, several times."""
    seats = desk(output="virtual"), desk(output="virtual")
    for pitch in range(60, 65):
        keyboard = plug()
        keyboard.press_until("a key", lambda pitch=pitch: any(note_on(1, pitch, 90) in s.heard() for s in seats), pitch)  # type: ignore[misc]
        wait_for("the other's word", lambda: any("another composerd" in s.watcher.status.line() for s in seats))
        assert sum(seat.watcher.status.keyboard is not None for seat in seats) == 1
        keyboard.pull()
        wait_for("the pull", lambda: all(seat.watcher.status.keyboard is None for seat in seats))
    both = seats[0].keyboards() + seats[1].keyboards()
    assert both.count(None) == both.count("AKM322:AKM322 MIDI 1"), "let go as often as taken"


def test_the_synth_is_found_and_told_the_instruments(desk: Callable[..., Desk], synth: FakeSynth) -> None:
    seat = desk()
    seat.sink.set_genre(BAND)
    assert seat.watcher.status.output == "FluidSynth:in"
    wait_for("the programs", lambda: [m for m in synth.heard if m[0] >> 4 == 0xC] == [[0xC0, 0], [0xC2, 33], [0xC9, 0]])


def test_on_closing_exactly_what_sounds_is_released_before_all_is_silenced_twice(
    desk: Callable[..., Desk], synth: FakeSynth
) -> None:
    silence = [control(channel, number, 0) for number in (64, 66, 123, 120) for channel in range(1, 17)]
    expected = bytes_of(note_off(1, 60), note_off(1, 60), note_off(3, 43), *silence, *silence)

    def closed() -> list[list[int]]:
        """What the synth heard when the desk closed; a period that JACK lost may have taken some of it."""
        seat = desk()
        seat.sink.set_genre(BAND)
        seat.play(note_on(1, 60, 80), note_on(1, 60, 80), note_on(3, 40, 80), note_on(3, 43, 80), note_off(3, 40))
        end = [0xB0, 119, 0]

        def through() -> bool:
            seat.play(control(1, 119, 0))
            return end in synth.heard

        wait_for("the last message before", through)
        del synth.heard[:]
        seat.close()
        return [message for message in synth.heard if message != end]

    assert any(closed() == expected for _ in range(10))


def test_whatever_sounded_before_is_silenced_on_all_sixteen_channels_at_the_start_and_in_a_panic(
    desk: Callable[..., Desk], synth: FakeSynth
) -> None:
    """As a genre does that was killed, whose parts had channels that ours has not."""
    wanted = {(0xB0 + channel, number) for number in (64, 66, 123, 120) for channel in range(16)}

    def silenced() -> set[tuple[int, int]]:
        return {(m[0], m[1]) for m in list(synth.heard) if m[0] & 0xF0 == 0xB0 and m[2] == 0}

    for _ in range(4):  # JACK's dummy driver may lose one of so many at once
        seat = desk()
        with contextlib.suppress(AssertionError):
            wait_for("silence at the start", lambda: silenced() >= wanted, 3.0)
        if silenced() >= wanted:
            break
        seat.close()
    assert silenced() >= wanted
    del synth.heard[:]

    def after_panic() -> bool:
        seat.sink.panic()
        return silenced() >= wanted

    wait_for("silence in a panic", after_panic)


def test_without_a_synth_there_is_a_virtual_port_until_one_comes(desk: Callable[..., Desk], jack: JackServer) -> None:
    seat = desk()
    assert jack.process.poll() is None
    assert seat.watcher.status.virtual
    assert "virtual port composerd:out" in seat.watcher.status.line()
    listener = FakeSynth("Listener", source="composerd:out")
    seat.play(note_on(1, 60, 80))
    wait_for("the note on the virtual port", lambda: note_on(1, 60, 80).to_bytes() in listener.heard)
    late = FakeSynth()
    wait_for("the synth", lambda: seat.watcher.status.output == "FluidSynth:in")
    wait_for("the release on the virtual port", lambda: note_off(1, 60).to_bytes() in listener.heard)
    seat.play(note_on(1, 62, 80))
    wait_for("the note on the synth", lambda: note_on(1, 62, 80).to_bytes() in late.heard)
    listener.close()
    late.close()


def test_what_sounded_when_the_synth_went_is_released_when_it_is_back(
    desk: Callable[..., Desk], jack: JackServer
) -> None:
    assert jack.process.poll() is None
    first, seat = FakeSynth(), desk(output="fluid")
    seat.sink.set_genre(BAND)
    seat.play(note_on(3, 40, 80))
    first.close()
    wait_for("the loss", lambda: seat.watcher.status.output is None)
    assert "no output's name contains 'fluid' yet" in seat.watcher.status.line()
    seat.play(note_on(3, 41, 80))
    second = FakeSynth()
    wait_for("the instruments", lambda: [0xC2, 33] in second.heard)
    offs = [m for m in second.heard if m[0] >> 4 == 0x8]
    assert offs == bytes_of(note_off(3, 40))
    second.close()


def test_a_synth_that_restarts_is_silenced_and_told_the_instruments(
    desk: Callable[..., Desk], jack: JackServer
) -> None:
    assert jack.process.poll() is None
    first, seat = FakeSynth(), desk()
    seat.sink.set_genre(BAND)
    seat.play(note_on(3, 40, 80))
    first.close()
    second = FakeSynth()
    wait_for("the instruments", lambda: [0xC2, 33] in second.heard)
    assert second.heard.index([0xB2, ALL_NOTES_OFF, 0]) < second.heard.index([0xC2, 33])
    second.close()


def test_a_synth_whose_connection_alone_is_lost_is_connected_again(desk: Callable[..., Desk], jack: JackServer) -> None:
    """As where it restarts between two looks: its port is listed as before."""
    synth, seat = FakeSynth(), desk()
    seat.sink.set_genre(BAND)
    seat.play(note_on(3, 40, 80))
    wait_for("the connection", lambda: note_on(3, 40, 80).to_bytes() in synth.heard)
    cut = "import jack; jack.Client('cut').disconnect('composerd:out', 'FluidSynth:in')"
    subprocess.run([sys.executable, "-c", cut], env=jack.env, check=True, capture_output=True)
    wait_for("the release", lambda: note_off(3, 40).to_bytes() in synth.heard)
    synth.close()


def test_an_output_of_ours_that_vanishes_is_opened_again(desk: Callable[..., Desk], jack: JackServer) -> None:
    assert jack.process.poll() is None
    seat, heard = desk(), FakeSynth("Listener", source="composerd:out")
    heard.close()
    seat.sink.detach()
    again = FakeSynth("Listener", source="composerd:out")

    def through() -> bool:
        seat.play(note_on(1, 60, 80))
        return note_on(1, 60, 80).to_bytes() in again.heard

    wait_for("a note on the new port", through)
    again.close()


def test_a_server_that_dies_and_returns_is_reported_and_recovered(
    desk: Callable[..., Desk], own_jack: JackServer
) -> None:
    keyboard, seat = FakeKeyboard(own_jack), desk()
    assert seat.keyboards() == [keyboard.name]
    own_jack.kill()
    wait_for("the report", lambda: "waiting for a MIDI system" in seat.watcher.status.line())
    assert seat.keyboards() == [keyboard.name, None]
    seat.play(note_on(1, 60, 80))
    keyboard.pull()
    own_jack.restart()
    again = FakeKeyboard(own_jack)
    wait_for("the keyboard", lambda: seat.keyboards()[2:] == [again.name])
    again.press_until("a key on the new server", lambda: note_on(1, 65, 90) in seat.heard(), pitch=65)
    wait_for("the output", lambda: seat.watcher.status.virtual)
    again.pull()


def test_without_any_midi_system_it_waits_and_says_why(
    desk: Callable[..., Desk], monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("JACK_DEFAULT_SERVER", "composerd-test-none")
    seat = desk()
    assert seat.watcher.status.line() == "waiting for a MIDI system: no JACK server 'composerd-test-none' runs"
    with pytest.raises(DeviceError, match="no JACK server"):
        find_system("jack")
    assert capfd.readouterr() == ("", "")


def test_a_server_that_starts_later_is_found(desk: Callable[..., Desk], own_jack: JackServer) -> None:
    own_jack.kill()
    seat = desk()
    assert seat.watcher.status.api == ""
    own_jack.restart()
    wait_for("the server", lambda: seat.watcher.status.api == "JACK")


def test_the_list_of_ports_shows_the_choice(plug: Callable[..., FakeKeyboard], synth: FakeSynth) -> None:
    plug("Keystation", "out")
    plug()
    listing = list_ports(MidiSettings(api="jack"))
    assert set(listing.inputs) == {"AKM322:AKM322 MIDI 1", "Keystation:out"}
    assert listing.outputs == ("FluidSynth:in",)
    assert (listing.keyboard, listing.output) == ("AKM322:AKM322 MIDI 1", "FluidSynth:in")
    assert synth.heard == []
    assert list_ports(MidiSettings(api="jack", output="virtual")).output is None
    check_names(listing, MidiSettings(keyboard=("akm",), output="virtual"))
    with pytest.raises(ConfigError, match="--in: no port's name contains 'Keysation'; did you mean 'Keystation:out'"):
        check_names(listing, MidiSettings(keyboard=("Keysation",)))
