import subprocess
import sys
from pathlib import Path

import pytest

from composerd import __version__
from composerd.cli.main import COMMANDS, main
from composerd.devices.audio.soundfonts import list_soundfonts

HEAVY = ("numpy", "onnxruntime", "mido", "torch")
PROGRAM = """
import atexit, sys
from composerd.cli import main
atexit.register(lambda: print([name for name in {heavy} if name in sys.modules], file=sys.stderr))
sys.exit(main(sys.argv[1:]))
"""


@pytest.fixture(autouse=True)
def _own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("XDG_CONFIG_HOME", "XDG_DATA_HOME"):
        monkeypatch.setenv(variable, str(tmp_path))


def run(capsys: pytest.CaptureFixture[str], *argv: str) -> tuple[int, str, str]:
    status = main(argv)
    captured = capsys.readouterr()
    return status, captured.out, captured.err


@pytest.mark.parametrize(
    ("argv", "line"),
    [
        (["gneres"], "unknown command 'gneres'; did you mean genres?"),
        (["--gnre", "rock"], "unknown option --gnre; did you mean --genre?"),
        (["config", "--verbos"], "unknown option --verbos; did you mean --verbose?"),
        (["--genre"], "--genre: found nothing, expected G"),
        (["config", "more"], "found 'more', expected nothing more (see composerd config --help)"),
        (["--bpm", "90", "demo"],
         "found 'demo', expected the command first: composerd demo … (see composerd --help)"),
        (["config", "--bpm", "fast"], "--bpm: band.bpm: found 'fast', expected a number from 30 to 300 or nothing"),
        (["config", "--bpm", "-1"], "--bpm: band.bpm: found '-1', expected a number from 30 to 300 or nothing"),
        (["config", "--mode", "jma"], "--mode: band.mode: found 'jma', expected one of jam, phrase; did you mean jam?"),
        (["bench", "--only", "nothing"],
         "--only: found 'nothing', expected one of decisions, growth, follow, live, program, thru, waiting, clock, "
         "sound"),
        (["ports", "--no-audio", "--audio", "USB"], "found --audio and --no-audio, expected one of them"),
        (["--soundfont", "none.sf3", "--audio"],
         "--soundfont: 'none.sf3' is no file; found on this machine: FONTS"),
        (["demo", "--soundfont", "none.sf3"],
         "--soundfont: 'none.sf3' is no file; found on this machine: FONTS"),
        (["config", "--config", "none.yaml"], "--config: found none.yaml, expected a file that exists"),
        (["render", "a.mid", "-o", "b.txt"],
         "-o: found 'b.txt', expected a name that ends in .mid, .midi, .wav, .flac"),
        (["render", "a.mid", "-o", "b.mid", "--genre", "rok"],
         "--genre: unknown genre 'rok'; did you mean rock?"),
        (["render", "none.mid", "-o", "b.mid"], "none.mid: cannot be read: No such file or directory"),
    ],
)  # fmt: skip
def test_a_mistake_is_one_line_and_status_2(capsys: pytest.CaptureFixture[str], argv: list[str], line: str) -> None:
    fonts = ", ".join(font.name for font in list_soundfonts()) or "none"
    assert run(capsys, *argv) == (2, "", f"composerd: {line.replace('FONTS', fonts)}\n")


def test_config_shows_every_value_and_its_origin(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    page = tmp_path / "composerd" / "config.yaml"
    page.parent.mkdir()
    page.write_text("band:\n  genre: jazz\n")
    status, out, err = run(capsys, "config", "--bpm", "96", "--quiet")
    rows = {name: (value, where) for name, value, where in (line.split(maxsplit=2) for line in out.splitlines())}
    assert (status, err) == (0, "")
    assert rows["band.genre"] == ("jazz", f"{page}:2")
    assert rows["band.bpm"] == ("96", "--bpm")
    assert rows["log.status_line"] == ("false", "--quiet")
    assert rows["engine.pause_bars"] == ("2", "default")


def test_config_lists_the_pages_it_looks_for(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    status, out, _ = run(capsys, "config", "--path")
    assert status == 0
    assert f"{tmp_path / 'composerd' / 'config.yaml'}  not there" in out.splitlines()


def test_genres_lists_the_five_with_their_generators(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = run(capsys, "genres", "--pages")
    names = [line.split()[0] for line in out.splitlines() if not line.startswith(" ")]
    assert (status, names, err) == (0, ["bach", "jazz", "pop", "rock", "symphony"], "")


def test_a_broken_genre_page_is_named_and_the_others_listed(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    page = tmp_path / "composerd" / "genres" / "mine.yaml"
    page.parent.mkdir(parents=True)
    page.write_text("titel: Mine\nparts: []\n")
    status, out, err = run(capsys, "genres")
    assert status == 2
    assert len(out.splitlines()) == 5
    assert err.startswith(f"composerd: {page}:1: unknown titel; did you mean title?")


def test_options_may_stand_before_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = run(capsys, "--verbose", "config")
    assert status == 0
    assert "--verbose" in out


def test_the_version_is_the_packages(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        main(["--version"])
    assert capsys.readouterr().out == f"composerd {__version__}\n"


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(capsys: pytest.CaptureFixture[str], name: str) -> None:
    with pytest.raises(SystemExit, match="0"):
        main([name, "--help"])
    assert "usage: composerd" in capsys.readouterr().out


@pytest.mark.parametrize(
    "argv",
    [["genres"], ["config"], ["ports"], ["--version"], ["models"], ["takes"], ["takes", "where"], ["play", "--help"]],
)
def test_short_commands_load_no_heavy_library(argv: list[str]) -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM.format(heavy=HEAVY), *argv], capture_output=True, text=True)
    assert done.stderr.splitlines()[-1] == "[]"


def test_a_reader_that_stops_early_is_no_error() -> None:
    command = f"{sys.executable} -c 'from composerd.cli.main import main; raise SystemExit(main())' config | head -n 1"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True)
    assert done.stderr == ""
    assert done.stdout.startswith("band.genre")
