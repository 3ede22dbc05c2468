"""MusicXML lead sheets of other programs, a detail at a time: what is read, what is guessed, what is refused."""

from __future__ import annotations

import zipfile
from io import BytesIO

import pytest

from composerd.files.charts.musicxml import read_musicxml
from composerd.files.charts.mxl import read_mxl
from composerd.files.charts.problem import ChartProblem
from composerd.music.charts.chart import MOST_BARS, Bar, Chart
from composerd.music.metre import Metre

C, F, G = (f"<harmony><root><root-step>{step}</root-step></root><kind>major</kind></harmony>" for step in "CFG")
WHOLE = "<note><rest/><duration>4</duration></note>"
FOUR = "<attributes><divisions>1</divisions><time><beats>4</beats><beat-type>4</beat-type></time></attributes>"


def score(*measures: str, head: str = "") -> bytes:
    bars = "".join(f"<measure>{measure}</measure>" for measure in measures)
    return f"<score-partwise>{head}<part-list/><part id='P1'>{bars}</part></score-partwise>".encode()


def sheet(*measures: str, head: str = "") -> Chart:
    first, *rest = measures
    return read_musicxml(score(FOUR + first, *rest, head=head))


def beats(bar: Bar) -> list[str]:
    """The chord of each beat."""
    found = (bar.at(beat) for beat in range(bar.beats))
    return ["N.C." if symbol is None else str(symbol.chord()) for symbol in found]


def bars(chart: Chart) -> list[str]:
    """The chords of each bar, in the order in which they are played."""
    return [" ".join(dict.fromkeys(beats(bar))) for section in chart.sections for bar in section.bars]


def note(step: str, octave: int = 4, length: int = 4, more: str = "") -> str:
    pitch = f"<pitch><step>{step}</step><octave>{octave}</octave></pitch>"
    return f"<note>{pitch}<duration>{length}</duration>{more}</note>"


def test_a_chord_goes_on_until_the_next_one() -> None:
    assert bars(sheet(C + WHOLE, WHOLE, F + WHOLE)) == ["C", "C", "F"]


def test_a_chord_is_where_the_notes_before_it_end() -> None:
    half = "<note><rest/><duration>2</duration></note>"
    chart = sheet(C + half + G + half)
    assert beats(chart.sections[0].bars[0]) == ["C", "C", "G", "G"]


def test_an_offset_moves_a_chord() -> None:
    late = F.replace("</kind>", "</kind><offset>3</offset>")
    assert beats(sheet(C + late + WHOLE).sections[0].bars[0]) == ["C", "C", "C", "F"]


def test_backup_and_forward_move_the_place() -> None:
    moved = C + WHOLE + "<backup><duration>2</duration></backup>" + G + "<forward><duration>2</duration></forward>"
    assert beats(sheet(moved).sections[0].bars[0]) == ["C", "C", "G", "G"]


def test_no_chord_is_one_too() -> None:
    none = "<harmony><kind>none</kind></harmony>"
    assert bars(sheet(C + WHOLE, none + WHOLE, F + WHOLE)) == ["C", "N.C.", "F"]


def test_the_part_with_chord_symbols_is_read_even_if_it_is_not_the_first() -> None:
    other = f"<part id='P1'><measure>{FOUR}{WHOLE}</measure></part>"
    own = f"<part id='P2'><measure>{FOUR}{G}{WHOLE}</measure></part>"
    assert bars(read_musicxml(f"<score-partwise><part-list/>{other}{own}</score-partwise>".encode())) == ["G"]


@pytest.mark.parametrize(
    ("fifths", "mode", "key"),
    [(0, "major", (0, False)), (2, "major", (2, False)), (-3, "minor", (0, True)), (0, "", (0, False))],
)
def test_a_key_is_counted_in_fifths(fifths: int, mode: str, key: tuple[int, bool]) -> None:
    given = f"<attributes><key><fifths>{fifths}</fifths><mode>{mode}</mode></key></attributes>"
    chart = sheet(given + C + WHOLE)
    assert (chart.key, chart.minor) == key


def test_the_first_key_is_the_songs() -> None:
    keys = [f"<attributes><key><fifths>{fifths}</fifths></key></attributes>" for fifths in (1, 4)]
    assert sheet(keys[0] + C + WHOLE, keys[1] + C + WHOLE).key == 7


def test_title_composer_and_tempo_are_found() -> None:
    head = (
        "<work><work-title>A Song</work-title></work><identification><creator type='lyricist'>L</creator>"
        "<creator type='composer'> Someone </creator></identification>"
    )
    chart = sheet("<sound tempo='96.5'/>" + C + WHOLE, head=head)
    assert (chart.title, chart.composer, chart.bpm) == ("A Song", "Someone", 96.5)


@pytest.mark.parametrize("tempo", ["quick", "0", "9999", "-90", "nan"])
def test_a_tempo_that_cannot_be_played_is_none(tempo: str) -> None:
    assert sheet(f"<sound tempo='{tempo}'/>" + C + WHOLE).bpm is None


def test_rehearsal_marks_are_sections() -> None:
    marks = [f"<direction><direction-type><rehearsal>{name}</rehearsal></direction-type></direction>" for name in "AB"]
    chart = sheet(marks[0] + C + WHOLE, F + WHOLE, marks[1] + G + WHOLE)
    assert [(section.name, len(section.bars)) for section in chart.sections] == [("A", 2), ("B", 1)]


def repeat(direction: str, more: str = "") -> str:
    return f"<barline><repeat direction='{direction}'{more}/></barline>"


