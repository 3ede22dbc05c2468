"""The real program is controlled from the keyboard alone: every step of README's section on playing."""

from __future__ import annotations

import cmath
import contextlib
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal

import mido
import pytest

from composerd.control.client import ask
from composerd.errors import DeviceError
from jackd import FakeKeyboard, FakeSynth, JackServer, wait_for

pytestmark = pytest.mark.jack
PLAY, STOP, REC, ENCODER, TEMPO, BAND, SLIDER, LOWEST = 105, 106, 107, 10, 21, 22, 7, 41
C, C_SHARP, D, D_SHARP, E, G, A, A_SHARP, B, MUSIC = 48, 49, 50, 51, 52, 55, 57, 58, 59, 72
TOMS = {41, 43, 45, 47, 48, 50}
"""General MIDI's; what the drums play between fills has none"""


class Session:
    """A running composerd, a plugged-in DeepComposer, and a synth connected to both."""

    def __init__(
        self, jack: JackServer, home: Path, runtime: Path, *options: str, hears: Literal["", "keeps"] = ""
    ) -> None:
        self.home, self.runtime, self.synth, self._socket = (
            home,
            runtime,
            FakeSynth(),
            runtime / "composerd" / "control.sock",
        )
        own = {"XDG_DATA_HOME": str(home), "XDG_CONFIG_HOME": str(home), "XDG_RUNTIME_DIR": str(runtime)}
        environ = {**jack.env, **own, "PYTHONUNBUFFERED": "1"}
        for name in ("NOTIFY_SOCKET", "RUNTIME_DIRECTORY"):
            environ.pop(name, None)
        told = ("--midi-api", "jack", "--no-audio", "--genre", "pop", "--bpm", "120", *options)
        before = FakeKeyboard(jack, hears=hears) if hears else None  # a port named must be there
        with (home / "log").open("w") as log:
            command = [sys.executable, "-m", "composerd", *told]
            self.process = subprocess.Popen(command, env=environ, stdout=log, stderr=log, text=True)
        self.keyboard = before or FakeKeyboard(jack)
        wait_for("the keyboard", lambda: any("ready" in line and "AKM322" in line for line in self.log().splitlines()))

    def log(self) -> str:
        return (self.home / "log").read_text()

    def do(self, do: str, **fields: object) -> dict[str, Any]:
        """The output of `composerd ctl`."""
        with contextlib.suppress(DeviceError):
            return ask([self._socket], {"do": do, **fields})
        return {"status": {}}

    def stands(self, **wanted: object) -> bool:
        """Whether the status has these fields."""
        status = self.do("status")["status"]
        return all(status.get(name) == value for name, value in wanted.items())

    def turn(self, controller: int, *values: int) -> None:
        for value in values:
            self.keyboard.send(0xB0, controller, value)

    def turn_until(self, what: str, controller: int, condition: Callable[[], object], first: int = 0) -> None:
        """Turn up, a few detents a second: JACK's dummy driver may lose some."""
        for value in range(first, 128):
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

    def until(
        self, what: str, act: Callable[[], object], condition: Callable[[], object], seconds: float = 3.0
    ) -> None:
        """Do it again where JACK's dummy driver seems to have lost it: nothing came of it in `seconds`."""
        for _ in range(4):
            act()
            with contextlib.suppress(AssertionError):
                wait_for(what, condition, seconds)
            if condition():
                return
        raise AssertionError(f"tried four times in vain: {what}\n{self.log()[-2000:]}")

    def heard(self, status: int, first: int | None = None) -> list[list[int]]:
        return [m for m in list(self.synth.heard) if m[0] == status and (first is None or m[1] == first)]

    def strokes(self, since: float = 0.0) -> list[tuple[float, int]]:
        """(moment, drum) of what the drums played."""
        heard = zip(list(self.synth.moments), list(self.synth.heard), strict=False)
        return [(at, m[1]) for at, m in heard if m[0] == 0x99 and m[2] and at >= since]

    def drums(self) -> int:
        return len(self.strokes())

    def wait_for_more_drums(self, count: int = 3) -> None:
        before = self.drums()
        wait_for("the drums", lambda: self.drums() >= before + count)

    def drumless(self) -> float:
        """Seconds since a drum was struck."""
        return time.monotonic() - max(at for at, _ in self.strokes())

    def sounding(self) -> set[tuple[int, int]]:
        held: set[tuple[int, int]] = set()
        for m in list(self.synth.heard):
            if m[0] & 0xF0 == 0x90 and m[2]:
                held.add((m[0] & 15, m[1]))
            elif m[0] & 0xF0 in (0x80, 0x90):
                held.discard((m[0] & 15, m[1]))
        return held

    def close(self) -> None:
        self.keyboard.pull()
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.synth.close()


