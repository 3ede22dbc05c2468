"""Checks of the machine: sound systems, permissions, processor governor, disk."""

from __future__ import annotations

import ctypes
import grp
import mmap
import os
import re
import resource
import shutil
from collections.abc import Iterator
from pathlib import Path
from shlex import quote

from composerd.config.paths import take_folder
from composerd.devices.midi.system import find_system
from composerd.devices.system.priority import REAL_TIME
from composerd.doctor.finding import Finding, Level, Patient
from composerd.errors import DeviceError, Reason
from composerd.files.free_space import existing

LIMITS = "printf '@audio - rtprio 80\\n@audio - memlock unlimited\\n' | sudo tee /etc/security/limits.d/composerd.conf"
GROUP = "sudo usermod -aG audio $USER"
AGAIN = "; then log out and in again"
PERFORMANCE = (
    "echo 'w /sys/devices/system/cpu/cpu*/cpufreq/scaling_governor - - - - performance' | "
    "sudo tee /etc/tmpfiles.d/cpu-governor.conf && sudo systemd-tmpfiles --create cpu-governor.conf"
)
"""sets the governor now and at every boot"""
SEQUENCER = "sudo modprobe snd-seq"
JACK_SERVER = "jackd -d alsa -p 128, or set midi.api: auto"
LOCKED = 64 << 20
"""bytes that the audio process locks in memory, with a small SoundFont"""
DISK_PROBLEM_MB, DISK_WARNING_MB = 50, 500
"""an hour of playing is about 1 MB of take; the rest is room for logs and updates"""


def midi(patient: Patient) -> Iterator[Finding]:
    """Check that the ALSA sequencer or a JACK server can be used, by using it."""
    try:
        system = find_system(patient.settings.midi.api)
    except DeviceError as error:
        without = JACK_SERVER if patient.settings.midi.api == "jack" else SEQUENCER
        fix = GROUP + AGAIN if error.reason is Reason.NO_ACCESS else without
        yield Finding("midi", Level.PROBLEM, str(error), fix)
        return
    keyboards, synths = len(system.inputs()), len(system.outputs())
    system.close()
    figures = {"inputs": keyboards, "outputs": synths}
    yield Finding("midi", Level.OK, f"{system.api.name}, {keyboards} inputs, {synths} outputs", figures=figures)


def sound_systems(patient: Patient) -> Iterator[Finding]:
    """List the running sound servers and ALSA's cards."""
    session = patient.environ.get("XDG_RUNTIME_DIR", "").lstrip("/")
    sockets = {
        "PipeWire": [f"{session}/pipewire-0"],
        "PulseAudio": [f"{session}/pulse/native"],
        "JACK": [f"dev/shm/jack_{patient.environ.get('JACK_DEFAULT_SERVER', 'default')}_{os.getuid()}_0"],
    }
    found = [name for name, files in sockets.items() if any((patient.root / one).exists() for one in files)]
    cards = [line.split("]: ")[1].strip() for line in patient.read("proc/asound/cards").splitlines() if "]: " in line]
    says = f"{', '.join(found) or 'no sound server'}; cards: {', '.join(cards) or 'none'}"
    level = Level.OK if found or cards else Level.WARNING
    fix = "aplay -l shows what ALSA finds: connect a sound card, or play through a MIDI synth (`composerd ports`)"
    yield Finding("sound system", level, says, "" if found or cards else fix)


def sound_permission(patient: Patient) -> Iterator[Finding]:
    """Check that every sound device may be opened: by group audio, or because the session has the seat."""
    nodes = patient.glob("dev/snd/*")
    closed = [node.name for node in nodes if not node.is_dir() and not os.access(node, os.R_OK | os.W_OK)]
    if closed:
        yield Finding("permission", Level.PROBLEM, f"/dev/snd: no access to {', '.join(closed)}", GROUP + AGAIN)
    elif nodes:
        yield Finding("permission", Level.OK, f"{len(nodes)} sound devices may be opened{_group()}")
    else:
        yield Finding("permission", Level.WARNING, "/dev/snd is not there: no sound device, no sequencer", SEQUENCER)


def _group() -> str:
    return ", member of group audio" if _in_group() else ""


def _in_group() -> bool:
    try:
        return grp.getgrnam("audio").gr_gid in os.getgroups()
    except KeyError:
        return False


