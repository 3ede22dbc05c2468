"""The real program over JACK's dummy driver: plugged, played, pulled, killed. The take tells what was played when."""

from __future__ import annotations

import contextlib
import os
import pty
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import mido
import pytest

from jackd import FakeKeyboard, FakeSynth, JackServer, wait_for

pytestmark = pytest.mark.jack
BPM = 120
GENRES = ("rock", "pop", "jazz", "symphony", "bach")
BAND = {0x90 + channel for channel in range(1, 16)}
"""first bytes of the band's notes"""
MELODY = (60, 64, 67, 72, 65, 69, 72, 69, 67, 71, 74, 71)


@dataclass
class Program:
    """A running composerd and the synth it plays to."""

    process: subprocess.Popen[str]
    synth: FakeSynth
    home: Path

    def log(self) -> str:
        return (self.home / "log").read_text()

    def onsets(self, channel: int | None = None) -> list[tuple[int, int]]:
        """(channel, pitch) of the notes that began, in order; of one channel or all."""
        notes = [(m[0] % 16 + 1, m[1]) for m in list(self.synth.heard) if m[0] & 0xF0 == 0x90 and m[2]]
        return [note for note in notes if channel in (None, note[0])]

    def harmony(self) -> list[tuple[int, int]]:
        return [note for note in self.onsets() if note[0] not in (1, 10)]

    def sounding(self) -> set[tuple[int, int]]:
        held: set[tuple[int, int]] = set()
        for m in list(self.synth.heard):
            key = (m[0] % 16 + 1, m[1])
            if m[0] & 0xF0 == 0x90 and m[2]:
                held.add(key)
            elif m[0] & 0xF0 in (0x80, 0x90):
                held.discard(key)
            elif m[0] & 0xF0 == 0xB0 and m[1] in (120, 123):
                held = {one for one in held if one[0] != key[0]}
        return held

    def stop(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(20)

    def takes(self) -> list[Path]:
        return sorted(self.home.rglob("takes/*.mid"))


Launch = Callable[..., Program]


@pytest.fixture
def composerd(jack: JackServer, tmp_path: Path) -> Iterator[Launch]:
    """Starts the program any number of times with one temporary home folder."""
    started: list[Program] = []

    def launch(*arguments: str, server: JackServer = jack) -> Program:
        synth = FakeSynth()
        environ = {
            **server.env,
            "XDG_DATA_HOME": str(tmp_path),
            "XDG_CONFIG_HOME": str(tmp_path),
            "PYTHONUNBUFFERED": "1",
        }
        environ.pop("NOTIFY_SOCKET", None)
        command = [sys.executable, "-m", "composerd", "--midi-api", "jack", "--no-audio", "--bpm", str(BPM), *arguments]
        with (tmp_path / "log").open("w") as log:
            process = subprocess.Popen(command, env=environ, stdout=log, stderr=log, text=True)
        started.append(Program(process, synth, tmp_path))
        return started[-1]

    yield launch
    for program in started:
        if program.process.poll() is None:
            program.process.kill()
        program.process.wait()
        program.synth.close()


@dataclass
class Hands:
    """Plays the melody over and over, a key at a time, until something has come about."""

    keyboard: FakeKeyboard
    at: int = field(default=0)

    def play_until(self, what: str, condition: Callable[[], object], seconds: float = 30.0) -> None:
        pauses = int(seconds / 0.2)
        for _ in range(pauses):
            pitch = MELODY[self.at % len(MELODY)]
            self.at += 1
            self.keyboard.send(0x90, pitch, 90)
            with contextlib.suppress(AssertionError):
                wait_for(what, condition, 0.2)
            self.keyboard.send(0x80, pitch, 64)
            if condition():
                return
        raise AssertionError(f"played {seconds:g} s in vain for {what}")


def first_beat(take: Path, genre_parts: bool) -> float:
    """The beat of the take at which the player, or the first part that is not the drums, begins."""
    song = mido.MidiFile(take)
    beats: list[float] = []
    for track in song.tracks:
        if not track.name or (track.name == "melody") == genre_parts or track.name == "drums":
            continue
        now = 0
        for message in track:
            now += message.time
            if message.type == "note_on" and message.velocity:
                beats.append(now / song.ticks_per_beat)
                break
    return min(beats)


@pytest.mark.parametrize("genre", GENRES)
def test_the_band_joins_at_bar_two_of_what_is_played(genre: str, jack: JackServer, composerd: Launch) -> None:
    program = composerd("--genre", genre)
    keyboard = FakeKeyboard(jack)
    try:
        Hands(keyboard).play_until("the band", lambda: len(program.harmony()) > 12)
        assert program.stop() == 0
    finally:
        keyboard.pull()
    wait_for("silence", lambda: not program.sounding())
    (take,) = program.takes()
    begins, joins = first_beat(take, False), first_beat(take, True)
    assert 3.5 < joins - begins < 6.0, "bar two is four beats after the first key, or half a step before with a key"


def test_the_player_is_heard_on_channel_one_and_the_drums_on_ten(jack: JackServer, composerd: Launch) -> None:
    program = composerd("--genre", "rock")
    keyboard = FakeKeyboard(jack)
    try:
        Hands(keyboard).play_until("drums", lambda: len(program.onsets(10)) > 4)
        assert {pitch for _, pitch in program.onsets(1)} <= set(MELODY)
        assert program.onsets(1)
    finally:
        keyboard.pull()


def test_pulled_in_mid_chord_nothing_hangs_and_the_same_process_plays_on_when_it_is_back(
    jack: JackServer, composerd: Launch
) -> None:
    program = composerd("--genre", "pop")
    keyboard = FakeKeyboard(jack)
    Hands(keyboard).play_until("the band", lambda: len(program.onsets()) > 30)
    keyboard.send(0x90, 72, 90)
    keyboard.send(0x90, 76, 90)
    keyboard.pull()
    wait_for("the chord's release", lambda: not {note for note in program.sounding() if note[0] == 1})
    again = FakeKeyboard(jack)
    try:
        heard = len(program.onsets(1))
        Hands(again).play_until("the player again", lambda: len(program.onsets(1)) > heard + 2)
        assert program.process.poll() is None
        assert program.stop() == 0
    finally:
        again.pull()
    wait_for("silence", lambda: not program.sounding())
    assert len(program.takes()) == 1, "one performance, one take"


def test_a_take_survives_kill_nine(jack: JackServer, composerd: Launch) -> None:
    program = composerd("--genre", "jazz")
    keyboard = FakeKeyboard(jack)
    try:
        Hands(keyboard).play_until("the band", lambda: len(program.onsets()) > 40)
        program.stop(signal.SIGKILL)
        assert program.takes() == []
        again = composerd("--genre", "jazz")
        wait_for("the recovered take", again.takes)
        assert again.stop() == 0
    finally:
        keyboard.pull()
    (take,) = again.takes()
    assert {"melody", "drums"} <= {track.name for track in mido.MidiFile(take).tracks}


def test_what_a_killed_genre_left_sounding_is_silenced_by_another_genre_on_every_channel(
    jack: JackServer, composerd: Launch
) -> None:
    """The symphony has a part on channel 5, pop has none."""
    program = composerd("--genre", "symphony", "--seed", "0")  # with others the brass may rest for a minute
    keyboard = FakeKeyboard(jack)
    try:
        Hands(keyboard).play_until("channel 5", lambda: program.onsets(5))
        program.stop(signal.SIGKILL)
        before = len(program.synth.heard)
        again = composerd("--genre", "pop")

        def silenced() -> set[int]:
            heard = [*list(program.synth.heard)[before:], *list(again.synth.heard)]
            return {m[0] & 0x0F for m in heard if m[0] & 0xF0 == 0xB0 and m[1] == 120}

        wait_for("silence on all channels", lambda: silenced() == set(range(16)))
        assert again.stop() == 0
    finally:
        keyboard.pull()


def test_in_phrase_mode_the_phrase_comes_back_with_the_band(jack: JackServer, composerd: Launch) -> None:
    program = composerd("--genre", "bach", "--mode", "phrase")
    keyboard = FakeKeyboard(jack)
    try:
        Hands(keyboard).play_until("a few keys", lambda: len(program.onsets(1)) >= 6)
        played = len(program.onsets(1))
        wait_for("the phrase again", lambda: len(program.onsets(1)) >= 2 * played)
        assert program.harmony()
        assert program.stop(signal.SIGINT) == 0
    finally:
        keyboard.pull()
    wait_for("silence", lambda: not program.sounding())


def test_it_waits_for_a_keyboard_and_says_so(jack: JackServer, composerd: Launch) -> None:
    program = composerd("--genre", "rock")
    wait_for("the line", lambda: "waiting for a keyboard" in program.log())
    keyboard = FakeKeyboard(jack)
    try:
        wait_for("the keyboard", lambda: "AKM322" in program.log())
    finally:
        keyboard.pull()
    assert program.stop() == 0


def test_a_jack_server_that_dies_is_reported_in_our_words_only_and_played_to_again(
    own_jack: JackServer, composerd: Launch
) -> None:
    program = composerd("--genre", "rock", "--out", "virtual", server=own_jack)
    keyboard = FakeKeyboard(own_jack)
    wait_for("the keyboard", lambda: "keyboard AKM322" in program.log())
    own_jack.kill()
    wait_for("the report", lambda: "waiting for a MIDI system" in program.log())
    keyboard.pull()
    own_jack.restart()
    again = FakeKeyboard(own_jack)
    try:
        wait_for("the keyboard again", lambda: program.log().count("keyboard AKM322") >= 2)
        assert program.stop() == 0
    finally:
        again.pull()
    foreign = [line for line in program.log().splitlines() if line and not line[0].isdigit()]
    assert foreign == [], "every line of ours begins with the time"


def test_a_keyboard_that_repeats_what_it_is_sent_does_not_play_with_itself(jack: JackServer, composerd: Launch) -> None:
    keyboard = FakeKeyboard(jack, hears="repeats")
    program = composerd("--genre", "rock", "--out", "AKM322")
    back = FakeSynth("listener", source="AKM322 MIDI 1")
    try:
        hands = Hands(keyboard)
        hands.play_until("the band's notes, repeated", lambda: len({m[0] for m in list(back.heard)} & BAND) >= 3)
        assert program.stop() == 0
    finally:
        keyboard.pull()
        back.close()
    (take,) = program.takes()
    (melody,) = (track for track in mido.MidiFile(take).tracks if track.name == "melody")
    played = [message.note for message in melody if message.type == "note_on" and message.velocity]
    assert 0 < len(played) <= hands.at
    assert all(now != before for before, now in pairwise(played)), "no key was heard twice"
    assert set(played) <= set(MELODY)


def test_the_first_signal_is_answered_with_a_last_chord(jack: JackServer, composerd: Launch) -> None:
    program = composerd("--genre", "pop")
    keyboard = FakeKeyboard(jack)
    try:
        Hands(keyboard).play_until("the band", lambda: len(program.harmony()) > 12)
        before = len(program.harmony())
        assert program.stop() == 0
    finally:
        keyboard.pull()
    assert len(program.harmony()) >= before + 3
    wait_for("silence", lambda: not program.sounding())


class Terminal:
    """A terminal whose output Ctrl-S stops and Ctrl-Q lets go on."""

    def __init__(self) -> None:
        self.master, self.slave = pty.openpty()
        os.set_blocking(self.master, False)
        self._seen = bytearray()

    def shows(self, text: str) -> bool:
        with contextlib.suppress(BlockingIOError):
            self._seen.extend(os.read(self.master, 65536))
        return text in self._seen.decode(errors="replace")

    def stop(self) -> None:
        os.write(self.master, b"\x13")

    def go_on(self) -> None:
        os.write(self.master, b"\x11")


@contextlib.contextmanager
def in_terminal(jack: JackServer, home: Path) -> Iterator[tuple[Terminal, subprocess.Popen[bytes], FakeSynth]]:
    """composerd in a terminal, with a synth and without a keyboard."""
    terminal, synth = Terminal(), FakeSynth()
    environ = {**jack.env, "XDG_DATA_HOME": str(home), "XDG_CONFIG_HOME": str(home), "TERM": "xterm"}
    command = [sys.executable, "-m", "composerd", "--midi-api", "jack", "--no-audio", "--genre", "pop"]
    slave = terminal.slave
    with subprocess.Popen(command, env=environ, stdin=slave, stdout=slave, stderr=slave) as process:
        try:
            wait_for("the program", lambda: terminal.shows("no keyboard"))
            yield terminal, process, synth
        finally:
            process.kill()
            synth.close()
            os.close(slave)
            os.close(terminal.master)


def test_a_terminal_that_is_stopped_stops_no_music(jack: JackServer, tmp_path: Path) -> None:
    """Ctrl-S before the keyboard is plugged in: the band plays all the same, and the lines come with Ctrl-Q."""
    with in_terminal(jack, tmp_path) as (terminal, process, synth):
        terminal.stop()
        keyboard = FakeKeyboard(jack)
        hands = Hands(keyboard)
        hands.play_until("the band", lambda: any(m[0] in BAND and m[2] for m in list(synth.heard)))
        assert not terminal.shows("controls of")
        terminal.go_on()
        wait_for("the lines", lambda: terminal.shows("controls of AKM322"))
        keyboard.pull()
        process.send_signal(signal.SIGTERM)
        wait_for("the end", lambda: terminal.shows("") and process.poll() is not None)
    assert process.returncode == 0


def test_a_terminal_that_is_stopped_keeps_no_program_from_ending(jack: JackServer, tmp_path: Path) -> None:
    with in_terminal(jack, tmp_path) as (terminal, process, _synth):
        terminal.stop()
        process.send_signal(signal.SIGTERM)
        wait_for("the end", lambda: process.poll() is not None)
    assert process.returncode == 0