@pytest.fixture
def launch(jack: JackServer, tmp_path: Path) -> Iterator[Callable[..., Session]]:
    """The control socket's path must be short: not in pytest's folder."""
    sessions: list[Session] = []
    with tempfile.TemporaryDirectory(prefix="ctl") as runtime:

        def start(*options: str, hears: Literal["", "keeps"] = "") -> Session:
            sessions.append(Session(jack, tmp_path, Path(runtime), *options, hears=hears))
            return sessions[-1]

        yield start
        for one in sessions:
            one.close()


@pytest.fixture
def session(launch: Callable[..., Session]) -> Session:
    return launch()


def tempo_of(moments: list[float]) -> int:
    """The tempo [beats a minute], of 100 to 180, on whose grid of 16ths the strokes lie best, whatever their rhythm."""

    def concentration(bpm: int) -> float:
        """Length of the mean phase vector [0 to 1]: 1 where all moments share one phase of the 16th."""
        return abs(sum(cmath.exp(2j * cmath.pi * (at - moments[0]) * bpm / 15) for at in moments))

    return max(range(100, 181), key=concentration)


def test_a_session_with_nothing_but_the_keyboard(session: Session) -> None:
    """Start, genre and tempo, drums off and on, a fill, the end, and the take: the steps of README's Playing page."""
    wait_for("the control socket", lambda: session.stands(state="ready", genre="pop", bpm=120.0))

    # 1. genre and tempo
    session.turn_until("another genre", ENCODER, lambda: session.stands(genre="rock"))
    session.turn(TEMPO, 30, 50)
    assert session.stands(bpm=120.0), "the knob has not passed the tempo yet"
    session.turn_until("a faster tempo", TEMPO, lambda: session.stands(bpm=140.0), first=70)

    # 2. start
    session.until("the drums", lambda: session.turn(PLAY, 127), lambda: session.stands(state="playing"))
    begun = time.monotonic()
    session.wait_for_more_drums(20)
    assert tempo_of([at for at, _ in session.strokes(begun)]) == pytest.approx(140, abs=2)
    session.keyboard.press_until("harmony to the melody", lambda: session.heard(0x91), MUSIC)
    session.keyboard.send(0x90, MUSIC, 90)  # and held: two bars without a key would be the end

    # 3. the drums off and on, and a fill
    session.until("no drums", lambda: session.switch(D), lambda: session.stands(muted=["drums"]))
    wait_for("silence of the drums", lambda: session.drumless() > 1.5)
    session.until("drums", lambda: session.switch(D), lambda: session.stands(muted=[]))
    session.wait_for_more_drums()
    assert not {key for _, key in session.strokes()} & TOMS, "toms are what a fill has and nothing else"
    session.until("a fill", lambda: session.switch(C), lambda: {key for _, key in session.strokes()} & TOMS)

    # 4. the end
    session.keyboard.send(0x80, MUSIC, 64)
    session.turn(PLAY, 127)
    session.until("the end", lambda: None, lambda: session.stands(state="ready"))
    session.until("silence", lambda: session.keyboard.send(0x80, MUSIC, 64), lambda: not session.sounding())

    # 5. the take
    session.until("a take", lambda: session.turn(REC, 127), lambda: list(session.home.rglob("takes/*.mid")))
    (take, *_) = sorted(session.home.rglob("takes/*.mid"))
    channels = {one.channel + 1 for one in mido.MidiFile(take) if one.type == "note_on" and one.velocity}
    assert {1, 2, 10} <= channels, "the player, the bass and the drums"

    # nothing that commanded was heard
    assert session.heard(0x90, LOWEST) == session.heard(0x90, C) == session.heard(0x90, D) == []
    assert session.heard(0xB0, PLAY) == session.heard(0xB0, TEMPO) == session.heard(0xB0, ENCODER) == []


def test_every_other_switch_of_the_page_shows_in_the_status(session: Session) -> None:
    for key, wanted in (
        (D_SHARP, {"muted": ["bass"]}),
        (E, {"variation": "B"}),
        (54, {"variation": "auto"}),
        (56, {"solo": ["drums"]}),
        (A, {"follow": True}),
        (B, {"left_hand": True}),
    ):
        session.until(str(wanted), lambda key=key: session.switch(key), lambda wanted=wanted: session.stands(**wanted))  # type: ignore[misc]


