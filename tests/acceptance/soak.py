"""Endurance: `soak.py hour` over JACK's dummy driver in real time, `soak.py virtual` for a day on a virtual clock.

Both play like a person: melodies with pauses, chords, flurries; genres and tempos change on the way. Both print one
JSON object and fail when a note is left sounding, when memory or handles grow, or (hour) when more than one message in
5,000 is lost beyond what a bare echo beside the daemon loses: JACK itself loses some on a busy machine.
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import rtmidi

from composerd.app.generator_bank import bank
from composerd.bench.jack_server import JackServer, jack_server
from composerd.bench.offline import resident_mb
from composerd.control.client import ask
from composerd.devices.system.memory import give_back, keep_little
from composerd.engine.commands.band import Panic, SetMode
from composerd.engine.commands.time import SetTempo
from composerd.engine.conductor import Conductor, Start
from composerd.engine.messages import GenreLoaded, KeyboardChanged, KeyboardMessage, Mode, Played, Stop
from composerd.engine.output.stage import Stage
from composerd.engine.settings import EngineSettings
from composerd.engine.virtual import VirtualInbox
from composerd.errors import ComposerdError
from composerd.generators.worker import Immediate
from composerd.library.genre_files import load_genre
from composerd.music.metre import BarGrid
from composerd.music.midi import Midi, note_off, note_on

GENRES = ("pop", "jazz", "rock", "bach", "symphony")
SCALE = (60, 62, 64, 65, 67, 69, 71, 72, 74, 76)
KEYS = "soak-keys"
WARM = 0.1
"""share of the time after which memory and handles are looked at first: every genre has been opened then"""
LOOKS = (WARM, 0.25, 0.5, 0.75, 2.0)
"""shares of the time at which they are looked at; the last never comes, the end does"""
GROWN_MB = 8.0
LOST_SHARE = 1 / 5000
QUEUE = 1 << 16
"""messages between two looks"""
WINDOW = 20
"""messages lost in a row, at most"""
Note = tuple[float, Midi]


def person(seconds: float, seed: int) -> Iterator[Note]:
    """(second, message): phrases of eighths with pauses; sometimes a chord, a long note, or a flurry."""
    chance, now = random.Random(seed), 0.5
    while now < seconds:
        until, beat = now + chance.uniform(8, 40), 60 / chance.uniform(80, 140)
        while now < min(until, seconds):
            kind = chance.random()
            length = beat * (2 if kind < 0.1 else 0.125 if kind > 0.95 else 0.5)
            pitches = chance.sample(SCALE, 3 if 0.1 < kind < 0.15 else 1)
            yield from ((now, note_on(1, pitch, chance.randint(40, 120))) for pitch in pitches)
            yield from ((now + 0.8 * length, note_off(1, pitch)) for pitch in pitches)
            now += length
        now += chance.uniform(1, 12)


# a day on a virtual clock


class _Listener:
    """Counts messages and tracks sounding notes."""

    def __init__(self) -> None:
        self.notes: Counter[str] = Counter()
        """notes begun, by who began them"""
        self.sounding: set[tuple[int, int]] = set()
        """(channel, pitch), as a synth has it"""
        self.due: Counter[tuple[float, int]] = Counter()
        """(second, pitch) of keys pressed that have not come through"""

    def play(self, played: Played) -> None:
        message = played.message
        key = (message.channel, message.data1)
        if message.starts_note:
            who = "band" if played.part is not None else "repeated" if played.replayed else "player"
            self.notes[who] += 1
            self.sounding.add(key)
            if who == "player":
                self._came_through((played.at, message.data1))
        elif message.ends_note:
            self.sounding.discard(key)

    def _came_through(self, key: tuple[float, int]) -> None:
        self.due[key] -= 1
        if not self.due[key]:
            del self.due[key]

    def set_genre(self, genre: object) -> None:
        """Nothing to set."""

    def close(self) -> None:
        """Nothing to close."""


def virtual(hours: float, seed: int) -> int:
    """Play `hours` on a virtual clock with every shipped genre's own generator."""
    keep_little()
    seconds, chance = hours * 3600, random.Random(seed)
    genres = [load_genre(name, {"HOME": "/nowhere"}) for name in GENRES]
    generators, listener, inbox = bank(EngineSettings()), _Listener(), VirtualInbox()
    for genre in genres:
        generators.open_or_plain(genre)
    start = Start(Mode.JAM, genres[0].bpm, BarGrid.of(genres[0].metre))
    conductor = Conductor(
        inbox, Immediate(generators, inbox.put), Stage([listener], genres[0]), EngineSettings(), start
    )
    keys = _feed(inbox, listener, seconds, seed)
    pressed, weighed, began = 0, 0.0, time.perf_counter()
    while (at := inbox.now()) < seconds:
        pressed += next(keys, 0)
        if chance.random() < 1 / 2000:
            inbox.put(_surprise(chance, genres, at))
        conductor.step()
        if not weighed and at >= WARM * seconds:
            weighed = _weight()
    inbox.put(Stop("the day is over"))
    conductor.run()
    grown = _weight() - weighed
    lost = sum(map(abs, listener.due.values()))
    report = {
        "hours": hours, "seconds_taken": round(time.perf_counter() - began), "pressed": pressed,
        "lost_or_doubled": lost, "player_notes_out": listener.notes["player"],
        "repeated_by_phrase_mode": listener.notes["repeated"], "band_notes": listener.notes["band"],
        "left_sounding": len(listener.sounding),
        "memory_mb": round(_weight(), 1), "grown_mb_after_warm_up": round(grown, 2),
    }  # fmt: skip
    print(json.dumps(report, indent=1))
    return 0 if not listener.sounding and not lost and grown <= GROWN_MB and listener.notes["band"] > pressed else 1


