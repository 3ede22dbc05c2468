"""The examination as a whole: its checks in order, its report as plain values, its patient with broken settings."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from composerd.config.layers import Settings, load
from composerd.doctor import machine
from composerd.doctor.advice import Advice
from composerd.doctor.examination import examine, patient_with, plain, report
from composerd.doctor.finding import Finding, Level, Patient
from composerd.doctor.timing import Measurements
from composerd.errors import ConfigError, Line, Variable


def machine_in(root: Path, **files: str) -> Patient:
    """A machine whose files are `files` (`__` for a slash)."""
    for name, text in files.items():
        path = root / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return Patient(root=root, environ={"HOME": str(root), "XDG_RUNTIME_DIR": "/run/user/7"})


def test_the_quick_checks_come_first_and_nothing_is_measured_before_them(tmp_path: Path) -> None:
    found = examine(machine_in(tmp_path), Measurements())
    names = []
    for finding in found:
        names.append(finding.name)
        if finding.name == "genres":
            break
    assert names[0] == "midi"
    order = [
        "midi",
        "sound system",
        "permission",
        "real-time priority",
        "memory lock",
        "cpu governor",
        "disk",
        "genres",
    ]
    assert [name for name in names if name in order] == order


def test_a_report_is_plain_values(tmp_path: Path) -> None:
    findings = [
        Finding("timer", Level.OK, "fine", figures={"p50_ms": 0.1}),
        Finding("midi", Level.PROBLEM, "none", "plug one in"),
    ]
    advice = [Advice("audio.block", "256", "waits are late")]
    told = json.loads(json.dumps(report(findings, advice, tmp_path / "config.yaml", applied=True)))
    assert told == {
        "findings": [
            {"name": "timer", "level": "OK", "says": "fine", "fix": "", "figures": {"p50_ms": 0.1}},
            {"name": "midi", "level": "problem", "says": "none", "fix": "plug one in", "figures": {}},
        ],
        "advice": [{"setting": "audio.block", "value": "256", "why": "waits are late"}],
        "page": str(tmp_path / "config.yaml"),
        "applied": True,
    }
    assert [plain(finding) for finding in findings] == told["findings"]


def test_settings_that_can_be_read_are_the_patients(tmp_path: Path) -> None:
    page = tmp_path / ".config" / "composerd" / "config.yaml"
    page.parent.mkdir(parents=True)
    page.write_text("band:\n  genre: jazz\n")
    patient, finding = patient_with(lambda: load(environ={"HOME": str(tmp_path)}))
    assert patient.settings.band.genre == "jazz"
    assert (finding.level, finding.says) == (Level.OK, str(page))


@pytest.mark.parametrize(
    ("place", "fix"),
    [
        (Line("/home/ann/my page.yaml", 3), "${EDITOR:-nano} '/home/ann/my page.yaml'"),
        (Variable("COMPOSERD_BAND__BPM"), "unset COMPOSERD_BAND__BPM"),
        (None, "correct it"),
    ],
)
def test_broken_settings_are_a_problem_with_their_cure_and_the_defaults_are_examined(
    place: Line | Variable | None, fix: str
) -> None:
    error = ConfigError("broken", place=place)

    def broken() -> None:
        raise error

    patient, finding = patient_with(broken)  # type: ignore[arg-type]  # it never returns
    assert patient.settings == Settings()
    assert (finding.level, finding.says, finding.fix) == (Level.PROBLEM, str(error), fix)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("0x50005", "the Pi was throttled (flags 0x50005): too little power or too hot"),
        ("50000", "the Pi was throttled (flags 50000): too little power or too hot"),
        ("0x0", None),
        ("0", None),
        ("", None),
        ("throttled", None),
        ("0x", None),
        ("-1", None),
    ],
)
def test_the_pis_flags_are_read_as_hexadecimal_and_other_texts_are_none(
    tmp_path: Path, text: str, says: str | None
) -> None:
    patient = machine_in(tmp_path, **{"sys__devices__platform__soc__soc:firmware__get_throttled": text})
    assert [finding.says for finding in machine.power(patient)] == ([says] if says else [])


@pytest.mark.parametrize(
    ("cards", "shown"),
    [
        (
            " 0 [Headphones     ]: bcm2835 - bcm2835 Headphones\n            bcm2835 Headphones\n",
            "bcm2835 - bcm2835 Headphones",
        ),
        (" 0 [a ]: A - A\n 1 [b ]: B - B\n", "A - A, B - B"),
        ("--- no soundcards ---\n", "none"),
        ("\x00\xff garbage", "none"),
    ],
)
def test_sound_cards_are_named_as_alsa_names_them(tmp_path: Path, cards: str, shown: str) -> None:
    (finding,) = machine.sound_systems(machine_in(tmp_path, proc__asound__cards=cards))
    assert finding.says == f"no sound server; cards: {shown}"
    assert (finding.level is Level.OK) == (shown != "none")
    assert bool(finding.fix) == (shown == "none")


def test_the_jack_server_that_the_environment_names_is_looked_for(tmp_path: Path) -> None:
    mine = f"dev__shm__jack_mine_{os.getuid()}_0"
    patient = machine_in(tmp_path, **{mine: ""})
    assert "no sound server" in next(iter(machine.sound_systems(patient))).says
    named = Patient(root=tmp_path, environ={**patient.environ, "JACK_DEFAULT_SERVER": "mine"})
    assert next(iter(machine.sound_systems(named))).says.startswith("JACK;")
