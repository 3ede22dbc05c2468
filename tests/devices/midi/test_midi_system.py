"""libjack is found wherever the program is installed and whatever runs beside it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import rtmidi

from composerd.devices.midi.ports import list_ports
from composerd.devices.midi.settings import MidiSettings
from composerd.devices.midi.system import find_system, jack_library
from composerd.devices.system.bell import Bell
from jackd import FakeKeyboard, JackServer, wait_for

ROW = b"7f4c1a000000-7f4c1a021000 r-xp 00000000 fe:00 1835061                    "
"""a row of /proc/self/maps before its path"""
_LATIN_CLIENT = """
import ctypes, sys
jack = ctypes.CDLL("libjack.so.0")
jack.jack_client_open.restype = jack.jack_port_register.restype = ctypes.c_void_p
client = ctypes.c_void_p(jack.jack_client_open(b"caf\\xe9", 1, None))
jack.jack_port_register(client, b"m\\xfcsic", b"8 bit raw midi", ctypes.c_ulong(2), ctypes.c_ulong(0))
jack.jack_activate(client)
print("there", flush=True)
sys.stdin.read()
"""


@pytest.mark.parametrize(
    ("path", "found"),
    [
        (b"/usr/lib/libjack.so.0.1.0", "/usr/lib/libjack.so.0.1.0"),
        (b"/home/me/My Music/lib/libjack-5305d520.so.0.1.0", "/home/me/My Music/lib/libjack-5305d520.so.0.1.0"),
        (b"/srv/caf\xe9/libjack.so.0 (deleted)", "/srv/caf\udce9/libjack.so.0"),
        (b"/dev/shm/jack_sem.0_default_libjack-.so", ""),
        (b"libjack.so.0", ""),
        (b"[heap]", ""),
    ],
)
def test_the_path_of_libjack_is_all_that_follows_the_columns(path: bytes, found: str) -> None:
    maps = b"\n".join((ROW, ROW + b"/dev/shm/jack_sem.0_default_caf\xe9", ROW + path, b""))
    assert jack_library(maps) == found


def threads_of_this_process() -> list[str]:
    return [path.name for path in Path("/proc/self/task").iterdir()]


@pytest.fixture
def latin(jack: JackServer) -> Iterator[None]:
    """A JACK client whose name is no UTF-8."""
    command = [sys.executable, "-c", _LATIN_CLIENT]
    with subprocess.Popen(command, env=jack.env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as client:
        assert client.stdout is not None
        assert client.stdout.readline() == "there\n"
        yield
        client.communicate()


@pytest.mark.jack
@pytest.mark.usefixtures("latin")
def test_beside_a_client_whose_name_is_no_utf_8_the_keyboard_is_found(jack: JackServer) -> None:
    keyboard = FakeKeyboard(jack)
    listing = list_ports(MidiSettings(api="jack"))
    keyboard.pull()
    assert listing.keyboard == keyboard.name
    assert any(name.startswith("caf") for name in listing.inputs)


@pytest.mark.jack
def test_jack_tells_of_a_port_that_comes_and_of_its_going(jack: JackServer) -> None:
    bell = Bell()
    system = find_system("jack", bell.ring)
    assert system.tells
    keyboard = FakeKeyboard(jack)
    wait_for("word of it", lambda: bell.wait(0.0) and keyboard.name in system.inputs())
    keyboard.pull()
    wait_for("word of its going", lambda: bell.wait(0.0) and keyboard.name not in system.inputs())
    system.close()
    bell.close()


@pytest.mark.jack
def test_looking_for_ports_takes_no_part_in_jacks_periods(jack: JackServer) -> None:
    """A client of rtmidi's that only looks costs a wake-up in every period: none is among those that look."""
    assert jack.process.poll() is None
    first = find_system("jack", lambda: None)  # with it come threads that libjack starts once
    before = set(threads_of_this_process())
    second = find_system("jack", lambda: None)
    assert len(set(threads_of_this_process()) - before) == 2, (
        "JACK's word of changes comes on one, and is passed on by one"
    )
    for system in (first, second):
        system.close()


@pytest.mark.jack
def test_installed_in_a_folder_with_a_blank_in_its_path_it_lists_the_ports(jack: JackServer, tmp_path: Path) -> None:
    place = tmp_path / "My Music"
    installed = Path(rtmidi.__file__).parent.parent
    for folder in ("rtmidi", *(path.name for path in installed.glob("python_rtmidi.*") if path.is_dir())):
        shutil.copytree(installed / folder, place / folder)
    ask = (
        "import rtmidi; from composerd.devices.midi.ports import *;"
        "print(rtmidi.__file__, list_ports(MidiSettings(api='jack')).api)"
    )
    environ = {**jack.env, "PYTHONPATH": str(place)}
    done = subprocess.run([sys.executable, "-c", ask], env=environ, capture_output=True, text=True)
    assert done.stdout == f"{place}/rtmidi/__init__.py JACK\n", done.stderr
    assert done.stderr == ""
