# ruff: noqa: E501  # the complaints stand as they are read
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from composerd.errors import ConfigError
from composerd.library.genre_files import genre_pages, load_genre, read_genre
from composerd.library.model_files import find_model
from composerd.music.genre import Feel
from composerd.music.metre import Metre

PAGE = """\
title: Waltz
model: waltz
bpm: 132.5
metre: 3/4
feel:
  swing: 0.25
  accents: [1.1, 0.9]
  push_ms: {bass: -4}
parts:
  - name: drums
    role: drums
    channel: 10
  - name: bass
    role: bass
    channel: 2
    program: 32
    range: [28, 55]
"""


def page(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "composerd" / "genres" / "waltz.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_a_page_becomes_a_genre_named_like_its_file(tmp_path: Path) -> None:
    genre = read_genre(page(tmp_path, PAGE))
    assert (genre.name, genre.title, genre.bpm, genre.metre) == ("waltz", "Waltz", 132.5, Metre(3, 4))
    assert genre.feel == Feel(swing=0.25, accents=(1.1, 0.9), push_ms={"bass": -4.0})
    assert [(part.name, part.channel, part.low, part.high) for part in genre.parts] == [
        ("drums", 10, 0, 127),
        ("bass", 2, 28, 55),
    ]


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("bpm: 132.5", "bpm: slow", "waltz.yaml:3: bpm: found 'slow', expected a number"),
        ("bpm: 132.5\n", "", "waltz.yaml: bpm: found nothing, expected a number"),
        ("title: Waltz\n", "", "waltz.yaml: title: found nothing, expected a text"),
        ("swing", "swign", "waltz.yaml:6: unknown feel.swign; did you mean swing?"),
        ("metre: 3/4", "metre: three", "waltz.yaml:4: metre: found 'three', expected a time signature such as 4/4, whose bars are whole 16ths"),
        ("metre: 3/4", "metre: 7/32", "waltz.yaml:4: metre: found '7/32', expected a time signature such as 4/4, whose bars are whole 16ths"),
        ("program: 32", "program: 200", "waltz.yaml:16: parts.bass.program: found 200, expected 0 to 127"),
        ("channel: 2", "channel: 1", "waltz.yaml:15: parts.bass.channel: found 1, expected 2 to 15 (1 is the player's, 16 the metronome's)"),
        ("channel: 2", "channel: 16", "waltz.yaml:15: parts.bass.channel: found 16, expected 2 to 15 (1 is the player's, 16 the metronome's)"),
        ("role: bass", "role: bas", "waltz.yaml:14: parts.bass.role: found 'bas', expected one of drums, bass, comp, pad, lead, voice"),
        ("[28, 55]", "28", "waltz.yaml:17: range: found '28', expected [lowest pitch, highest pitch]"),
        ("    role: bass\n", "", "parts[1].role: found nothing, expected a text"),
        ("title: Waltz", "title: Waltz\nname: polka", "waltz.yaml:2: name: found 'polka', expected the file's name, 'waltz'"),
        (PAGE[PAGE.index("parts:") :], "", "waltz.yaml: parts: found nothing, expected a list of parts"),
    ],
)  # fmt: skip
def test_a_mistake_on_a_page_is_named_with_file_line_and_field(
    tmp_path: Path, old: str, new: str, complaint: str
) -> None:  # one sentence
    assert old in PAGE
    with pytest.raises(ConfigError) as caught:
        read_genre(page(tmp_path, PAGE.replace(old, new)))
    assert complaint in str(caught.value)


def test_the_users_page_wins_and_new_ones_are_found(tmp_path: Path) -> None:
    mine = page(tmp_path, PAGE)
    (mine.parent / "rock.yaml").write_text(PAGE.replace("Waltz", "My rock"))
    environ = {"HOME": "/nowhere", "XDG_DATA_HOME": str(tmp_path)}
    assert genre_pages(environ)["waltz"] == mine
    assert load_genre("rock", environ).title == "My rock"


def test_an_unknown_genre_is_answered_with_the_nearest_name(tmp_path: Path) -> None:
    page(tmp_path, PAGE)
    with pytest.raises(ConfigError, match=r"^unknown genre 'walz'; did you mean waltz\?$"):
        load_genre("walz", {"XDG_DATA_HOME": str(tmp_path)})


def test_the_users_model_is_found_before_ours(tmp_path: Path) -> None:
    environ = {"XDG_DATA_HOME": str(tmp_path)}
    assert find_model("waltz", environ) is None
    model = tmp_path / "composerd" / "models" / "waltz.onnx"
    model.parent.mkdir(parents=True)
    model.touch()
    assert find_model("waltz", environ) == model


@given(st.integers(0, len(PAGE) - 1), st.text(max_size=3))
def test_a_page_with_a_slip_of_the_pen_is_read_or_complained_about(
    tmp_path_factory: pytest.TempPathFactory, at: int, slip: str
) -> None:  # one sentence
    path = page(tmp_path_factory.mktemp("pages"), PAGE)
    path.write_bytes((PAGE[:at] + slip + PAGE[at + 1 :]).encode("utf-8", "surrogatepass"))
    complaint = ""
    try:
        read_genre(path)
    except ConfigError as error:
        complaint = str(error)
    assert complaint == "" or complaint.startswith(str(path))
