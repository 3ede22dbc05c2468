"""Classifies MIDI ports by their names: keyboards and synths. Accesses no hardware.

ALSA writes `client:port 24:0`, numbers at the end that change on replug; JACK writes `client:port`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from difflib import get_close_matches

from composerd.errors import ConfigError

CLIENT = "composerd"
"""prefix of the names of all our clients"""
_OWN = re.compile(rf"^(a2j:)?{CLIENT}", re.I)
_THROUGH = re.compile(r"midi[ -]through", re.I)
_NUMBERS = re.compile(r" (\d+):\d+$")
_BRIDGED = re.compile(r"system:.*|Midi-Bridge:[^:]+|a2j:.*? \[\d+\]")
"""JACK's own hardware ports, PipeWire's and a2jmidid's: one client for all devices"""
_FIRST_USER_CLIENT = 128
"""ALSA numbers sound cards below, programs from here on (seq_clientmgr.h)"""

KEYBOARD_RANKS = (
    (r"akm322|deepcomposer", 9),
    (r"\b(daw|mcu|mackie|hui|ctrl|transport|virmidi|virtual)\b", 2),
    (r"key|piano|clavi|organ|mpk|launchk|minilab|oxygen|impact|axiom|akm|casio|yamaha|roland|korg|nord|novation", 7),
)
"""name pattern, likeness to a keyboard; first match counts. Second: the extra ports of control surfaces"""
_EXTRA_RANK = 2
HARDWARE_RANK, SOFTWARE_RANK = 6, 4
SURE_RANK = 5
"""rank from which on a device is kept when a likelier one appears"""

SYNTH_RANKS = (
    (r"akm322|deepcomposer|\b(daw|mcu|mackie|hui|ctrl)\b", 0),
    (r"fluid ?synth|qsynth|timidity|yoshimi|zynadd|linuxsampler|amsynth|dexed|surge|munt|pianoteq|synth", 9),
    (r"wavetable|sound ?canvas|mt-?32|\bsc-?\d\d|module|sampler|carla|musescore", 8),
)
HARDWARE_SYNTH_RANK = 6
"""rank of MIDI interfaces and sound cards, to which a synth is likely connected"""


def plain(name: str) -> str:
    """The name without the numbers that change when the device is plugged in again."""
    return _NUMBERS.sub("", name)


def is_own(name: str) -> bool:
    return _OWN.match(name) is not None


def is_hardware(name: str) -> bool:
    number = client_number(name)
    return name.startswith("system:") if number is None else number < _FIRST_USER_CLIENT


def address(name: str) -> str:
    """The port's identifier in the system: ALSA's `client:port` numbers, JACK's full name."""
    numbers = _NUMBERS.search(name)
    return numbers[0].strip() if numbers else name


def client_number(name: str) -> int | None:
    """ALSA's number of the port's client; None on JACK."""
    numbers = _NUMBERS.search(name)
    return int(numbers[1]) if numbers else None


def named(names: Sequence[str], wanted: str) -> list[str]:
    """Other programs' ports whose name contains `wanted`."""
    return [name for name in names if not is_own(name) and wanted.lower() in plain(name).lower()]


def keyboards(names: Sequence[str], wanted: str = "") -> list[str]:
    """Ports that may be the player's keyboard, likeliest first; with `wanted` only those whose name contains it."""
    return _ranked(names, wanted, keyboard_rank)


def heard(names: Sequence[str], wanted: Sequence[str] = (), now: Sequence[str] = ()) -> list[str]:
    """Ports to listen to, the keyboard's first: every port of the likeliest device, or of the likeliest for each name.

    A device of which a port is heard `now` comes before others. Ports that a control surface has for a computer's
    mixer are left out beside others, unless they are named.
    """
    found: list[str] = []
    for one in wanted or ("",):
        devices = {_device(name) for name in now}
        candidates = sorted(keyboards(names, one), key=lambda name: _device(name) not in devices)
        found += [name for name in candidates if _device(name) == _device(candidates[0]) and _plays(name, candidates)]
    return list(dict.fromkeys(found))


def _plays(name: str, candidates: Sequence[str]) -> bool:
    return name == candidates[0] or keyboard_rank(name) > _EXTRA_RANK


def synths(names: Sequence[str], wanted: str = "", keyboard: str | None = None) -> list[str]:
    """Ports that likely lead to a synth, likeliest first; the device of `keyboard` only if it was named."""
    ranked = _ranked(names, wanted, synth_rank)
    return ranked if wanted else [name for name in ranked if keyboard is None or _device(name) != _device(keyboard)]


def keyboard_rank(name: str) -> int:
    return _rank(KEYBOARD_RANKS, name, HARDWARE_RANK if is_hardware(name) else SOFTWARE_RANK)


def synth_rank(name: str) -> int:
    return _rank(SYNTH_RANKS, name, HARDWARE_SYNTH_RANK if is_hardware(name) else 0)


def unknown_port(option: str, wanted: str, names: Iterable[str]) -> ConfigError:
    """The error for a missing port that was named: with the name, the most similar one and all that exist."""
    possible = [plain(name) for name in names if not is_own(name)]
    words = {word.lower(): name for name in possible for word in (name, *re.split(r"[ :]", name))}
    near = [words[word] for word in get_close_matches(wanted.lower(), words, 1)]
    hint = f"did you mean {near[0]!r}? " if near else ""
    return ConfigError(
        f"{option}: no port's name contains {wanted!r}; {hint}there are: {', '.join(possible) or 'none'}"
    )


def _ranked(names: Sequence[str], wanted: str, rank: Callable[[str], int]) -> list[str]:
    others = named(names, wanted)
    if not wanted:
        others = [name for name in others if not _THROUGH.search(name) and rank(name) > 0]
    return sorted(others, key=rank, reverse=True)


def _rank(table: Iterable[tuple[str, int]], name: str, otherwise: int) -> int:
    return next((rank for words, rank in table if re.search(words, name, re.I)), otherwise)


def _device(name: str) -> str:
    """The device of a port: its ALSA or JACK client; behind a bridge, the device in the port's name."""
    bridged = _BRIDGED.match(name)
    if bridged is not None:
        return bridged[0]
    number = client_number(name)
    return f"{plain(name).split(':')[0]} {'' if number is None else number}".strip()
