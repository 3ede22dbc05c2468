"""The doctor's checks on machines laid out in a folder, its advice, and how it writes that down."""

from __future__ import annotations

import json
import os
import stat
import subprocess
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from bands import play_by_rules
from composerd.cli.commands.doctor import page_of
from composerd.cli.main import main
from composerd.config import paths
from composerd.config.layers import Settings, load
from composerd.config.yaml_editor import with_setting
from composerd.devices.audio.settings import AudioSettings
from composerd.devices.midi.settings import MidiSettings
from composerd.doctor import machine, timing
from composerd.doctor import user_files as pages
from composerd.doctor.advice import Advice, advise, block, grace
from composerd.doctor.finding import Finding, Level, Patient
from composerd.doctor.prescription import write
from composerd.doctor.timing import Measurements
from composerd.engine.messages import Composed, Request
from composerd.errors import ConfigError, Variable
from composerd.files.atomic import draft_of
from composerd.generators.bank import Bank
from composerd.generators.plain import PlainGenerator
from composerd.library.genre_files import load_genre
from composerd.takes.settings import TakeSettings


def laid_out(root: Path, **files: str) -> Patient:
    """A machine whose files are `files` (`__` for a slash)."""
    for name, text in files.items():
        path = root / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return Patient(root=root, environ={"HOME": str(root), "XDG_RUNTIME_DIR": "/run/user/7"})


GOVERNOR = "sys__devices__system__cpu__cpu{}__cpufreq__scaling_governor"


@pytest.mark.parametrize(
    ("governors", "level"),
    [
        (("performance", "performance"), Level.OK),
        (("schedutil", "schedutil"), Level.OK),
        (("performance", "ondemand"), Level.WARNING),
        (("powersave", "powersave"), Level.WARNING),
        ((), Level.OK),
    ],
)
def test_a_governor_that_waits_for_load_is_a_warning(tmp_path: Path, governors: tuple[str, ...], level: Level) -> None:
    patient = laid_out(tmp_path, **{GOVERNOR.format(i): f"{name}\n" for i, name in enumerate(governors)})
    (finding,) = machine.governor(patient)
    assert finding.level is level
    assert ("scaling_governor" in finding.fix) == (level is not Level.OK)


def test_a_governor_that_says_nothing_readable_is_passed_over(tmp_path: Path) -> None:
    patient = laid_out(tmp_path, **{GOVERNOR.format(0): "", GOVERNOR.format(1): "performance"})
    (tmp_path / GOVERNOR.format(2).replace("__", "/")).mkdir(
        parents=True
    )  # cannot be read, as that of a core that is off
    (finding,) = machine.governor(patient)
    assert (finding.level, finding.says) == (Level.OK, "performance")
    (tmp_path / GOVERNOR.format(1).replace("__", "/")).write_bytes(b"\xff\x00")
    (finding,) = machine.governor(patient)
    assert finding.level is Level.WARNING


def test_every_sound_server_that_runs_is_named(tmp_path: Path) -> None:
    jack = f"dev__shm__jack_default_{os.getuid()}_0"
    session = {"run__user__7__pipewire-0": "", "run__user__7__pulse__native": "", jack: ""}
    (finding,) = machine.sound_systems(laid_out(tmp_path, **session))
    assert (finding.level, finding.says) == (Level.OK, "PipeWire, PulseAudio, JACK; cards: none")


def test_sound_servers_are_found_by_their_sockets_and_cards_by_name(tmp_path: Path) -> None:
    cards = " 0 [AKM322         ]: USB-Audio - AKM322\n                      MIDIPLUS AKM322 at usb-1\n"
    patient = laid_out(tmp_path, **{"run__user__7__pipewire-0": "", "proc__asound__cards": cards})
    (finding,) = machine.sound_systems(patient)
    assert (finding.level, finding.says) == (Level.OK, "PipeWire; cards: USB-Audio - AKM322")


def test_a_machine_without_any_sound_is_a_warning_with_a_way_out(tmp_path: Path) -> None:
    (finding,) = machine.sound_systems(laid_out(tmp_path))
    assert finding.level is Level.WARNING
    assert finding.fix


