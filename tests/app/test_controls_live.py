"""Somebody with only the keyboard in front of them, in the real program: start, genre, drums off, fill, end, save."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from jackd import FakeKeyboard, FakeSynth, JackServer, wait_for

pytestmark = pytest.mark.jack
PLAY, STOP, REC, ENCODER, TEMPO, BAND, SLIDER, LOWEST = 105, 106, 107, 10, 21, 22, 7, 41
C, D, MUSIC = 48, 50, 72


class Session:
    """A running composerd, the DeepComposer that is plugged in, and the synth that hears both."""

    def __init__(self, jack: JackServer, home: Path) -> None:
        self.home, self.synth = home, FakeSynth()
        environ = {**jack.env, "XDG_DATA_HOME": str(home), "XDG_CONFIG_HOME": str(home), "PYTHONUNBUFFERED": "1"}
        environ.pop("NOTIFY_SOCKET", None)
        options = ("--midi-api", "jack", "--no-audio", "--genre", "pop", "--bpm", "120")
        command = [sys.executable, "-m", "composerd", *options]
        with (home / "log").open("w") as log:
            self.process = subprocess.Popen(command, env=environ, stdout=log, stderr=log, text=True)
        self.keyboard = FakeKeyboard(jack)
        wait_for("the control page", lambda: "controls of" in self.log())

    def log(self) -> str:
        return (self.home / "log").read_text()

    def turn(self, controller: int, *values: int) -> None:
        for value in values:
            self.keyboard.send(0xB0, controller, value)

    def turn_until(self, what: str, controller: int, condition: Callable[[], object]) -> None:
        """Turn up, a few detents a second: JACK's dummy driver may lose some."""
        for value in range(128):
            self.keyboard.send(0xB0, controller, value)
            with contextlib.suppress(AssertionError):
                wait_for(what, condition, 0.2)
            if condition():
                return
        raise AssertionError(f"turned up in vain for {what}")

    def switch(self, key: int) -> None:
        """Hold the lowest key and press another."""
        for message in ((0x90, LOWEST, 80), (0x90, key, 80), (0x80, key, 64), (0x80, LOWEST, 64)):
            self.keyboard.send(*message)

    def heard(self, status: int, first: int | None = None) -> list[list[int]]:
        return [m for m in list(self.synth.heard) if m[0] == status and first in (None, m[1])]

    def drums(self) -> int:
        return len([m for m in self.heard(0x99) if m[2]])

    def wait_for_more_drums(self, count: int = 3) -> None:
        before = self.drums()
        wait_for("the drums", lambda: self.drums() >= before + count)

    def drumless(self) -> float:
        """Seconds since a drum was struck."""
        heard = zip(list(self.synth.moments), list(self.synth.heard), strict=False)
        return time.monotonic() - max(at for at, message in heard if message[0] == 0x99)

    def close(self) -> None:
        self.keyboard.pull()
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.synth.close()


@pytest.fixture
def session(jack: JackServer, tmp_path: Path) -> Iterator[Session]:
    made = Session(jack, tmp_path)
    yield made
    made.close()


def test_play_starts_and_ends_the_band_and_no_control_is_heard(session: Session) -> None:
    session.turn(PLAY, 127)
    session.wait_for_more_drums()
    session.switch(C)  # a fill
    session.turn(PLAY, 127)
    wait_for("the end", lambda: session.drumless() > 4)
    assert session.heard(0x90) == session.heard(0xB0, PLAY) == []


def test_the_encoder_changes_the_genre(session: Session) -> None:
    session.turn_until("another genre's instruments", ENCODER, lambda: len(session.heard(0xC0)) >= 2)


def test_the_lowest_key_and_d_mute_the_drums_and_bring_them_back(session: Session) -> None:
    session.turn(PLAY, 127)
    session.wait_for_more_drums()
    session.switch(D)
    wait_for("no drums", lambda: session.drumless() > 1.5)
    session.switch(D)
    session.wait_for_more_drums()
    assert session.heard(0x90, LOWEST) == session.heard(0x90, D) == []


def test_the_slider_is_the_master_volume_and_knob_two_the_bands(session: Session) -> None:
    session.turn(SLIDER, 90, 100, 127)
    wait_for("the volume of all", lambda: session.heard(0xB0, 7)[-1:] == [[0xB0, 7, 127]])
    session.turn(BAND, 90, 100, 50)
    wait_for("the volume of the drums", lambda: [m[2] for m in session.heard(0xB9, 7)][-1:] == [64])


def test_stop_ends_and_twice_is_panic_and_rec_keeps_a_take(session: Session) -> None:
    session.keyboard.press_until("the drums", lambda: session.drums() > 4, MUSIC)
    session.turn(REC, 127)
    wait_for("a take", lambda: list(session.home.rglob("takes/*.mid")))
    session.turn(STOP, 127, 127)
    wait_for("all notes off", lambda: session.heard(0xB9, 123))
