import fcntl
import os
import struct
import termios
from dataclasses import replace
from io import StringIO

import pytest

from composerd.cli.status_line import CLEAR, LivingLine, Milestones, Reporter, fitting, living, plain
from composerd.engine.messages import Snapshot

PLAYING = Snapshot("playing", "jazz", 132.0, 12, 3, "Dm7", "G7", keyboard="AKM322 MIDI 1", late=1, dropped=2)


def test_the_line_tells_place_tempo_genre_chords_keyboard_and_counts() -> None:
    assert plain(PLAYING) == "playing 12.3 132.0 bpm jazz Dm7 → G7 AKM322 MIDI 1 late 1 dropped 2"


def test_a_metre_other_than_four_four_is_shown() -> None:
    assert "7/8" in plain(replace(PLAYING, metre="7/8"))
    assert "4/4" not in plain(replace(PLAYING, metre="4/4"))


def test_how_full_the_band_plays_is_said_in_words_unless_it_plays_as_usual() -> None:
    said = {name: plain(replace(PLAYING, variation=name)).partition("dropped 2")[2] for name in ("A", "B", "auto B")}
    assert said == {"A": "", "B": " fuller", "auto B": " as you play: fuller"}


@pytest.mark.parametrize(("key", "shown"), [("Ebm", "in E♭m"), ("F#", "in F♯"), ("Am", "in Am")])
def test_the_key_is_spelt_as_the_chords_are(key: str, shown: str) -> None:
    assert shown in living(replace(PLAYING, key=key)).split("  ")


def test_before_the_first_key_it_says_what_is_missing() -> None:
    assert plain(Snapshot("ready", "rock", 120.0)) == "ready – 120.0 bpm rock – → – no keyboard late 0 dropped 0"


def test_the_living_line_is_rewritten_in_place_and_cut_to_the_terminal() -> None:
    stream = StringIO()
    line = LivingLine(stream, width=lambda: 20)
    line.draw(PLAYING)
    line.draw(PLAYING)
    line.draw(replace(PLAYING, beat=4))
    drawn = stream.getvalue().split(CLEAR)[1:]
    assert [len(text) for text in drawn] == [19, 19]
    assert "\n" not in stream.getvalue()


def test_eighty_columns_show_everything_down_to_the_sound() -> None:
    playing = replace(PLAYING, keyboard="AKM322:AKM322 MIDI 1", notes=("sound 21 ms (block 256 at 48 kHz)",))
    wide, narrow = fitting(playing, 140), fitting(playing, 79)
    assert wide == living(playing)
    assert narrow == "playing 12.3 132.0 bpm jazz Dm7 → G7 AKM322:AKM322 MIDI 1 1/2 late sound 21 ms"


def test_a_log_line_goes_above_the_living_line() -> None:
    stream = StringIO()
    line = LivingLine(stream, width=lambda: 12)
    line.above("before")
    line.draw(PLAYING)
    line.above("keyboard gone")
    line.close()
    assert stream.getvalue() == f"before\n{CLEAR}playing 12.{CLEAR}keyboard gone\nplaying 12.\n"


def test_in_a_terminal_that_was_made_narrower_no_piece_of_the_old_line_is_left() -> None:
    stream, columns = StringIO(), [41]
    line = LivingLine(stream, width=lambda: columns[0])
    line.draw(PLAYING)
    columns[0] = 18
    line.draw(PLAYING)
    first, second = (fitting(PLAYING, width) for width in (40, 17))
    assert len(first) == 40, "three rows of 18 columns"
    assert stream.getvalue() == f"{CLEAR}{first}\x1b[2A\r\x1b[J{second}"


def test_the_width_is_that_of_the_terminal_that_is_drawn_on() -> None:
    leader, follower = os.openpty()
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 33, 0, 0))
    with open(follower, "w") as stream:
        LivingLine(stream).draw(PLAYING)
        drawn = os.read(leader, 1000).decode().removeprefix(CLEAR)
    os.close(leader)
    assert drawn == fitting(PLAYING, 32)


def test_a_terminal_that_went_away_is_borne() -> None:
    stream = StringIO()
    line = LivingLine(stream)
    stream.close()
    line.draw(PLAYING)
    line.close()
    assert stream.closed


def test_without_a_terminal_a_line_is_written_for_changes_and_every_eight_bars() -> None:
    lines: list[str] = []
    milestones = Milestones(lines.append)
    milestones.draw(Snapshot("ready", "jazz", 132.0))
    for bar in range(1, 18):
        for beat in range(1, 5):
            milestones.draw(replace(PLAYING, bar=bar, beat=beat))
    milestones.draw(replace(PLAYING, bar=17, keyboard=None))
    assert [line.split()[1] for line in lines] == ["–", "1.1", "9.1", "17.1", "17.3"]


def test_the_last_snapshot_is_drawn_before_the_end() -> None:
    lines: list[str] = []
    with Reporter(Milestones(lines.append)) as reporter:
        reporter.show(PLAYING)
    assert lines == [plain(PLAYING)]
