"""Connections as ALSA's sequencer writes them; JACK's are tested with real ports (test_midi_ports)."""

from __future__ import annotations

from pathlib import Path

from composerd.devices.midi.connections import AlsaWires

PAGE = """\
Client info
  cur  clients : 5
  peak clients : 5
  max  clients : 192

Client   0 : "System" [Kernel Legacy]
  Port   0 : "Timer" (Rwe-)
  Port   1 : "Announce" (R-e-) [In]
Client  20 : "AKM322" [Kernel Legacy]
  Port   0 : "AKM322 MIDI 1" (RWeX) [In/Out]
    Connecting To: 128:0[r:0]
Client 128 : "composerd-in" [User Legacy]
  Port   0 : "keyboard" (-We-) [Out]
    Connected From: 20:0[r:0]
  Input pool :
    Pool size          : 200
Client 129 : "composerd" [User Legacy]
  Port   0 : "out" (R-e-) [In]
  Output pool :
    Pool size          : 500
"""


def test_what_listens_and_what_sends_is_told_apart(tmp_path: Path) -> None:
    page = tmp_path / "clients"
    page.write_text(PAGE)
    wires = AlsaWires(page)
    assert wires.partners("composerd-in", sends=False) == {"20:0"}
    assert wires.partners("composerd-in", sends=True) == set()
    assert wires.partners("AKM322", sends=True) == {"128:0"}


def test_an_input_that_lost_its_keyboard_is_told(tmp_path: Path) -> None:
    page = tmp_path / "clients"
    page.write_text(PAGE.replace("    Connected From: 20:0[r:0]\n", ""))
    assert AlsaWires(page).partners("composerd-in", sends=False) == set()


def test_what_cannot_be_read_is_not_known(tmp_path: Path) -> None:
    assert AlsaWires(tmp_path / "clients").partners("composerd-in", sends=False) is None
    assert AlsaWires(tmp_path / "clients").state() is None
