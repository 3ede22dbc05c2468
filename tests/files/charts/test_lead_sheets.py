"""MusicXML lead sheets of other programs, a detail at a time: what is read, what is guessed, what is refused."""

from __future__ import annotations

import zipfile
from io import BytesIO

import pytest

from composerd.files.charts.musicxml import read_musicxml
from composerd.files.charts.mxl import read_mxl
from composerd.files.charts.problem import ChartProblem
from composerd.music.charts.chart import MOST_BARS, Bar, Chart
from composerd.music.charts.spelling import chord_name
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
    ids=["nothing", "two letters", "empty archive", "container of a file that is not there", "archive of a text"],
)
def test_an_archive_without_a_score_is_refused(data: bytes) -> None:
    with pytest.raises(ChartProblem):
        read_mxl(data)


@pytest.mark.parametrize(("beats", "metre"), [("3+2", Metre(5, 8)), (" 2 + 2 + 3 ", Metre(7, 8)), ("6", Metre(6, 8))])
def test_additive_metres_are_summed(beats: str, metre: Metre) -> None:
    signed = FOUR.replace("<beats>4", f"<beats>{beats}").replace("<beat-type>4", "<beat-type>8")
    assert read_musicxml(score(signed + C + WHOLE)).metre == metre


@pytest.mark.parametrize("beats", ["3+", "3+x", "3-2", "30+40"])
def test_beats_that_are_no_sum_are_refused(beats: str) -> None:
    with pytest.raises(ChartProblem):
        read_musicxml(score(FOUR.replace("<beats>4", f"<beats>{beats}") + C + WHOLE))


def test_a_time_without_bars_leaves_the_metre_as_it_was() -> None:
    free = "<attributes><time><senza-misura/></time></attributes>"
    assert sheet(C + WHOLE, free + F + WHOLE).bars[1].metre == Metre(4, 4)


def degree(number: int, alter: int = 0, how: str = "add") -> str:
    parts = f"<degree-value>{number}</degree-value><degree-alter>{alter}</degree-alter><degree-type>{how}</degree-type>"
    return f"<degree>{parts}</degree>"


@pytest.mark.parametrize(
    ("kind", "degrees", "chord"),
    [
        ("other", degree(3) + degree(5), "C"),
        ("other", degree(3, -1) + degree(5) + degree(7), "Cm7"),
        ("other", "", "C5"),
        ("Tristan", "", "Cm7b5"),
        ("suspended-fourth", degree(7), "C7sus4"),
        ("dominant", degree(5, -1, "alter"), "C7b5"),
    ],
)
def test_kinds_outside_of_the_usual_ones_are_read_by_their_degrees(kind: str, degrees: str, chord: str) -> None:
    given = C.replace("major", kind).replace("</kind>", f"</kind>{degrees}")
    assert chord_name(sheet(given + WHOLE).bars[0].at(0)) == chord


def ending(number: str, kind: str) -> str:
    return f"<barline><ending number='{number}' type='{kind}'/></barline>"


@pytest.mark.parametrize(
    ("measures", "played"),
    [
        (
            [C, ending("1", "start") + F + WHOLE + ending("1", "stop") + repeat("backward"),
             ending("2", "start") + G], "CFCG",
        ),
        (
            [repeat("forward") + C, ending("1, 2", "start") + F + WHOLE + ending("1, 2", "stop") + repeat("backward"),
             ending("3", "start") + G + WHOLE + ending("3", "discontinue"), C], "CFCFCGC",
        ),
        (
            [C, ending("1", "start") + F + WHOLE, G + WHOLE + ending("1", "stop") + repeat("backward"),
             ending("2", "start") + G + WHOLE + ending("2", "stop"), F], "CFGCGF",
        ),
        (  # a bracket that is never closed ends where the next repeat begins
            [C, ending("1", "start") + F + WHOLE + ending("1", "stop") + repeat("backward"), ending("2", "start") + G,
             repeat("forward") + C, F + WHOLE + repeat("backward")], "CFCGCFCF",
        ),
        ([C, ending("x", "start") + F + WHOLE + ending("x", "stop"), G], "CFG"),
    ],
)  # fmt: skip
def test_endings_are_played_in_their_pass(measures: list[str], played: str) -> None:
    assert bars(sheet(*(one if WHOLE in one else one + WHOLE for one in measures))) == list(played)


@pytest.mark.parametrize("jump", ["D.C.", "D.C. al Fine", "d.c. al coda"])
def test_words_for_a_jump_are_read_in_any_case(jump: str) -> None:
    words = f"<direction><direction-type><words>{jump}</words></direction-type></direction>"
    assert bars(sheet(C + WHOLE, F + WHOLE + words)) == ["C", "F", "C", "F"]


