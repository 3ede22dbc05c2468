"""PortAudio through sounddevice: its devices, quietly, and an output stream on the one wanted."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from composerd.devices.audio.quiet import quiet
from composerd.devices.audio.settings import AudioSettings
from composerd.errors import DeviceError

INSTALL = "apt install libportaudio2 (macOS and Windows: it comes with sounddevice)"
_NO_SERVER = "JACK_NO_START_SERVER"
_JACK = "JACK Audio Connection Kit"
_HOSTS = {_JACK: 1, "OSS": 2}
"""host APIs whose devices are taken only where no other host has one"""

Callback = Callable[[Any, int, Any, Any], None]


@dataclass(frozen=True, slots=True)
class AudioDevice:
    """An output of PortAudio's; `index` is valid until PortAudio is started again."""

    index: int
    name: str
    host: str
    channels: int
    rate: float
    """frames a second it runs at unless asked for another"""
    default: bool = False
    """whether its host API would take it"""

    def __str__(self) -> str:
        return f"{self.name} ({self.host})"


def load() -> Any:
    """The sounddevice module. Raises DeviceError naming the package to install."""
    os.environ.setdefault(_NO_SERVER, "1")
    try:
        with quiet():
            import sounddevice
    except OSError as error:
        raise DeviceError(f"audio: the PortAudio library is missing: {INSTALL}") from error
    return sounddevice


def list_audio_devices() -> tuple[AudioDevice, ...]:
    """Every output there is now, the one taken unless told otherwise first. Raises DeviceError without PortAudio."""
    sd = load()
    hosts = sd.query_hostapis()
    found = [
        AudioDevice(
            index,
            str(device["name"]),
            str(hosts[device["hostapi"]]["name"]),
            int(device["max_output_channels"]),
            float(device["default_samplerate"]),
            hosts[device["hostapi"]]["default_output_device"] == index,
        )
        for index, device in enumerate(sd.query_devices())
        if device["max_output_channels"] > 0
    ]
    first = sd.default.device[1]
    return tuple(
        sorted(found, key=lambda device: (_HOSTS.get(device.host, 0), device.index != first, not device.default))
    )


def choose(devices: Sequence[AudioDevice], wanted: str) -> AudioDevice:
    """The device whose name holds `wanted`, or the first. Raises DeviceError naming those there are."""
    if not devices:
        raise DeviceError("audio: no output device found")
    match = [device for device in devices if wanted.lower() in str(device).lower()]
    exact = [device for device in match if wanted.lower() == device.name.lower()]
    if not match:
        names = ", ".join(device.name for device in devices)
        raise DeviceError(f"audio.device: no output named {wanted!r}; there are: {names}")
    return (exact or match)[0]


def look_again() -> None:
    """Start PortAudio afresh: it looks for devices and servers only when it starts."""
    sd = load()
    with quiet():
        sd._terminate()
        sd._initialize()


def let_go() -> None:
    """End PortAudio after a look around: its JACK part aborts the process where it outlives the server (measured)."""
    sd = load()
    with quiet():
        while sd._initialized:
            sd._terminate()


def open_output(
    device: AudioDevice, settings: AudioSettings, latency_ms: float, rate: float, callback: Callback
) -> Any:
    """A stream, not started, that asks `callback` for blocks. Raises DeviceError when the device refuses."""
    sd = load()
    try:
        with quiet():
            return sd.OutputStream(
                samplerate=rate,
                blocksize=0 if of_server(device) else settings.block,
                device=device.index,
                channels=min(2, device.channels),
                dtype="float32",
                latency=latency_ms / 1000 if latency_ms else "low",
                callback=callback,
            )
    except (sd.PortAudioError, ValueError) as error:
        raise DeviceError(f"audio: {device} at {rate:g} Hz: {reason(error)}") from error


def of_server(device: AudioDevice) -> bool:
    """Whether a server decides on block and buffer; asking JACK for another block costs a buffer more."""
    return device.host == _JACK


def reason(error: Exception) -> str:
    """PortAudio's words without its error numbers."""
    text = str(error.args[0]) if error.args else str(error)
    return text.removeprefix("Error opening OutputStream: ").partition(" [PaErrorCode")[0]


def rates(device: AudioDevice, settings: AudioSettings) -> tuple[float, ...]:
    """Rates to try, the one asked for first."""
    return tuple(dict.fromkeys((float(settings.rate), device.rate, 48000.0, 44100.0)))