def _weight() -> float:
    """MB that cannot be given back, as the daemon does after every genre."""
    gc.collect()
    give_back()
    return resident_mb()


def _feed(inbox: VirtualInbox, listener: _Listener, seconds: float, seed: int) -> Iterator[int]:
    """Post keys a little ahead of the clock, so that the inbox holds minutes, not a day; yields the keys posted."""
    ahead = 0.0
    for second, message in person(seconds, seed):
        while second > ahead:
            yield 0
            ahead = inbox.now() + 60
        inbox.post(second, KeyboardMessage(second, message))
        if message.starts_note:
            listener.due[second, message.data1] += 1
            yield 1


def _surprise(chance: random.Random, genres: list[Any], now: float) -> Any:
    makers = (
        lambda: GenreLoaded(chance.choice(genres)),
        lambda: SetTempo(chance.uniform(60, 180)),
        lambda: SetMode(chance.choice(list(Mode))),
        lambda: KeyboardChanged(now, chance.choice((None, "AKM322 MIDI 1"))),
        Panic,
    )
    return chance.choice(makers)()


# an hour over JACK


class _Ear:
    """Hears a client's output port.

    Through rtmidi's queue: a callback makes JACK's thread wait for Python, and once that lasts longer than a period,
    rtmidi 5 hears the first message of the period again in place of the others.
    """

    def __init__(self, name: str) -> None:
        self.heard: list[bytes] = []
        self._port = rtmidi.MidiIn(rtmidi.API_UNIX_JACK, name=f"soak-ear-{name}", queue_size_limit=QUEUE)
        deadline = time.monotonic() + 60
        while True:
            at = next((i for i, port in enumerate(self._port.get_ports()) if port.startswith(f"{name}:")), None)
            if at is not None:
                break
            if time.monotonic() > deadline:
                raise SystemExit(f"no port of {name}: {self._port.get_ports()}")
            time.sleep(0.1)
        self._port.open_port(at, "in")

    def listen(self) -> None:
        """Empty the queue."""
        while (event := self._port.get_message()) is not None:
            self.heard.append(bytes(event[0]))

    def onsets(self, player: bool) -> list[bytes]:
        return [m for m in self.heard if m[0] & 0xF0 == 0x90 and m[2] and (m[0] & 15 == 0) == player]

    def sounding(self) -> set[tuple[int, int]]:
        held: set[tuple[int, int]] = set()
        for message in self.heard:
            kind, key = message[0] & 0xF0, (message[0] & 15, message[1])
            if kind == 0x90 and message[2]:
                held.add(key)
            elif kind in (0x80, 0x90):
                held.discard(key)
            elif kind == 0xB0 and message[1] in (120, 123):
                held = {note for note in held if note[0] != key[0]}
        return held