@pytest.mark.skipif(os.geteuid() == 0, reason="root may open everything")
def test_a_closed_sound_device_is_a_problem_and_the_group_its_cure(tmp_path: Path) -> None:
    patient = laid_out(tmp_path, dev__snd__seq="", dev__snd__timer="")
    (tmp_path / "dev/snd/seq").chmod(0)
    (finding,) = machine.sound_permission(patient)
    assert finding.level is Level.PROBLEM
    assert "seq" in finding.says
    assert "usermod -aG audio" in finding.fix


def test_open_sound_devices_are_fine_and_none_at_all_is_a_warning(tmp_path: Path) -> None:
    (none,) = machine.sound_permission(laid_out(tmp_path / "bare"))
    (some,) = machine.sound_permission(laid_out(tmp_path / "full", dev__snd__seq=""))
    assert (none.level, some.level) == (Level.WARNING, Level.OK)


def test_a_pi_short_of_power_is_told(tmp_path: Path) -> None:
    throttled = "sys__devices__platform__soc__soc:firmware__get_throttled"
    (finding,) = machine.power(laid_out(tmp_path / "a", **{throttled: "50005\n"}))
    assert finding.level is Level.WARNING
    assert list(machine.power(laid_out(tmp_path / "b", **{throttled: "0\n"}))) == []
    assert list(machine.power(laid_out(tmp_path / "c"))) == []
    assert list(machine.power(laid_out(tmp_path / "d", **{throttled: "error\n"}))) == []


def test_a_midi_system_that_is_not_there_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JACK_DEFAULT_SERVER", "nobody-runs-this")
    (finding,) = machine.midi(Patient(Settings(midi=MidiSettings(api="jack"))))
    assert finding.level is Level.PROBLEM
    assert finding.fix.startswith("jackd ")  # and no module for ALSA


def test_real_time_and_locked_memory_are_tried_and_put_back() -> None:
    before = os.sched_getscheduler(0)
    names = [finding.name for finding in machine.real_time(Patient())]
    assert names == ["real-time priority", "memory lock"]
    assert os.sched_getscheduler(0) == before


def test_room_for_takes_is_looked_for_where_they_will_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    patient = Patient(Settings(takes=TakeSettings(folder=str(tmp_path / "not" / "yet"))))
    (finding,) = machine.disk(patient)
    assert finding.figures["free_mb"] > 0
    assert str(tmp_path) in finding.says
    monkeypatch.setattr(machine, "DISK_WARNING_MB", 1e12)
    (short,) = machine.disk(patient)
    assert short.level is Level.WARNING


def test_takes_that_cannot_be_written_are_a_problem_whose_cure_touches_their_folder_alone(tmp_path: Path) -> None:
    (tmp_path / "my takes").write_text("a file")
    (finding,) = machine.disk(Patient(Settings(takes=TakeSettings(folder=str(tmp_path / "my takes")))))
    assert finding.level is Level.PROBLEM
    assert finding.fix.startswith(f"mv '{tmp_path}/my takes' ")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_closed_folder_above_the_takes_is_not_given_away(tmp_path: Path) -> None:
    tmp_path.chmod(0o555)
    (finding,) = machine.disk(Patient(Settings(takes=TakeSettings(folder=str(tmp_path / "takes")))))
    tmp_path.chmod(0o755)
    assert (finding.level, finding.fix) == (Level.PROBLEM, f"sudo install -d -o $USER {tmp_path}/takes")


def test_a_page_whose_model_is_missing_is_told_where_the_model_goes(tmp_path: Path) -> None:
    patient = laid_out(tmp_path)
    page = tmp_path / ".local/share/composerd/genres/polka.yaml"
    page.parent.mkdir(parents=True)
    shipped = (paths.PACKAGE / "library" / "genres" / "pop.yaml").read_text()
    page.write_text(shipped.replace("name: pop", "name: polka").replace("model: pop", "model: polka"))
    (finding,) = (one for one in pages.genres(patient) if one.name == "genre polka")
    assert finding.level is Level.WARNING
    assert finding.fix.startswith(f"put polka.onnx into {tmp_path}/.local/share/composerd/models, or sed -i ")


