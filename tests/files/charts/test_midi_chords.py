"""Chord tracks of MIDI files of other programs, put together event by event, and what a chart's own file holds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pytest

import smf
from charts import MINE
from composerd.files.charts.formats import write_charts
from composerd.files.charts.midi_chords import read_midi_chart, write_midi_chart
from composerd.files.charts.problem import ChartProblem
from composerd.files.charts.text import read_text
from composerd.music.charts.chart import Chart, ChartNote, ChartSection, bar_of
from composerd.music.charts.spelling import chord_name
from composerd.music.charts.symbols import ChordSymbol
from composerd.music.metre import Metre

TEXT, LYRIC, MARKER, TEMPO, TIME, KEY, SPECIFIC = 1, 5, 6, 0x51, 0x58, 0x59, 0x7F
BAR = 1920


def track(*events: tuple[int, int, bytes], end: int = 0) -> bytes:
    """Meta events (tick, kind, data) and the end of the track."""
    found, before = b"", 0
    for tick, kind, data in sorted(events, key=lambda event: event[0]):
        found += smf.meta(kind, data, tick - before)
        before = tick
    return found + smf.meta(0x2F, b"", max(0, end - before))


def texts(names: Iterable[str], kind: int = TEXT, every: int = BAR) -> list[tuple[int, int, bytes]]:
    return [(number * every, kind, name.encode()) for number, name in enumerate(names)]


def chart(*tracks: bytes) -> Chart:
    return read_midi_chart(smf.song(*tracks))


def beats(found: Chart) -> list[str]:
    """The chord of each beat, a text a bar."""
    return [" ".join(chord_name(bar.at(beat)) for beat in range(bar.beats)) for bar in found.bars]


@pytest.mark.parametrize("kind", [TEXT, LYRIC])
def test_chords_are_texts_or_lyrics(kind: int) -> None:
    assert beats(chart(track(*texts(["C", "Am7", "N.C.", "Bb7/D"], kind)))) == [
        " ".join([name] * 4) for name in ("C", "Am7", "N.C.", "Bb7/D")
    ]


def test_the_track_that_has_most_chords_is_read() -> None:
    few, many = texts(["C", "F"]), texts(["G", "Am", "D"])
    assert beats(chart(track(*few), track(*many)))[0] == "G G G G"


def test_a_track_of_words_is_no_track_of_chords_though_some_words_look_like_chords() -> None:
    words = texts(["A", "day", "in", "E", "flat"], LYRIC, 480)
    assert beats(chart(track(*words), track(*texts(["F", "C"])))) == ["F F F F", "C C C C"]
    with pytest.raises(ChartProblem, match="found no chords, expected text events such as Am7"):
        chart(track(*words))


def test_a_track_is_read_as_chords_if_four_fifths_of_its_texts_are() -> None:
    found = chart(track(*texts(["C", "F", "G", "C", "fine"])))
    assert [bar.split()[0] for bar in beats(found)] == ["C", "F", "G", "C"]
    with pytest.raises(ChartProblem):
        chart(track(*texts(["C", "F", "G", "yes", "fine"])))


def test_a_chord_belongs_to_the_beat_whose_middle_comes_after_it() -> None:
    early, late = (480 - 30, TEXT, b"F"), (960 + 30, TEXT, b"G")
    assert beats(chart(track((0, TEXT, b"C"), early, late, end=BAR))) == ["C F G G"]


def test_before_the_first_chord_there_is_none() -> None:
    assert beats(chart(track((BAR, TEXT, b"C")))) == ["N.C. N.C. N.C. N.C.", "C C C C"]


def test_the_bars_go_to_the_end_of_the_longest_track() -> None:
    melody = smf.meta(3, b"Tune") + smf.notes([60] * 12) + smf.END
    assert beats(chart(track((0, TEXT, b"C")), melody)) == ["C C C C"] * 3


def test_a_metre_that_changes_changes_the_bars() -> None:
    signs = [(0, TIME, b"\3\2\x18\x08"), (3 * 480, TIME, b"\6\3\x18\x08")]
    found = chart(track(*signs, (0, TEXT, b"C"), (3 * 480, TEXT, b"F"), end=6 * 480))
    assert [str(bar.metre) for bar in found.bars] == ["3/4", "6/8"]
    assert beats(found) == ["C C C", "F F F F F F"]


def test_beats_shorter_than_a_16th_are_refused() -> None:
    with pytest.raises(ChartProblem, match="found 4/32, expected beats of at least a 16th"):
        chart(track((0, TIME, b"\4\5\x18\x08"), (0, TEXT, b"C")))


def test_a_file_of_hours_of_bars_is_refused() -> None:
    with pytest.raises(ChartProblem, match="found more than 2000 bars"):
        chart(track((0, TEXT, b"C"), end=BAR * 2001))


@pytest.mark.parametrize(
    ("data", "key"),
    [
        (b"\0\0", (0, False)),
        (b"\xfd\0", (3, False)),
        (b"\xfd\1", (0, True)),
        (b"\3\1", (6, True)),
        (b"\7\0", (1, False)),
    ],
)
def test_the_first_key_signature_is_the_songs(data: bytes, key: tuple[int, bool]) -> None:
    found = chart(track((0, KEY, data), (BAR, KEY, b"\1\0"), (0, TEXT, b"C")))
    assert (found.key, found.minor) == key


def test_without_a_key_signature_a_tempo_or_markers_nothing_is_made_up() -> None:
    found = chart(track((0, TEXT, b"C")))
    assert (found.key, found.bpm, [section.name for section in found.sections]) == (None, None, [""])


@pytest.mark.parametrize(("micros", "bpm"), [(500_000, 120.0), (454_545, 132.0), (3_000_000, None), (100_000, None)])
def test_the_first_tempo_is_the_songs_if_it_can_be_played(micros: int, bpm: float | None) -> None:
    later = (BAR, TEMPO, (600_000).to_bytes(3, "big"))
    assert chart(track((0, TEMPO, micros.to_bytes(3, "big")), later, (0, TEXT, b"C"))).bpm == bpm


def test_markers_of_any_track_part_the_sections_at_the_bar_they_stand_in() -> None:
    marks = track((BAR + 10, MARKER, b" Verse "), (3 * BAR, MARKER, "Ch\u0153ur".encode()))
    found = chart(marks, track(*texts("CFGC")))
    assert [(section.name, len(section.bars)) for section in found.sections] == [
        ("", 1),
        ("Verse", 2),
        ("Ch\u0153ur", 1),
    ]


def test_a_note_that_is_struck_again_ends_and_begins_anew() -> None:
    events = b"\0\x90\x3c\x50" + smf.number(480) + b"\x90\x3c\x50" + smf.number(480) + b"\x80\x3c\0"
    melody = smf.meta(3, b"MELODY") + events + smf.END
    found = chart(track((0, TEXT, b"C"), end=BAR), melody)
    assert found.melody == (ChartNote(0, 4, 60), ChartNote(4, 4, 60))


def test_the_shortest_note_is_a_sixteenth() -> None:
    melody = smf.meta(3, b"melody") + b"\0\x90\x3c\x50" + smf.number(10) + b"\x80\x3c\0" + smf.END
    assert chart(track((0, TEXT, b"C"), end=BAR), melody).melody == (ChartNote(0, 1, 60),)


@pytest.mark.parametrize("title", ["Melody", "melody", "MELODY"])
def test_a_song_called_melody_keeps_its_melody(title: str) -> None:
    whole = replace(read_text(MINE), title=title)
    again = read_midi_chart(write_midi_chart(whole))
    assert (again.title, again.melody) == (title, whole.melody)


XF = (
    (0x31, 0x00, 127, "C"), (0x31, 0x08, 127, "Cm"), (0x35, 0x13, 127, "G7"), (0x23, 0x02, 127, "Ebmaj7"),
    (0x44, 0x0A, 127, "Gbm7"), (0x31, 0x00, 0x33, "C/E"), (0x31, 0x00, 0x31, "C"), (0x31, 0x22, 127, "N.C."),
    (0x31, 0x7F, 127, "N.C."), (0x30, 0x00, 127, "N.C."), (0x38, 0x00, 127, "N.C."), (0x71, 0x00, 127, "N.C."),
)  # fmt: skip
"""root, kind, bass of Yamaha's chord events, and the chord"""