def account(sent: Sequence[bytes], heard: Sequence[bytes]) -> tuple[int, int]:
    """(lost, doubled) of messages that keep their order. JACK does both where a client misses its turn."""
    lost = doubled = at = 0
    for message in heard:
        ahead = next((i for i in range(at, min(at + WINDOW, len(sent))) if sent[i] == message), None)
        if ahead is None:
            doubled += 1
        else:
            lost, at = lost + ahead - at, ahead + 1
    return lost + len(sent) - at, doubled


ECHO = """
import sys, rtmidi
out = rtmidi.MidiOut(rtmidi.API_UNIX_JACK, name="soak-echo")
out.open_virtual_port("out")
keys = rtmidi.MidiIn(rtmidi.API_UNIX_JACK, name="soak-echo-in")
keys.set_callback(lambda event, _: out.send_message(event[0]))
keys.open_port(next(n for n, name in enumerate(keys.get_ports()) if sys.argv[1] in name), "in")
sys.stdin.read()
"""


def hour(seconds: float, seed: int, folder: Path) -> int:
    """Play `seconds` in real time through `composerd play` and, beside it, through a bare echo."""
    folder.mkdir(parents=True, exist_ok=True)
    control = folder / "control.sock"
    with jack_server(256) as server, _daemon(server, folder, control) as daemon, contextlib.ExitStack() as stack:
        os.environ.update(server.env)
        keyboard = rtmidi.MidiOut(rtmidi.API_UNIX_JACK, name=KEYS)
        keyboard.open_virtual_port("out")
        echo = subprocess.Popen([sys.executable, "-c", ECHO, KEYS], stdin=subprocess.PIPE, env=server.env)
        stack.callback(echo.kill)
        ears = {name: _Ear(name) for name in ("composerd", "soak-echo")}
        _until_heard(control)
        report = _play(keyboard, control, daemon.pid, seconds, seed, ears)
        daemon.send_signal(signal.SIGTERM)
        report["exit_status"] = daemon.wait(30)
        time.sleep(1)
        ears["composerd"].listen()
        report["left_sounding"] = len(ears["composerd"].sounding())
    print(json.dumps(report, indent=1))
    return 0 if _passes(report) else 1


def _passes(report: dict[str, Any]) -> bool:
    lost = report["lost"] - report["lost_by_bare_echo"]
    grown = report["memory_mb"][-1] - report["memory_mb"][0]
    steady = (
        report["file_handles"][-1] <= report["file_handles"][0] + 4
        and report["threads"][-1] <= report["threads"][0] + 1
    )
    doubled = report["doubled"] - report["doubled_by_bare_echo"]
    return (
        report["band_notes"] > report["pressed"] > 0
        and doubled <= LOST_SHARE * report["pressed"]
        and not report["left_sounding"]
        and not report["exit_status"]
        and grown <= GROWN_MB
        and steady
        and lost <= LOST_SHARE * report["pressed"]
    )


