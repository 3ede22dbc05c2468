import re
from pathlib import Path

import pytest

from composerd.cli import COMMANDS
from composerd.commands.ctl import ARGUMENTS
from composerd.commands.options import OPTIONS
from composerd.engine.controls import FUNCTIONS
from composerd.genre_pages import genre_pages

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")


@pytest.mark.parametrize("flag", OPTIONS)
def test_every_option_stands_in_the_readme(flag: str) -> None:
    assert re.search(rf"^\| `{flag}\b", README, re.MULTILINE)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_stands_in_the_readme(name: str) -> None:
    assert re.search(rf"^composerd \[?{name}\b", README, re.MULTILINE)


@pytest.mark.parametrize("name", genre_pages({"HOME": "/nowhere"}))
def test_every_genre_stands_in_the_readme(name: str) -> None:
    assert f"| `{name}` |" in README


def test_the_readmes_links_lead_somewhere() -> None:
    links = re.findall(r"\]\(([^)#]+)\)", README)
    assert [link for link in links if not link.startswith("http") and not (ROOT / link).exists()] == []


def test_ci_finds_the_test_command() -> None:
    block = re.search(r"<!-- test command -->\n```sh\n(.+)\n```", README)
    assert block
    assert block[1].endswith("tests/check")


@pytest.mark.parametrize("name", [*FUNCTIONS, *ARGUMENTS])
def test_every_function_and_request_stands_in_the_page_of_controls(name: str) -> None:
    assert re.search(rf"`{name}\b", (ROOT / "docs" / "controls.md").read_text("utf-8"))
