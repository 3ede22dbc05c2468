"""Whole machines as MIDI systems list them: the ports of the keyboard and of synths, and what an error says."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from composerd.devices.midi.connections import AlsaWires
from composerd.devices.midi.port_names import (
    address,
    client_number,
    heard,
    is_hardware,
    is_own,
    keyboards,
    named,
    plain,
    synths,
    unknown_port,
)


@dataclass(frozen=True)
class Machine:
    """A machine's ports that send, and what they are."""

    what: str
    ports: tuple[str, ...]
    heard: tuple[str, ...]
    synths: tuple[str, ...] = ()
    """of the ports, were they ports that receive"""


MACHINES = (
    Machine("nothing but the system's own port", ("Midi Through:Midi Through Port-0 14:0",), ()),
    Machine(
        "a Pi with a DeepComposer",
        ("Midi Through:Midi Through Port-0 14:0", "AKM322:AKM322 MIDI 1 20:0"),
        ("AKM322:AKM322 MIDI 1 20:0",),
    ),
    Machine(
        "a keyboard with a second port for a computer's mixer",
        ("Launchkey 49:Launchkey 49 DAW 20:1", "Launchkey 49:Launchkey 49 MIDI 1 20:0"),
        ("Launchkey 49:Launchkey 49 MIDI 1 20:0",),
        ("Launchkey 49:Launchkey 49 MIDI 1 20:0",),
    ),
    Machine(
        "a keyboard whose keys and pads are two ports",
        ("Oxygen 49:Oxygen 49 MIDI 1 24:0", "Oxygen 49:Oxygen 49 MIDI 2 24:1", "FLUID Synth (812):Synth 128:0"),
        ("Oxygen 49:Oxygen 49 MIDI 1 24:0", "Oxygen 49:Oxygen 49 MIDI 2 24:1"),
        ("FLUID Synth (812):Synth 128:0", "Oxygen 49:Oxygen 49 MIDI 1 24:0", "Oxygen 49:Oxygen 49 MIDI 2 24:1"),
    ),
    Machine(
        "a digital piano behind an interface beside a box of knobs",
        ("nanoKONTROL2:nanoKONTROL2 MIDI 1 20:0", "Digital Piano:Digital Piano MIDI 1 28:0", "UM:UM MIDI 1 32:0"),
        ("Digital Piano:Digital Piano MIDI 1 28:0",),
        ("nanoKONTROL2:nanoKONTROL2 MIDI 1 20:0", "Digital Piano:Digital Piano MIDI 1 28:0", "UM:UM MIDI 1 32:0"),
    ),
    Machine(
        "a keyboard behind JACK's bridge of ALSA ports",
        (
            "a2j:Midi Through [14] (capture): Midi Through Port-0",
            "a2j:Keystation 61 [20] (capture): Keystation 61 MIDI 1",
            "a2j:Keystation 61 [20] (capture): Keystation 61 MIDI 2",
            "a2j:composerd [129] (capture): out",
        ),
        (
            "a2j:Keystation 61 [20] (capture): Keystation 61 MIDI 1",
            "a2j:Keystation 61 [20] (capture): Keystation 61 MIDI 2",
        ),
    ),
    Machine(
        "a keyboard behind PipeWire's bridge",
        ("Midi-Bridge:MPK mini 3 2:(capture_0) MPK mini 3 MIDI 1", "Midi-Bridge:Box 3:(capture_0) Box MIDI 1"),
        ("Midi-Bridge:MPK mini 3 2:(capture_0) MPK mini 3 MIDI 1",),
    ),
    Machine(
        "two programs and no keyboard",
        ("Some Sequencer:out 130:0", "VMPK:out 131:0"),
        ("VMPK:out 131:0",),  # a keyboard on the screen
    ),
    Machine(
        "a virtual port that a card has for programs",
        ("VirMIDI 1-0:VirMIDI 1-0 24:0", "Keyboard:Keyboard MIDI 1 20:0"),
        ("Keyboard:Keyboard MIDI 1 20:0",),
        ("VirMIDI 1-0:VirMIDI 1-0 24:0", "Keyboard:Keyboard MIDI 1 20:0"),
    ),
    Machine(
        "a sound module and software synths",
        (
            "SC-88:SC-88 MIDI 1 20:0",
            "TiMidity:TiMidity port 0 128:0",
            "Qsynth1:Synth input port 129:0",
            "Editor:in 130:0",
        ),
        ("SC-88:SC-88 MIDI 1 20:0",),
        (
            "TiMidity:TiMidity port 0 128:0",
            "Qsynth1:Synth input port 129:0",
            "SC-88:SC-88 MIDI 1 20:0",
        ),
    ),
)  # fmt: skip
NAMED = pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: machine.what)
PORTS = st.lists(st.sampled_from([name for machine in MACHINES for name in machine.ports]), max_size=8, unique=True)


@NAMED
def test_the_keyboard_of_a_machine_is_heard_by_all_its_ports(machine: Machine) -> None:
    assert tuple(heard(machine.ports)) == machine.heard


@NAMED
def test_the_synths_of_a_machine_come_likeliest_first(machine: Machine) -> None:
    assert tuple(synths(machine.ports)) == machine.synths