@contextlib.contextmanager
def _daemon(server: JackServer, folder: Path, control: Path) -> Iterator[subprocess.Popen[bytes]]:
    environ = {
        **server.env, "XDG_CONFIG_HOME": str(folder), "XDG_DATA_HOME": str(folder),
        "COMPOSERD_REMOTE__SOCKET": str(control),
        "COMPOSERD_MIDI__OUTPUT": "virtual", "COMPOSERD_MIDI__API": "jack", "COMPOSERD_MIDI__KEYBOARD": KEYS,
        "COMPOSERD_AUDIO__ENABLED": "never",
    }  # fmt: skip
    command = [str(Path(sys.executable).parent / "composerd"), "play", "--quiet"]
    with (folder / "composerd.log").open("wb") as log:
        process = subprocess.Popen(command, env=environ, stdout=log, stderr=log)
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()


def _until_heard(control: Path) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with contextlib.suppress(ComposerdError):
            if ask([control], {"do": "status"})["status"]["keyboard"]:
                return
        time.sleep(0.2)
    raise SystemExit("composerd did not find the keyboard")


def _play(keyboard: Any, control: Path, pid: int, seconds: float, seed: int, ears: dict[str, _Ear]) -> dict[str, Any]:
    chance, began, changes, next_change = random.Random(seed), time.monotonic(), 0, 5.0
    pressed: list[bytes] = []
    seen: list[tuple[float, int, int]] = []
    for second, message in sorted(person(seconds, seed), key=lambda note: note[0]):
        time.sleep(max(0.0, began + second - time.monotonic()))
        keyboard.send_message(list(message.to_bytes()))
        if message.starts_note:
            pressed.append(bytes(message.to_bytes()))
        if second >= next_change:
            with contextlib.suppress(ComposerdError):
                ask([control], _change(changes, chance))
            changes, next_change = changes + 1, next_change + (5 if changes < len(GENRES) else 60)
        for ear in ears.values():
            ear.listen()
        if second >= LOOKS[len(seen)] * seconds:
            seen.append(_footprint(pid))
    time.sleep(3)
    for ear in ears.values():
        ear.listen()
    status = ask([control], {"do": "status"})["status"]
    memory, handles, threads = zip(*seen, _footprint(pid), strict=True)
    out = ears["composerd"].onsets(player=True)
    lost, doubled = account(pressed, out)
    echo_lost, echo_doubled = account(pressed, ears["soak-echo"].onsets(player=True))
    return {
        "seconds": round(time.monotonic() - began), "pressed": len(pressed), "player_notes_out": len(out),
        "lost": lost, "doubled": doubled, "lost_by_bare_echo": echo_lost, "doubled_by_bare_echo": echo_doubled,
        "band_notes": len(ears["composerd"].onsets(player=False)), "changes": changes,
        "late": status["late"], "dropped": status["dropped"],
        "memory_mb": memory, "file_handles": handles, "threads": threads,
    }  # fmt: skip


def _change(number: int, chance: random.Random) -> dict[str, object]:
    """Every genre once, then anything."""
    genre = GENRES[number] if number < len(GENRES) else chance.choice(GENRES)
    if number >= len(GENRES) and chance.random() < 0.5:
        return {"do": "tempo", "bpm": round(chance.uniform(70, 160))}
    return {"do": "genre", "name": genre}


def _footprint(pid: int) -> tuple[float, int, int]:
    """Resident MB, file handles, threads."""
    process = Path(f"/proc/{pid}")
    return round(resident_mb(pid), 1), len(list((process / "fd").iterdir())), len(list((process / "task").iterdir()))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("hour", "virtual"))
    parser.add_argument("--hours", type=float, default=None, help="1 in real time, 24 virtual")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", type=Path, default=Path("out/acceptance/soak"))
    args = parser.parse_args()
    if args.what == "hour":
        return hour(3600 * (args.hours or 1.0), args.seed, args.folder.resolve())
    return virtual(args.hours or 24.0, args.seed)


if __name__ == "__main__":
    sys.exit(main())
