"""`composerd ports`: the MIDI ports there are, and which would be played from and to."""

from __future__ import annotations

import argparse

from composerd.commands.options import add_settings, load_config

FLAGS = ("--in", "--out", "--midi-api")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_settings(parser, FLAGS)


def run(args: argparse.Namespace) -> int:
    from composerd.devices.ports import check_names, list_ports

    settings = load_config(args).settings.midi
    listing = list_ports(settings)
    check_names(listing, settings)
    print("\n".join((f"{listing.api} inputs (keyboards):", *_marked(listing.inputs, listing.keyboard))))
    print("\n".join((f"{listing.api} outputs (synths):", *_marked(listing.outputs, listing.output))))
    print(f"plays from: {listing.keyboard or 'no keyboard yet; composerd waits for one'}")
    print(f"plays to:   {listing.output or 'a virtual port of its own, `composerd`, to connect a synth to'}")
    return 0


def _marked(names: tuple[str, ...], chosen: str | None) -> list[str]:
    return [f"  {'*' if name == chosen else ' '} {name}" for name in names] or ["    none"]