def test_the_command_for_playing_by_rules_does_just_that(tmp_path: Path) -> None:
    patient = laid_out(tmp_path)
    for page in (
        paths.PACKAGE / "library" / "genres" / "jazz.yaml",
        tmp_path / ".local/share/composerd/genres/jazz.yaml",
    ):
        subprocess.run(["bash", "-c", pages.rules(page, patient)], check=True)
        assert load_genre("jazz", patient.environ).model == "plain"


def test_the_shipped_genres_are_healthy_and_a_broken_page_of_the_users_is_named(tmp_path: Path) -> None:
    patient = laid_out(tmp_path)
    assert [finding for finding in pages.genres(patient) if finding.level is Level.PROBLEM] == []
    page = tmp_path / ".local/share/composerd/genres/pop.yaml"
    page.parent.mkdir(parents=True)
    page.write_text("titel: x\n")
    broken = {finding.name: finding for finding in pages.genres(patient) if finding.level is Level.PROBLEM}
    assert set(broken) == {"genre pop", "genres"}  # pop is the one set
    assert "pop.yaml" in broken["genre pop"].says


def test_every_genre_is_timed_as_it_will_be_played(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(timing, "SONG_SECONDS", 4.0)
    measured = Measurements()
    findings = list(timing.models(laid_out(tmp_path), measured))
    assert set(measured.decisions_ms) == {"bach", "jazz", "pop", "rock", "symphony"}
    assert all(finding.figures["decisions"] > 0 for finding in findings)


def test_a_model_that_fails_while_it_plays_is_a_problem_and_not_as_fast_as_the_rules(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def compose(_: Request) -> Composed:
        raise ValueError("broken")

    failing = SimpleNamespace(compose=compose)
    monkeypatch.setattr(timing, "bank", lambda _: Bank(lambda _: failing, PlainGenerator))
    measured = Measurements()
    finding = timing.model(laid_out(tmp_path), load_genre("pop"), "", measured)
    assert finding.level is Level.PROBLEM
    assert "broken" in finding.says
    assert measured.decisions_ms == {}


@pytest.mark.parametrize(("value", "level"), [(1.9, Level.OK), (9.0, Level.WARNING), (11.0, Level.PROBLEM)])
def test_a_figure_is_judged_by_its_limits(value: float, level: Level) -> None:
    finding = timing._judged("timer", "", value, timing.LATENESS_MS, "close programs", {})
    assert finding.level is level
    assert bool(finding.fix) == (level is not Level.OK)


def test_no_sound_wanted_is_no_problem_and_sound_that_must_be_is() -> None:
    (never,) = timing.output(Patient(Settings(audio=AudioSettings(enabled="never"))))
    nowhere = AudioSettings(enabled="always", device="no such card, surely")
    (always,) = timing.output(Patient(Settings(audio=nowhere)))
    assert (never.level, always.level) == (Level.OK, Level.PROBLEM)


# advice


@pytest.mark.parametrize(("slowest", "wanted"), [(2.0, "20"), (18.0, "12"), (40.0, "5")])
def test_a_slow_model_leaves_less_grace_to_the_keys(slowest: float, wanted: str) -> None:
    advice = grace(Patient(), Measurements(decisions_ms={"bach": slowest, "pop": 1.0}))
    assert advice is not None
    assert advice.value == wanted


@pytest.mark.parametrize(
    ("late", "load", "wanted"), [(0.1, 0.02, "128"), (1.0, 0.05, "256"), (1.0, 0.5, "512"), (20, 0.1, "1024")]
)
def test_a_block_lasts_through_late_waits_and_the_synths_work(late: float, load: float, wanted: str) -> None:
    advice = block(Patient(), Measurements(lateness_ms=late, render_load=load))
    assert advice is not None
    assert advice.value == wanted


def test_what_was_not_measured_is_not_advised_and_what_is_set_is_not_repeated(tmp_path: Path) -> None:
    page = tmp_path / "composerd" / "genres" / "jazz.yaml"  # a genre of rules: no net is timed here
    page.parent.mkdir(parents=True)
    page.write_text(
        (paths.PACKAGE / "library" / "genres" / "jazz.yaml").read_text().replace("model: jazz", "model: plain")
    )
    environ = {"XDG_DATA_HOME": str(tmp_path), "HOME": str(tmp_path)}
    assert list(advise(Patient(environ=environ), Measurements())) == []
    slow = Measurements(decisions_ms={"jazz": 20.0})
    (advice,) = advise(Patient(environ=environ), slow)
    assert (advice.setting, advice.value) == ("engine.grace_ms", "10")
    settled = replace(Settings(), engine=replace(Settings().engine, grace_ms=10.0))
    assert list(advise(Patient(settled, environ=environ), slow)) == []


PAGE = """\
# mine
band:
  genre: jazz   # late evenings

engine:   # careful
    grace_ms: 15     # was 20
    seed: 4
audio:
  block: 256
"""


@pytest.mark.parametrize(
    ("setting", "before", "after"),
    [
        ("engine.grace_ms", "    grace_ms: 15     # was 20\n", "    grace_ms: 9     # was 20\n"),
        ("audio.block", "  block: 256\n", "  block: 9\n"),
        ("engine.threads", "engine:   # careful\n", "engine:   # careful\n    threads: 9\n"),
        ("midi.poll_ms", "  block: 256\n", "  block: 256\nmidi:\n  poll_ms: 9\n"),
    ],
)
def test_only_the_line_meant_is_written(setting: str, before: str, after: str) -> None:
    section, _, key = setting.partition(".")
    assert with_setting(PAGE, "mine", section, key, "9") == PAGE.replace(before, after)


def test_advice_is_written_into_a_page_that_is_not_there_yet_and_holds(tmp_path: Path) -> None:
    page = tmp_path / "composerd" / "config.yaml"
    write(
        page, [Advice("engine.grace_ms", "7", ""), Advice("audio.block", "512", ""), Advice("engine.threads", "2", "")]
    )
    settings = load(page=page, environ={"HOME": str(tmp_path)}).settings
    assert (settings.engine.grace_ms, settings.audio.block, settings.engine.threads) == (7, 512, 2)
    assert list(page.parent.iterdir()) == [page]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("engine: {grace_ms: 15}\n", "engine: {grace_ms: 7}\n"),
        ("engine: {seed: 4}  # mine\n", "engine: {grace_ms: 7, seed: 4}  # mine\n"),
        ("engine: {}\n", "engine: {grace_ms: 7}\n"),
        (
            "engine:  # nothing yet\nband:\n  genre: jazz\n",
            "engine:  # nothing yet\n  grace_ms: 7\nband:\n  genre: jazz\n",
        ),
        ("engine:\n  grace_ms: '15' # quoted\n", "engine:\n  grace_ms: 7 # quoted\n"),
        ("band: {genre: jazz}", "band: {genre: jazz}\nengine:\n  grace_ms: 7\n"),
        ("", "engine:\n  grace_ms: 7\n"),
    ],
)
def test_any_page_of_legal_yaml_takes_advice(tmp_path: Path, before: str, after: str) -> None:
    page = tmp_path / "config.yaml"
    page.write_text(before)
    write(page, [Advice("engine.grace_ms", "7", "")])
    assert page.read_text() == after
    assert list(tmp_path.iterdir()) == [page]