def test_signs_for_segno_and_coda_are_read_as_their_sounds_are() -> None:
    def sign(what: str) -> str:
        return f"<direction><direction-type>{what}</direction-type></direction>"

    chart = sheet(
        C + WHOLE, sign("<segno/>") + F + WHOLE, sign("<words>To Coda</words>") + G + WHOLE,
        C + WHOLE + sign("<words>D.S. al Coda</words>"), sign("<coda/>") + F + WHOLE,
    )  # fmt: skip
    assert bars(chart) == ["C", "F", "G", "C", "F", "G", "F"]


def test_a_pickup_is_the_end_of_a_whole_bar_and_only_at_the_beginning() -> None:
    beat = "<note><rest/><duration>1</duration></note>"
    chart = sheet(C + beat, F + WHOLE, G + beat)
    assert [beats(bar) for bar in chart.bars] == [["N.C.", "N.C.", "N.C.", "C"], ["F"] * 4, ["G"] * 4]


def test_a_melody_is_rounded_to_sixteenths_and_no_note_vanishes() -> None:
    fine = FOUR.replace("<divisions>1<", "<divisions>24<")
    triplet = "".join(note(step, 4, 8) for step in "CDE") + note("F", 4, 1) + note("G", 4, 71)
    chart = read_musicxml(score(fine + C + triplet))
    assert [(one.step, one.length) for one in chart.melody] == [(0, 1), (1, 2), (3, 1), (4, 1), (4, 12)]


def test_a_tie_over_a_repeat_sign_holds_only_where_the_notes_meet() -> None:
    tied = note("C", more="<tie type='stop'/>")
    chart = sheet(repeat("forward") + C + tied + repeat("backward"))
    assert [(one.step, one.length) for one in chart.melody] == [(0, 32)]
    apart = sheet(C + WHOLE, tied)
    assert [(one.step, one.length) for one in apart.melody] == [(16, 16)]


def test_a_tie_to_another_pitch_is_a_note_of_its_own() -> None:
    chart = sheet(C + note("C"), note("D", more="<tie type='stop'/>"))
    assert [one.pitch for one in chart.melody] == [60, 62]


@pytest.mark.parametrize(("alter", "pitch"), [("1", 61), ("-1", 59), ("1.0", 61), ("", 60)])
def test_an_accidental_moves_the_note_over_octaves_too(alter: str, pitch: int) -> None:
    sharp = note("C").replace("</step>", f"</step><alter>{alter}</alter>")
    assert sheet(C + sharp).melody[0].pitch == pitch


@pytest.mark.parametrize(
    ("data", "line", "says"),
    [
        (b"", 1, "no element found"),
        (b"<score-timewise/>", 1, "found <score-timewise>, expected <score-partwise>"),
        (b"<score-partwise>\n<a></b></score-partwise>", 2, "mismatched tag"),
        (b"<?xml version='1.0' encoding='klingon'?><a/>", 1, "no readable XML: unknown encoding"),
        (b"<a>" * 70, 1, "64 in one another"),
        (b"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>", 1, "found an entity declaration"),
    ],
)
def test_what_is_no_score_is_refused_with_its_line(data: bytes, line: int, says: str) -> None:
    with pytest.raises(ChartProblem) as told:
        read_musicxml(data)
    assert told.value.line == line
    assert says in str(told.value)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "iso-8859-1"])
def test_a_score_is_read_in_the_encoding_that_it_states(encoding: str) -> None:
    head = f"<?xml version='1.0' encoding='{encoding}'?>"
    text = head + score(FOUR + C + WHOLE, head="<work><work-title>Für Élise</work-title></work>").decode()
    assert read_musicxml(text.encode(encoding)).title == "Für Élise"


def test_names_in_a_namespace_are_read_too() -> None:
    spaced = score(FOUR + C + WHOLE).decode().replace("<", "<m:").replace("<m:/", "</m:")
    assert bars(read_musicxml(spaced.replace("<m:score-partwise>", "<m:score-partwise xmlns:m='x'>").encode())) == ["C"]


@pytest.mark.parametrize(("jump", "played"), [("D.C.", "CFGCFG"), ("D.S.", "CFGFG")])
def test_a_jump_goes_to_the_beginning_or_to_the_sign(jump: str, played: str) -> None:
    words = f"<direction><direction-type><words>{jump}</words></direction-type></direction>"
    segno = "<direction><direction-type><segno/></direction-type></direction>"
    assert bars(sheet(C + WHOLE, segno + F + WHOLE, G + WHOLE + words)) == list(played)
