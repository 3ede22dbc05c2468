import pytest

from composerd.app.demo_tunes import TUNES, DemoTune, demo_melody, pitch_of, tune_for
from composerd.library.genre_files import genre_pages, load_genre, read_genre
from composerd.music.genre import Genre, Part
from composerd.music.metre import Metre


@pytest.mark.parametrize("name", TUNES)
def test_every_bar_of_a_tune_is_full_and_there_are_sixteen(name: str) -> None:
    tune = TUNES[name]
    bars = [bar for line in tune.bars.strip().splitlines() for bar in line.split("|")]
    lengths = [sum(int(word.partition(":")[2]) for word in bar.split()) for bar in bars]
    assert lengths == [tune.metre.bar_steps] * 16


@pytest.mark.parametrize("name", TUNES)
def test_a_tune_starts_on_beat_one_where_the_first_key_starts_the_clock(name: str) -> None:
    assert TUNES[name].notes()[0][0] == 0


def test_every_shipped_genre_has_a_tune_of_its_own() -> None:
    assert {name for name in genre_pages({"HOME": "/nowhere"}) if name not in TUNES} == set()


def test_pitches_are_read_as_musicians_write_them() -> None:
    assert [pitch_of(name) for name in ("C4", "Bb4", "F#5", "A4")] == [60, 70, 78, 69]


def test_a_genre_in_three_gets_the_waltz_and_an_odd_metre_the_first_tune() -> None:
    parts = (Part("bass", "bass", 2),)
    assert tune_for(Genre("folk", "Folk", "plain", 120, parts, Metre(3, 4))) == TUNES["waltz"]
    assert tune_for(Genre("folk", "Folk in seven", "plain", 120, parts, Metre(7, 8))) == TUNES["pop"]


def test_the_song_of_a_tune_is_in_the_genres_tempo_and_swing() -> None:
    genre = load_genre("jazz")
    song = demo_melody(genre)
    assert song.axis.tempos[0].bpm == pytest.approx(genre.bpm, abs=0.01)
    third = [message for message in song.messages if message.message.starts_note][2]
    assert 720 < third.tick <= 720 + 80  # the off-beat eighth lies between straight and triplet
    assert demo_melody(genre, 60).seconds == pytest.approx(16 * 4 - 1, abs=1)


def test_a_rest_is_no_note() -> None:
    assert DemoTune(Metre(2, 4), "r:4 C4:4").notes() == ((4, 60, 4),)


def test_read_genres_are_those_of_the_pages() -> None:
    assert [read_genre(page).name for page in genre_pages().values()] == list(genre_pages())