@given(PORTS, st.sampled_from(["", "midi", "keystation", "Synth", "nothing like it"]))
def test_only_ports_that_are_there_and_not_our_own_are_heard(ports: list[str], wanted: str) -> None:
    found = heard(ports, (wanted,) if wanted else ())
    assert set(found) <= set(ports)
    assert not any(is_own(name) for name in found)
    assert all(wanted.lower() in plain(name).lower() for name in found)
    assert found[:1] == keyboards(ports, wanted)[:1]
    assert len(set(found)) == len(found)


@given(PORTS)
def test_the_port_that_is_heard_now_stays_whatever_else_is_plugged_in(ports: list[str]) -> None:
    for now in keyboards(ports):
        others = heard(ports, now=(now,))
        device = now.split(":")[0] if not now.startswith(("a2j", "Midi-Bridge")) else now[:20]
        assert others[0].startswith(device)


@given(PORTS)
def test_a_synth_is_never_the_keyboards_own_device(ports: list[str]) -> None:
    for keyboard in keyboards(ports)[:1]:
        assert keyboard not in synths(ports, keyboard=keyboard)
        assert keyboard in synths(ports, plain(keyboard), keyboard=keyboard), "unless it was named"


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("AKM322:AKM322 MIDI 1 20:0", ("AKM322:AKM322 MIDI 1", "20:0", 20, True)),
        ("FLUID Synth (812):Synth 128:0", ("FLUID Synth (812):Synth", "128:0", 128, False)),
        ("system:midi_capture_1", ("system:midi_capture_1", "system:midi_capture_1", None, True)),
        (
            "a2j:Keys [20] (x): Keys",
            ("a2j:Keys [20] (x): Keys", "a2j:Keys [20] (x): Keys", None, False),
        ),
        ("Odd 3:4 name 127:15", ("Odd 3:4 name", "127:15", 127, True)),
        ("No numbers", ("No numbers", "No numbers", None, False)),
    ],
)
def test_a_ports_name_tells_its_address_and_whether_it_is_a_device(
    name: str, found: tuple[str, str, int | None, bool]
) -> None:
    assert (plain(name), address(name), client_number(name), is_hardware(name)) == found


@pytest.mark.parametrize(
    ("name", "own"),
    [("composerd:out 129:0", True), ("composerd-in:keyboard 130:0", True), ("Composerd-01:out", True),
     ("a2j:composerd [129] (capture): out", True), ("my composerd:out", False), ("compose:out", False)],
)  # fmt: skip
def test_our_own_ports_are_known_by_their_beginning(name: str, own: bool) -> None:
    assert is_own(name) == own
    assert named([name], "") == ([] if own else [name])


@pytest.mark.parametrize(
    ("wanted", "says"),
    [
        (
            "oxigen",
            "--in: no port's name contains 'oxigen'; did you mean 'Oxygen 49:Oxygen 49 MIDI 1'? there are: Oxygen 49",
        ),
        ("theremin", "--in: no port's name contains 'theremin'; there are: Oxygen 49:Oxygen 49 MIDI 1, Midi Through:"),
    ],
)
def test_a_port_that_is_not_there_is_told_with_the_nearest_and_all(wanted: str, says: str) -> None:
    ports = ["Oxygen 49:Oxygen 49 MIDI 1 24:0", "Midi Through:Midi Through Port-0 14:0", "composerd:out 129:0"]
    assert str(unknown_port("--in", wanted, ports)).startswith(says)
    assert str(unknown_port("--in", wanted, [])).endswith("there are: none")


HEAD = "Client info\n  cur  clients : 3\n"
CLIENT = 'Client {} : "{}" [User Legacy]\n  Port   0 : "x" (-We-) [Out]\n'


@pytest.mark.parametrize(
    ("lines", "from_", "to"),
    [
        ("", set(), set()),
        ("    Connected From: 20:0[r:0]\n", {"20:0"}, set()),
        ("    Connected From: 20:0[r:0], 24:1[real:0]\n", {"20:0", "24:1"}, set()),
        ("    Connecting To: 128:0\n    Connected From: 14:0\n", {"14:0"}, {"128:0"}),
        ("    Connecting To: 128:0\n  Port   1 : \"y\" (R-e-)\n    Connecting To: 129:3\n", set(), {"128:0", "129:3"}),
    ],
)  # fmt: skip
def test_the_connections_of_a_client_are_those_below_its_name(
    lines: str, from_: set[str], to: set[str], tmp_path: Path
) -> None:
    page = tmp_path / "clients"
    page.write_text(
        HEAD + CLIENT.format(20, "Keys") + "    Connecting To: 99:9\n" + CLIENT.format(128, "composerd-in") + lines
        + CLIENT.format(129, "Other") + "    Connected From: 98:8\n"
    )  # fmt: skip
    wires = AlsaWires(page)
    assert wires.partners("composerd-in", sends=False) == from_
    assert wires.partners("composerd-in", sends=True) == to
    assert wires.partners("nobody", sends=True) == set()


def test_a_page_in_odd_letters_is_read_and_changes_with_every_change(tmp_path: Path) -> None:
    page = tmp_path / "clients"
    page.write_bytes(HEAD.encode() + CLIENT.format(20, "Кла\N{MUSIC SHARP SIGN}").encode("utf-16"))
    before = AlsaWires(page).state()
    assert before is not None
    page.write_text(HEAD)
    assert AlsaWires(page).state() != before