def test_a_waltz_is_chosen_and_left_on_the_keyboard(session: Session) -> None:
    def accents(count: int) -> bool:
        """Whether the last bars that were clicked have so many beats."""
        marked = [i for i, m in enumerate(m for m in session.heard(0x9F) if m[2]) if m[1] == 84]
        return len(marked) > 2 and {later - earlier for earlier, later in pairwise(marked[-3:])} == {count}

    session.do("metronome", on=True)
    session.do("tempo", bpm=200)
    session.until("the drums", lambda: session.turn(PLAY, 127), lambda: session.stands(state="playing"))
    session.keyboard.send(0x90, MUSIC, 90)  # held: two bars without a key would be the end
    for beats in (3, 4):
        session.until(f"{beats} beats a bar", lambda: session.switch(53), lambda n=beats: accents(n), 8.0)  # type: ignore[misc]


def test_taps_on_the_mapped_key_set_the_tempo(session: Session) -> None:
    def tapped() -> None:
        for _ in range(4):
            session.switch(G)
            time.sleep(0.4)

    session.until("150 a minute", tapped, lambda: 140 < session.do("status")["status"].get("bpm", 0) < 160)


def test_half_time_halves_the_strokes_and_a_break_silences_a_bar(session: Session) -> None:
    session.until("the drums", lambda: session.turn(PLAY, 127), lambda: session.stands(state="playing"))
    session.keyboard.send(0x90, MUSIC, 90)  # held: two bars without a key would be the end
    session.wait_for_more_drums(20)
    session.until("half time", lambda: session.switch(A_SHARP), lambda: session.stands(bpm=60.0), 4.0)
    session.until("ordinary time", lambda: session.switch(A_SHARP), lambda: session.stands(bpm=120.0), 6.0)
    session.until("a silent bar", lambda: session.switch(C_SHARP), lambda: session.drumless() > 1.6)
    session.wait_for_more_drums()


def test_the_slider_is_the_master_volume_and_knob_two_the_bands(session: Session) -> None:
    session.turn(SLIDER, 90, 100, 127)
    wait_for("the volume of all", lambda: session.heard(0xB0, 7)[-1:] == [[0xB0, 7, 127]])
    session.turn(BAND, 90, 100, 50)
    wait_for("the volume of the drums", lambda: [m[2] for m in session.heard(0xB9, 7)][-1:] == [64])


def test_stop_ends_and_twice_is_panic(session: Session) -> None:
    session.keyboard.press_until("the drums", lambda: session.drums() > 4, MUSIC)
    session.turn(STOP, 127, 127)
    wait_for("all notes off", lambda: session.heard(0xB9, 123))


def test_what_has_no_key_is_said_by_ctl(session: Session) -> None:
    wait_for("the control socket", lambda: session.stands(state="ready"))
    session.do("pan", part="bass", place=0)
    session.do("volume", part="drums", level=50)
    session.do("metre", name="3/4")
    session.do("tempo", bpm=200)
    session.do("metronome", on=True)
    session.do("start")
    session.wait_for_more_drums()
    session.keyboard.send(0x90, MUSIC, 90)  # held
    wait_for("the place of the bass", lambda: session.heard(0xB1, 10)[-1:] == [[0xB1, 10, 0]])
    assert session.heard(0xB9, 7)[-1] == [0xB9, 7, 50]
    wait_for("three bars of a waltz", lambda: len([m for m in session.heard(0x9F) if m[2]]) > 9)
    clicks = [(m[1], m[2]) for m in session.heard(0x9F) if m[2]]
    accents = [i for i, click in enumerate(clicks) if click == max(clicks, key=lambda one: one[1])]
    assert {later - earlier for earlier, later in pairwise(accents)} == {3}
    session.do("quit")
    assert session.process.wait(20) == 0


