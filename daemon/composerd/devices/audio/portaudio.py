"""Lists PortAudio's output devices and opens a stream on one, through sounddevice."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from composerd.devices.audio.c_output import quiet
from composerd.devices.audio.settings import AudioSettings
from composerd.errors import DeviceError

INSTALL = "apt install libportaudio2 (macOS and Windows: it comes with sounddevice)"
_NO_SERVER = "JACK_NO_START_SERVER"
_JACK = "JACK Audio Connection Kit"
_HOSTS = {_JACK: 1, "OSS": 2}
"""host APIs whose devices are used only if no other host has one"""

Callback = Callable[[Any, int, Any, Any], None]


@dataclass(frozen=True, slots=True)
class AudioDevice:
    """An output device of PortAudio; `index` is valid until PortAudio is restarted."""

    index: int
    name: str
    host: str
    channels: int
    rate: float
    """frames a second it runs at unless asked for another"""
    default: bool = False
    """whether it is the default device of its host API"""

    def __str__(self) -> str:
        return f"{self.name} ({self.host})"


def load() -> Any:
    """Import sounddevice. Raises DeviceError naming the package to install."""
    os.environ.setdefault(_NO_SERVER, "1")
    try:
        with quiet():
            import sounddevice
    except OSError as error:
        raise DeviceError(f"the PortAudio library is missing: {INSTALL}", about="audio") from error
    return sounddevice


def list_audio_devices() -> tuple[AudioDevice, ...]:
    """All output devices, the default first. Raises DeviceError without PortAudio."""
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
    """The device whose name contains `wanted`, or the first. Raises DeviceError naming the available ones."""
    if not devices:
        raise DeviceError("no output device found", about="audio")
    match = [device for device in devices if wanted.lower() in str(device).lower()]
    exact = [device for device in match if wanted.lower() == device.name.lower()]
    if not match:
        names = ", ".join(device.name for device in devices)
        raise DeviceError(f"no output named {wanted!r}; there are: {names}", about="audio.device")
    return (exact or match)[0]


def look_again() -> None:
    """Restart PortAudio, which searches for devices and servers only at its start."""
    sd = load()
    with quiet():
        sd._terminate()
        sd._initialize()


def let_go() -> None:
    """Terminate PortAudio, because its JACK client aborts the process if the server ends first (measured)."""
    sd = load()
    with quiet():
        while sd._initialized:
            sd._terminate()


def open_output(
    device: AudioDevice, settings: AudioSettings, latency_ms: float, rate: float, callback: Callback
) -> Any:
    """Open a stream, not started yet, that calls `callback` for blocks. Raises DeviceError if the device refuses."""
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
        raise DeviceError(f"{device} at {rate:g} Hz: {reason(error)}", about="audio") from error


def of_server(device: AudioDevice) -> bool:
    """Whether a sound server sets block and buffer size; another block size than JACK's costs one more buffer."""
    return device.host == _JACK


def reason(error: Exception) -> str:
    """PortAudio's error text without its error numbers."""
    text = str(error.args[0]) if error.args else str(error)
    return text.removeprefix("Error opening OutputStream: ").partition(" [PaErrorCode")[0]


def rates(device: AudioDevice, settings: AudioSettings) -> tuple[float, ...]:
    """Sample rates [Hz] to try, the configured one first."""
    return tuple(dict.fromkeys((float(settings.rate), device.rate, 48000.0, 44100.0)))
