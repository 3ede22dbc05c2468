"""A broken or hostile file is one line with line and column; nothing crashes, hangs or grows."""

from __future__ import annotations

import random
import zipfile
from io import BytesIO
from pathlib import Path

import pytest

from charts import BLUES
from composerd.errors import ConfigError
from composerd.files.charts.formats import MOST_BYTES, formats, parse_charts, read_charts, write_charts
from composerd.files.charts.text import read_text

FUZZED = 10_000
BROKEN = {
    "a.txt": ("key: F\n| F | Cfoo |\n", r"a\.txt:2:7: found 'Cfoo', expected a chord"),
    "b.txt": ("| C D E |\n", r"b\.txt:1:2: found 3 chords in a bar of 4 beats, expected 1, 2, 4"),
    "c.txt": ("| 1 | 4 |\n", r"c\.txt:1:3: found Nashville number '1', expected a line such as `key: G`"),
    "d.txt": ("tilte: X\n| C |\n", r"d\.txt:1:1: found 'tilte: X', did you mean 'title'"),
    "e.txt": ("[A] C F\n", r"e\.txt:1:8: found the end of the line, expected \| between the bars"),
    "f.txt": ("hello world\n", r"f\.txt:1:1: found 'hello world', expected bars"),
    "g.txt": ("time: 4/7\n| C |\n", r"g\.txt:1:7: found '4/7'"),
    "h.txt": ("tempo: fast\n| C |\n", r"h\.txt:1:8: found tempo 'fast', expected 30 to 300"),
    "i.txt": ("title: nothing\n", r"i\.txt:1:1: found no bars"),
    "j.txt": ("| C |\n~ | C4:4 |\n", r"j\.txt:2:4: found 4 16ths in a bar of 16"),
    "k.cho": ("{start_of_grid}\n| C . |\n| X . . . |\n", r"k\.cho:3:3: found 'X'"),
    "l.cho": ("{title Song\n", r"l\.cho:1:1: found '{title Song', expected a directive"),
    "m.ireal": ("irealbook://A=B=C=C=n=[T44C  !|D ]", r"m\.ireal:1:1: song 'A': found '!\|D \]' at character 8"),
    "n.html": ("<html>\n  <a href='irealb://nothing'>", r"n\.html:1:1: found no irealb"),
    "o.musicxml": ("<score-partwise>\n<part>", r"o\.musicxml:2:7: no well-formed XML"),
    "p.musicxml": ("<a/>", r"p\.musicxml:1:1: found <a>, expected <score-partwise>"),
    "q.musicxml": (
        "<score-partwise><part><measure>\n <harmony><kind>major</kind></harmony></measure></part></score-partwise>",
        r"q\.musicxml:2:2: found a harmony without a root",
    ),
    "r.mid": ("MThd", r"r\.mid:1:1: found a header of 4 bytes"),
    "s.mxl": ("PK\x03\x04 nothing", r"s\.mxl:1:1: found no readable \.mxl archive"),
    "u.txt": ("| C |\n~ | C4:0 D4:16 |\n", r"u\.txt:2:5: found 'C4:0', expected a note with its 16ths such as Bb4:2"),
    "t.txt": (" \n", r"t\.txt: found an empty file"),
}


@pytest.mark.parametrize("name", sorted(BROKEN))
def test_what_is_wrong_is_told_with_line_and_column(name: str, tmp_path: Path) -> None:
    text, expected = BROKEN[name]
    (tmp_path / name).write_text(text)
    with pytest.raises(ConfigError, match=expected) as caught:
        read_charts(tmp_path / name)
    assert "\n" not in str(caught.value)


def test_entities_that_explode_are_refused() -> None:
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]><score-partwise>&b;</score-partwise>'
    with pytest.raises(ConfigError, match="entity declaration"):
        parse_charts(bomb, "x.musicxml")


def test_an_archive_that_explodes_is_refused() -> None:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("score.xml", b" " * 50_000_000)
    with pytest.raises(ConfigError, match="found more than"):
        parse_charts(buffer.getvalue(), "x.mxl")


def test_a_huge_file_a_folder_and_no_file_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="found 4,000,001 bytes, expected at most 4,000,000"):
        parse_charts(b"|" * (MOST_BYTES + 1), "x.txt")
    with pytest.raises(ConfigError, match="found a folder"):
        read_charts(tmp_path)
    with pytest.raises(ConfigError, match="No such file"):
        read_charts(tmp_path / "x.txt")


def test_ten_thousand_broken_files_end_in_a_chart_or_in_one_line() -> None:
    dice = random.Random(14)
    chart = read_text(BLUES + "~ | C5:4 -:12 | D5:16 | E5:16 | -:16 |\n")
    wholes = [(f"x{one.suffixes[0]}", write_charts(f"x{one.suffixes[0]}", [chart])) for one in formats()]
    charts, lines = 0, []
    for number in range(FUZZED):
        name, data = wholes[number % len(wholes)]
        try:
            charts += len(parse_charts(_broken(data, dice), name))
        except ConfigError as error:
            lines.append(str(error))
    assert all("\n" not in line and len(line) < 400 for line in lines)
    assert len(lines) > FUZZED / 10
    assert charts > FUZZED / 100


def _broken(data: bytes, dice: random.Random) -> bytes:
    """One to four cuts, doublings, swaps and strange bytes."""
    for _ in range(dice.randint(1, 4)):
        at, length = dice.randrange(len(data) + 1), dice.randint(1, 12)
        piece = data[at : at + length]
        data = dice.choice(
            (
                data[:at] + data[at + length :],
                data[:at],
                data[:at] + piece * dice.randint(2, 40) + data[at:],
                data[:at] + dice.randbytes(length) + data[at:],
                data[:at]
                + dice.choice((b"|:", b":|", b"x99", b"{", b"}", b"[", b"&", b"<", b"%%", b"=", b"9/9", b"-1"))
                + data[at:],
            )
        )
    return data
