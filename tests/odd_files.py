"""MIDI files as the world writes them: each with one oddity, the tune of smf.tune in it whole."""

from __future__ import annotations

import smf

MASTER = smf.meta(0x51, b"\x08\x52\xaf") + smf.meta(0x58, b"\4\2\x18\x08")
WHOLE = smf.song(MASTER + smf.END, smf.tune())
ODD = {
    "a key signature of 8 sharps": (smf.song(smf.tune(smf.meta(0x59, b"\x08\0"))), "a key signature of 8 sharps"),
    "a key signature of 9 flats": (smf.song(smf.tune(smf.meta(0x59, b"\xf7\0"))), "a key signature of 9 flats"),
    "a key signature of no known mode": (smf.song(smf.tune(smf.meta(0x59, b"\0\7"))), "a key signature of mode 7"),
    "a key signature of one byte": (smf.song(smf.tune(smf.meta(0x59, b"\1"))), "a key signature of 1 byte"),
    "a channel prefix of no byte": (smf.song(smf.tune(smf.meta(0x20))), "a channel prefix of 0 bytes"),
    "an SMPTE offset too short": (smf.song(smf.tune(smf.meta(0x54, b"\1"))), "an SMPTE offset of 1 byte"),
    "a tempo of 0": (smf.song(smf.tune(after=smf.meta(0x51, b"\0\0\0"))), "a tempo of 0, the one before goes on"),
    "a tempo of two bytes": (smf.song(smf.tune(smf.meta(0x51, b"\7\xa1"))), "a tempo of 2 bytes"),
    "bars of 13/32": (
        smf.song(smf.tune(smf.meta(0x58, b"\x0d\5\x18\x08"))), "time signature 13/32, the one before goes on"
    ),
    "bars of 0/4": (smf.song(smf.tune(smf.meta(0x58, b"\0\2\x18\x08"))), "time signature 0/4, the one before goes on"),
    "bars of a part of a note that is none": (
        smf.song(smf.tune(smf.meta(0x58, b"\4\xff\x18\x08"))), "time signature 4/65536, the one before goes on"
    ),
    "a time signature of no byte": (smf.song(smf.tune(smf.meta(0x58))), "a time signature of 0 bytes"),
    "one byte after the last track": (smf.song(smf.tune()) + b"\0", "1 byte after a track"),
    "kilobytes after the last track": (smf.song(smf.tune()) + bytes(4096), "4,096 bytes after a track"),
    "junk between tracks": (
        smf.header(1, 2) + smf.chunk(MASTER + smf.END) + b"\1\2\3" + smf.chunk(smf.tune()), "3 bytes after a track"
    ),
    "a track longer than the file": (
        smf.header() + smf.chunk(smf.tune(), length=len(smf.tune()) + 4), "wrong lengths of chunks"
    ),
    "a track of four gigabytes": (smf.header() + smf.chunk(smf.tune(), length=2**32 - 1), "wrong lengths of chunks"),
    "a track of no length": (smf.header() + smf.chunk(smf.tune(), length=0), "wrong lengths of chunks"),
    "a first track that runs into the second": (
        smf.header(1, 2) + smf.chunk(MASTER + smf.END, length=len(MASTER) + 90) + smf.chunk(smf.tune()),
        "wrong lengths of chunks",
    ),
    "system messages": (smf.song(smf.tune(b"\0\xf8" + b"\0\xf2\1\2")), "system messages"),
    "values above 127": (smf.song(smf.tune(b"\0\xb0\x07\xff")), "messages with values above 127"),
    "type 2": (smf.song(smf.tune(), kind=2), "its type, 2: its sequences are read as tracks"),
    "MacBinary's header": (bytes(128) + smf.song(smf.tune()), "128 bytes before the file's header"),
}  # fmt: skip
"""what is odd -> the file, what is said of it"""
FINE = {
    "whole": WHOLE,
    "a RIFF container": smf.rmid(WHOLE),
    "a RIFF container whose size is 0": smf.rmid(WHOLE)[:16] + bytes(4) + WHOLE,
    "a RIFF container with a list of texts first": b"RIFF\0\0\0\0RMIDLIST\4\0\0\0INFOdata\0\0\0\0" + WHOLE,
    "a track without its end": smf.header() + smf.chunk(smf.tune()[:-4]),
    "a longer header": b"MThd\0\0\0\x08" + smf.header(0)[8:] + b"\0\0" + smf.chunk(smf.tune()),
    "a header whose length is wrong": b"MThd\0\0\0\x07" + smf.header(0)[8:] + smf.chunk(smf.tune()),
    "more tracks than the header says": smf.header(1, 1) + smf.chunk(MASTER + smf.END) + smf.chunk(smf.tune()),
    "fewer tracks than the header says": smf.header(1, 9) + smf.chunk(smf.tune()),
    "chunks of other kinds": smf.header() + smf.chunk(b"\1", b"XFIH") + smf.chunk(smf.tune()) + smf.chunk(b"", b"XFKM"),
    "a sequencer's own events and sysex": smf.song(smf.tune(smf.meta(0x7F, b"\0\0\x41") + b"\0\xf0\3\x7e\0\xf7")),
    "running status after a meta event": smf.song(b"\0\x90\1\0" + smf.meta(1, b"words") + b"\0\1\0" + smf.tune()),
}  # fmt: skip