def test_a_clock_from_another_port_starts_leads_and_ends_the_band(
    launch: Callable[..., Session], jack: JackServer
) -> None:
    session = launch("--clock-in", "drum machine", "--clock-out")
    session.synth.hear_clock()
    drummer = FakeKeyboard(jack, "drum machine", "clock")
    wait_for("the clock's port", lambda: "clock drum machine:clock" in session.log())

    def ticking(bpm: float, beats: int) -> None:
        """The drum machine's clock."""
        began = time.monotonic()
        for i in range(24 * beats):
            time.sleep(max(0.0, began + i * 2.5 / bpm - time.monotonic()))
            drummer.send(0xF8)

    ticking(100, 2)
    drummer.send(0xFA)
    ticking(100, 8)
    assert session.stands(state="playing")

    def is_at_100() -> bool:
        return abs(float(session.do("status")["status"]["bpm"]) - 100) < 3

    session.until("the clock's tempo, of a beat without a lost tick", lambda: ticking(100, 1), is_at_100, 0.0)
    drummer.send(0xFC)
    wait_for("the end", lambda: session.stands(state="ready"))
    assert session.heard(0xFA)
    assert len(session.heard(0xF8)) > 24 * 6
    assert session.heard(0xFC)

    def go_on_from_bar_three() -> None:
        for data in ((0xFC,), (0xF2, 32, 0), (0xFB,)):
            drummer.send(*data)
        ticking(100, 2)

    session.until("the song's bar three", go_on_from_bar_three, lambda: session.stands(state="playing", bar=3), 0.1)
    drummer.pull()
    wait_for("the end, as nothing comes", lambda: session.stands(state="ready"))
    drummer = FakeKeyboard(jack, "drum machine", "clock")
    wait_for("the clock's port again", lambda: session.log().count("clock drum machine:clock") > 1)

    def start_again() -> None:
        drummer.send(0xFA)
        ticking(100, 2)

    session.until("the band again", start_again, lambda: session.stands(state="playing", bar=1), 0.1)
    drummer.pull()


def test_a_second_composerd_on_the_keyboard_says_so_and_how_to_stop_the_first(
    jack: JackServer, session: Session
) -> None:
    wait_for("the control socket", lambda: session.stands(state="ready"))
    command = [sys.executable, "-m", "composerd", "--midi-api", "jack", "--no-audio"]
    environ = {**jack.env, "XDG_DATA_HOME": str(session.home), "XDG_RUNTIME_DIR": str(session.runtime)}
    second = subprocess.run(command, env=environ, capture_output=True, text=True)
    assert second.returncode != 0
    assert second.stderr == (
        "composerd: AKM322:AKM322 MIDI 1 is played by another composerd "
        f"(process {session.process.pid}, `composerd ctl quit` stops it); --in chooses another keyboard\n"
    )
    assert session.stands(state="ready", keyboard="AKM322:AKM322 MIDI 1")


def test_clock_in_and_clock_out_on_one_port(launch: Callable[..., Session]) -> None:
    """The keyboard leads by its clock and is sent ours: nothing of its clock is taken for ours."""
    session = launch("--in", "AKM322", "--out", "AKM322", "--clock-in", "--clock-out", hears="keeps")
    wait_for("the output", lambda: "output AKM322-01:in" in session.log())

    def ticking(bpm: float, beats: int) -> None:
        began = time.monotonic()
        for i in range(24 * beats):
            time.sleep(max(0.0, began + i * 2.5 / bpm - time.monotonic()))
            session.keyboard.send(0xF8)

    def started() -> None:
        ticking(100, 2)
        session.keyboard.send(0xFA)
        ticking(100, 8)

    session.until("the band", started, lambda: session.stands(state="playing"), 0.1)

    def is_at_100() -> bool:
        return abs(float(session.do("status")["status"]["bpm"]) - 100) < 3

    session.until("the clock's tempo", lambda: ticking(100, 2), is_at_100, 0.0)
    session.keyboard.send(0xFC)


def test_an_encoder_is_learned_and_places_the_bass(jack: JackServer, launch: Callable[..., Session]) -> None:
    encoder, up, down = 30, 65, 63
    session = launch()
    command = [sys.executable, "-m", "composerd", "learn", "pan", "--part", "bass", "--midi-api", "jack"]
    environ = {**jack.env, "XDG_CONFIG_HOME": str(session.home), "PYTHONUNBUFFERED": "1"}
    environ["XDG_RUNTIME_DIR"] = str(session.runtime)
    before = session.log().count("controls of")
    with subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, text=True) as learning:
        assert learning.stdout is not None
        assert "turn the knob" in learning.stdout.readline()
        session.until(
            "the lesson",
            lambda: session.turn(encoder, up, up, up, down, down),
            lambda: learning.poll() is not None,
            1.0,
        )
        assert "cc 30 (binary offset) does pan from now on" in learning.stdout.read()
    wait_for("the control page again", lambda: session.log().count("controls of") > before)
    assert not session.heard(0xB0, encoder), "what is moved to be learned is not played"
    passed_on = len(session.heard(0xB0, encoder))
    # where a client has just ended, JACK may leave a new one out of its cycle for up to half a minute (seen under load)
    session.until(
        "the bass on the left", lambda: session.turn(encoder, *(down,) * 40), lambda: session.heard(0xB1, 10), 12.0
    )
    assert session.heard(0xB1, 10)[-1][2] < 64
    assert len(session.heard(0xB0, encoder)) == passed_on