def real_time(patient: Patient) -> Iterator[Finding]:  # noqa: ARG001  # the limits are this process's own
    """Check that real-time priority and locked memory are allowed, by requesting both."""
    fix = LIMITS + AGAIN if _in_group() else f"{GROUP} && {LIMITS}{AGAIN}"
    policy, parameter = os.sched_getscheduler(0), os.sched_getparam(0)
    try:
        os.sched_setscheduler(0, os.SCHED_RR | os.SCHED_RESET_ON_FORK, os.sched_param(REAL_TIME))
        os.sched_setscheduler(0, policy, parameter)
    except OSError:
        limit = resource.getrlimit(resource.RLIMIT_RTPRIO)[0]
        says = f"refused (limit {limit}): sound may stutter on a busy machine"
        yield Finding("real-time priority", Level.WARNING, says, fix)
    else:
        yield Finding("real-time priority", Level.OK, "granted")
    if _can_lock(LOCKED):
        yield Finding("memory lock", Level.OK, f"{LOCKED >> 20} MB may be locked")
    else:
        limit = resource.getrlimit(resource.RLIMIT_MEMLOCK)[0] >> 10
        yield Finding("memory lock", Level.WARNING, f"only {limit} kB may be locked", fix)


def _can_lock(size: int) -> bool:
    library = ctypes.CDLL(None)
    with mmap.mmap(-1, size) as memory:
        held = ctypes.c_char.from_buffer(memory)
        address = ctypes.c_void_p(ctypes.addressof(held))
        locked: bool = library.mlock(address, ctypes.c_size_t(size)) == 0
        if locked:
            library.munlock(address, ctypes.c_size_t(size))
        del held
    return locked


def governor(patient: Patient) -> Iterator[Finding]:
    """Check the processor's frequency governor."""
    files = patient.glob("sys/devices/system/cpu/cpu[0-9]*/cpufreq/scaling_governor")
    names = sorted({patient.read(str(file)) for file in files} - {""})  # a core that is off has none
    if not names:
        yield Finding("cpu governor", Level.OK, "none to set (virtual machine, or the firmware's)")
    elif set(names) <= {"performance", "schedutil"}:
        yield Finding("cpu governor", Level.OK, ", ".join(names))
    else:
        says = f"{', '.join(names)}: the clock rises only after a note has waited for it"
        yield Finding("cpu governor", Level.WARNING, says, PERFORMANCE)


def power(patient: Patient) -> Iterator[Finding]:
    """Check a Raspberry Pi for low voltage or heat since its start (the firmware's flags)."""
    text = patient.read("sys/devices/platform/soc/soc:firmware/get_throttled")
    if re.fullmatch(r"(0x)?[0-9a-fA-F]+", text) and int(text, 16):
        says = f"the Pi was throttled (flags {text}): too little power or too hot"
        yield Finding("power", Level.WARNING, says, "use the Pi's own power supply, and a heat sink")


def disk(patient: Patient) -> Iterator[Finding]:
    """Check the free disk space where takes are written."""
    folder = take_folder(patient.settings.takes.folder, patient.environ)
    there = existing(folder)
    if refused := _refused(folder, there):
        yield Finding("disk", Level.PROBLEM, f"takes cannot be written: {refused[0]}", refused[1])
        return
    free = shutil.disk_usage(there).free / 1e6
    says, figures = f"{free:.0f} MB free for takes in {folder}", {"free_mb": round(free)}
    if free < DISK_WARNING_MB:
        level = Level.PROBLEM if free < DISK_PROBLEM_MB else Level.WARNING
        yield Finding("disk", level, says, f"make room, or set takes.folder; {_largest(folder)}".rstrip("; "), figures)
    else:
        yield Finding("disk", Level.OK, says, figures=figures)


def _refused(folder: Path, there: Path) -> tuple[str, str] | None:
    """The reason why `folder`, of which `there` exists, cannot be written to, with its fix."""
    if not there.is_dir():
        return f"{there} is a file", f"mv {quote(str(there))} {quote(f'{there}.old')}, or set takes.folder"
    if os.statvfs(there).f_flag & os.ST_RDONLY:
        return f"{there} is read-only", f"sudo mount -o remount,rw {quote(str(_mount(there)))}, or set takes.folder"
    if not os.access(there, os.W_OK | os.X_OK):
        return f"no access to {there}", f"sudo install -d -o $USER {quote(str(folder))}"
    return None


def _mount(folder: Path) -> Path:
    return next(one for one in (folder, *folder.parents) if os.path.ismount(one))


def _largest(folder: Path) -> str:
    used = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) / 1e6 if folder.is_dir() else 0
    return f"takes fill {used:.0f} MB" if used >= 1 else ""
