"""Which port is the keyboard, which the synth."""

from __future__ import annotations

from pathlib import Path

import pytest

from composerd.devices.midi.input import LATEST, Stamps
from composerd.devices.midi.port_names import heard, is_own, keyboards, plain, synths, unknown_port
from composerd.devices.midi.system import usb_id

AKM = "AKM322:AKM322 MIDI 1 24:0"
LAUNCHKEY = "Launchkey 49:Launchkey 49 MIDI 1 20:0"
LAUNCHKEY_DAW = "Launchkey 49:Launchkey 49 DAW 20:1"
PIANO = "Digital Piano:Digital Piano MIDI 1 28:0"
THROUGH = "Midi Through:Midi Through Port-0 14:0"
FLUID = "FLUID Synth (4711):Synth input port (4711:0) 128:0"
OURS = "composerd:out 129:0"
INTERFACE = "UM-ONE:UM-ONE MIDI 1 32:0"
SEQUENCER = "Some Sequencer:out 130:0"


def test_the_numbers_that_change_on_replug_are_no_part_of_a_name() -> None:
    assert plain(AKM) == plain("AKM322:AKM322 MIDI 1 131:0") == "AKM322:AKM322 MIDI 1"
    assert plain("AKM322:AKM322 MIDI 1") == "AKM322:AKM322 MIDI 1"


@pytest.mark.parametrize(
    ("there", "first"),
    [
        ([LAUNCHKEY, AKM], AKM),
        ([LAUNCHKEY_DAW, LAUNCHKEY], LAUNCHKEY),
        ([SEQUENCER, INTERFACE], INTERFACE),
        ([THROUGH, SEQUENCER], SEQUENCER),
        ([INTERFACE, PIANO], PIANO),
        (["a2j:Midi Through [14] (capture): Midi Through Port-0", "Keys:out"], "Keys:out"),
    ],
)
def test_the_likeliest_keyboard_comes_first(there: list[str], first: str) -> None:
    assert keyboards(there)[0] == first


def test_through_ports_and_our_own_are_never_a_keyboard_or_a_synth() -> None:
    assert keyboards([THROUGH, OURS, "composerd-01:out", "a2j:composerd [129] (capture): out"]) == []
    assert synths([THROUGH, OURS, "composerd-in:keyboard"]) == []
    assert is_own(OURS)


def test_a_port_asked_for_by_name_is_taken_whatever_it_is_unless_our_own() -> None:
    assert keyboards([THROUGH, LAUNCHKEY, OURS], "through") == [THROUGH]
    assert synths([PIANO, FLUID], "digital", keyboard=PIANO) == [PIANO]
    assert keyboards([OURS], "composerd") == []


@pytest.mark.parametrize(
    ("there", "first"),
    [
        ([INTERFACE, FLUID], FLUID),
        ([THROUGH, "TiMidity:TiMidity port 0 128:0"], "TiMidity:TiMidity port 0 128:0"),
        ([AKM, INTERFACE], INTERFACE),
        ([SEQUENCER, AKM, LAUNCHKEY_DAW], None),
    ],
)
def test_the_likeliest_synth_comes_first_and_a_guess_is_none(there: list[str], first: str | None) -> None:
    assert next(iter(synths(there)), None) == first


def test_the_keyboard_itself_is_not_taken_for_the_synth() -> None:
    assert synths([PIANO, INTERFACE], keyboard=PIANO) == [INTERFACE]
    assert synths([PIANO], keyboard=PIANO) == []


KEYS, PADS, OTHER = "Twin:Twin MIDI 1 20:0", "Twin:Twin MIDI 2 20:1", "Twin:Twin MIDI 1 24:0"


@pytest.mark.parametrize(
    ("there", "wanted", "now", "listened"),
    [
        ([KEYS, PADS], (), (), [KEYS, PADS]),
        ([KEYS, PADS, OTHER], (), (OTHER,), [OTHER]),
        ([LAUNCHKEY_DAW, LAUNCHKEY], (), (), [LAUNCHKEY]),
        ([LAUNCHKEY_DAW, LAUNCHKEY], ("daw",), (), [LAUNCHKEY_DAW]),
        ([KEYS, PADS], ("midi 2",), (), [PADS]),
        ([AKM, INTERFACE, PIANO], ("piano", "akm"), (), [PIANO, AKM]),
        ([AKM, INTERFACE], ("piano", "akm"), (), [AKM]),
        (["system:midi_capture_1", "system:midi_capture_2"], (), (), ["system:midi_capture_1"]),
        (
            ["Midi-Bridge:Twin 1:(capture_0) A", "Midi-Bridge:Twin 1:(capture_1) B", "Midi-Bridge:Box 2:(capture_0) C"],
            ("twin",),
            (),
            ["Midi-Bridge:Twin 1:(capture_0) A", "Midi-Bridge:Twin 1:(capture_1) B"],
        ),
    ],
)
def test_every_port_of_the_keyboard_is_heard_and_no_other_device(
    there: list[str], wanted: tuple[str, ...], now: tuple[str, ...], listened: list[str]
) -> None:
    assert heard(there, wanted, now) == listened


def test_an_unknown_port_is_answered_with_the_nearest_and_all() -> None:
    text = str(unknown_port("--in", "lanchkey", [AKM, LAUNCHKEY, OURS]))
    assert text.startswith("--in: no port's name contains 'lanchkey'; did you mean 'Launchkey 49:Launchkey 49 MIDI 1'?")
    assert "AKM322" in text
    assert "composerd" not in text


def test_the_usb_id_is_that_of_the_ports_sound_card(tmp_path: Path) -> None:
    (tmp_path / "card2").mkdir()
    (tmp_path / "card2" / "usbid").write_text("1acc:1533\n")
    assert usb_id(AKM, tmp_path) == usb_id("AKM322:AKM322 MIDI 1 27:0", tmp_path) == "1acc:1533"
    assert [usb_id(name, tmp_path) for name in (LAUNCHKEY, THROUGH, FLUID, "AKM322:AKM322 MIDI 1")] == [""] * 4


def test_a_late_callback_is_stamped_with_the_moment_the_driver_saw() -> None:
    stamps = Stamps()
    seen = [(10.0, 0.0), (10.1, 0.1), (10.207, 0.1), (10.3, 0.1)]
    assert [stamps.at(now, delta) for now, delta in seen] == pytest.approx([10.0, 10.1, 10.2, 10.3], abs=1e-4)


def test_a_clock_that_jumps_is_followed_at_once() -> None:
    stamps = Stamps()
    assert stamps.at(10.0, 0.0) == 10.0
    assert stamps.at(10.1, 5.0) == 10.1
    assert stamps.at(20.0, 0.1) == 20.0
    assert stamps.at(20.1 + LATEST / 2, 0.1) == pytest.approx(20.1, abs=1e-3)