def test_a_page_that_cannot_be_read_stays_as_it_is(tmp_path: Path) -> None:
    page = tmp_path / "config.yaml"
    page.write_text("engine: {grace_ms: 15\n")
    with pytest.raises(ConfigError, match=r"config\.yaml:2: broken YAML"):
        write(page, [Advice("engine.grace_ms", "7", "")])
    assert page.read_text() == "engine: {grace_ms: 15\n"
    assert list(tmp_path.iterdir()) == [page]


def test_a_page_keeps_its_rights_a_new_one_can_be_read_by_the_service_and_a_link_stays_one(tmp_path: Path) -> None:
    before = os.umask(0o077)
    advice = [Advice("engine.grace_ms", "7", "")]
    try:
        write(tmp_path / "etc" / "config.yaml", advice)
        kept = tmp_path / "kept.yaml"
        kept.touch(mode=0o600)
        (tmp_path / "link.yaml").symlink_to(kept)
        write(tmp_path / "link.yaml", advice)
    finally:
        os.umask(before)
    modes = [stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "etc", tmp_path / "etc" / "config.yaml", kept)]
    assert [oct(mode) for mode in modes] == ["0o755", "0o644", "0o600"]
    assert (tmp_path / "link.yaml").is_symlink()
    assert "grace_ms: 7" in kept.read_text()