@pytest.mark.parametrize(("root", "kind", "bass", "name"), XF)
def test_yamahas_chord_events_are_read_their_unknown_ones_as_no_chord(
    root: int, kind: int, bass: int, name: str
) -> None:
    found = chart(track((0, SPECIFIC, bytes((0x43, 0x7B, 1, root, kind, bass, 127))), end=BAR))
    assert beats(found) == [" ".join([name] * 4)]


def test_a_short_chord_event_has_no_bass_and_other_makers_events_are_none() -> None:
    own = (0, SPECIFIC, bytes((0x43, 0x7B, 1, 0x31, 0x08)))
    others = (480, SPECIFIC, bytes((0x41, 0x7B, 1, 0x35, 0))), (960, SPECIFIC, b"\x43\x7b\1\x35")
    assert beats(chart(track(own, *others, end=BAR))) == ["Cm Cm Cm Cm"]


@pytest.mark.parametrize("minor", [False, True])
@pytest.mark.parametrize("key", range(12))
def test_every_key_has_a_signature(key: int, minor: bool) -> None:
    whole = Chart((ChartSection("", (bar_of([ChordSymbol(key)] * 4, Metre()),)),), key=key, minor=minor)
    again = read_midi_chart(write_midi_chart(whole))
    assert (again.key, again.minor) == (key, minor)


def test_facts_about_the_song_stand_in_its_first_track_and_texts_of_other_words_are_none() -> None:
    facts = texts(["composer: A. B.", "style: Swing", "genre:jazz", "mood: sad", "plain"], every=0)
    found = chart(track((0, 3, b"Title"), *facts), track(*texts("CF")))
    assert (found.title, found.composer, found.style, found.genre) == ("Title", "A. B.", "Swing", "")


@pytest.mark.parametrize("data", [b"", b"RIFF", smf.header(), b"MThd" + bytes(20)])
def test_what_is_no_midi_file_is_refused_in_one_line(data: bytes) -> None:
    with pytest.raises(ChartProblem) as told:
        read_midi_chart(data)
    assert str(told.value)
    assert "\n" not in str(told.value)


def test_a_file_of_a_chart_cut_short_anywhere_is_a_chart_or_one_line() -> None:
    data = write_charts("x.mid", [read_text(MINE)])
    found, told = [], []
    for length in range(0, len(data), 7):
        try:
            found.append(read_midi_chart(data[:length]))
        except ChartProblem as problem:
            told.append(str(problem))
    assert found
    assert told
    assert all(len(chart.bars) <= 8 for chart in found)
    assert all("\n" not in line for line in told)
