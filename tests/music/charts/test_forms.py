"""Forms as musicians read them: repeats within repeats, endings, jumps; names of the sections that are played."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from composerd.music.charts.chart import MOST_BARS, bar_of
from composerd.music.charts.played_order import MOST_TIMES, WrittenBar, played_order, sections_of
from composerd.music.charts.symbols import ChordSymbol
from composerd.music.metre import Metre

BAR = bar_of([ChordSymbol(0)] * 4, Metre())
MARKS = {
    "S": "segno", "O": "coda", "o": "to_coda", "f": "fine",
}  # fmt: skip


def written(text: str) -> list[WrittenBar]:
    """Bars from words: `|:` before and `:|`, `:|3` after a bar, `1,2.` its ending, `[A]` its section, marks in ()."""
    bars: list[WrittenBar] = []
    opens, section, endings = False, None, frozenset[int]()
    for word in text.split():
        if word == "|:":
            opens = True
        elif word.startswith(":|"):
            bars[-1].repeat_end, endings = int(word[2:] or 2), frozenset()
        elif word.startswith("["):
            section, endings = word[1:-1], frozenset()
        elif word == "||":
            endings = frozenset()
        elif word.endswith("."):
            endings = frozenset(int(number) for number in word[:-1].split(","))
        elif word in ("dc", "ds"):
            bars[-1].jump = word
        elif word in MARKS:
            setattr(bars[-1], MARKS[word], True)
        else:
            bars.append(WrittenBar(BAR, section, opens, endings=endings))
            opens, section = False, None
    return bars


def order(text: str) -> str:
    """The bars by their letters in the order in which they are played."""
    letters = [
        word for word in text.split() if word.isalpha() and word.islower() and word not in ("dc", "ds", "o", "f")
    ]
    return "".join(letters[index] for index in played_order(written(text)))


@pytest.mark.parametrize(
    ("text", "played"),
    [
        ("a b c", "abc"),
        ("a b :| c", "ababc"),  # a repeat without its beginning goes back to the start
        ("a |: b :|4 c", "abbbbc"),
        ("|: a 1. b :| 2. c :| 3. e", "abacae"),
        ("|: a 1,2. b :| 3. c", "ababac"),
        ("|: a 1,2,3. b :| 4. c", "abababac"),
        ("|: a 1. b c :| 2. e g", "abcaeg"),
        ("|: a 1. b :| 2. c || |: e 1. g :| 2. h", "abaceg" + "eh"),
        ("|: a :| |: b :| |: c :|", "aabbcc"),
        ("|: a 1. b :| 2. c |: e :| g", "abaceeg"),  # another repeat ends the bracket
        ("|: a 1. b :| 2. c |: e g :| h", "abacegegh"),
        ("|: a 1. b :| c e :| g", "abaceceg"),  # without a second ending the form goes on
        ("|: a 1. b :|", "aba"),  # a second ending that was never written
        ("a b dc", "abab"),
        ("a b f c dc", "abcab"),
        ("a b S c ds", "abcbc"),
        ("a b S c f e ds", "abcebc"),
        ("a b ds", "abab"),  # no sign: from the beginning
        ("a b o c dc e O", "abcabe"),
        ("a S b o c ds e O g", "abcabeg"),
        ("a b o c dc", "abcabc"),  # no coda to go to
        ("|: a :| b dc", "aabab"),  # repeats are not taken after a jump
        ("|: a 1. b :| 2. c dc", "abacac"),  # after a jump the last ending
        ("|: a 1. b :| 2. c || e g dc", "abacegaceg"),
        ("a |: b 1. c :| 2. e || g dc", "abcbegabeg"),
        ("a |: b S c 1. e :| 2. g ds", "abcebcgbcg"),
        ("a f b", "ab"),  # Fine means nothing before the jump
        ("a b f dc", "abab"),
        ("|: a b o :| c dc e O g", "ababcabeg"),
        ("a dc b dc", "aab"),  # one jump only
        ("2. a b", "ab"),  # a second ending alone
        ("2. a || b", "b"),
    ],
)
def test_a_form_is_played_in_this_order(text: str, played: str) -> None:
    assert order(text) == played


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("[A] a b [B] c", "A2 B1"),
        ("[A] |: a b :| [B] c", "A2 A2 B1"),
        ("a b [B] c", "-2 B1"),
        ("[A] a [B] b [C] c dc", "A1 B1 C1 A1 B1 C1"),
        ("[A] a b S c [B] e ds", "A3 B1 A2 B1"),
        ("[A] a |: b :| c", "A4"),  # within a section a repeat makes no new one
        ("[A] |: a 1. b :| 2. c", "A2 A2"),
        ("[A] a [] b", "A1 -1"),
        ("[A] a [A] b", "A1 A1"),
    ],
)
def test_what_is_played_falls_into_these_sections(text: str, names: str) -> None:
    bars = written(text)
    sections = sections_of(bars, played_order(bars))
    assert " ".join(f"{section.name or '-'}{len(section.bars)}" for section in sections) == names


def test_no_bars_are_no_form() -> None:
    with pytest.raises(ValueError, match="found no bars, expected at least one"):
        played_order([])


def test_a_repeat_is_played_sixteen_times_at_most() -> None:
    assert order(f"|: a :|{MOST_TIMES + 50}") == "a" * MOST_TIMES


def test_as_many_bars_as_a_chart_may_have_are_played_and_no_more() -> None:
    bars = [WrittenBar(BAR) for _ in range(MOST_BARS)]
    assert played_order(bars) == list(range(MOST_BARS))
    bars[-1].jump = "dc"
    with pytest.raises(ValueError, match=f"found more than {MOST_BARS} bars, its repeats followed"):
        played_order(bars)


MARKED = st.builds(
    WrittenBar,
    st.just(BAR),
    st.sampled_from([None, "", "A", "B"]),
    st.booleans(),
    st.sampled_from([0, 0, 2, 3, 99]),
    st.sampled_from([frozenset[int](), frozenset({1}), frozenset({2}), frozenset({1, 2}), frozenset({7})]),
    st.booleans(), st.booleans(), st.booleans(), st.booleans(),
    st.sampled_from(["", "", "dc", "ds"]),
)  # fmt: skip


@given(st.lists(MARKED, min_size=1, max_size=12))
def test_whatever_marks_a_chart_has_it_is_played_to_an_end_and_cut_into_sections(bars: list[WrittenBar]) -> None:
    found = played_order(bars)
    assert found
    assert all(0 <= index < len(bars) for index in found)
    assert sum(len(section.bars) for section in sections_of(bars, found)) == len(found)


@given(st.integers(1, 30), st.integers(2, MOST_TIMES))
def test_a_plain_repeat_multiplies_its_bars(bars: int, times: int) -> None:
    found = [WrittenBar(BAR) for _ in range(bars)]
    found[-1].repeat_end = times
    assert played_order(found) == list(range(bars)) * times