@pytest.fixture
def by_rules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every genre but bach is played by rules: to time five nets again takes a busy machine a minute."""
    monkeypatch.setattr(timing, "SONG_SECONDS", 4.0)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    play_by_rules(tmp_path / "data", but="bach")


def doctored(capsys: pytest.CaptureFixture[str], page: Path, *options: str) -> tuple[int, dict[str, Any]]:
    status = main(["doctor", "--json", "--config", str(page), *options])
    return status, json.loads(capsys.readouterr().out)


@pytest.fixture
def grace_is_low(tmp_path: Path) -> Path:
    """Settings of a user that the doctor has advice for."""
    page = tmp_path / "config.yaml"
    page.write_text("audio:\n  enabled: never\nengine:\n  grace_ms: 3\n")
    return page


@pytest.mark.usefixtures("by_rules")
def test_broken_settings_are_a_finding_and_everything_else_is_looked_at_all_the_same(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "config.yaml"
    page.write_text("band:\n  gener: jazz\n")
    status, report = doctored(capsys, page, "--apply")
    settings = report["findings"][0]
    assert (status, settings["level"], settings["fix"]) == (1, "problem", f"${{EDITOR:-nano}} {page}")
    assert f"{page}:2: unknown band.gener" in settings["says"]
    assert {"midi", "disk", "timer", "model bach"} <= {finding["name"] for finding in report["findings"]}
    assert (report["advice"], report["applied"]) == ([], False)


@pytest.mark.usefixtures("by_rules")
def test_advice_that_cannot_be_written_is_told_all_the_same(
    grace_is_low: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    draft_of(grace_is_low).mkdir()  # where the draft would be written
    status, report = doctored(capsys, grace_is_low, "--apply")
    assert (status, report["applied"]) == (2, False)
    assert "engine.grace_ms" in {advice["setting"] for advice in report["advice"]}


def test_a_variable_that_is_wrong_is_to_be_unset() -> None:
    wrong = ConfigError(place=Variable("COMPOSERD_BAND__BPM"), field="band.bpm", found="'x'", expected="a number")
    finding = pages.unreadable(wrong)
    assert finding.fix == "unset COMPOSERD_BAND__BPM"


@pytest.mark.usefixtures("by_rules")
def test_the_command_reports_everything_as_json_and_writes_what_it_advises(
    grace_is_low: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = grace_is_low
    status, report = doctored(capsys, page, "--apply")
    problems = [finding for finding in report["findings"] if finding["level"] == "problem"]
    assert status == (1 if problems else 0)
    assert report["applied"]
    assert all(bool(finding["fix"]) == (finding["level"] != "OK") for finding in report["findings"])
    advised = {advice["setting"]: advice["value"] for advice in report["advice"]}
    assert "engine.grace_ms" in advised
    written = load(page=page, environ={"HOME": str(page.parent)}).settings
    assert f"{written.engine.grace_ms:g}" == advised["engine.grace_ms"]


@pytest.mark.parametrize(("user", "own_page", "wanted"), [(0, False, 0), (0, True, 1), (1000, False, 1)])
def test_advice_goes_where_it_will_hold(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, user: int, own_page: bool, wanted: int
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setattr(os, "geteuid", lambda: user)
    there = paths.config_pages()
    if own_page:
        there[1].parent.mkdir()
        there[1].touch()
    assert page_of(None) == there[wanted]
    assert page_of(tmp_path / "given.yaml") == tmp_path / "given.yaml"


def test_a_finding_shows_its_cure_on_a_line_of_its_own() -> None:
    finding = Finding("midi", Level.PROBLEM, "no sequencer", "sudo modprobe snd-seq")
    assert finding.lines() == "problem  midi: no sequencer\n         fix: sudo modprobe snd-seq"