@pytest.mark.parametrize(
    ("times", "played"), [("", 2), (" times='3'", 3), (" times='0'", 2), (" times='x'", 2), (" times='99'", 16)]
)
def test_a_repeat_is_played_as_often_as_it_says(times: str, played: int) -> None:
    chart = sheet(repeat("forward") + C + WHOLE, F + WHOLE + repeat("backward", times), G + WHOLE)
    assert bars(chart) == ["C", "F"] * played + ["G"]


def test_da_capo_al_fine_is_followed_by_words_or_by_sounds() -> None:
    def words(text: str) -> str:
        return f"<direction><direction-type><words>{text}</words></direction-type></direction>"

    said = sheet(C + WHOLE, words("Fine") + F + WHOLE, G + WHOLE + words("D.C. al Fine"))
    meant = sheet(C + WHOLE, "<sound fine='yes'/>" + F + WHOLE, G + WHOLE + "<sound dacapo='yes'/>")
    assert bars(said) == bars(meant) == ["C", "F", "G", "C", "F"]


def test_dal_segno_al_coda_is_followed() -> None:
    chart = sheet(
        C + WHOLE, "<sound segno='s'/>" + F + WHOLE, "<sound tocoda='c'/>" + G + WHOLE,
        C + WHOLE + "<sound dalsegno='s'/>", "<sound coda='c'/>" + F + WHOLE,
    )  # fmt: skip
    assert bars(chart) == ["C", "F", "G", "C", "F", "G", "F"]


def test_tied_notes_are_one_and_grace_notes_none() -> None:
    tie = "<tie type='stop'/>"
    grace = "<note><grace/><pitch><step>B</step><octave>4</octave></pitch></note>"
    chart = sheet(C + note("C"), note("C", more=tie), grace + note("D"))
    assert [(one.step, one.length, one.pitch) for one in chart.melody] == [(0, 32, 60), (32, 16, 62)]


def test_of_two_voices_and_of_a_chord_the_first_note_is_the_melody() -> None:
    lower = note("E", 3, 4, "<voice>2</voice>")
    doubled = note("E").replace("<note>", "<note><chord/>")
    chart = sheet(C + note("C", 5) + doubled + "<backup><duration>4</duration></backup>" + lower)
    assert [one.pitch for one in chart.melody] == [72]


def test_a_metre_may_change() -> None:
    three = "<attributes><time><beats>3</beats><beat-type>4</beat-type></time></attributes>"
    chart = sheet(C + WHOLE, three + F + "<note><rest/><duration>3</duration></note>")
    assert [bar.metre for bar in chart.sections[0].bars] == [Metre(4, 4), Metre(3, 4)]


@pytest.mark.parametrize(
    ("measure", "says"),
    [
        ("<attributes><divisions>0</divisions></attributes>", "found divisions 0, expected 1 to 100000"),
        ("<attributes><divisions>many</divisions></attributes>", "found 'many' in <divisions>, expected a number"),
        ("<attributes><divisions>1e300</divisions></attributes>", "expected a number"),
        ("<attributes><time><beats>0</beats><beat-type>4</beat-type></time></attributes>", "0/4"),
        ("<attributes><time><beats>4</beats><beat-type>32</beat-type></time></attributes>", "beats of at least a 16th"),
        (
            "<harmony><root><root-step>X</root-step></root><kind>major</kind></harmony>",
            "found 'X', expected a note A to G",
        ),
        ("<harmony><root><root-step>C</root-step></root><kind>unheard-of</kind></harmony>", "unheard-of"),
        ("<backup><duration>1</duration></backup>", "found a position outside of its measure"),
        ("<forward><duration>1000</duration></forward>", "found a position outside of its measure"),
        ("<note><rest/><duration>-1</duration></note>", "found duration -1, expected at least 0"),
        (note("X"), "found a pitch outside of MIDI's range"),
        (note("C", 40), "found a pitch outside of MIDI's range"),
    ],
)
def test_what_cannot_be_is_refused_with_what_was_found(measure: str, says: str) -> None:
    with pytest.raises(ChartProblem) as told:
        sheet(measure + C + WHOLE)
    assert says in str(told.value)


def test_a_score_without_a_part_or_with_too_many_bars_is_refused() -> None:
    with pytest.raises(ChartProblem, match="found no part"):
        read_musicxml(b"<score-partwise><part-list/></score-partwise>")
    with pytest.raises(ChartProblem, match=f"found more than {MOST_BARS} bars"):
        sheet(*[C + WHOLE] * (MOST_BARS + 1))


def archive(**files: bytes) -> bytes:
    held = BytesIO()
    with zipfile.ZipFile(held, "w") as made:
        for name, data in files.items():
            made.writestr(name.replace("__", "/").replace("_xml", ".xml"), data)
    return held.getvalue()


CONTAINER = b"<container><rootfiles><rootfile full-path='%s'/></rootfiles></container>"


def test_an_archives_container_names_its_score() -> None:
    data = archive(
        other_xml=score(FOUR + F + WHOLE),
        song_xml=score(FOUR + G + WHOLE),
        **{"META-INF__container_xml": CONTAINER % b"song.xml"},
    )
    assert bars(read_mxl(data)) == ["G"]


def test_without_a_container_the_first_score_is_read() -> None:
    assert bars(read_mxl(archive(song_xml=score(FOUR + G + WHOLE)))) == ["G"]


@pytest.mark.parametrize(
    "data",
    [b"", b"PK", archive(), archive(**{"META-INF__container_xml": CONTAINER % b"none.xml"}), archive(note=b"words")],
)
def test_an_archive_without_a_score_is_refused(data: bytes) -> None:
    with pytest.raises(ChartProblem):
        read_mxl(data)
